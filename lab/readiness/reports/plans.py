"""A plan, and two plans with what differs, in every form."""

from collections.abc import Iterable

from lab.plan.difference import Difference
from lab.plan.make import Plan, Verdict
from lab.plan.text import (
    describe_scenario,
    difference_markdown,
    difference_text,
    plan_markdown,
    plan_text,
)
from lab.readiness.reports.forms import Forms, add_pdf
from lab.services.documents import Paper, Picture, Tone

ABOUT = "Plan"


def plan_paper(plan: Plan) -> Paper:
    """Return what a plan's PDF is made of: its Markdown, and the picture of its flow."""
    pictures, words = draw_flows([(describe_scenario(plan), plan)])
    return Paper(markdown=plan_markdown(plan) + words, about=ABOUT, tone=_choose_tone([plan]), pictures=pictures)


def difference_paper(difference: Difference) -> Paper:
    """Return what the PDF of two plans is made of: what differs, both plans, and both flows."""
    plans = (("A", difference.a), ("B", difference.b))
    pictures, words = draw_flows([(f"{side}: {describe_scenario(plan)}", plan) for side, plan in plans])
    markdown = difference_markdown(difference) + words
    return Paper(markdown=markdown, about="Comparison of two plans", pictures=pictures)


def draw_flows(plans: Iterable[tuple[str, Plan]]) -> tuple[list[Picture], str]:
    """Return the pictures of plans, and as Markdown the words of those that cannot be drawn here."""
    from lab.pictures import PictureUnavailable, flow_svg, flow_text  # the first page must not wait for them

    pictures, words = [], ""
    for title, plan in plans:
        try:
            drawn = flow_svg(plan, "light")
            pictures.append(Picture(svg=drawn, title=f"Flow: {title}", words=flow_text(plan)))
        except PictureUnavailable:
            words += f"\n## Flow: {title}\n\n{flow_text(plan)}\n"
    return pictures, words


def _write_sql(plan: Plan) -> str:
    from lab.sql import scenario_sql  # the first page must not wait for it

    return scenario_sql(plan)


def _choose_tone(plans: Iterable[Plan]) -> Tone:
    return "good" if all(plan.verdict is Verdict.READY for plan in plans) else "bad"


PLAN_FORMS: Forms[Plan] = add_pdf(
    {
        "text": plan_text,
        "json": lambda made: made.model_dump_json(indent=2),
        "markdown": plan_markdown,
        "sql": _write_sql,
    },
    plan_paper,
)
DIFFERENCE_FORMS: Forms[Difference] = add_pdf(
    {
        "text": difference_text,
        "json": lambda made: made.model_dump_json(indent=2),
        "markdown": difference_markdown,
    },
    difference_paper,
)
