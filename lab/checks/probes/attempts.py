"""Attempts: what is tried as whom, each in a subtransaction that is taken back, many in one round trip."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import psycopg

from lab.access.matrix import REFUSED
from lab.rules import RULES
from lab.rules.derived import all_checks
from lab.rules.model import Table
from lab.text.product_files import SQL

PROBE_FOLDER = SQL / "probes"
LOGIN = "login"  # the connection's own role: normally the owner of the tables
BATCH = 2000  # attempts in one statement, so that each stays far below its time limit

# What is no answer: something is not there, somebody holds a lock, the server is short of something.
_NO_ANSWER = re.compile(r"^(08|25P|3D|3F|40|53|54|55P03|57|58|F0|HV|XX|0A|42(?!501)|26)")


@dataclass(frozen=True)
class Step:
    """One statement as one identity.

    Args:
        who: An identity of the matrix, `login`, or `past:` and an identity: its claims without its role.
        sql: The statement.
        ask: `rows` for how many it touched, `answer` for its single value, which is JSON.
        get: Whether it comes as a GET, which is a read-only transaction.
        values: What $1, $2, … stand for in the statement, as text; nine at most.
    """

    who: str
    sql: str
    ask: Literal["rows", "answer"] = "rows"
    get: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attempt:
    """Steps, one after the other; taken back afterwards unless they are to be kept until the transaction ends."""

    steps: tuple[Step, ...]
    keep: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt.

    Args:
        steps: How many it had.
        passed: How many of them went through.
        rows: Rows that the last one touched.
        answers: What those that were asked for an answer gave.
        state: SQLSTATE of the refusal; empty without one.
        by: The wall's function that refused, or the constraint; empty when a grant or a policy did.
        table: The table whose constraint refused, which is not always the one that was written to.
    """

    steps: int
    passed: int
    rows: int
    answers: tuple[Any, ...] = ()
    state: str = ""
    by: str = ""
    table: str = ""

    @property
    def prepared(self) -> bool:
        """Tell whether all steps before the last one went through."""
        return self.passed >= self.steps - 1

    @property
    def no_answer(self) -> bool:
        """Tell whether it says nothing about the wall."""
        return not self.prepared or bool(_NO_ANSWER.match(self.state))

    @property
    def by_the_wall(self) -> bool:
        """Tell whether a rule refused it that is declared: a trigger's function or a constraint."""
        return self.by in _names() | _constraints()

    @property
    def by_rights(self) -> bool:
        """Tell whether a grant or a policy refused it."""
        return self.state == REFUSED and not self.by

    def describe(self) -> str:
        """Say in a few words what became of it."""
        if not self.state:
            return f"{self.rows} row{'' if self.rows == 1 else 's'}"
        return f"refused ({self.state}{f' by {self.by}' if self.by else ''})"


@dataclass(frozen=True)
class Stage:
    """One open transaction, and what each identity sets before it acts."""

    connection: psycopg.Connection[Any] = field(repr=False)
    identities: Mapping[str, Mapping[str, str]]

    def make(self, attempts: Sequence[Attempt]) -> list[Outcome]:
        """Make attempts in their order; none sees what another did, unless that was to be kept."""
        batches = [attempts[start : start + BATCH] for start in range(0, len(attempts), BATCH)]
        return [outcome for batch in batches for outcome in self._make(batch)]

    def make_one(self, *steps: Step, keep: bool = False) -> Outcome:
        """Make a single attempt."""
        return self.make([Attempt(steps, keep)])[0]

    def _make(self, batch: Sequence[Attempt]) -> list[Outcome]:
        plan = [
            {"keep": a.keep, "steps": [[s.who, s.sql, s.ask, "get" if s.get else "", s.values] for s in a.steps]}
            for a in batch
        ]
        settings = [json.dumps(plan), json.dumps(self.identities)]
        self.connection.execute(
            "select set_config('probe.plan', %s, true), set_config('probe.identities', %s, true)", settings
        )
        self.connection.execute(_runner())
        row = self.connection.execute("select current_setting('probe.outcomes')").fetchone()
        found = json.loads(row[0]) if row else []
        return [_read(attempt, one) for attempt, one in zip(batch, found, strict=True)]


@cache
def _runner() -> bytes:
    return (PROBE_FOLDER / "attempts.sql").read_bytes()


def _read(attempt: Attempt, found: dict[str, Any]) -> Outcome:
    return Outcome(
        steps=len(attempt.steps),
        passed=found["passed"],
        rows=found["rows"],
        answers=tuple(found["answers"]),
        state=found["state"] or "",
        by=found["guard"] or _refuser(found["context"] or ""),
        table=found["table"] or "",
    )


@cache
def _names() -> frozenset[str]:
    return frozenset(function.id for function in RULES.functions)


@cache
def _constraints() -> frozenset[str]:
    return frozenset(name for table in RULES.tables for name in _list_constraints(table))


def _list_constraints(table: Table) -> Iterator[str]:
    yield f"{table.id}_pkey"
    yield from (index.name for index in table.indexes)
    yield from (f"{table.id}_{check.name}" for check in all_checks(table))
    yield from (f"{table.id}_{column.name}_fkey" for column in table.pointers)


def _refuser(context: str) -> str:
    """Find the wall's function in the innermost line of an error's context, whatever its language.

    A line with a quotation mark quotes a statement: Postgres itself refused that, by a grant or a policy.
    """
    if '"' in context:
        return ""
    return next((name for name in re.findall(r"(\w+)\(", context) if name in _names()), "")
