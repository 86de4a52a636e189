"""Models of what an AI is given and what it may answer."""

from typing import Annotated

from pydantic import Field

from lab.rules.model.postgres import Column
from lab.rules.model.rule import WRITTEN_AS_NAME, Id, Rule, Why


class BriefField(Rule):
    """A field that an AI run may be given: a column of its reading."""

    id: Id
    column: Annotated[Column, WRITTEN_AS_NAME]
    why: Why


class AnswerText(Rule):
    """A text of an answer."""

    name: Id
    most: int = Field(ge=1, description="Maximum number of characters; the minimum is 1.")


class AnswerList(Rule):
    """A list of an answer; each of its entries has the same texts."""

    name: Id
    most: int = Field(ge=1, description="Maximum number of entries; the minimum is 1.")
    texts: tuple[AnswerText, ...]


class Answer(Rule):
    """The schema of an AI's answer for one layer: these keys and no others."""

    id: Id = Field(description="Id of the layer.")
    parts: tuple[AnswerText | AnswerList, ...]
    why: Why


class Forbidden(Rule):
    """Something that no part of an AI's answer may hold."""

    id: Id
    title: str = Field(description="What it is, as the error message names it.")
    pattern: str = Field(description="A Postgres regular expression that finds it.")
    why: Why
