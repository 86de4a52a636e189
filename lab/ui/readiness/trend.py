"""Findings by severity from check to check, as a chart and in words. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lab.checks.finding import SEVERITIES
from lab.readiness.changes import TrendPoint
from lab.rules.model import Severity
from lab.ui.kit.caches import Theme
from lab.ui.readiness.frames import list_counts

if TYPE_CHECKING:
    import altair as alt

HEIGHT, LABELLED = 320, 24  # pixels; with more bars than that, no number fits above one

# The worst is the darkest on light ground and the brightest on dark: the order is seen without its colours, too.
COLOURS: dict[Theme, dict[Severity, str]] = {
    "light": dict(zip(SEVERITIES, ("#8F1D2C", "#D0413B", "#E08A1E", "#7FA6DE", "#C3C8D4"), strict=True)),
    "dark": dict(zip(SEVERITIES, ("#FF9A9A", "#E8605A", "#C77A0A", "#4A76B8", "#565D70"), strict=True)),
}
INK: dict[Theme, str] = {"light": "#0B0E14", "dark": "#ECEEF5"}
GROUND: dict[Theme, str] = {"light": "#FFFFFF", "dark": "#10131B"}


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
    told = [f"{which} found {list_counts(newest) or 'nothing'}."]
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


def make_trend_chart(points: Sequence[TrendPoint], theme: Theme) -> "alt.LayerChart":
    """Return the chart: one bar for each check, stacked by severity, with the sum above it."""
    import altair as alt  # slow to import: only the page's history needs it

    form = _choose_form(points)
    sums = [_sum(number, point, form) for number, point in enumerate(points)]
    rows = [
        {"check": row["check"], "when": row["when"], "severity": word, "findings": count, "weight": weight}
        for row, point in zip(sums, points, strict=True)
        for weight, (word, count) in enumerate(point.counts.items())
    ]
    scale = alt.Scale(domain=[severity.value for severity in SEVERITIES], range=list(COLOURS[theme].values()))
    legend = alt.Legend(title=None, orient="top", columns=3, labelColor=INK[theme])
    # Day above time; the number before it keeps the order, and two checks of one minute apart; nobody reads it.
    day = "slice(split(datum.label, ' '), 1)"
    times = alt.Axis(labelExpr=day, labelAngle=0, labelOverlap="greedy", labelColor=INK[theme])
    x = alt.X("check:O", title=None, axis=times)
    whole = alt.Axis(format="d", tickMinStep=1, labelColor=INK[theme], titleColor=INK[theme])
    y = alt.Y("findings:Q", title="Findings", axis=whole)
    bars = alt.Chart(alt.InlineData(values=rows)).mark_bar(stroke=GROUND[theme], strokeWidth=1)
    bars = bars.encode(
        x=x,
        y=y,
        color=alt.Color("severity:N", scale=scale, legend=legend),
        order=alt.Order("weight:Q"),
        tooltip=["when:N", "severity:N", "findings:Q"],
    )
    above = alt.Chart(alt.InlineData(values=sums if len(sums) <= LABELLED else []))
    above = above.mark_text(dy=-8, color=INK[theme]).encode(x=x, y=y, text="told:N")
    return alt.LayerChart(layer=[bars, above], height=HEIGHT)


def _choose_form(points: Sequence[TrendPoint]) -> str:
    """Choose how times are written: with seconds when two checks share a minute."""
    minutes = {f"{point.started_at:%m-%d %H:%M}" for point in points}
    return "%m-%d %H:%M" if len(minutes) == len(points) else "%m-%d %H:%M:%S"


def _sum(number: int, point: TrendPoint, form: str) -> dict[str, Any]:
    """Return a bar's time and number; where not all was checked, a question mark stands beside the number."""
    return {
        "check": f"{number:04} {point.started_at.strftime(form)}",
        "when": f"{point.started_at:%Y-%m-%d %H:%M:%S} UTC",
        "findings": count_standing(point),
        "told": f"{count_standing(point)}{'?' if point.unknown else ''}",
    }
