"""May this scenario go live, and what does it need?"""

from functools import partial

import streamlit as st

from lab.plan.make import make_plan
from lab.ui.kit.parts import draw_database_note
from lab.ui.navigation import LAB
from lab.ui.scenario.inputs import FIELDS, MEMORY, VIEWS, A, B, draw_scenario_inputs, start_comparison
from lab.ui.scenario.tabs import draw_comparison, draw_view
from lab.ui.scenario.verdict import draw_counts, draw_downloads, draw_standing_rules, draw_verdict

MEMORY.open_address(FIELDS)
with st.sidebar:
    compare = st.toggle("Compare two scenarios", key=MEMORY.key("compare"), on_change=start_comparison)
    plan = make_plan(draw_scenario_inputs(A, "Scenario A" if compare else ""))
    if compare:
        other = make_plan(draw_scenario_inputs(B, "Scenario B"))

LAB.draw_head(FIELDS, partial(draw_downloads, plan))
if compare:
    left, right = st.columns(2)
    with left:
        draw_verdict(plan, A, "Scenario A")
    with right:
        draw_verdict(other, B, "Scenario B")
else:
    draw_verdict(plan, A)
    draw_counts(plan)
    draw_standing_rules()

picked = st.segmented_control(
    "What it needs", VIEWS, key=MEMORY.key("view"), required=True, label_visibility="collapsed", wrap=True
)
view = picked or VIEWS[0]  # a rerun may bring no value
if compare:
    draw_comparison(view, plan, other)
else:
    draw_view(view, plan)
draw_database_note()
MEMORY.close_address(FIELDS)
