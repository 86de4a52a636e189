"""The timeline as a picture: one lane for each of those who act, one mark for each step."""

from collections.abc import Sequence
from typing import Any

from lab.rehearsal.story.lanes import LANES
from lab.rehearsal.story.story import Step
from lab.ui.kit.caches import Theme
from lab.ui.kit.tables import DataFrame, make_frame

CLICKED = "clicked"
NOTHING, CHANGED, FAULT, KILLED = "Nothing changes", "Something changes", "Fault", "A process ends"
KINDS = (NOTHING, CHANGED, FAULT, KILLED)
SHAPES = ("circle", "circle", "diamond", "cross")
SIZES = (40, 110, 190, 150)
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


def draw_chart(frame: DataFrame, current: int, theme: Theme) -> dict[str, Any]:
    """Return the picture in the language of Vega-Lite, as Streamlit takes it.

    The reader's step is data, not part of the picture: a browser moves the mark, and draws nothing else anew.

    Args:
        frame: Made by `frame_steps`.
        current: The number of the step at which the reader is.
        theme: The browser's theme.
    """
    across = {
        "field": "place",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, len(frame) + 1], "nice": False},
    }
    marker = {"type": "rule", "color": COLOURS[theme][1], "strokeWidth": 2, "strokeDash": [4, 3]}
    return {
        "height": LANE_HEIGHT * len(LANES),
        "data": {"name": "steps"},
        "datasets": {"steps": frame, "here": frame.loc[frame["step"] == current, ["place"]]},
        "params": [{"name": CLICKED, "select": _CLICK, "views": ["marks"]}],
        "layer": [
            {
                "mark": {"type": "line", "color": LINE[theme], "strokeWidth": 1.5, "interpolate": "step-after"},
                "encoding": {"x": across, "y": _LANES, "order": {"field": "place", "type": "quantitative"}},
            },
            {"data": {"name": "here"}, "mark": marker, "encoding": {"x": across}},
            {
                "name": "marks",
                "mark": {"type": "point", "filled": True, "opacity": 1, "cursor": "pointer"},
                "encoding": {"x": across, "y": _LANES, **_look(theme), "tooltip": _TOLD},
            },
        ],
    }


def _look(theme: Theme) -> dict[str, Any]:
    """Return colour, shape and size of the marks by their kind."""
    legend = {"title": None, "orient": "bottom", "columns": 2, "symbolSize": 90}
    looks = {"color": COLOURS[theme], "shape": SHAPES, "size": SIZES}
    return {
        channel: {
            "field": "kind",
            "type": "nominal",
            "scale": {"domain": KINDS, "range": values},
            "legend": None if channel == "size" else legend,
        }
        for channel, values in looks.items()
    }


_CLICK = {"type": "point", "fields": ["step"], "on": "click", "clear": False, "toggle": False}
_LANES = {
    "field": "lane",
    "type": "nominal",
    "sort": LANES,
    "title": None,
    "scale": {"domain": LANES},
    "axis": {"grid": True, "domain": False, "ticks": False, "labelLimit": 130},
}
_TOLD = [
    {"field": field, "type": "nominal", "title": title}
    for field, title in (
        ("step", "Step"),
        ("title", "What"),
        ("lane", "Who"),
        ("changes", "Changes"),
        ("rules", "Rules"),
    )
]
