"""The readiness page's parts: verdict, downloads, the findings, what could not be checked, and the families."""

import os
from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from lab.checks.finding import Finding
from lab.checks.state import State
from lab.readiness.acceptances import Accepted
from lab.readiness.changes import list_changes
from lab.readiness.formats import FORMATS
from lab.readiness.history import KEEP_RUNS, HistoryUnavailable, KeptRun, find_history
from lab.readiness.permission import Permission
from lab.readiness.report import Report
from lab.readiness.scripts import repair_file
from lab.ui.kit.alone import draw_alone
from lab.ui.kit.parts import draw_export, offer_download
from lab.ui.kit.reports import find_report, open_board
from lab.ui.kit.tables import draw_table
from lab.ui.kit.targets import Place, check_permission
from lab.ui.readiness import findings
from lab.ui.readiness.detail import draw_detail
from lab.ui.readiness.findings import Filter
from lab.ui.readiness.frames import frame_accepted, frame_families, frame_findings, frame_needs
from lab.ui.readiness.history import draw_history, read_open_runs
from lab.ui.readiness.inputs import EXTRA, MEMORY, PAGE, PROBES, VIEWS, list_picked, open_finding, read_filter
from lab.ui.readiness.past import write_absence, write_last, write_later
from lab.ui.readiness.rows import Row, make_rows, mark_new, write_row

PAST_CHECKS = 20  # read to find one that is newer than what is shown, and what the newest one changed
MOST_ROWS = 60  # drawn at once; the table has all
_FORMS = ("json", "markdown", "pdf", "sarif", "junit")


def draw_readiness(place: Place | None, permission: Permission) -> None:
    """Draw what is known of a target, and its findings or its history."""
    if not place:
        return
    shows = PAGE.draw_state(
        place, permission, known="wall" in open_board().find(place.name).times,
        hint=partial(write_invitation, place.name, permission),
    )  # fmt: skip
    report = find_report(place, permission) if shows else None
    if report:
        draw_report(report, permission)
    runs = PAGE.find_runs(permission)
    run, draw = runs.find(place.name), partial(_draw_views, place.name, report, permission)
    stands = lambda: runs.find(place.name) is run and check_permission() == permission  # noqa: E731
    draw_alone(MEMORY, PAGE.list_fields(permission), draw, stands)


def _draw_views(target: str, report: Report | None, permission: Permission) -> None:
    """Draw the choice between findings and history, and what was chosen."""
    view = st.segmented_control(
        "What it shows", VIEWS, key=MEMORY.key("show"), required=True, label_visibility="collapsed"
    )
    if view == "History":
        draw_history(target, permission)
    elif report:
        draw_findings(report, read_filter(), permission)


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
    """Draw the verdict with its reason, whether it is still the newest, and the downloads."""
    with st.container(border=True, key=f"verdict_{report.verdict.value.split()[0]}_report", gap="small"):
        st.markdown(findings.write_verdict(report))
        with st.container(horizontal=True, gap="small"):
            if any(finding.repair for finding in report.findings):
                offer_download(MEMORY, "Repair script", lambda: repair_file(report), "repairs.sql", "application/sql")
            draw_export(MEMORY, "readiness", FORMATS, report, _FORMS)
    if told := write_later(report, _read_kept(report.target, permission, PAST_CHECKS)):
        st.warning(told, icon=":material/update:")
    if set(MEMORY["layer"]) != set(report.layers):
        st.caption("The check covered other layers than those picked now. Run it again to check these.")
    if told := findings.compare_picked(report, list_picked(), (*EXTRA, PROBES)):
        st.caption(told)


def draw_findings(report: Report, picked: Filter, permission: Permission) -> None:
    """Draw the findings that match a filter, with what is known of the one that the address names."""
    found, accepted = findings.pick_findings(report, picked), findings.pick_accepted(report, picked)
    key = str(MEMORY["finding"])
    if key and not any(row.holds(key) for row in make_rows((*found, *(entry.finding for entry in accepted)))):
        _draw_elsewhere(report, key, permission)
    _draw_heading(report, picked, found, accepted)
    runs = _read_kept(report.target, permission, PAST_CHECKS)
    marks = mark_new(list_changes(runs)[-1]) if len(runs) > 1 else {}
    _draw_rows(report, found, marks, permission)
    _draw_rest(report, accepted, permission)


