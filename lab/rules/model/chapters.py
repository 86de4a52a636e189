"""The shapes of the sixteen promises: the rules that carry each, and the questions that prove it."""

from typing import Annotated

from pydantic import Field

from lab.rules.model.checks import Invariant, Question
from lab.rules.model.postgres import Table, TableRef
from lab.rules.model.rule import WRITTEN_AS_ID_IF_ANY, Id, Rule, Source, Title, Why


class Proof(Rule):
    """One question to a database whose answer proves, or breaks, a chapter's promise."""

    id: Id
    statement: Title | None = Field(default=None, description="What it proves, when no question or invariant says it.")
    asks: Annotated[Invariant | Question | None, WRITTEN_AS_ID_IF_ANY] = Field(
        default=None, description="What is asked of all rows; its answer is the number of offenders."
    )
    ledger: Annotated[Table | None, WRITTEN_AS_ID_IF_ANY] = Field(
        default=None, description="The ledger that must fit its anchors outside the database."
    )
    unknown_because: str | None = Field(
        default=None, description="Why it can't be answered yet, when there is nothing to ask."
    )

    @property
    def title(self) -> str:
        """Return what it proves, as a sentence: the question's own, where it asks one."""
        return self.asks.title if self.asks else self.statement or self.id


class Chapter(Rule):
    """One of the sixteen promises, with the rules that carry it and the questions that prove it."""

    number: int = Field(ge=1, le=16)
    id: Id
    promise: Title
    explanation: Why
    tables: tuple[TableRef, ...]
    carried_by: tuple[str, ...] = Field(description="Names of triggers, policies, functions or constraints behind it.")
    proofs: tuple[Proof, ...]
    source: Source
