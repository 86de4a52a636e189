"""Runs beside the pages, without Streamlit and without a database."""

from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import psycopg
import pytest

from lab.database.connect import DatabaseUnavailable
from lab.readiness.families import Family
from lab.readiness.history import SharedHistory, find_history, read_runs
from lab.readiness.reads import Reads
from lab.readiness.report import Answer, Report, ReportVerdict
from lab.ui.kit.background import Run, Runs, explain_failure
from lab.ui.readiness.run import make_inspection
from tests.readiness.reports import finding

STEPS = (("a", "First."), ("b", "Second."))


def test_a_run_tells_its_steps_and_keeps_its_result() -> None:
    seen = []

    def work(run: Run[str]) -> str:
        for step in ("a", "b"):
            run.begin(step)
            seen.append((run.steps, run.share))
            run.end(step)
        return "answer"

    run = Run("staging", STEPS, work)
    run.work()
    assert (run.state, run.result, run.share) == ("done", "answer", 1.0)
    assert seen[0] == ((("First.", "running"), ("Second.", "waiting")), 0.0)
    assert seen[1] == ((("First.", "done"), ("Second.", "running")), 0.5)


def test_a_cancelled_run_asks_nothing_more_and_keeps_nothing() -> None:
    asked = []

    def work(run: Run[str]) -> str:
        run.begin("a")
        run.cancel()
        run.end("a")
        run.begin("b")
        asked.append("b")
        return "answer"

    run = Run("staging", STEPS, work)
    run.work()
    assert (run.state, run.result, asked) == ("cancelled", None, [])


def test_an_answer_that_comes_after_the_cancelling_is_not_kept() -> None:

    def answer_late(run: Run[str]) -> str:
        run.cancel()
        return "late"

    run: Run[str] = Run("staging", STEPS, answer_late)
    run.work()
    assert (run.state, run.result) == ("cancelled", None)


def test_what_is_being_kept_can_no_longer_be_cancelled() -> None:
    kept = []

    def work(run: Run[str]) -> str:
        run.seal()
        run.cancel()
        kept.append("answer")
        return "answer"

    run = Run("staging", STEPS, work)
    run.work()
    assert (run.state, run.result, kept) == ("done", "answer", ["answer"])


def test_what_was_cancelled_is_not_kept() -> None:
    def work(run: Run[str]) -> str:
        run.cancel()
        run.seal()
        raise AssertionError("it went on to keep it")

    run = Run("staging", STEPS, work)
    run.work()
    assert (run.state, run.result) == ("cancelled", None)


FAILURES = [
    (DatabaseUnavailable("db:5432/shop", "nothing listens there", "Check the port"), "nothing listens there"),
    (psycopg.OperationalError("connection to me:hunter2@db failed"), "was lost"),
    (ValueError("postgresql://me:hunter2@host/db"), "ValueError"),
]


@pytest.mark.parametrize(("error", "told"), FAILURES, ids=[type(error).__name__ for error, _ in FAILURES])
def test_a_failure_is_told_without_a_secret(error: Exception, told: str) -> None:
    def work(run: Run[str]) -> str:
        raise error

    run = Run("staging", STEPS, work)
    run.work()
    assert run.state == "failed"
    assert run.reason == explain_failure(error, "staging")
    assert "db:5432" not in run.reason
    assert told in run.reason
    assert "hunter2" not in run.reason


def test_one_run_at_a_time_on_a_target() -> None:
    go, board = Event(), Runs[str]()

    def work(run: Run[str]) -> str:
        go.wait(10)
        return "answer"

    first = board.start(Run("staging", STEPS, work))
    assert board.start(Run("staging", STEPS, work)) is first
    other = board.start(Run("production", STEPS, work))
    assert other is not first
    go.set()
    _wait(first)
    assert board.start(Run("staging", STEPS, work)) is not first
    assert board.find("nowhere") is None


