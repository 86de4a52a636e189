"""From a criterion that does not hold, the finding; from what a family found, its outcome."""

from typing import NamedTuple

from lab.checks.finding import Finding, Repair, Unknown
from lab.rules.model import Criterion


class Outcome(NamedTuple):
    """What a family of checks came to; empty means that everything was checked and holds."""

    findings: tuple[Finding, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


def make_finding(
    criterion: Criterion,
    subject: str,
    seen: str,
    *,
    chapter: int | None = None,
    repair: str | None = None,
    decide: str | None = None,
) -> Finding:
    """Return the finding that a criterion does not hold on a subject.

    Args:
        criterion: What does not hold.
        subject: What it was found on: a variable, a table, an id; never a value.
        seen: What was found, without any value that is private.
        chapter: The promise, when it depends on the subject.
        repair: SQL that restores it; it never drops data.
        decide: What a person does about it, when that depends on the subject.
    """
    return Finding(
        kind=criterion.id,
        name=subject,
        rule=criterion.id,
        chapter=chapter or criterion.chapter,
        severity=criterion.severity,
        subject=subject,
        title=f"{subject}: {seen}",
        expected=criterion.title,
        seen=seen,
        why=criterion.why,
        repair=Repair(change=repair) if repair else None,
        decide=decide or criterion.decide,
    )


def gather(parts: "list[Finding | Unknown]") -> Outcome:
    """Sort what a family found into findings and unknowns, in the order found."""
    findings = tuple(part for part in parts if isinstance(part, Finding))
    return Outcome(findings, tuple(part for part in parts if isinstance(part, Unknown)))
