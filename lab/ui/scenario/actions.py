"""What can be done with scenarios: compare, save, and take away one plan or two with what differs."""

from collections.abc import Sequence

import streamlit as st

from lab.plan.difference import compare_plans
from lab.plan.make import Plan
from lab.readiness.reports.plans import DIFFERENCE_FORMS, PLAN_FORMS
from lab.ui.kit.parts import draw_export
from lab.ui.scenario.inputs import MEMORY, start_comparison


def draw_actions(plans: Sequence[Plan]) -> None:
    """Offer to compare, the saved scenarios, and the plan, or both plans and what differs, as files."""
    st.toggle("Compare two scenarios", key=MEMORY.key("compare"), on_change=start_comparison)
    saved = st.popover("Saved", icon=":material/bookmark:", key=MEMORY.key("saved"), on_change="rerun")
    if saved.open:
        from lab.ui.scenario.saved import draw_saved  # slow to import: the page must not wait for it

        with saved:
            draw_saved()
    file = "plan-" + "-".join(plan.scenario.layer for plan in plans)
    if len(plans) == 1:
        draw_export(MEMORY, file, PLAN_FORMS, plans[0])
    else:
        draw_export(MEMORY, file, DIFFERENCE_FORMS, compare_plans(*plans))
