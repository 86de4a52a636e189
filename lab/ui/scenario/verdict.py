"""The fixed part of the lab page: verdict, counts, standing rules."""

import streamlit as st

from lab.plan.lines import ChangeLine
from lab.plan.make import STANDING_LINES, Plan, Verdict
from lab.plan.text import describe_scenario, plan_markdown
from lab.ui.kit.badges import headline
from lab.ui.kit.parts import offer_download
from lab.ui.kit.titles import CHANNEL_TITLES, CONSENT_TITLES, join_words, name_source
from lab.ui.scenario.inputs import MEMORY, put_scenario

ALTERNATIVES = 3
"""Maximum number of ways to become ready that are buttons; the plan lists all of them."""


def explain_verdict(plan: Plan) -> str:
    """Say in one line why the verdict is what it is."""
    if plan.verdict is Verdict.READY:
        return "No consent is missing, and every chosen channel is offered."
    refused = [f"{note.name} {note.why}" for note in plan.notes[1:]]
    needed = "; ".join(
        f"{line.title} consent (`{line.name}`) for {join_words([name_source(source) for source in line.needed_by])}"
        for line in plan.missing_consents
    )
    return " ".join([*refused, *([f"Missing: {needed}."] if needed else [])])


def label_change(change: ChangeLine, *, first: bool) -> str:
    """Write a change as the words on its button, such as “Give E-mail consent” or “or drop E-mail”."""
    give = join_words([CONSENT_TITLES[id_] for id_ in change.give])
    drop = join_words([CHANNEL_TITLES[id_] for id_ in change.drop])
    words = ", ".join([*([f"give {give} consent"] if give else []), *([f"drop {drop}"] if drop else [])])
    return words[0].upper() + words[1:] if first else f"or {words}"


def draw_verdict(plan: Plan, side: str, heading: str = "") -> None:
    """Draw the verdict with its reason, the layer's note and, unless ready, the smallest change as buttons."""
    with st.container(border=True, key=f"verdict_{plan.verdict.value.split()[0]}_{side}", gap="small"):
        change = "\n\n:small[Smallest change to ready:]" if plan.smallest_change else ""
        title = f"{heading}: {describe_scenario(plan)}" if heading else describe_scenario(plan)
        st.markdown(
            f":small[{title}]\n{headline(plan.verdict.value)}\n{explain_verdict(plan)}\n\n{plan.notes[0].name}{change}"
        )
        with st.container(horizontal=True, gap="small"):
            for place, made in enumerate(plan.smallest_change[:ALTERNATIVES]):
                st.button(
                    label_change(made, first=place == 0), key=MEMORY.key(f"{side}change {place}"), help=made.why,
                    type="secondary" if place else "primary", on_click=put_scenario, args=(side, plan.after(made)),
                )  # fmt: skip


def draw_downloads(plan: Plan) -> None:
    """Offer the plan as JSON and Markdown."""
    name = f"plan-{plan.scenario.layer}"
    offer_download(MEMORY, "JSON", plan.model_dump_json, f"{name}.json", "application/json")
    offer_download(MEMORY, "Markdown", lambda: plan_markdown(plan), f"{name}.md", "text/markdown")


def draw_counts(plan: Plan) -> None:
    """Draw the four counts."""
    counts = (
        ("Tables", len(plan.tables), "Tables that must exist before this can be sold."),
        ("Jobs", len(plan.jobs), "Kinds of tracked delivery job in this scenario."),
        ("RLS policies", len(plan.policies), "Policies on these tables. Without one, nobody reads through the API."),
        ("Open risks", len(plan.risks), "Known risks of this scenario."),
    )
    grid = st.grid(4, min_column_width=145, border=True)
    for label, count, help in counts:
        grid.metric(label, count, help=help)


def draw_standing_rules() -> None:
    """Draw the four rules that hold for every scenario."""
    lines = "\n".join(f"- :material/verified_user: {line.name}" for line in STANDING_LINES)
    with st.container(border=True, key="standing"):
        st.markdown(f":small[True for every scenario]\n{lines}")
