"""Declares a probe: attempts, the expected result, and the function that judges their outcomes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lab.access.row_owners import Owner
from lab.checks.probes.attempts import Attempt, Outcome
from lab.checks.probes.report import Verdict
from lab.rules.model import Severity

Judge = Callable[[Sequence[Outcome]], Verdict]


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One thing that is tried.

    Args:
        id: Stable name: `access` for the matrix, else the promise.
        title: What must hold, as a sentence.
        identity: Who tries it.
        subject: The table, view or function.
        command: The command that is tried.
        owner: Whose rows it is tried on; empty when it needs no row.
        attempts: The attempts, in order.
        expected: The result that the rules expect, in a few words.
        judge: Compares the outcomes with `expected`.
        rule: The grant, policy, trigger, constraint or function that decides.
        why: Why it matters, for people.
        severity: How much harm a difference can do.
        chapter: The chapter that it belongs to; 0 when its subject decides.
        optional: Whether it is left out when it can't be prepared.
        promised: Whether it is a promise's trial; those of one rule on one subject become one finding.
    """

    id: str
    title: str
    identity: str
    subject: str
    command: str
    attempts: tuple[Attempt, ...] = field(repr=False)
    expected: str
    judge: Judge = field(repr=False)
    rule: str
    why: str
    severity: Severity
    chapter: int = 0
    owner: Owner | Literal[""] = ""
    optional: bool = False
    promised: bool = False

    @property
    def name(self) -> str:
        """Return its stable name, which does not depend on trials before or after it."""
        command = () if self.promised else (self.command,)
        return ":".join((self.id, self.subject, *command, self.rule)).replace(" ", "_")


def expect_rows(count: int) -> Judge:
    """Expect that the last step reads or changes so many rows."""

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        outcome = outcomes[-1]
        if outcome.no_answer:
            return unanswered(outcome)
        good = not outcome.state and outcome.rows == count
        instead = "" if good or outcome.state else f" instead of {count}"
        return Verdict("holds" if good else "differs", f"{outcome.describe()}{instead}")

    return judge


def expect_answer(value: Any) -> Judge:
    """Expect that the last step returns this value."""

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        outcome = outcomes[-1]
        if outcome.no_answer:
            return unanswered(outcome)
        if outcome.state:
            return Verdict("differs", outcome.describe())
        good = outcome.answers[-1] == value
        return Verdict(
            "holds" if good else "differs", "as expected" if good else "got another answer than the rules say"
        )

    return judge


def expect_refusal(state: str, by: frozenset[str] = frozenset()) -> Judge:
    """Expect that the last step is refused with this state, by one of those; none of them means a grant or policy."""

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        outcome = outcomes[-1]
        expected = outcome.state == state and (outcome.by in by if by else not outcome.by)
        return judge_end(outcome, expected=expected)

    return judge


def judge_end(outcome: Outcome, *, expected: bool) -> Verdict:
    """Judge an attempt that must be refused: it succeeded, was refused as expected, or for another reason.

    If another declared rule refused it, the expected rule did not work. Any other refusal is no evidence.

    Args:
        outcome: The outcome of the attempt.
        expected: Whether it was refused for the reason that the rules give.
    """
    if not outcome.prepared:
        return unanswered(outcome)
    if not outcome.state:
        return let_through(outcome)
    if expected:
        return Verdict("holds", outcome.describe(), refused=True)
    if outcome.no_answer or not outcome.by_the_wall:
        return unanswered(outcome)
    told = f"stopped only by {outcome.by} (SQLSTATE {outcome.state}), not by the rule that should"
    return Verdict("differs", told, Severity.MEDIUM)


def let_through(outcome: Outcome) -> Verdict:
    """Return the verdict on a step that should have been refused and succeeded."""
    return Verdict("differs", "was let through" if outcome.rows == 1 else f"was let through: {outcome.describe()}")


def leave_open(why: str) -> Judge:
    """Return a judge whose verdict is always unknown."""

    def judge(outcomes: Sequence[Outcome]) -> Verdict:
        return Verdict("unknown", why)

    return judge


def unanswered(outcome: Outcome) -> Verdict:
    """Return the verdict on an outcome that is no evidence about the rules: refused for an unexpected reason."""
    where = "while it was prepared, " if not outcome.prepared else ""
    otherwise = " for another reason than the rules give" if outcome.prepared and not outcome.no_answer else ""
    return Verdict("unknown", f"{where}{outcome.describe()}{otherwise}")


def judge_failure(outcome: Outcome) -> Verdict | None:
    """Return the verdict on a failure where the rules expect a result; None when the step succeeded."""
    if outcome.no_answer:
        return unanswered(outcome)
    return Verdict("differs", outcome.describe(), Severity.MEDIUM) if outcome.state else None
