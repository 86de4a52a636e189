"""What stands behind the pages in a test: a database that answers or refuses, an address, the boards of checks."""

import time
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from lab.readiness.report import Report
from lab.ui.chapters import parts as promises
from lab.ui.kit import reports as readiness
from lab.ui.kit import targets as places
from lab.ui.kit.background import Run, Runs
from lab.ui.kit.server_database import ServerDatabase
from tests.ui.drawing import press

LIVE = "postgresql://me:hunter2@db.example:5432/shop"
ENOUGH_SECONDS = 60


def let_answer(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Put a database behind the pages."""

    def name_database(database: ServerDatabase) -> None:
        database.name, database.url = "a test database", url

    monkeypatch.setattr(ServerDatabase, "_open", name_database)


def let_refuse(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let no database come up behind the pages, for that reason."""

    def refuse(database: ServerDatabase) -> None:
        raise error

    monkeypatch.setattr(ServerDatabase, "_open", refuse)


def serve_on(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Let the pages believe that the app listens there; a test has no request and so no headers."""
    context = SimpleNamespace(headers={"Host": f"{address}:8501"})
    monkeypatch.setattr(places, "st", Listening(get_option=lambda name: address, context=context))


class Listening(SimpleNamespace):
    """Streamlit, but for what is given."""

    def __getattr__(self, name: str) -> object:
        return getattr(streamlit, name)


def boards() -> tuple[Runs[Report], Runs[Report]]:
    """Return the boards of checks: of everybody, and of whoever may operate."""
    return readiness.open_report_runs(False), readiness.open_report_runs(True)


def report_of(board: Runs[Report], target: str = "embedded") -> Report:
    """Return the report of a target's newest run, which has ended."""
    run = board.find(target)
    assert run
    assert run.result
    return run.result


def wait_for(run: Run[Any] | None) -> None:
    """Wait until a run, if there is one, has ended."""
    end = time.monotonic() + ENOUGH_SECONDS
    while run is not None and run.running:
        assert time.monotonic() < end
        time.sleep(0.05)


def answered(page: AppTest) -> AppTest:
    """Wait for what is asked of the embedded database, and draw the page again."""
    for board in (*boards(), promises.PAGE.runs):
        wait_for(board.find("embedded"))
    return page.run()


def run_again(page: AppTest) -> AppTest:
    """Run the check once more, and wait for it."""
    return answered(press(page, "Run the check"))


def execute(url: str, statement: str) -> None:
    """Change the database behind the pages."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
