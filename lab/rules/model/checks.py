"""The shapes of what is checked on a target: criteria, invariants of rows, questions, and promises that are tried."""

from typing import Annotated, Literal

from pydantic import Field

from lab.rules.model.postgres import Table, TableRef
from lab.rules.model.product import RiskRef
from lab.rules.model.rule import WRITTEN_AS_ID_IF_ANY, Id, Rule, Severity, Why

Sentence = Annotated[str, Field(min_length=8, description="What holds, as a sentence.")]
ChapterNumber = Annotated[int, Field(ge=1, le=16, description="The promise of the product that it belongs to.")]


class Criterion(Rule):
    """Something that must hold on a target; a finding that it does not carries its id."""

    id: Id
    chapter: ChapterNumber
    severity: Severity = Field(description="From what is exposed or lost when it does not hold.")
    title: Sentence
    why: Why
    decide: str | None = Field(default=None, description="What a person does about it.")


class Invariant(Criterion):
    """Something that must be true of the rows; a query counts those of which it is not.

    The query is sql/questions/ID.sql, the repair sql/repairs/ID.sql.
    """

    table: TableRef = Field(description="Where the offenders are.")
    derived: Literal["orphans", "phrases", "sequences", "blocking keys"] | None = Field(
        default=None, description="What its query is written from; none when sql/questions has a file of its id."
    )
    walks: Annotated[Table | None, WRITTEN_AS_ID_IF_ANY] = Field(
        default=None, description="Walked from its newest row backwards, as far as is allowed."
    )
    counts: Literal["row", "reference", "sequence", "foreign key"] = Field(
        default="row", description="What the query counts."
    )
    repairs: bool = Field(default=False, description="True when sql/repairs has a file of its id.")
    rests_on_ledger: bool = Field(
        default=False,
        description="Its repair sends or gives something: only while every ledger fits its anchors.",
    )
    risks: tuple[RiskRef, ...] = Field(default=(), description="The risks that it shows to have come true.")


class Question(Rule):
    """What a chapter alone asks a database; sql/questions/ID.sql counts what should not be there."""

    id: Id
    title: Sentence
    why: Why


class GeneralPromise(Rule):
    """A sentence of the product about every table or everybody; what is tried tells its subject, rule and chapter."""

    id: Id
    title: Sentence
    severity: Severity = Field(description="How much harm a difference can do, unless what was reached tells.")
    why: Why


class Promise(GeneralPromise):
    """A sentence of the product that probes try to break, mostly on one thing."""

    chapter: ChapterNumber
    subject: str = Field(min_length=1, description="The table, view or function that most of it is about.")
    rule: str = Field(
        min_length=1, description="The grant, policy, trigger, constraint or function that most of it rests on."
    )
