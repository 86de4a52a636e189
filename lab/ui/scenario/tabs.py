"""The lab page's views of one scenario: what it needs, consents, risks, what leaves, and the SQL."""

from functools import partial

import streamlit as st

from lab.plan.make import Plan
from lab.plan.text import describe_scenario
from lab.rules import RULES
from lab.ui.kit.caches import draw_flow, read_scenario_sql, read_theme
from lab.ui.kit.markdown import names
from lab.ui.kit.parts import draw_picture, offer_download
from lab.ui.kit.tables import draw_table
from lab.ui.kit.titles import join_words, name_source, write_name
from lab.ui.navigation import DELIVERIES, PAYMENTS
from lab.ui.scenario import frames
from lab.ui.scenario.inputs import MEMORY


def draw_view(view: str, plan: Plan) -> None:
    """Draw one view of one scenario."""
    match view:
        case "Consents":
            draw_table(MEMORY, "Consents", frames.frame_consents(plan), empty="No consent.")
        case "Risks":
            empty = "No open risk. This scenario brings none of the known ones."
            draw_table(MEMORY, "Risks", frames.frame_risks(plan), empty=empty)
        case "Flow":
            draw_scenario_flow(plan, "flow")
        case "SQL":
            draw_code("The SQL of this scenario's tables, policies, grants and triggers.", read_sql(plan), "sql")
        case "Person":
            from lab.ui.scenario.person import draw_person

            draw_person(plan)
        case _:
            _draw_needs(plan)


def _draw_needs(plan: Plan) -> None:
    row = st.grid(2, min_column_width=320, gap="large", key="needs")
    with row.cell():
        st.markdown(f"### {len(plan.tables)} tables\n{write_tables(plan)}")
    with row.cell():
        st.markdown(f"### Prices\n{_write_prices(plan)}\n### Jobs\n{_write_jobs(plan)}")
        with st.container(horizontal=True):
            _link_what_carries_it(plan)
        st.markdown(f"### Environment\n{_write_environment(plan)}")
    with st.expander(f"Row-level-security policies: {len(plan.policies)}", icon=":material/shield:"):
        st.markdown(_write_policies(plan))
    with st.expander("What enforces what is always true", icon=":material/verified_user:"):
        st.markdown("\n".join(f"- {r.sentence} {r.why}  \n  {names(r.enforced_by)}" for r in RULES.standing_rules))


def write_tables(plan: Plan) -> str:
    """List the tables with what each keeps and what needs it."""
    return "\n".join(
        f"- {write_name(f'**{t.title}**', t.name)}  \n  {t.description} "
        f":gray[:small[Needed by {join_words([name_source(source) for source in t.because_of])}.]]"
        for t in plan.tables
    )


def _write_prices(plan: Plan) -> str:
    lines = (f"- **{p.amount}** {write_name(p.name, p.lookup_key)}  \n  {p.why}" for p in plan.prices)
    return "\n".join(lines) or "This layer is not sold by itself."


def _write_jobs(plan: Plan) -> str:
    lines = (
        f"- {write_name(f'**{j.title}**', j.name)}  \n"
        f"  Up to {j.max_attempts} attempts, then support at {j.support_path}."
        for j in plan.jobs
    )
    return "\n".join(lines) or "No job. This scenario delivers nothing through the tracked queue."


def _write_environment(plan: Plan) -> str:
    return "\n".join(f"- `{e.name}`  \n  :gray[:small[{'Server only. ' if e.secret else ''}{e.why}]]" for e in plan.env)


def _write_policies(plan: Plan) -> str:
    lines = (f"- `{p.table}` {p.command} as {p.role}: `{p.name}`  \n  {p.why}" for p in plan.policies)
    return "\n".join(lines) or "No policy. Row-level security is forced, so nobody reads these tables by the API."


def _link_what_carries_it(plan: Plan) -> None:
    """Lead to the links and prices that the layer has in the database, and to the jobs of its channels."""
    prices = {"show": "links", "layer": plan.scenario.layer}
    st.page_link(PAYMENTS.file, label="Its links and prices", icon=PAYMENTS.icon, query_params=prices)
    if plan.jobs:
        jobs = {"channel": [job.name for job in plan.jobs]}
        st.page_link(DELIVERIES.file, label="Its jobs", icon=DELIVERIES.icon, query_params=jobs)


def draw_scenario_flow(plan: Plan, key: str, width: int | None = None) -> None:
    """Draw what leaves the database as a picture, at a width in pixels or as wide as the page."""
    from lab import pictures

    theme = read_theme()
    st.caption(f"{describe_scenario(plan)}. The fields that stay private, those that may leave, and the gates between.")
    draw_picture(
        MEMORY,
        partial(read_flow, plan),
        key=key,
        alt=f"What may leave the database: {describe_scenario(plan)}",
        words=write_flow(plan),
        png=partial(pictures.flow_png, plan, theme),
        dot=partial(pictures.flow_dot, plan, theme),
        width=width,
    )


def read_flow(plan: Plan) -> str:
    """Return the picture of what leaves the database, as SVG in the browser's theme."""
    picked = plan.scenario
    return draw_flow(picked.layer, picked.channels, picked.consents, picked.what_if, read_theme())


def write_flow(plan: Plan) -> str:
    """Write what leaves the database by each channel, for whoever cannot see the picture."""
    lines = [
        f"- **{channel.title}**: {channel.leaves} Fields that can leave: "
        f"{', '.join(privacy.value for privacy in channel.exposes)}. "
        + (f"Gate: {names(ask.consent.id for ask in channel.consents)}." if channel.consents else "No gate.")
        for channel in RULES.channels
        if channel.id in plan.channels
    ]
    return "\n".join(lines) or "Nothing leaves the database, because no channel was chosen."


def read_sql(plan: Plan) -> str:
    """Return the SQL of a scenario."""
    return read_scenario_sql(plan.scenario.layer, plan.scenario.channels, plan.scenario.what_if)


def draw_code(caption: str, text: str, language: str) -> None:
    """Draw a text with its download."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(caption, width="stretch")
        if text:
            offer_download(MEMORY, "Download", lambda: text, f"scenario.{language}", "text/plain")
    if text:
        st.code(text, language=language, wrap_lines=True)
