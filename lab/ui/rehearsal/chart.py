"""The timeline as a picture: one lane for each of those who act, one mark for each step."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from lab.rehearsal.story.lanes import LANES
from lab.rehearsal.story.story import Step
from lab.ui.kit.caches import Theme
from lab.ui.kit.tables import make_frame

if TYPE_CHECKING:
    from altair import LayerChart
    from pandas import DataFrame
else:  # slow to import: pages without a chart must not wait for it
    DataFrame = LayerChart = Any

CLICKED = "clicked"
NOTHING, CHANGED, FAULT, KILLED = "Nothing changes", "Something changes", "Fault", "A process ends"
KINDS = (NOTHING, CHANGED, FAULT, KILLED)
SHAPES = ("circle", "circle", "diamond", "cross")
COLOURS: dict[Theme, tuple[str, ...]] = {
    "light": ("#8A90A6", "#3B4CCA", "#C4302B", "#B25E00"),
    "dark": ("#7A8194", "#8C9BFF", "#FF7B72", "#F0A54A"),
}
LINE: dict[Theme, str] = {"light": "#C9CDDB", "dark": "#3A4154"}
LANE_HEIGHT = 44
COLUMNS = ("place", "lane", "kind", "step", "title", "changes", "rules")


def find_kind(step: Step) -> str:
    """Return what kind of step it is."""
    if step.fault:
        return FAULT
    if step.changes:
        return CHANGED
    return NOTHING if step.point or "rest" in step.title else KILLED


def frame_steps(steps: Sequence[Step]) -> DataFrame:
    """Shape the steps of a story for the picture."""
    rows = [
        (place, step.lane, find_kind(step), step.number, step.title, "; ".join(map(str, step.changes)),
         " ".join(step.said))
        for place, step in enumerate(steps, 1)
    ]  # fmt: skip
    return make_frame(COLUMNS, rows)


def draw_chart(frame: DataFrame, current: int, theme: Theme) -> LayerChart:
    """Return the picture.

    Args:
        frame: Made by `frame_steps`.
        current: The number of the step at which the reader is.
        theme: The browser's theme.
    """
    import altair

    clicked = altair.selection_point(name=CLICKED, fields=["step"], on="click", clear=False, toggle=False)
    across = altair.X("place:Q", axis=None, scale=altair.Scale(domain=[0, len(frame) + 1], nice=False))
    lanes = altair.Y("lane:N", sort=list(LANES), title=None, scale=altair.Scale(domain=list(LANES)),
                     axis=altair.Axis(grid=True, domain=False, ticks=False, labelLimit=130))  # fmt: skip
    colours = altair.Scale(domain=list(KINDS), range=list(COLOURS[theme]))
    shapes = altair.Scale(domain=list(KINDS), range=list(SHAPES))
    legend = altair.Legend(title=None, orient="bottom", columns=2, symbolSize=90)
    base = altair.Chart(frame).encode(x=across)
    path = base.mark_line(color=LINE[theme], strokeWidth=1.5, interpolate="step-after").encode(y=lanes, order="place:Q")
    here = base.transform_filter(f"datum.step == {current}")
    marker = here.mark_rule(color=COLOURS[theme][1], strokeWidth=2, strokeDash=[4, 3])
    marks = base.mark_point(filled=True, opacity=1, cursor="pointer").encode(
        y=lanes,
        color=altair.Color("kind:N", scale=colours, legend=legend),
        shape=altair.Shape("kind:N", scale=shapes, legend=legend),
        size=altair.Size("kind:N", scale=altair.Scale(domain=list(KINDS), range=[40, 110, 190, 150]), legend=None),
        tooltip=[altair.Tooltip(f"{name}:N", title=title) for name, title in _TOLD.items()],
    )
    layers = cast("LayerChart", altair.layer(path, marker, marks.add_params(clicked)))
    return layers.properties(height=LANE_HEIGHT * len(LANES))


_TOLD = {"step": "Step", "title": "What", "lane": "Who", "changes": "Changes", "rules": "Rules"}
