"""Declares a trial: a statement that tries to break a promise, or keeps it, and the expected result."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from lab.checks.probes.attempts import PROBE_FOLDER, Attempt, Outcome, Step
from lab.checks.probes.probe import Judge, Probe, expect_answer, expect_refusal, expect_rows, leave_open, unanswered
from lab.checks.probes.report import Verdict
from lab.checks.probes.sample_people import People
from lab.rules.model import Promise

STATEMENT_FOLDER = PROBE_FOLDER / "promises"


@dataclass(frozen=True)
class Refused:
    """A refusal: its SQLSTATE, and the function or constraint that refuses; empty for a grant or policy."""

    by: str = ""
    state: str = "42501"

    def __str__(self) -> str:
        """Describe it in a few words."""
        return f"refused{f' by {self.by}' if self.by else ''}"


@dataclass(frozen=True)
class Trial:
    """One statement, the identities that try it, and the steps before it.

    Args:
        who: The identities that try it, each by itself.
        statement: Its name in the promise's file under sql/probes/promises; its placeholders are bound.
        expected: A refusal, a number of rows, or an answer as a list or object.
        first: Steps before it: identity and name of the statement.
        optional: Whether it is left out when these fail.
        subject: The table, view or function that is broken when the result differs; by default the promise's.
        rule: The rule that decides; by default the one that refuses, or else the promise's.
        needs: Blocks of made-up rows that it needs: without them it proves nothing of its subject.
        act: The action in a few words; by default from the statement.
    """

    who: tuple[str, ...]
    statement: str
    expected: Refused | int | list[Any]
    first: tuple[tuple[str, str], ...] = ()
    optional: bool = False
    subject: str = ""
    rule: str = ""
    needs: tuple[str, ...] = ()
    act: str = ""


@dataclass(frozen=True)
class PromiseTrials:
    """A promise of the rules, and its trials.

    Args:
        promise: The promise.
        trials: Its trials.
        by_own_table: Whether a refusal by another table's constraint reads unknown. Another trial covers that table.
    """

    promise: Promise
    trials: tuple[Trial, ...] = field(repr=False)
    by_own_table: bool = False


@cache
def read_statements(promise: str, folder: Path = STATEMENT_FOLDER) -> Mapping[str, str]:
    """Return the statements that try a promise, or of another file of named statements, by their names."""
    text = (folder / f"{promise}.sql").read_text(encoding="utf-8")
    parts = re.split(r"^-- statement: (\w+)\n", text, flags=re.MULTILINE)
    return {name: sql.strip().removesuffix(";") for name, sql in zip(parts[1::2], parts[2::2], strict=True)}


def probe_promises(tried: Iterable[PromiseTrials], people: People) -> Iterator[Probe]:
    """Yield the probes of every promise's trials."""
    for one in tried:
        for trial in one.trials:
            for who in trial.who:
                probe = _probe(one.promise, trial, who, people)
                yield replace(probe, judge=_judge_own(probe)) if one.by_own_table else probe


def _probe(promise: Promise, trial: Trial, who: str, people: People) -> Probe:
    absent = next((block for block in trial.needs if not people.has(block)), "")
    by = trial.expected.by if isinstance(trial.expected, Refused) else ""
    return Probe(
        id=promise.id,
        title=promise.title,
        identity=who,
        subject=trial.subject or promise.subject,
        command=trial.act or _name_command(read_statements(promise.id)[trial.statement]),
        attempts=() if absent else (Attempt(tuple(_steps(promise, trial, who, people))),),
        expected=describe_expected(trial.expected),
        judge=leave_open(_say_absent(absent)) if absent else make_judge(trial.expected, people),
        rule=trial.rule or by or promise.rule,
        why=promise.why,
        severity=promise.severity,
        chapter=promise.chapter,
        optional=trial.optional,
        promised=True,
    )


def _judge_own(probe: Probe) -> Judge:
    """Return a judge that reads unknown when a constraint of another table refused the trial."""

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        elsewhere = any(outcome.table not in ("", probe.subject) for outcome in outcomes)
        return unanswered(outcomes[-1]) if elsewhere else probe.judge(outcomes)

    return judge


def _steps(promise: Promise, trial: Trial, who: str, people: People) -> Iterator[Step]:
    statements = read_statements(promise.id)
    for actor, name in trial.first:
        sql, values = people.bind(statements[name])
        yield Step(actor, sql, values=values)
    sql, values = people.bind(statements[trial.statement])
    yield Step(who, sql, "answer" if isinstance(trial.expected, list) else "rows", values=values)


def _name_command(sql: str) -> str:
    """Name what a statement does: its command, but a call of a function executes it."""
    called = re.match(r"select\b.*\bpublic\.\w+\(", sql, re.DOTALL)
    return "execute" if called else sql.split()[0]


def _say_absent(block: str) -> str:
    table, _, note = block.partition(", ")
    return f"no made-up row could be {note or 'written'} in {table}"


def describe_expected(expected: Refused | int | list[Any]) -> str:
    """Say what is expected in a few words."""
    if isinstance(expected, int):
        return f"{expected} row{'' if expected == 1 else 's'}"
    return str(expected) if isinstance(expected, Refused) else "the answer that the rules give"


def make_judge(expected: Refused | int | list[Any], people: People) -> Judge:
    """Return what compares outcomes with what is expected."""
    if isinstance(expected, Refused):
        return expect_refusal(expected.state, frozenset({expected.by} if expected.by else ()))
    if isinstance(expected, int):
        return expect_rows(expected)
    return expect_answer([people.fill(value) if isinstance(value, str) else value for value in expected])
