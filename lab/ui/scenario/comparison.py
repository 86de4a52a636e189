"""The lab page's views of two scenarios: what differs first, each thing by its name."""

import re

import streamlit as st

from lab.plan.difference import Difference, Entry
from lab.plan.make import Plan
from lab.ui.kit.tables import draw_table
from lab.ui.kit.titles import write_name
from lab.ui.scenario import frames
from lab.ui.scenario.inputs import MEMORY, VIEWS, name_view
from lab.ui.scenario.tabs import draw_code, draw_scenario_flow, draw_view, read_flow, read_sql

WIDEST = 830  # pixels of the wider of two pictures


def draw_differences(difference: Difference) -> None:
    """Draw what only one of the two scenarios has, by name."""
    with st.container(border=True, key="differences"):
        same = not difference.only_a and not difference.only_b
        st.markdown("### What differs\n" + ("Nothing. Both scenarios need the same." if same else ""))
        left, right = st.columns(2)
        left.markdown(write_side("A", difference.only_a))
        right.markdown(write_side("B", difference.only_b))


def write_side(side: str, entries: tuple[Entry, ...]) -> str:
    """List what only one scenario has, kind by kind; the policies only by their number."""
    kinds: dict[str, list[str]] = {}
    for entry in entries:
        kinds.setdefault(entry.kind, []).append(write_name(entry.title, entry.name.removeprefix("public.")))
    lines = (
        f"- **{kind.capitalize()}:** {f'{len(told)} more, listed in Needs' if kind == 'policy' else ', '.join(told)}"
        for kind, told in kinds.items()
    )
    return f"Only in {side}\n" + ("\n".join(lines) or "- Nothing")


def draw_views(plan: Plan, difference: Difference | None) -> None:
    """Draw the choice of a view, and that view of one scenario, or of two if there is a difference."""
    picked = st.segmented_control(
        "View", VIEWS, format_func=name_view, key=MEMORY.key("view"), required=True, label_visibility="collapsed",
        wrap=True,
    )  # fmt: skip
    view = picked or VIEWS[0]  # a rerun may bring no value
    if difference:
        draw_compared(view, difference)
    else:
        draw_view(view, plan)


def draw_compared(view: str, difference: Difference) -> None:
    """Draw one view of two scenarios."""
    plans = (difference.a, difference.b)
    if view == "Flow":
        for plan, width, key in zip(plans, _scale(*map(_measure, plans)), ("flow-a", "flow-b"), strict=True):
            draw_scenario_flow(plan, key, width)
    elif view == "SQL":
        changed = frames.compare_sql(*(read_sql(plan) for plan in plans))
        told = "Lines with + are only in scenario B, lines with - only in scenario A."
        draw_code(told if changed else "Both scenarios have the same SQL.", changed, "diff")
    elif view == "Person":
        for column, plan, heading in zip(st.columns(2), plans, ("Scenario A", "Scenario B"), strict=True):
            with column:
                st.markdown(f"### {heading}")
                draw_view(view, plan)
    else:
        frame = frames.frame_difference(difference, frames.KINDS[view])
        draw_table(MEMORY, view, frame, empty="Neither scenario has one.")


def _measure(plan: object) -> float:
    """Return the width of a plan's picture in its own unit; 1 without a renderer."""
    from lab.pictures import PictureUnavailable

    try:
        found = re.search(r'<svg[^>]*\bviewBox="\S+ \S+ (\S+)', read_flow(plan))  # type: ignore[arg-type]
    except PictureUnavailable:
        return 1.0
    return float(found[1]) if found else 1.0


def _scale(a: float, b: float) -> tuple[int, int]:
    """Return the widths of two pictures at one scale."""
    widest = max(a, b)
    return round(WIDEST * a / widest), round(WIDEST * b / widest)
