"""Models of the sixteen chapters and their proofs."""

from typing import Annotated

from pydantic import Field

from lab.rules.model.checks import Invariant, Question
from lab.rules.model.postgres import Table, TableRef
from lab.rules.model.rule import WRITTEN_AS_ID_IF_ANY, Id, Rule, Source, Title, Why


class Proof(Rule):
    """One check of a database that shows whether it keeps a chapter's promise."""

    id: Id
    statement: Title | None = Field(default=None, description="What it proves, when it has no question or invariant.")
    asks: Annotated[Invariant | Question | None, WRITTEN_AS_ID_IF_ANY] = Field(
        default=None, description="The question or invariant, whose query counts the violations."
    )
    ledger: Annotated[Table | None, WRITTEN_AS_ID_IF_ANY] = Field(
        default=None, description="The ledger that must match its anchors outside the database."
    )
    rehearsed: bool = Field(default=False, description="True when the last rehearsal of the current code proves it.")
    unknown_because: str | None = Field(
        default=None, description="Why it reads unknown, when it has no question, no ledger and no rehearsal."
    )

    @property
    def title(self) -> str:
        """Return what it proves, as a sentence."""
        return self.asks.title if self.asks else self.statement or self.id


class Chapter(Rule):
    """One of the sixteen promises, with the rules that enforce it and its proofs."""

    number: int = Field(ge=1, le=16)
    id: Id
    promise: Title
    explanation: Why
    tables: tuple[TableRef, ...]
    carried_by: tuple[str, ...] = Field(
        description="Names of the triggers, policies, functions or constraints that enforce it."
    )
    proofs: tuple[Proof, ...]
    source: Source
