"""What is due, how long to wait, and the pauses while the database is gone: pure functions."""

import re
import signal
import sys
import threading
import time

import pytest

from lab.database.connect import DatabaseUnavailable, LimitedConnection
from lab.rules import RULES
from lab.rules.forms import WORKER
from lab.services.worker.due import find_due, make_lanes, retry_pause
from lab.services.worker.loop import Worker, run_worker
from lab.services.worker.site import Site, name_worker
from lab.services.worker.stopping import Stop, stopping_on_signals
from lab.services.worker.tasks import TASKS

TASK = {task.id: task for task in RULES.schedule}
QUICK = (TASK["process_stripe_events"], TASK["recover_deliveries"], TASK["seal_ledgers"], TASK["list_withdrawn_files"])
SLOW = (TASK["reconcile_payments"], TASK["reconcile_all_payments"], TASK["prune_deliveries"])


def test_each_task_has_an_implementation_and_each_implementation_a_task() -> None:
    assert list(TASKS) == list(TASK)


DUE: dict[str, tuple[tuple[str, ...], dict[str, float], tuple[str, ...], float]] = {
    "nothing ever ran": (("seal_ledgers", "recover_deliveries"), {}, ("seal_ledgers", "recover_deliveries"), 0.2),
    "one is late": (("seal_ledgers", "recover_deliveries"), {"seal_ledgers": -5, "recover_deliveries": 4},
                    ("seal_ledgers",), 0.2),
    "one is due in a moment": (("seal_ledgers",), {"seal_ledgers": 0.01}, (), 0.2),
    "the nearest decides": (("seal_ledgers", "recover_deliveries"), {"seal_ledgers": 3, "recover_deliveries": 4},
                            (), 3),
    "another worker has a long lease": (("recover_deliveries",), {"recover_deliveries": 50}, (), 5),
    "in a day": (("reconcile_all_payments",), {"reconcile_all_payments": 80_000}, (), 30),
    "a task of others": (("seal_ledgers",), {"seal_ledgers": 7, "recover_deliveries": 1}, (), 7),
}  # fmt: skip


@pytest.mark.parametrize("case", DUE)
def test_what_is_due(case: str) -> None:
    ids, waits, due, pause = DUE[case]
    found = find_due(tuple(TASK[id] for id in ids), waits)
    assert ([task.id for task in found.tasks], found.pause) == (list(due), pause)


def test_long_tasks_keep_no_quick_one_waiting() -> None:
    assert make_lanes(RULES.schedule) == (QUICK, SLOW)
    assert make_lanes(SLOW[:1]) == (SLOW[:1],)
    assert make_lanes(()) == ()


def test_pauses_double_up_to_a_limit_and_are_drawn_from_all_of_it() -> None:
    assert [retry_pause(failures, lambda: 1.0) for failures in (1, 2, 3, 6, 7, 5_000)] == [1, 2, 4, 30, 30, 30]
    assert retry_pause(7, lambda: 0.0) == 0
    assert retry_pause(7, lambda: 0.5) == 15


def test_a_task_runs_in_the_mode_of_the_key() -> None:
    site = Site(url="", worker="w:1", livemode=True)
    assert [site.mode_of(task) for task in RULES.schedule] == ["live", "none", "none", "live", "live", "none", "none"]
    assert [site.can_run(task) for task in RULES.schedule] == [False, True, True, False, False, True, True]


@pytest.mark.parametrize("host", ["Ada's-Mac.local", "", "...", "ÄÖ", "a" * 90, "web-1", "-x-"])
def test_a_worker_has_a_name_that_the_database_takes(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: host)
    assert re.fullmatch(WORKER.strip("^$"), name_worker())


def test_a_stop_ends_every_pause_at_once() -> None:
    stop, ended = Stop(), list[bool]()
    threads = [threading.Thread(target=lambda: ended.append(stop.pause(60))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert stop.pause(0) is False
    for _ in range(2):
        stop.ask()
    for thread in threads:
        thread.join(10)
    assert (ended, stop.pause(60)) == ([True] * 3, True)
    stop.close()


def test_the_first_signal_asks_and_the_second_ends() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stopping_on_signals() as stop:
        signal.raise_signal(signal.SIGTERM)
        assert stop.asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_that_does_not_wake_the_main_thread_stops_the_worker() -> None:
    """As one does that comes as the main thread begins to wait: here another thread receives it."""
    main = threading.get_ident()
    told: list[str] = []

    def refuse(url: str) -> LimitedConnection:
        if not told:
            wait_until_joining(main)
            signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        raise DatabaseUnavailable("a database", "does not answer")

    with stopping_on_signals() as stop:
        late = threading.Timer(20, stop.ask)  # so that the test ends also when it fails
        late.start()
        site = Site(url="", worker="test:1")
        try:
            run_worker(Worker(site=site, stop=stop, report=print, tell=told.append, open=refuse), RULES.schedule[:1])
        except KeyboardInterrupt:
            pytest.fail("The signal was handled only after the worker had been stopped otherwise")
        in_time = late.is_alive()
        late.cancel()
    assert in_time
    assert len(told) == 1


def wait_until_joining(thread: int) -> None:
    """Wait until a thread waits for another one's end."""
    while "wait_for_tstate_lock" not in sys._current_frames()[thread].f_code.co_name:
        time.sleep(0.01)
