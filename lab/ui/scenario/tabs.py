"""The lab page's tabs: one scenario's lines with their reasons, or the difference of two."""

from functools import partial

import streamlit as st

from lab.plan.make import Plan
from lab.plan.text import describe_scenario
from lab.rules import RULES
from lab.ui.kit.badges import badge
from lab.ui.kit.caches import draw_flow, read_scenario_sql, read_theme
from lab.ui.kit.markdown import names
from lab.ui.kit.parts import draw_picture, offer_download
from lab.ui.kit.tables import draw_table
from lab.ui.navigation import PAYMENTS
from lab.ui.scenario import frames
from lab.ui.scenario.inputs import MEMORY


def draw_view(label: str, plan: Plan) -> None:
    """Draw one tab of one scenario."""
    match label:
        case "Overview":
            _draw_overview(plan)
        case "Flow":
            _draw_flow(plan, "flow")
        case "SQL":
            sql = read_scenario_sql(plan.scenario.layer, plan.scenario.channels)
            _draw_code("The SQL of this scenario's tables, policies, grants and triggers.", sql, "sql")
        case "Rules":
            draw_table(MEMORY, "Standing rules", frames.frame_standing_rules(), empty="No standing rule.")
        case _:
            draw_table(MEMORY, label, frames.KINDS[label].shape(plan), empty=frames.KINDS[label].empty)
            if label == "Prices":
                _link_payments(plan)


def draw_comparison(label: str, a: Plan, b: Plan) -> None:
    """Draw one tab of two scenarios."""
    match label:
        case "Overview":
            draw_table(MEMORY, "Summary", frames.frame_summary(a, b), empty="")
        case "Flow":
            _draw_flow(a, "flow-a")
            _draw_flow(b, "flow-b")
        case "SQL":
            difference = frames.compare_sql(*(read_scenario_sql(p.scenario.layer, p.scenario.channels) for p in (a, b)))
            told = "Lines with + are only in scenario B, lines with - only in scenario A."
            _draw_code(told if difference else "Both scenarios have the same SQL.", difference, "diff")
        case "Rules":
            draw_view(label, a)
        case _:
            compared = frames.compare_plans(a, b, label)
            draw_table(MEMORY, label, compared, empty="Neither scenario has one.")
            only_a, both, only_b = frames.count_sides(compared)
            st.caption(f"{only_a} only in A, {both} in both, {only_b} only in B.")


def _draw_overview(plan: Plan) -> None:
    tables = "\n".join(f"- `{t.name}`  \n  {t.description}" for t in plan.tables)
    missing = "\n".join(f"- {badge('missing')} {c.title} (`{c.name}`)" for c in plan.missing_consents)
    risks = "\n".join(f"- {badge(r.severity.value)} {r.title}" for r in plan.risks)
    row = st.grid(2, min_column_width=320, gap="large", key="overview")
    row.markdown(f"### Tables\n{tables}")
    row.markdown(
        f"### Environment\n{_list([e.name for e in plan.env], 'No variable.')}\n"
        f"### Jobs\n{_list([j.name for j in plan.jobs], 'No job.')}\n"
        f"### Missing consent\n{missing or 'No missing consent.'}\n### Risks\n{risks or 'No open risk.'}"
    )


def _link_payments(plan: Plan) -> None:
    """Lead to the links and prices that the layer has in the database."""
    query = {"show": "links", "layer": plan.scenario.layer}
    st.page_link(PAYMENTS.file, label="Links and prices in the database", icon=PAYMENTS.icon, query_params=query)


def _list(ids: list[str], empty: str) -> str:
    return "\n".join(f"- `{id_}`" for id_ in ids) or empty


def _draw_flow(plan: Plan, key: str) -> None:
    from lab import pictures

    theme, picked = read_theme(), plan.scenario
    st.caption(f"{describe_scenario(plan)}. The fields that stay private, those that may leave, and the gates between.")
    draw_picture(
        MEMORY,
        partial(draw_flow, picked.layer, picked.channels, picked.consents, theme),
        key=key,
        alt=f"What may leave the database: {describe_scenario(plan)}",
        words=write_flow(plan),
        png=partial(pictures.flow_png, plan, theme),
        dot=partial(pictures.flow_dot, plan, theme),
    )


def write_flow(plan: Plan) -> str:
    """Write what leaves the database by each chosen channel, for whoever cannot see the picture."""
    lines = [
        f"- **{channel.title}**: {channel.leaves} Fields that can leave: "
        f"{', '.join(privacy.value for privacy in channel.exposes)}. "
        + (f"Gate: {names(ask.consent.id for ask in channel.consents)}." if channel.consents else "No gate.")
        for channel in RULES.channels
        if channel.id in plan.scenario.channels
    ]
    return "\n".join(lines) or "Nothing leaves the database, because no channel was chosen."


def _draw_code(caption: str, text: str, language: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(caption, width="stretch")
        if text:
            offer_download(MEMORY, "Download", lambda: text, f"scenario.{language}", "text/plain")
    if text:
        st.code(text, language=language, wrap_lines=True)
