"""Findings, families, the trend and what checks changed, as tables, as a chart and in words. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from lab.checks.finding import Finding, Unknown
from lab.checks.state import State
from lab.readiness.acceptances import Accepted
from lab.readiness.changes import Changes, Difference, TrendPoint
from lab.readiness.report import FamilyResult, Report
from lab.ui.kit.caches import Theme
from lab.ui.kit.tables import DataFrame, make_frame
from lab.ui.readiness.findings import SEVERITY_WORDS, name_family, write_acceptance, write_change

# The worst is the darkest on light ground and the brightest on dark: the order is seen without its colours, too.
COLOURS: dict[Theme, list[str]] = {
    "light": ["#8F1D2C", "#D0413B", "#E08A1E", "#7FA6DE", "#C3C8D4"],
    "dark": ["#FF9A9A", "#E8605A", "#C77A0A", "#4A76B8", "#565D70"],
}
CHECKED = "Checked (UTC)"
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


def pick_scope(points: Sequence[TrendPoint]) -> tuple[TrendPoint, ...]:
    """Return the checks of the same layers as the newest one; only those can be compared in one chart."""
    return tuple(point for point in points if point.scope == points[-1].scope)


def write_trend(points: Sequence[TrendPoint]) -> str:
    """Say in words what the chart shows: the newest check, the previous one, the highest count.

    Counts are compared only where both checks saw all of the same families: an unchecked part has not improved.
    """
    which = _name_newest(points)
    points = pick_scope(points)
    newest, alike = points[-1], [point for point in points if point.is_comparable(points[-1])]
    told = [f"{which} found {newest.describe_counts().removesuffix(' found')}."]
    if len(points) > 1:
        told.append(_compare(newest, points[-2]))
    worst = max(alike or [newest], key=count_standing)
    if len(alike) > 1 and count_standing(worst):
        told.append(f"The highest count was {count_standing(worst)}, on {worst.started_at:%Y-%m-%d at %H:%M} UTC.")
    return " ".join(told)


def _name_newest(points: Sequence[TrendPoint]) -> str:
    of_scope, layers = len(pick_scope(points)), "the same" if points[-1].scope else "all"
    said = f" of {layers} layers" if of_scope < len(points) else ""
    return f"The newest of {of_scope} checks{said}" if of_scope > 1 else f"The only check{said or ' so far'}"


def _compare(newest: TrendPoint, previous: TrendPoint) -> str:
    """Compare the counts of two checks, or say why they are not compared."""
    if newest.is_comparable(previous):
        more = count_standing(newest) - count_standing(previous)
        if not more:
            return "The previous check found as many."
        return f"That is {abs(more)} {'more' if more > 0 else 'fewer'} than in the previous check."
    if newest.whole and previous.whole:
        return "The previous check ran other families, so the counts are not compared."
    which = "The previous check" if newest.whole else "It"
    return f"{which} could not check everything, so the counts are not compared."


def count_standing(point: TrendPoint) -> int:
    """Return the number of a check's findings, whatever their severity."""
    return sum(point.counts.values())


def frame_bars(points: Sequence[TrendPoint]) -> DataFrame:
    """Shape the chart: a row for each check, with a column for each severity; the oldest first."""
    import pandas

    rows = [{CHECKED: f"{point.started_at:%Y-%m-%d %H:%M:%S}", **point.counts} for point in points]
    return pandas.DataFrame(rows, columns=[CHECKED, *SEVERITY_WORDS])
