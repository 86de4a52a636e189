"""Findings by severity from check to check, as a chart and in words. Pure."""

from collections.abc import Sequence

from lab.readiness.changes import TrendPoint
from lab.ui.kit.caches import Theme
from lab.ui.kit.tables import DataFrame
from lab.ui.readiness.findings import SEVERITY_WORDS

# The worst is the darkest on light ground and the brightest on dark: the order is seen without its colours, too.
COLOURS: dict[Theme, list[str]] = {
    "light": ["#8F1D2C", "#D0413B", "#E08A1E", "#7FA6DE", "#C3C8D4"],
    "dark": ["#FF9A9A", "#E8605A", "#C77A0A", "#4A76B8", "#565D70"],
}
CHECKED = "Checked (UTC)"


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
