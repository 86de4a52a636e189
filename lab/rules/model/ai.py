"""What an AI is given, and what it may answer."""

from typing import Annotated

from pydantic import Field

from lab.rules.model.postgres import Column
from lab.rules.model.rule import WRITTEN_AS_NAME, Id, Rule, Why


class BriefField(Rule):
    """One field that a run may be given: a column of the reading that it works from."""

    id: Id
    column: Annotated[Column, WRITTEN_AS_NAME]
    why: Why


class Words(Rule):
    """A text of an answer."""

    name: Id
    most: int = Field(ge=1, description="Most characters; there is at least one.")


class Entries(Rule):
    """A list of an answer; each entry has the same texts."""

    name: Id
    most: int = Field(ge=1, description="Most entries; there is at least one.")
    texts: tuple[Words, ...]


class Answer(Rule):
    """What an AI may answer for one layer: these keys and no others."""

    id: Id = Field(description="The layer.")
    parts: tuple[Words | Entries, ...]
    why: Why


class Forbidden(Rule):
    """What no answer may hold, wherever it stands in it."""

    id: Id
    title: str = Field(description="What it is, as a refusal says it.")
    pattern: str = Field(description="A Postgres regular expression that finds it.")
    why: Why
