"""Makes findings of criteria that do not hold, and gathers a family's results."""

from typing import NamedTuple

from lab.checks.finding import Finding, Repair, Unknown
from lab.rules.model import Criterion


class Outcome(NamedTuple):
    """The result of a family of checks; empty means that everything was checked and holds."""

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
    """Return the finding that a criterion does not hold for a subject.

    Args:
        criterion: The criterion that does not hold.
        subject: A variable, a table or an id; never a value.
        seen: What was found, without any value that is private.
        chapter: The promise, when it depends on the subject.
        repair: SQL that restores it; it never drops data.
        decide: What a person must decide, when that depends on the subject.
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
    """Sort a family's results into findings and unknowns; each keeps its order."""
    findings = tuple(part for part in parts if isinstance(part, Finding))
    return Outcome(findings, tuple(part for part in parts if isinstance(part, Unknown)))
