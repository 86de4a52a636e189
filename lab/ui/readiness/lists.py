"""The list of findings: dense rows, the worst first; one opens in place."""

from collections.abc import Mapping, Sequence

import streamlit as st

from lab.checks.finding import Finding
from lab.readiness.permission import Permission
from lab.readiness.report import Report
from lab.ui.kit.tables import draw_table
from lab.ui.readiness.detail import draw_detail, draw_group
from lab.ui.readiness.frames import frame_findings
from lab.ui.readiness.inputs import MEMORY
from lab.ui.readiness.rows import Row, make_rows, write_row

MOST_ROWS = 60  # drawn at once; the table has all


def draw_rows(report: Report, found: Sequence[Finding], marks: Mapping[str, str], permission: Permission) -> None:
    """Draw findings as rows; the one that the address names is open below its row.

    Args:
        report: What they are from.
        found: Those that the filters let through.
        marks: Which are new, by key.
        permission: Of this visitor.
    """
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
            draw_table(MEMORY, name, frame_findings(found), empty="", open_row=lambda row: _open(found[row].key))


def _draw_row(report: Report, row: Row, key: str, marks: Mapping[str, str], permission: Permission) -> None:
    is_open = row.holds(key)
    _draw_button(write_row(row, marks), row.id, is_open)
    if not is_open:
        return
    if row.single:
        draw_detail(report, row.first, permission)
        return
    draw_group(report, row, permission)
    with st.container(key="alike", gap=None):
        for finding in [*row.findings[:MOST_ROWS], *(one for one in row.findings[MOST_ROWS:] if one.key == key)]:
            _draw_button(write_row(Row(id=finding.key, findings=(finding,)), marks), finding.key, finding.key == key)
            if finding.key == key:
                draw_detail(report, finding, permission)
        if len(row.findings) > MOST_ROWS:
            st.caption(f"The first {MOST_ROWS} of {len(row.findings)}. The table below has all.")


def _draw_button(label: str, key: str, is_open: bool) -> None:
    icon = f":material/{'expand_more' if is_open else 'chevron_right'}:"
    st.button(
        label, icon=icon, type="tertiary", width="stretch", key=MEMORY.key(f"open {key}"), on_click=_toggle, args=(key,)
    )


def _toggle(key: str) -> None:
    """Open a row, or close it; for callbacks."""
    MEMORY["finding"] = "" if MEMORY["finding"] == key else key


def _open(key: str) -> None:
    MEMORY["finding"] = key
