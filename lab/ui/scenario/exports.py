"""What can be done with the lab page's scenarios: compare, save, and take away one plan or two with what differs."""

from collections.abc import Sequence

import streamlit as st

from lab.plan.difference import compare_plans
from lab.plan.make import Plan
from lab.readiness.reports.plans import DIFFERENCE_FORMS, PLAN_FORMS
from lab.ui.kit.parts import offer_forms
from lab.ui.scenario.inputs import MEMORY, start_comparison
from lab.ui.scenario.kept import draw_kept


def draw_actions(plans: Sequence[Plan]) -> None:
    """Offer to compare, the saved scenarios, and the plan, or both plans and what differs, as files."""
    st.toggle("Compare two scenarios", key=MEMORY.key("compare"), on_change=start_comparison)
    draw_kept()
    file = "plan-" + "-".join(plan.scenario.layer for plan in plans)
    with st.popover("Export", icon=":material/download:", key=MEMORY.key("export plan")):
        if len(plans) == 1:
            offer_forms(MEMORY, file, PLAN_FORMS, plans[0])
        else:
            offer_forms(MEMORY, file, DIFFERENCE_FORMS, compare_plans(*plans))
