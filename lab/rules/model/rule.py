"""What all rules share: the base model, types of their fields, and enumerations."""

from enum import StrEnum, auto
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer


class Rule(BaseModel):
    """The base of all rules: immutable, keyword-only, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="Stable name, lower case with underscores.")]
Title = Annotated[str, Field(min_length=2, description="Name for people, in sentence case.")]
Why = Annotated[str, Field(min_length=8, description="The reason, in plain words.")]
Source = Annotated[str, Field(min_length=3, description="Where the rule comes from: product, law or a document.")]
Sql = Annotated[str, Field(min_length=1, description="A Postgres expression, lower case.")]


class PrivacyClass(StrEnum):
    """Who may read a column; grants, views, comments and pictures are derived from it."""

    SECRET = auto()
    PERSONAL = auto()
    FINANCIAL = auto()
    OPERATIONAL = auto()
    PUBLIC = auto()


class EraseAction(StrEnum):
    """What happens to a column when its subject is erased."""

    DELETE_ROW = "delete_row"
    SET_NULL = "set_null"
    KEEP = "keep"


class Severity(StrEnum):
    """How much harm a risk or a finding can do."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Command(StrEnum):
    """An SQL command of a grant or policy."""

    SELECT = "select"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


def _id_of(rule: Rule) -> str:
    return str(vars(rule)["id"])  # every referenced rule has an id, but Rule itself has none


def _name_of(rule: Rule) -> str:
    return str(vars(rule)["name"])


WRITTEN_AS_ID = PlainSerializer(_id_of, return_type=str)
WRITTEN_AS_ID_IF_ANY = PlainSerializer(lambda rule: _id_of(rule) if rule else None, return_type=str | None)
WRITTEN_AS_NAME = PlainSerializer(_name_of, return_type=str)