def test_the_last_result_stays_when_a_later_run_fails() -> None:
    board = Runs[str]()
    done = board.start(Run("staging", STEPS, lambda run: "answer"))
    _wait(done)

    def work(run: Run[str]) -> str:
        raise ValueError

    failed = board.start(Run("staging", STEPS, work))
    _wait(failed)
    assert board.find("staging") is failed
    assert board.find_done("staging") is done
    assert board.find_done("nowhere") is None


def _wait(run: Run[str]) -> None:
    for _ in range(1000):
        if not run.running:
            return
        Event().wait(0.01)
    raise TimeoutError


SOUND = Family(id="sound", title="Sound.", answer=lambda question: Answer(checked=("x",)), always=True)
BROKEN = Family(id="broken", title="Broken.", answer=lambda question: Answer(checked=("x",), findings=(finding("k"),)))


def inspect(
    folder: Path, *families: Family, also: tuple[str, ...] = (), acceptances: Path | None = None
) -> Run[Report]:
    run = make_inspection(
        "staging",
        "postgresql://nobody",
        also=also,
        environ={},
        history=folder / "history.sqlite",
        families=families,
        acceptances=acceptances or folder / "none.toml",
    )
    run.work()
    return run


def test_an_inspection_asks_what_was_picked_and_is_kept_in_the_history(tmp_path: Path) -> None:
    run = inspect(tmp_path, SOUND, BROKEN, also=("broken",))
    assert run.steps == (("Sound.", "done"), ("Broken.", "done"))
    assert run.result
    assert run.result.verdict is ReportVerdict.NOT_READY
    kept = read_runs(find_history({"PERSISTENCE_LAB_HOME": str(tmp_path)}), "staging")
    assert [found.key for found in kept[-1].findings] == ["k"]


def test_a_family_that_was_not_picked_is_not_asked(tmp_path: Path) -> None:
    run = inspect(tmp_path, SOUND, BROKEN)
    assert run.steps == (("Sound.", "done"),)
    assert run.result
    assert run.result.verdict is ReportVerdict.READY


def test_what_somebody_accepted_is_set_apart(tmp_path: Path) -> None:
    file = tmp_path / "acceptances.toml"
    entry = {"key": "k", "reason": "known, and being mended", "accepted_by": "Ada"}
    lines = [f'{field} = "{value}"' for field, value in entry.items()]
    file.write_text("\n".join(["[[acceptance]]", *lines, f"expires = {datetime.now(UTC).date()}"]))
    run = inspect(tmp_path, BROKEN, also=("broken",), acceptances=file)
    assert run.result, run.reason
    assert [entry.finding.key for entry in run.result.accepted] == ["k"]
    assert run.result.findings == ()


def test_a_check_that_was_cancelled_in_its_last_family_is_not_in_the_history(tmp_path: Path) -> None:
    running: list[Run[Report]] = []

    def answer(reads: Reads) -> Answer:
        running[0].cancel()
        return Answer(checked=("x",))

    history = tmp_path / "history.sqlite"
    late = Family(id="late", title="Late.", answer=answer, always=True)
    running.append(
        make_inspection("staging", "postgresql://nobody", environ={}, history=history, families=(SOUND, late))
    )
    running[0].work()
    assert (running[0].state, running[0].result) == ("cancelled", None)
    assert read_runs(history) == ()


def test_a_history_that_cannot_be_kept_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "history.sqlite").write_text("not a database, but long enough to be looked at" * 100)
    run = inspect(tmp_path, SOUND)
    assert run.result
    assert run.result.verdict is ReportVerdict.READY
    assert "is not in the history" in run.result.notes[-1]


def test_a_shared_history_that_cannot_be_reached_is_called_by_its_variable() -> None:
    """Where it is, and with which password, is nothing for a page."""
    history = SharedHistory("postgresql://lab:s3cr3t@127.0.0.1:1/board")
    run = make_inspection(
        "staging", "postgresql://nobody", environ={}, history=history, families=(SOUND,), acceptances=None
    )
    run.work()
    assert run.result
    assert run.result.verdict is ReportVerdict.READY
    assert run.result.notes[-1] == (
        "This check is not in the history. LAB_HISTORY_URL: nothing listens there. "
        "Check host and port, and that the server runs."
    )
