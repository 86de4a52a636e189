"""The fixed part of the lab page: verdict, counts, standing rules."""

import streamlit as st

from lab.plan.make import STANDING_LINES, Plan
from lab.plan.text import describe_scenario
from lab.ui.kit.verdicts import FACES, explain_verdict, label_change
from lab.ui.scenario.inputs import MEMORY, put_scenario

ALTERNATIVES = 3
"""Ways to become ready that are offered as buttons; the plan knows them all."""


def draw_verdict(plan: Plan, side: str, heading: str = "") -> None:
    """Draw the verdict with its reason, the layer's note and, unless ready, the smallest change as buttons."""
    face = FACES[plan.verdict]
    with st.container(border=True, key=f"verdict_{face.word.split()[0]}_{side}", gap="small"):
        change = "\n\n:small[Smallest change to ready:]" if plan.smallest_change else ""
        title = f"{heading}: {describe_scenario(plan)}" if heading else describe_scenario(plan)
        st.markdown(
            f":small[{title}]\n## :{face.colour}[:material/{face.icon}: {face.word.capitalize()}]\n"
            f"{explain_verdict(plan)}\n\n{plan.notes[0].name}{change}"
        )
        if plan.smallest_change:
            _draw_changes(plan, side)


def _draw_changes(plan: Plan, side: str) -> None:
    with st.container(horizontal=True, gap="small"):
        for place, change in enumerate(plan.smallest_change[:ALTERNATIVES]):
            st.button(
                label_change(change, first=place == 0),
                key=MEMORY.key(f"{side}change {place}"),
                help=change.why,
                type="primary" if place == 0 else "secondary",
                on_click=put_scenario,
                args=(side, plan.after(change)),
            )


def draw_kpis(plan: Plan) -> None:
    """Draw the four counts."""
    counts = (
        ("Tables", len(plan.tables), "Tables that must exist before this can be sold."),
        ("Jobs", len(plan.jobs), "Kinds of tracked delivery job that this runs."),
        ("RLS policies", len(plan.policies), "Policies on these tables; without one nobody reads through the API."),
        ("Open risks", len(plan.risks), "Known risks that come with what was chosen."),
    )
    row = st.container(horizontal=True, key="counts")
    for label, count, help in counts:
        row.metric(label, count, help=help, border=True)


def draw_standing_rules() -> None:
    """Draw the four sentences that hold whatever is chosen."""
    lines = "\n".join(f"- :material/verified_user: {line.name}" for line in STANDING_LINES)
    with st.container(border=True, key="standing"):
        st.markdown(f":small[Always true, whatever is chosen]\n{lines}")