def _draw_elsewhere(report: Report, key: str, permission: Permission) -> None:
    """Draw the finding that the address names although the filters hide it, or say that there is none."""
    finding = findings.find_finding(report, key)
    if finding is None and ":*" not in key:
        st.info(write_absence(report, _read_kept(report.target, permission), key), icon=":material/search_off:")
    st.button("All findings", icon=":material/arrow_back:", type="tertiary", on_click=open_finding)
    if finding is not None:
        draw_detail(report, Row(id=finding.key, findings=(finding,)), permission)


def _draw_heading(report: Report, picked: Filter, found: Sequence[Finding], accepted: Sequence[Accepted]) -> None:
    ran = next((f.state is not State.NOT_RUN for f in report.families if f.id == picked.family), True)
    if not ran:
        st.markdown(f"### {len(found)} of {len(report.findings)} findings")
        st.markdown(f"This check did not run {findings.name_family(picked.family)}.")
    elif report.findings:  # or else the verdict has said it
        st.markdown(f"### {len(found)} of {len(report.findings)} findings")
        if not found:
            st.markdown("All that match are accepted." if accepted else "No finding matches the filters.")


def _draw_rest(report: Report, accepted: Sequence[Accepted], permission: Permission) -> None:
    """Draw what could not be checked, by what it needs; what is accepted; and the families, folded while they hold."""
    if report.unknown:
        draw_table(MEMORY, f"{len(report.unknown)} not checked", frame_needs(report.unknown), empty="")
    if accepted:
        frame = frame_accepted(accepted)
        draw_table(MEMORY, "Accepted", frame, empty="", open_row=lambda row: open_finding(accepted[row].finding.key))
        key = str(MEMORY["finding"])
        if chosen := next((entry.finding for entry in accepted if entry.finding.key == key), None):
            draw_detail(report, Row(id=key, findings=(chosen,)), permission)
    with st.expander(
        findings.count_families(report), icon=":material/rule:", type="compact", expanded=not report.findings
    ):
        draw_table(MEMORY, "Families", frame_families(report), empty="No family ran.")


def _draw_rows(report: Report, found: Sequence[Finding], marks: Mapping[str, str], permission: Permission) -> None:
    """Draw findings as rows, the worst first; the one that the address names is open below its row."""
    key = str(MEMORY["finding"])
    rows = make_rows(found)
    with st.container(key="findings", gap=None):
        for row in [*rows[:MOST_ROWS], *(row for row in rows[MOST_ROWS:] if row.holds(key))]:
            _draw_row(report, row, key, marks, permission)
    if len(rows) > MOST_ROWS:
        st.caption(f"The first {MOST_ROWS} of {len(rows)} rows. The table has all.")
    if len(found) > len(rows) or len(rows) > 7:
        with st.expander(f"All {len(found)} as a table, with export", icon=":material/table_rows:", type="compact"):
            name = f"{len(found)} of {len(report.findings)} findings"
            draw_table(MEMORY, name, frame_findings(found), empty="", open_row=lambda row: open_finding(found[row].key))


def _draw_row(report: Report, row: Row, key: str, marks: Mapping[str, str], permission: Permission) -> None:
    is_open = row.holds(key)
    st.button(
        write_row(row, marks), icon=f":material/{'expand_more' if is_open else 'chevron_right'}:", type="tertiary",
        width="stretch", key=MEMORY.key(f"open {row.id}"), on_click=open_finding,
        args=("" if key == row.id else row.id,),
    )  # fmt: skip
    if not is_open:
        return
    draw_detail(report, row, permission)
    if row.single:
        return
    with st.container(key="alike", gap=None):
        for finding in [*row.findings[:MOST_ROWS], *(one for one in row.findings[MOST_ROWS:] if one.key == key)]:
            _draw_row(report, Row(id=finding.key, findings=(finding,)), key, marks, permission)
        if len(row.findings) > MOST_ROWS:
            st.caption(f"The first {MOST_ROWS} of {len(row.findings)}. The table below has all.")
