"""Attempts: statements as an identity, each in a subtransaction that is rolled back, many in one round trip."""

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
BATCH = 2000  # attempts in one statement, which then stays far below its time limit

# States that say nothing of the rules: an object is missing, another session holds a lock, the server lacks resources.
_NO_ANSWER = re.compile(r"^(08|25P|3D|3F|40|53|54|55P03|57|58|F0|HV|XX|0A|42(?!501)|26)")


@dataclass(frozen=True)
class Step:
    """One statement as one identity.

    Args:
        who: An identity of the matrix, `login`, or `past:` and an identity: its claims without its role.
        sql: The statement.
        ask: `rows` for how many it read or changed, `answer` for its single value, as JSON.
        get: Whether it runs as in a GET, in a read-only transaction.
        values: The values of $1, $2, … in the statement, as text; nine at most.
    """

    who: str
    sql: str
    ask: Literal["rows", "answer"] = "rows"
    get: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attempt:
    """Steps, one after the other; they are rolled back afterwards, or kept until the transaction ends."""

    steps: tuple[Step, ...]
    keep: bool = False


@dataclass(frozen=True)
class Outcome:
    """The outcome of an attempt.

    Args:
        steps: How many it had.
        passed: How many of them succeeded.
        rows: Rows that the last one read or changed.
        answers: The values of the steps that return one.
        state: SQLSTATE of the refusal; empty without one.
        by: The function or constraint of ours that refused; empty when a grant or a policy did.
        table: The table of the constraint that refused; it can differ from the one that was written to.
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
        """Tell whether all steps before the last one succeeded."""
        return self.passed >= self.steps - 1

    @property
    def no_answer(self) -> bool:
        """Tell whether it says nothing of the rules."""
        return not self.prepared or bool(_NO_ANSWER.match(self.state))

    @property
    def by_the_wall(self) -> bool:
        """Tell whether a declared constraint or trigger function refused it."""
        return self.by in _names() | _constraints()

    @property
    def by_rights(self) -> bool:
        """Tell whether a missing grant or a policy refused it."""
        return self.state == REFUSED and not self.by

    def describe(self) -> str:
        """Describe it in a few words."""
        if not self.state:
            return f"{self.rows} row{'' if self.rows == 1 else 's'}"
        return f"refused ({self.state}{f' by {self.by}' if self.by else ''})"


@dataclass(frozen=True)
class ProbeTransaction:
    """An open transaction, and the settings of each identity."""

    connection: psycopg.Connection[Any] = field(repr=False)
    identities: Mapping[str, Mapping[str, str]]

    def make(self, attempts: Sequence[Attempt]) -> list[Outcome]:
        """Make attempts in their order; none sees the changes of another, unless that one is kept."""
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
    yield from (f"{table.id}_{column.name}_fkey" for column in table.foreign_keys)


def _refuser(context: str) -> str:
    """Find our function in the innermost line of an error's context, in any language of the server.

    A line with a quotation mark quotes a statement, which Postgres itself refused, by a grant or a policy.
    """
    if '"' in context:
        return ""
    return next((name for name in re.findall(r"(\w+)\(", context) if name in _names()), "")
