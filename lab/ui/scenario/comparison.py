"""The lab page's views of two scenarios: what differs first, each thing by its name."""

import re
from collections.abc import Sequence

import streamlit as st

from lab.plan.difference import Difference, compare_plans
from lab.plan.make import Plan
from lab.ui.kit.tables import draw_table
from lab.ui.scenario import frames
from lab.ui.scenario.inputs import HEADINGS, MEMORY, VIEWS
from lab.ui.scenario.tabs import draw_code, draw_scenario_flow, draw_view, read_flow, read_sql

WIDEST = 830  # pixels of the wider of two pictures


def draw_views(plans: Sequence[Plan]) -> None:
    """Draw the choice of a view, and that view of one scenario or two."""
    picked = st.segmented_control(
        "View", VIEWS, format_func=VIEWS.__getitem__, key=MEMORY.key("view"), required=True,
        label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    view = picked or next(iter(VIEWS))  # a rerun may bring no value
    if len(plans) == 1:
        draw_view(view, plans[0])
    else:
        _draw_compared(view, compare_plans(*plans))


def _draw_compared(view: str, difference: Difference) -> None:
    plans = (difference.a, difference.b)
    if view == "Flow":
        for plan, width, key in zip(plans, _scale(*map(_measure, plans)), ("flow-a", "flow-b"), strict=True):
            draw_scenario_flow(plan, key, width)
    elif view == "SQL":
        changed = frames.compare_sql(*(read_sql(plan) for plan in plans))
        told = "Lines with + are only in scenario B, lines with - only in scenario A."
        draw_code(told if changed else "Both scenarios have the same SQL.", changed, "diff")
    elif view == "Person":
        for column, plan, heading in zip(st.columns(2), plans, HEADINGS, strict=True):
            with column:
                st.markdown(f"### {heading}")
                draw_view(view, plan)
    else:
        frame = frames.frame_difference(difference, frames.KINDS[view])
        draw_table(MEMORY, view, frame, empty="Neither scenario has one.")


def _measure(plan: Plan) -> float:
    """Return the width of a plan's picture in its own unit; 1 without a renderer."""
    from lab.pictures import PictureUnavailable

    try:
        found = re.search(r'<svg[^>]*\bviewBox="\S+ \S+ (\S+)', read_flow(plan))
    except PictureUnavailable:
        return 1.0
    return float(found[1]) if found else 1.0


def _scale(a: float, b: float) -> tuple[int, int]:
    """Return the widths of two pictures at one scale."""
    widest = max(a, b)
    return round(WIDEST * a / widest), round(WIDEST * b / widest)
