"""The model of a retention: after how many days rows that have ended go."""

from typing import Annotated

from pydantic import Field

from lab.rules.model.rule import Id, Rule, Source, Why


class Retention(Rule):
    """How long ended rows are kept, although their person is not erased."""

    id: Id
    table: Id = Field(description="The table whose ended rows go.")
    days: Annotated[int, Field(ge=31, le=3_660)] = Field(description="Days after the end of a row.")
    keeps: Why = Field(description="What stays for good, or until its person is erased.")
    why: Why
    source: Source
