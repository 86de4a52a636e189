"""May this scenario go live, and what does it need?"""

from functools import partial

import streamlit as st

from lab.plan.difference import compare_plans
from lab.plan.make import make_plan
from lab.ui.kit.alone import draw_alone
from lab.ui.kit.parts import draw_database_note
from lab.ui.navigation import LAB
from lab.ui.scenario.comparison import draw_differences, draw_views
from lab.ui.scenario.exports import draw_actions
from lab.ui.scenario.inputs import (
    FIELDS,
    MEMORY,
    A,
    B,
    draw_scenario_inputs,
    read_scenario,
)
from lab.ui.scenario.matrix import draw_matrix
from lab.ui.scenario.verdict import draw_last_change, draw_standing_rules, draw_verdict

MEMORY.open_address(FIELDS)
plans = [make_plan(read_scenario(side)) for side in (A, B)][: 2 if MEMORY.get("compare") else 1]
LAB.draw_head(FIELDS, partial(draw_actions, plans))
draw_matrix(plans[0].scenario)
sides = list(zip((A, B), ("Scenario A", "Scenario B"), plans, strict=False))
if len(plans) == 1:
    draw_scenario_inputs(A)
else:
    for column, (side, heading, _) in zip(st.columns(2), sides, strict=True):
        with column:
            draw_scenario_inputs(side, heading)

if len(plans) == 1:
    draw_verdict(plans[0], A)
    draw_last_change(plans[0])
else:
    for column, (side, heading, plan) in zip(st.columns(2), sides, strict=True):
        with column:
            draw_verdict(plan, side, heading)
    difference = compare_plans(*plans)
    draw_differences(difference)
draw_standing_rules()
draw_alone(MEMORY, FIELDS, partial(draw_views, plans[0], None if len(plans) == 1 else difference))
draw_database_note()
MEMORY.close_address(FIELDS)
