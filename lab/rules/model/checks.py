"""Models of what is checked on a target: criteria, invariants, questions and promises."""

from typing import Annotated, Literal

from pydantic import Field

from lab.rules.model.postgres import Table, TableRef
from lab.rules.model.product import RiskRef
from lab.rules.model.rule import WRITTEN_AS_ID_IF_ANY, Id, Rule, Severity, Why

Sentence = Annotated[str, Field(min_length=8, description="What holds, as a sentence.")]
ChapterNumber = Annotated[int, Field(ge=1, le=16, description="Number of the chapter that it belongs to.")]


class Criterion(Rule):
    """Something that must hold on a target; if it does not, a finding has its id."""

    id: Id
    chapter: ChapterNumber
    severity: Severity = Field(description="How much is exposed or lost if it does not hold.")
    title: Sentence
    why: Why
    decide: str | None = Field(default=None, description="What a person does if it does not hold.")
    example: str = Field(
        default="", description="A case in which it does not hold; an invariant has its query instead."
    )
    accept: str = Field(default="", description="When its finding may be accepted.")


class Invariant(Criterion):
    """Something that must hold for all rows; a query counts the violations.

    The query is sql/questions/ID.sql, the repair sql/repairs/ID.sql.
    """

    table: TableRef = Field(description="The table with the violations.")
    derived: Literal["orphans", "phrases", "wordings", "sequences", "blocking keys"] | None = Field(
        default=None, description="Kind of a generated query; none when sql/questions has a file of its id."
    )
    walks: Annotated[Table | None, WRITTEN_AS_ID_IF_ANY] = Field(
        default=None, description="Table that the query reads from its newest row backwards, up to the limit of rows."
    )
    counts: Literal["row", "reference", "sequence", "foreign key"] = Field(
        default="row", description="What the query counts."
    )
    repairs: bool = Field(
        default=False, description="True when SQL repairs it: a file of its id in sql/repairs, or generated SQL."
    )
    rests_on_ledger: bool = Field(
        default=False,
        description="True when its repair sends or gives something, so it is offered only while every ledger matches its anchors.",
    )
    risks: tuple[RiskRef, ...] = Field(default=(), description="The risks that it detects.")


class Question(Rule):
    """A query that only chapters use; sql/questions/ID.sql counts what should not exist."""

    id: Id
    title: Sentence
    why: Why


class GeneralPromise(Rule):
    """A promise about all tables or all roles; each trial has its own subject, rule and chapter."""

    id: Id
    title: Sentence
    severity: Severity = Field(description="Severity of a finding, unless the data that was reached decides it.")
    why: Why


class Promise(GeneralPromise):
    """A promise of the product that probes try to break."""

    chapter: ChapterNumber
    subject: str = Field(min_length=1, description="The table, view or function that it is mainly about.")
    rule: str = Field(
        min_length=1, description="The grant, policy, trigger, constraint or function that mainly enforces it."
    )
