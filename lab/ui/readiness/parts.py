"""The readiness page's parts: verdict, counts, downloads, the findings, and one finding in full."""

import os
from collections.abc import Mapping
from functools import partial

import streamlit as st

from lab.checks.finding import Finding
from lab.checks.state import State
from lab.readiness.formats import FORMATS
from lab.readiness.history import KEEP_RUNS, HistoryUnavailable, KeptRun, find_history
from lab.readiness.permission import Permission
from lab.readiness.report import Report
from lab.readiness.scripts import repair_file
from lab.text.escape import show_block
from lab.ui.kit.markdown import plain
from lab.ui.kit.parts import draw_opener, offer_download
from lab.ui.kit.tables import draw_table, frame_unknown
from lab.ui.readiness import findings
from lab.ui.readiness.findings import Card, Filter
from lab.ui.readiness.frames import frame_families
from lab.ui.readiness.history import read_open_runs
from lab.ui.readiness.inputs import EXTRA, MEMORY, PROBES, close_finding, list_picked, open_finding
from lab.ui.readiness.past import write_absence, write_last, write_later

SHOWN = 20  # findings on one page of them; more would be slow to draw and long to read
PAST_CHECKS = 20  # read to find one that is newer than what is shown
FOCUS = "<script>document.querySelector('.st-key-{key} button')?.focus()</script>"
_FILES = (
    ("JSON", "json", "readiness.json", "application/json"),
    ("Markdown", "markdown", "readiness.md", "text/markdown"),
    ("SARIF", "sarif", "readiness.sarif", "application/sarif+json"),
    ("JUnit", "junit", "readiness.xml", "application/xml"),
)


def write_invitation(target: str, permission: Permission) -> str:
    """Say what the history has of a target without a check since the app started, and what to do."""
    return f"{write_last(_read_kept(target, permission), str(MEMORY['finding']))} Run the check: it only reads."


def _read_kept(target: str, permission: Permission, limit: int = KEEP_RUNS) -> tuple[KeptRun, ...]:
    """Return the newest past checks of a target; none when there is no history, whose view says why."""
    try:
        return read_open_runs(find_history(os.environ), target, permission, limit)
    except HistoryUnavailable:
        return ()


def draw_report(report: Report, permission: Permission) -> None:
    """Draw the verdict with its reason, whether it is still the newest, the four counts, and the downloads."""
    with st.container(border=True, key=f"verdict_{report.verdict.value.split()[0]}_report", gap="small"):
        st.markdown(findings.write_verdict(report))
    if told := write_later(report, _read_kept(report.target, permission, PAST_CHECKS)):
        st.warning(told, icon=":material/update:")
    if set(MEMORY["layer"]) != set(report.layers):
        st.caption("The check covered other layers than those picked now. Run it again to check these.")
    if told := findings.compare_picked(report, list_picked(), (*EXTRA, PROBES)):
        st.caption(told)
    row = st.container(horizontal=True, key="counts")
    for label, count, help in findings.count_findings(report):
        row.metric(label, count, help=help, border=True)
    with st.container(horizontal=True, gap="small"):
        for label, form, file, mime in _FILES:
            offer_download(MEMORY, label, partial(FORMATS[form], report), file, mime)
        offer_download(MEMORY, "Repair script", lambda: repair_file(report), "repairs.sql", "application/sql")


def draw_findings(report: Report, picked: Filter) -> None:
    """Draw the findings that a filter lets through, what could not be checked, what is accepted, and the families."""
    ran = next((f.state is not State.NOT_RUN for f in report.families if f.id == picked.family), True)
    found, accepted = findings.pick_findings(report, picked), findings.pick_accepted(report, picked)
    if report.findings or not ran:  # or else the verdict has said it
        st.subheader(f"{len(found)} of {len(report.findings)} findings", anchor=False)
    if not ran:
        st.markdown(f"This check did not run {findings.name_family(picked.family)}.")
    elif report.findings and not found and not accepted:
        st.markdown("No finding matches the filters.")
    _draw_cards(tuple(finding for card in findings.gather_cards(found) for finding in card))
    draw_table(MEMORY, "Not checked", frame_unknown(report.unknown), empty="Every part could be checked.")
    if accepted:
        st.markdown("### Accepted")
    for entry in accepted:
        _draw_card((entry.finding,), {entry.finding.key: findings.write_acceptance(entry.acceptance)})
    draw_table(MEMORY, "Families", frame_families(report), empty="No family ran.")


def _draw_cards(found: tuple[Finding, ...]) -> None:
    """Draw one page of the findings, and the way to the others."""
    pages = max(1, -(-len(found) // SHOWN))
    wanted = str(MEMORY["sheet"])
    page = min(max(int(wanted) if wanted.isdecimal() else 1, 1), pages)
    if pages > 1:
        st.caption(f"Page {page} of {pages}, the most severe first.")
    for card in findings.gather_cards(found[(page - 1) * SHOWN : page * SHOWN]):
        _draw_card(card, {finding.key: findings.write_change(finding) for finding in card})
    if pages > 1:
        key = f"sheet {page} of {pages}"
        st.pagination(pages, default=page, key=MEMORY.key(key), on_change=_turn_page, args=(key,))


def _turn_page(key: str) -> None:
    number = int(MEMORY[key])
    MEMORY["sheet"] = str(number) if number > 1 else ""


def _draw_card(card: Card, told: Mapping[str, str]) -> None:
    """Draw findings that share a card, each with what is told of it, by key."""
    with st.container(border=True, gap="small"):
        st.markdown(findings.write_head(card))
        for finding in card:
            with st.container(gap=None):
                draw_opener(MEMORY, plain(finding.heading), open_finding, finding.key)
                st.caption(told[finding.key])


def draw_finding(report: Report, key: str, permission: Permission) -> None:
    """Draw one finding in full, or say that the newest check does not have it."""
    st.button(
        "All findings", icon=":material/arrow_back:", type="tertiary", on_click=close_finding,
        key=MEMORY.key("all_findings"),
    )  # fmt: skip
    if MEMORY.pop("opened finding", "") == key:  # or else the keyboard would begin at the top of the page
        st.html(FOCUS.format(key=MEMORY.key("all_findings")), unsafe_allow_javascript=True)
    finding = findings.find_finding(report, key)
    if finding is None:
        st.info(write_absence(report, _read_kept(report.target, permission), key), icon=":material/search_off:")
        return
    st.markdown(findings.write_detail(finding, findings.write_remark(report, key)))
    _draw_sides(finding)
    _draw_repair(finding)


def _draw_sides(finding: Finding) -> None:
    with st.container(horizontal=True, gap="medium", key="sides"):
        for title, text in (("Expected", finding.expected), ("Seen", finding.seen)):
            with st.container():
                st.markdown(f"### {title}")
                st.code(show_block(text), language=None, wrap_lines=True)
    if example := findings.write_counterexample(finding):
        st.markdown("### Counter-example\nA made-up row and visitor that the two treat differently.")
        st.code(example, language="json", wrap_lines=True)


def _draw_repair(finding: Finding) -> None:
    st.markdown("### Repair")
    if finding.decide:
        st.markdown(f"Decide first: {plain(finding.decide)}")
    if finding.repair:
        with st.container(key="repair"):
            st.code(show_block(finding.repair.sql), language="sql", wrap_lines=True)
    elif not finding.decide:
        st.markdown("No SQL repairs this. A person must look at it.")
