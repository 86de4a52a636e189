"""The status strip: on every page that shows a target its name, its verdict, and how old that is."""

from datetime import UTC, datetime

import streamlit as st

from lab.readiness.permission import Permission
from lab.readiness.report import Report
from lab.readiness.results import Results
from lab.sql import fingerprint_schema
from lab.ui.kit.badges import badge
from lab.ui.kit.markdown import plain
from lab.ui.kit.reports import find_report, open_board
from lab.ui.kit.targets import Place


def draw_strip(place: Place, permission: Permission, *, previous: bool = False) -> None:
    """Draw the strip of a target.

    Args:
        place: The database that was chosen.
        permission: Of this visitor.
        previous: Whether a newer run gave no result, so that the results are those of the one before.
    """
    results = open_board().find(place.name)
    report = find_report(place, permission) if results.times else None
    told = write_strip(place.name, report, results, datetime.now(UTC), fingerprint_schema(), previous=previous)
    with st.container(key="strip"):
        st.markdown(told, help=results.describe_times(datetime.now(UTC)) or None)


def write_strip(
    target: str, report: Report | None, results: Results, now: datetime, rules: str, *, previous: bool = False
) -> str:
    """Write the strip as one line of Markdown. Pure.

    Args:
        target: The target's name.
        report: What is known of it; None when nothing is.
        results: The newest result of each part, with its time.
        now: The time.
        rules: The fingerprint of the rules now.
        previous: Whether a newer run gave no result.
    """
    if not results.times:
        return f"{badge('not run')} **{plain(target)}** :small[:gray[not checked since the app started]]"
    word = report.verdict.value if report else "unknown"
    old = f" {badge('older than the rules: run again')}" if results.is_older_than(rules) else ""
    said = " The results below are from the previous check." if previous else ""
    return f"{badge(word)} **{plain(target)}** :small[:gray[checked {results.describe_ages(now)}.{said}]]{old}"
