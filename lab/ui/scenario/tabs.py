"""The lab page's tabs: one scenario's lines with their reasons, or the difference of two."""

from functools import partial

import streamlit as st

from lab.plan.make import Plan
from lab.plan.text import describe_scenario
from lab.ui.kit.caches import draw_flow, read_scenario_sql, read_theme
from lab.ui.kit.parts import draw_picture, offer_download
from lab.ui.kit.tables import FRAMES, Frame, chip, code, frame_standing_rules, list_names, say, severity_chip
from lab.ui.scenario.comparison import KINDS, compare_plans, compare_sql, frame_difference
from lab.ui.scenario.flow import write_flow
from lab.ui.scenario.inputs import MEMORY


def draw_view(label: str, plan: Plan) -> None:
    """Draw one tab of one scenario."""
    match label:
        case "Overview":
            _draw_overview(plan)
        case "Flow":
            _draw_flow(plan, "flow")
        case "SQL":
            _draw_sql(plan)
        case "Rules":
            st.markdown(frame_standing_rules().markdown())
        case _:
            st.markdown(FRAMES[label.lower()](plan).markdown())


def draw_comparison(label: str, a: Plan, b: Plan) -> None:
    """Draw one tab of two scenarios."""
    match label:
        case "Overview":
            rows = tuple((f"**{kind.capitalize()}**", compare_plans(a, b, kind).summary()) for kind in KINDS)
            st.markdown(Frame(("What", "Where"), rows, "").markdown())
        case "Flow":
            _draw_flow(a, "flow-a")
            _draw_flow(b, "flow-b")
        case "SQL":
            _draw_sql_difference(a, b)
        case "Rules":
            st.markdown(frame_standing_rules().markdown())
        case _:
            difference = compare_plans(a, b, label.lower())
            st.caption(f"{difference.summary()}.")
            st.markdown(frame_difference(difference).markdown())


def _draw_overview(plan: Plan) -> None:
    tables = "\n".join(f"- {code(t.name)}  \n  {say(t.description)}" for t in plan.tables)
    jobs = list_names([j.name for j in plan.jobs], "No job.")
    env = list_names([e.name for e in plan.env], "No variable.")
    missing = "\n".join(f"- {code(c.name)} {chip('missing', 'orange', 'pending')}" for c in plan.missing_consents)
    risks = "\n".join(f"- {severity_chip(r.severity)} {say(r.title)}" for r in plan.risks)
    row = st.container(horizontal=True, gap="large", key="overview")
    row.markdown(f"### Tables\n{tables}")
    row.markdown(
        f"### Environment\n{env}\n### Jobs\n{jobs}\n"
        f"### Missing consent\n{missing or 'No missing consent.'}\n### Risks\n{risks or 'No open risk.'}"
    )


def _draw_flow(plan: Plan, key: str) -> None:
    from lab import pictures

    theme, picked = read_theme(), plan.scenario
    st.caption(f"{describe_scenario(plan)}: which fields stay private, which may become public, and the gates between.")
    draw_picture(
        MEMORY,
        partial(draw_flow, picked.layer, picked.channels, picked.consents, theme),
        key=key,
        alt=f"What may leave the database: {describe_scenario(plan)}",
        words=write_flow(plan),
        png=partial(pictures.flow_png, plan, theme),
        dot=partial(pictures.flow_dot, plan, theme),
    )


def _draw_sql(plan: Plan) -> None:
    sql = read_scenario_sql(plan.scenario.layer, plan.scenario.channels)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("The SQL of this scenario's tables, with their policies, grants and triggers.", width="stretch")
        offer_download(MEMORY, "SQL", lambda: sql, f"{plan.scenario.layer}.sql", "application/sql")
    st.code(sql, language="sql", wrap_lines=True)


def _draw_sql_difference(a: Plan, b: Plan) -> None:
    texts = [read_scenario_sql(plan.scenario.layer, plan.scenario.channels) for plan in (a, b)]
    difference = compare_sql(*texts)
    if not difference:
        st.markdown("Both scenarios have the same SQL.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("From scenario A to scenario B: lines with + come, lines with - go.", width="stretch")
        offer_download(MEMORY, "Diff", lambda: difference, "scenarios.diff", "text/x-diff")
    st.code(difference, language="diff", wrap_lines=True)
