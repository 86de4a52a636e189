"""May this scenario go live, and what does it need?"""

import streamlit as st

from lab.plan.make import make_plan
from lab.plan.text import plan_markdown
from lab.ui.kit.parts import draw_house_note, draw_notices, draw_share, offer_download
from lab.ui.scenario.inputs import FIELDS, MEMORY, VIEWS, A, B, draw_scenario_inputs, start_comparison
from lab.ui.scenario.tabs import draw_comparison, draw_view
from lab.ui.scenario.verdict import draw_kpis, draw_standing_rules, draw_verdict

notices = MEMORY.open_address(FIELDS)

with st.sidebar:
    compare = st.toggle("Compare two scenarios", key=MEMORY.key("compare"), on_change=start_comparison)
    if compare:
        st.subheader("Scenario A", anchor=False)
    plan = make_plan(draw_scenario_inputs(A))
    if compare:
        st.subheader("Scenario B", anchor=False)
        other = make_plan(draw_scenario_inputs(B))

with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Live persistence lab", anchor=False, width="stretch")
    draw_share(MEMORY.make_link(FIELDS))
    name = f"plan-{plan.scenario.layer}"
    offer_download(MEMORY, "JSON", plan.model_dump_json, f"{name}.json", "application/json")
    offer_download(MEMORY, "Markdown", lambda: plan_markdown(plan), f"{name}.md", "text/markdown")
st.caption(
    "Choose the layer, delivery channels, and consent. "
    "The panel shows tables, jobs, env, RLS, and risks before a user pays."
)
draw_notices(notices)

if compare:
    left, right = st.columns(2)
    with left:
        draw_verdict(plan, A, "Scenario A")
    with right:
        draw_verdict(other, B, "Scenario B")
else:
    draw_verdict(plan, A)
    draw_kpis(plan)
    draw_standing_rules()

view = st.segmented_control(
    "What it needs", VIEWS, key=MEMORY.key("view"), required=True, label_visibility="collapsed", wrap=True
)
if compare:
    draw_comparison(str(view), plan, other)
else:
    draw_view(str(view), plan)

draw_house_note()
MEMORY.close_address(FIELDS)
