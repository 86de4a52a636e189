"""Findings by severity from check to check, as a chart and in words. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lab.checks.finding import SEVERITIES
from lab.readiness.changes import TrendPoint
from lab.rules.model import Severity
from lab.ui.kit.caches import Theme
from lab.ui.readiness.findings import tell_point

if TYPE_CHECKING:
    import altair as alt

HEIGHT, LABELLED = 380, 24  # pixels; with more bars than that, no number fits above one

# The worst is the darkest on light ground and the brightest on dark: the order is seen without its colours, too.
COLOURS: dict[Theme, dict[Severity, str]] = {
    "light": {
        Severity.CRITICAL: "#8F1D2C",
        Severity.HIGH: "#D0413B",
        Severity.MEDIUM: "#E08A1E",
        Severity.LOW: "#7FA6DE",
        Severity.INFO: "#C3C8D4",
    },
    "dark": {
        Severity.CRITICAL: "#FF9A9A",
        Severity.HIGH: "#E8605A",
        Severity.MEDIUM: "#C77A0A",
        Severity.LOW: "#4A76B8",
        Severity.INFO: "#565D70",
    },
}
INK: dict[Theme, str] = {"light": "#0B0E14", "dark": "#ECEEF5"}
GROUND: dict[Theme, str] = {"light": "#FFFFFF", "dark": "#10131B"}


def pick_scope(points: Sequence[TrendPoint]) -> tuple[TrendPoint, ...]:
    """Return the checks of the newest one's layers, which are those that can stand in one chart."""
    return tuple(point for point in points if point.scope == points[-1].scope)


def write_trend(points: Sequence[TrendPoint]) -> str:
    """Say in words what the chart shows: the newest check, the one before, the worst, the number of them.

    Numbers are set against each other only where both checks saw all of the same families: what was not looked at has
    not become better.
    """
    which = _tell_which(points)
    points = pick_scope(points)
    newest, alike = points[-1], [point for point in points if point.is_comparable(points[-1])]
    told = [f"{which} found {tell_point(newest) or 'nothing'}."]
    if len(points) > 1 and points[-2].is_comparable(newest):
        told.append(f"That is {_tell_step(count_standing(newest) - count_standing(points[-2]))} the check before.")
    elif len(points) > 1:
        told.append(_tell_limit(newest, points[-2]))
    if len(alike) > 1:
        worst = max(alike, key=count_standing)
        told.append(f"The most were {count_standing(worst)}, on {worst.started_at:%Y-%m-%d at %H:%M} UTC.")
    return " ".join(told)


def _tell_which(points: Sequence[TrendPoint]) -> str:
    of_scope, layers = len(pick_scope(points)), "the same" if points[-1].scope else "all"
    said = f" of {layers} layers" if of_scope < len(points) else ""
    return f"The newest of {of_scope} checks{said}" if of_scope > 1 else f"The one check{said or ' so far'}"


def _tell_limit(newest: TrendPoint, before: TrendPoint) -> str:
    """Say why the numbers of two checks are not set against each other."""
    if newest.whole and before.whole:
        return "The check before asked other families, so its number is not compared."
    which = "the check before" if newest.whole else "it"
    return f"Not all that {which} asked could be checked, so its number is not compared."


def count_standing(point: TrendPoint) -> int:
    """Return how many findings of a check stand, whatever their severity."""
    return sum(point.counts.values())


def _tell_step(more: int) -> str:
    if not more:
        return "as many as"
    return f"{abs(more)} {'more' if more > 0 else 'fewer'} than"


def make_trend_chart(points: Sequence[TrendPoint], theme: Theme) -> "alt.LayerChart":
    """Return the chart: one bar for each check, stacked by severity, with the sum above it."""
    import altair as alt  # slow to import: only the page's history needs it

    form = _choose_form(points)
    rows = [
        _bar(_name(number, point, form), point, severity)
        for number, point in enumerate(points)
        for severity in SEVERITIES
    ]
    sums = [_sum(_name(number, point, form), point) for number, point in enumerate(points)]
    words, colours = [severity.value for severity in SEVERITIES], [COLOURS[theme][severity] for severity in SEVERITIES]
    times = alt.X(
        "check:O",
        title=None,
        # Day above time; the number before it keeps the order, and two checks of one minute apart; nobody reads it.
        axis=alt.Axis(
            labelExpr="slice(split(datum.label, ' '), 1)", labelAngle=0, labelOverlap="greedy", labelColor=INK[theme]
        ),
    )
    legend = alt.Legend(title=None, orient="top", columns=3, labelColor=INK[theme])
    whole = alt.Axis(format="d", tickMinStep=1, labelColor=INK[theme], titleColor=INK[theme])
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(stroke=GROUND[theme], strokeWidth=1)
        .encode(
            x=times,
            y=alt.Y("findings:Q", title="Findings", axis=whole),
            color=alt.Color("severity:N", scale=alt.Scale(domain=words, range=colours), legend=legend),
            order=alt.Order("weight:Q"),
            tooltip=["when:N", "severity:N", "findings:Q"],
        )
    )
    above = (
        alt.Chart(alt.InlineData(values=sums if len(sums) <= LABELLED else []))
        .mark_text(dy=-8, color=INK[theme])
        .encode(x=times, y=alt.Y("findings:Q"), text="told:N")
    )
    return alt.LayerChart(layer=[bars, above], height=HEIGHT)


def _choose_form(points: Sequence[TrendPoint]) -> str:
    """Choose how times are written: with seconds when two checks share a minute."""
    minutes = {f"{point.started_at:%m-%d %H:%M}" for point in points}
    return "%m-%d %H:%M" if len(minutes) == len(points) else "%m-%d %H:%M:%S"


def _bar(named: dict[str, Any], point: TrendPoint, severity: Severity) -> dict[str, Any]:
    findings = point.counts[severity.value]
    weight = SEVERITIES.index(severity)
    return {**named, "severity": severity.value, "findings": findings, "weight": weight}


def _sum(named: dict[str, Any], point: TrendPoint) -> dict[str, Any]:
    """Return a bar's number; where not all was looked at, a question mark stands beside it."""
    told = f"{count_standing(point)}{'?' if point.unknown else ''}"
    return {**named, "findings": count_standing(point), "told": told}


def _name(number: int, point: TrendPoint, form: str) -> dict[str, Any]:
    when = f"{point.started_at:%Y-%m-%d %H:%M:%S} UTC"
    return {"check": f"{number:04} {point.started_at.strftime(form)}", "when": when}
