"""A trial: a statement that breaks a promise on purpose, or keeps it, and what is to come of it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lab.checks.probes.attempts import Attempt, Step
from lab.checks.probes.probe import Judge, Probe, expect_answer, expect_refusal, expect_rows, leave_open
from lab.checks.probes.sample_people import People
from lab.rules.model import Severity


@dataclass(frozen=True)
class Refused:
    """A refusal: its SQLSTATE, and the wall's function or the constraint behind it; nobody for a grant or policy."""

    by: str = ""
    state: str = "42501"

    def __str__(self) -> str:
        """Say it in a few words."""
        return f"refused{f' by {self.by}' if self.by else ''}"


@dataclass(frozen=True)
class Trial:
    """One statement, by whoever it is tried as, after what has to happen first.

    Args:
        who: The identities that try it, each by itself.
        sql: The statement; names of made-up things are filled in.
        expected: A refusal, a number of rows, or an answer as a list or object.
        first: Steps before it: identity and statement.
        optional: Whether it is passed over when these can't be made.
        subject: The table, view or function that is weakened when it comes out otherwise; the promise's when empty.
        rule: What decides there; when empty whoever refuses, or else the promise's.
        needs: Blocks of made-up rows that it acts on: without them it says nothing of its subject.
        act: What is done, in a few words; from the statement when empty.
    """

    who: tuple[str, ...]
    sql: str
    expected: Refused | int | list[Any]
    first: tuple[tuple[str, str], ...] = ()
    optional: bool = False
    subject: str = ""
    rule: str = ""
    needs: tuple[str, ...] = ()
    act: str = ""

    @property
    def command(self) -> str:
        """Return what is done: the act, or the statement's command; a call of a function executes it."""
        called = re.match(r"select\b.*\bpublic\.\w+\(", self.sql)
        return self.act or ("execute" if called else self.sql.split()[0])


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A sentence of the product, what is tried against it, and what most of that is about."""

    id: str
    title: str
    chapter: int
    severity: Severity
    subject: str
    rule: str
    why: str
    trials: tuple[Trial, ...] = field(repr=False)


def probe_promises(promises: Iterable[Promise], people: People) -> Iterator[Probe]:
    """Yield the probes of every promise's trials."""
    for promise in promises:
        for trial in promise.trials:
            yield from (_probe(promise, trial, who, people) for who in trial.who)


def _probe(promise: Promise, trial: Trial, who: str, people: People) -> Probe:
    answers = isinstance(trial.expected, list)
    steps = [Step(actor, people.fill(sql)) for actor, sql in trial.first]
    steps.append(Step(who, people.fill(trial.sql), "answer" if answers else "rows"))
    by = trial.expected.by if isinstance(trial.expected, Refused) else ""
    absent = next((block for block in trial.needs if not people.has(block)), "")
    return Probe(
        id=promise.id,
        title=promise.title,
        identity=who,
        subject=trial.subject or promise.subject,
        command=trial.command,
        attempts=() if absent else (Attempt(tuple(steps)),),
        expected=_say(trial.expected),
        judge=leave_open(_say_absent(absent)) if absent else _judge(trial.expected, people),
        rule=trial.rule or by or promise.rule,
        why=promise.why,
        severity=promise.severity,
        chapter=promise.chapter,
        optional=trial.optional,
        promised=True,
    )


def _say_absent(block: str) -> str:
    table, _, note = block.partition(", ")
    return f"no made-up row could be {note or 'written'} in {table}"


def _say(expected: Refused | int | list[Any]) -> str:
    if isinstance(expected, int):
        return f"{expected} row{'' if expected == 1 else 's'}"
    return str(expected) if isinstance(expected, Refused) else "the answer that the rules give"


def _judge(expected: Refused | int | list[Any], people: People) -> Judge:
    if isinstance(expected, Refused):
        return expect_refusal(expected.state, frozenset({expected.by} if expected.by else ()))
    if isinstance(expected, int):
        return expect_rows(expected)
    return expect_answer([people.fill(value) if isinstance(value, str) else value for value in expected])
