"""One finding, or several alike, in full: why, both sides, repair and its command, acceptance, explanation."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import streamlit as st

from lab.checks.finding import Finding
from lab.checks.schema.repairs import repair_script
from lab.readiness.acceptance_entry import find_longest, write_entry
from lab.readiness.acceptances import SHORTEST_REASON
from lab.readiness.explanations import explain, find_page
from lab.readiness.permission import Permission
from lab.readiness.repair_command import write_command
from lab.readiness.report import Report
from lab.text.escape import show_block
from lab.ui.kit.markdown import name, plain, prose
from lab.ui.kit.parts import offer_download
from lab.ui.kit.targets import find_embedded_url
from lab.ui.readiness import findings
from lab.ui.readiness.inputs import MEMORY, PAGE
from lab.ui.readiness.rows import Row

DAYS = 30  # of an acceptance, unless another number is picked


def draw_detail(report: Report, row: Row, permission: Permission) -> None:
    """Draw one finding in full, or what several have in common: why, one repair for all, and what to decide."""
    first = row.first
    with st.container(border=True, key=MEMORY.key(f"detail {row.id}")):
        if row.single:
            st.markdown(findings.write_detail(first, findings.write_remark(report, first.key)))
            _draw_sides(first)
        else:
            st.markdown(prose(first.why))
        _draw_repair(report, row, permission)
        with st.container(horizontal=True, gap="small"):
            label = "Check this again" if row.single else "Check these again"
            st.button(label, icon=":material/replay:", key=MEMORY.key(f"again {row.id}"), on_click=PAGE.check_again)
            if row.single:
                _draw_acceptance(report, first)
            _draw_explanation(first, row.id)


def _draw_sides(finding: Finding) -> None:
    with st.grid(2, min_column_width=280) as grid:
        for title, text in (("Expected", finding.expected), ("Seen", finding.seen)):
            with grid.cell():
                st.caption(title)
                st.code(show_block(text), language=None, wrap_lines=True)
    if example := findings.write_counterexample(finding):
        st.caption("Counter-example: a made-up row and visitor that the two treat differently.")
        st.code(example, language="json", wrap_lines=True)


def _draw_repair(report: Report, row: Row, permission: Permission) -> None:
    """Draw the repair of one or several findings, and the command that applies it; a decision is said once."""
    found = row.findings
    st.markdown("### Repair")
    for decide in dict.fromkeys(finding.decide for finding in found if finding.decide):
        st.markdown(f"Decide first: {prose(decide)}")
    sql = _write_sql(found)
    if not sql:
        if not any(finding.decide for finding in found):
            st.markdown("No SQL repairs this. A person must look at it.")
        return
    as_sql, as_command = st.tabs(["SQL", "Command line"])
    with as_sql.container(key=f"repair {row.id}"):
        st.code(show_block(sql), language="sql", wrap_lines=True)
    with as_command.container(key=f"repair command {row.id}"):
        if any(finding.proposal for finding in found):
            st.caption("A proposal. Run it once you have decided.")
        command = write_command(_write_applied(found), report.target, os.environ, find_embedded_url(permission))
        st.code(show_block(command), language="bash", wrap_lines=True)


def _write_sql(found: Sequence[Finding]) -> str:
    if len(found) == 1:
        return found[0].repair.sql if found[0].repair else ""
    return repair_script(found).rstrip()


def _write_applied(found: Sequence[Finding]) -> str:
    """Return the SQL that a person runs: of a proposal, the change itself."""
    repairs = [finding.repair for finding in found if finding.repair]
    return "\n".join(dict.fromkeys(repair.accepted if repair.proposal else repair.sql for repair in repairs))


def _draw_acceptance(report: Report, finding: Finding) -> None:
    """Draw the form that gives the entry for the reviewed file; nothing is written."""
    longest = find_longest(finding)
    with st.popover("Accept until…", icon=":material/event:", key=MEMORY.key("accept"), disabled=not longest):
        if not longest:
            return
        st.caption("Gives the entry for `acceptances.toml`. Add it in a pull request: this page writes no file.")
        if explained := explain(finding.kind):
            st.markdown(f":small[When to accept it: {prose(explained.accept)}]")
        reason = st.text_input("Reason", key=MEMORY.key("reason"), placeholder="Why it can stay until then")
        person = st.text_input("Accepted by", key=MEMORY.key("person"), placeholder="Your name")
        days = st.number_input("Days", 1, longest, min(DAYS, longest), key=MEMORY.key("days"))
        if len(reason.strip()) < SHORTEST_REASON or not person.strip():
            st.caption(f"Write a reason of at least {SHORTEST_REASON} characters, and your name.")
            return
        expires = datetime.now(UTC).date() + timedelta(days=int(days))
        entry = write_entry(finding, target=report.target, reason=reason, accepted_by=person, expires=expires)
        st.code(entry, language="toml", wrap_lines=True)
        offer_download(MEMORY, "Download the entry", partial(str, entry), "acceptance.toml", "application/toml")


def _draw_explanation(finding: Finding, of: str) -> None:
    explained = explain(finding.kind)
    if explained is None:
        return
    with st.popover("What it means", icon=":material/menu_book:", key=MEMORY.key(f"explanation {of}")):
        st.markdown(f"**{plain(explained.title)}**\n\n{prose(explained.means, 900)}")
        if explained.example:
            st.caption("Example")
            st.code(explained.example, language="sql" if explained.is_sql else None, wrap_lines=True)
        st.markdown(f"**When to accept it.** {prose(explained.accept, 600)}")
        st.caption(f"The whole page: {name(find_page(finding.kind))}")
