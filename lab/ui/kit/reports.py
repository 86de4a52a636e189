"""What is known of a target as one report, for every page that shows one."""

from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from lab.readiness.acceptances import FILE_NAME, Acceptance, AcceptancesFault, read_acceptances
from lab.readiness.permission import Permission
from lab.readiness.report import Report
from lab.readiness.request import Request
from lab.readiness.results import Board
from lab.readiness.update import update_report
from lab.text.product_files import work_folder
from lab.ui.kit.background import Runs
from lab.ui.kit.targets import Place

ACCEPTANCES = work_folder() / FILE_NAME


@st.cache_resource(show_spinner=False)
def open_board() -> Board:
    """Open this server's one board of results, for all pages and all sessions."""
    return Board()


@st.cache_resource(show_spinner=False)
def open_report_runs(operators: bool) -> Runs[Report]:
    """Open this server's checks: those of operators, or those of everybody else.

    A check by an operator, also of made-up data, may reveal the site's environment and its Stripe account.
    """
    return Runs()


def find_report(place: Place, permission: Permission) -> Report | None:
    """Return what is known of a target as a report that this visitor may see; None when nothing is."""
    done = open_report_runs(permission.allowed).find_done(place.name)
    try:
        accepted = read_accepted(ACCEPTANCES if permission.allowed and not done else None, datetime.now(UTC))
    except AcceptancesFault:
        return None  # a run of the check says what is wrong with the file
    request = Request(url=place.url, target=place.name)
    return update_report(done.result if done else None, open_board().find(place.name), request, accepted)


def read_accepted(path: Path | None, now: datetime) -> tuple[Acceptance, ...]:
    """Read the accepted findings; none without a file.

    Raises:
        AcceptancesFault: The file has faults; they name it without its folder.
    """
    if path is None or not path.exists():
        return ()
    try:
        return read_acceptances(path, now.date())
    except AcceptancesFault as error:
        raise AcceptancesFault(faults=[str(error).replace(str(path), path.name)]) from None
