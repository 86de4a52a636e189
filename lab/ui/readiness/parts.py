"""The readiness page's parts: verdict, counts, downloads, the findings, and one finding in full."""

import os
from collections.abc import Sequence
from functools import partial

import streamlit as st

from lab.checks.finding import Finding
from lab.checks.state import State
from lab.readiness.acceptances import Accepted
from lab.readiness.formats import FORMATS
from lab.readiness.history import KEEP_RUNS, HistoryUnavailable, KeptRun, find_history
from lab.readiness.permission import Permission
from lab.readiness.report import Report
from lab.readiness.scripts import repair_file
from lab.text.escape import show_block
from lab.ui.kit.markdown import prose
from lab.ui.kit.parts import offer_download
from lab.ui.kit.tables import draw_table, frame_unknown
from lab.ui.readiness import findings
from lab.ui.readiness.findings import Filter
from lab.ui.readiness.frames import frame_accepted, frame_families, frame_findings
from lab.ui.readiness.history import read_open_runs
from lab.ui.readiness.inputs import EXTRA, MEMORY, PROBES, close_finding, list_picked
from lab.ui.readiness.past import write_absence, write_last, write_later

PAST_CHECKS = 20  # read to find one that is newer than what is shown
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
    grid = st.grid(4, min_column_width=145, border=True)
    for label, count, help in findings.count_findings(report):
        grid.metric(label, count, help=help)
    with st.container(horizontal=True, gap="small"):
        for label, form, file, mime in _FILES:
            offer_download(MEMORY, label, partial(FORMATS[form], report), file, mime)
        offer_download(MEMORY, "Repair script", lambda: repair_file(report), "repairs.sql", "application/sql")


def draw_findings(report: Report, picked: Filter, permission: Permission) -> None:
    """Draw the findings that match a filter, or the one that was chosen.

    A selectbox chooses it: the buttons inside Streamlit's grid answer to no key, and cards would need pages.
    """
    found, accepted = findings.pick_findings(report, picked), findings.pick_accepted(report, picked)
    names, key = findings.name_findings(report), str(MEMORY["finding"])
    shown = [finding.key for finding in (*found, *(entry.finding for entry in accepted))]
    if shown or key:
        options = dict.fromkeys(("", *shown, key))
        st.selectbox(
            "Finding", options, format_func=lambda id: names.get(id, id) or "All findings", key=MEMORY.key("finding"),
            persist_state="page",
        )  # fmt: skip
    if key:
        _draw_finding(report, key, permission)
    else:
        _draw_lists(report, picked, found, accepted)


def _draw_lists(report: Report, picked: Filter, found: Sequence[Finding], accepted: Sequence[Accepted]) -> None:
    """Draw the findings, what could not be checked, what is accepted, and the families."""
    ran = next((f.state is not State.NOT_RUN for f in report.families if f.id == picked.family), True)
    name = f"{len(found)} of {len(report.findings)} findings"
    if not ran:
        st.markdown(f"### {name}\nThis check did not run {findings.name_family(picked.family)}.")
    elif report.findings:  # or else the verdict has said it
        none = "All that match are accepted." if accepted else "No finding matches the filters."
        draw_table(MEMORY, name, frame_findings(found), empty=none, open_row=lambda row: _open(found[row].key))
    draw_table(MEMORY, "Not checked", frame_unknown(report.unknown), empty="Every part could be checked.")
    if accepted:
        frame = frame_accepted(accepted)
        draw_table(MEMORY, "Accepted", frame, empty="", open_row=lambda row: _open(accepted[row].finding.key))
    draw_table(MEMORY, "Families", frame_families(report), empty="No family ran.")


def _open(key: str) -> None:
    MEMORY["finding"] = key


def _draw_finding(report: Report, key: str, permission: Permission) -> None:
    """Draw one finding in full, or say that the newest check does not have it."""
    st.button("All findings", icon=":material/arrow_back:", type="tertiary", on_click=close_finding)
    finding = findings.find_finding(report, key)
    if finding is None:
        st.info(write_absence(report, _read_kept(report.target, permission), key), icon=":material/search_off:")
        return
    st.markdown(findings.write_detail(finding, findings.write_remark(report, key)))
    _draw_sides(finding)
    _draw_repair(finding)


def _draw_sides(finding: Finding) -> None:
    with st.grid(2, min_column_width=280) as grid:
        for title, text in (("Expected", finding.expected), ("Seen", finding.seen)):
            with grid.cell():
                st.markdown(f"### {title}")
                st.code(show_block(text), language=None, wrap_lines=True)
    if example := findings.write_counterexample(finding):
        st.markdown("### Counter-example\nA made-up row and visitor that the two treat differently.")
        st.code(example, language="json", wrap_lines=True)


def _draw_repair(finding: Finding) -> None:
    st.markdown("### Repair")
    if finding.decide:
        st.markdown(f"Decide first: {prose(finding.decide)}")
    if finding.repair:
        with st.container(key="repair"):
            st.code(show_block(finding.repair.sql), language="sql", wrap_lines=True)
    elif not finding.decide:
        st.markdown("No SQL repairs this. A person must look at it.")
