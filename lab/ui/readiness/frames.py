"""Findings, families, the trend and what checks changed, shaped as tables. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from lab.checks.finding import Finding, Unknown
from lab.checks.state import State
from lab.readiness.acceptances import Accepted
from lab.readiness.changes import Changes, Difference, TrendPoint
from lab.readiness.report import FamilyResult, Report
from lab.ui.kit.tables import DataFrame, make_frame
from lab.ui.readiness.findings import name_family, write_acceptance, write_change

CHANGE_WORDS = {"new": "new", "reopened": "reopened", "resolved": "resolved", "unverified": "not checked"}


def frame_findings(findings: Iterable[Finding]) -> DataFrame:
    """Shape findings, in their order."""
    rows = (([f.severity.value], f.heading, write_change(f), f.why, name_family(f.family), f.chapter) for f in findings)
    return make_frame(("Severity", "Finding", "Expected → seen", "Why", "Family", "Chapter"), rows)


def frame_accepted(accepted: Iterable[Accepted]) -> DataFrame:
    """Shape accepted findings with who accepted each, until when, and why."""
    rows = (([a.finding.severity.value], a.finding.heading, write_acceptance(a.acceptance)) for a in accepted)
    return make_frame(("Severity", "Finding", "Acceptance"), rows)


def frame_families(report: Report) -> DataFrame:
    """Shape the families of checks, also those that did not run."""
    rows = (([f.state.word], name_family(f.id), f.title, _write_seconds(f)) for f in report.families)
    return make_frame(("State", "Family", "Holds when", "Time"), rows)


def frame_needs(unknown: Iterable[Unknown]) -> DataFrame:
    """Shape what could not be checked, by the reason: what several need is said once."""
    needs: dict[str, list[str]] = {}
    for entry in unknown:
        needs.setdefault(entry.why, []).append(entry.what)
    return make_frame(("Not checked", "Why"), ((_join(what), why) for why, what in needs.items()))


def _join(what: Sequence[str]) -> str:
    return what[0] if len(what) == 1 else f"{len(what)} parts: {'; '.join(part.removesuffix('.') for part in what)}"


def _write_seconds(family: FamilyResult) -> str:
    if family.state is State.NOT_RUN:
        return ""
    return f"{family.seconds:.1f} s" if family.seconds >= 1 else f"{max(1, round(family.seconds * 1000))} ms"


def frame_trend(points: Sequence[TrendPoint], changes: Sequence[Changes]) -> DataFrame:
    """Shape past checks and what each changed, the newest first."""
    rows = [
        (
            point.started_at,
            [point.verdict.value],
            point.describe_counts(),
            _list_changes(change) or "no change",
            point.scope.split(",") if point.scope else [],
        )
        for point, change in zip(points, changes, strict=True)
    ]
    return make_frame(("Checked (UTC)", "Verdict", "Found", "Changed", "Only layers"), reversed(rows))


def _list_changes(changes: Changes) -> str:
    counts = {word: len(getattr(changes, kind)) for kind, word in CHANGE_WORDS.items()}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def frame_changes(changes: Changes, severities: Mapping[str, str]) -> DataFrame:
    """Shape what the newest check changed.

    Args:
        changes: Of the newest check.
        severities: Of every finding that is named, by key, as last seen.
    """
    rows = (([word], [severities[key]], key) for kind, word in CHANGE_WORDS.items() for key in getattr(changes, kind))
    return make_frame(("Change", "Severity", "Finding"), rows)


def frame_difference(difference: Difference, left: str, right: str) -> DataFrame:
    """Shape what two checks do not share."""
    sides = difference.name_sides(left, right).items()
    return make_frame(("Where", "Finding or family"), (([where], key) for where, keys in sides for key in keys))
