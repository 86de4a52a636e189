"""What can be done with the lab page's scenarios: compare, save, and take away one plan or two with what differs."""

from collections.abc import Sequence

import streamlit as st

from lab.plan.difference import compare_plans
from lab.plan.make import Plan
from lab.plan.text import difference_markdown, plan_markdown
from lab.ui.kit.parts import offer_download
from lab.ui.scenario.inputs import MEMORY, start_comparison
from lab.ui.scenario.kept import draw_kept


def draw_actions(plans: Sequence[Plan]) -> None:
    """Offer to compare, the saved scenarios, and the plan, or both plans and what differs, as JSON and Markdown."""
    st.toggle("Compare two scenarios", key=MEMORY.key("compare"), on_change=start_comparison)
    draw_kept()
    name = "plan-" + "-".join(plan.scenario.layer for plan in plans)
    offer_download(MEMORY, "JSON", lambda: write_json(plans), f"{name}.json", "application/json")
    offer_download(MEMORY, "Markdown", lambda: write_markdown(plans), f"{name}.md", "text/markdown")


def write_json(plans: Sequence[Plan]) -> str:
    """Write one plan, or the difference of two, as JSON."""
    return plans[0].model_dump_json() if len(plans) == 1 else compare_plans(*plans).model_dump_json()


def write_markdown(plans: Sequence[Plan]) -> str:
    """Write one plan, or the difference of two, as Markdown."""
    return plan_markdown(plans[0]) if len(plans) == 1 else difference_markdown(compare_plans(*plans))
