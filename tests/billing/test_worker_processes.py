"""The real command as a service starts it: several processes, signals, and a kill in the middle."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.rules import RULES
from lab.rules.env import stripe_secret_key
from lab.services.worker import Site, Stop, run_once
from lab.text.product_files import PROJECT
from tests.billing.shops import Shop
from tests.waits import SECONDS, wait_until

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(shop: Shop, tmp_path: Path) -> Iterator[Start]:
    """Start `lab worker` before the shop; what still runs at the end is killed."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "STRIPE", "LAB_"))}
    known |= {"DATABASE_URL": shop.database.api_url, "PERSISTENCE_LAB_HOME": str(tmp_path)}
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "lab", "worker", "--json", "--api-base", shop.local.url, *arguments]
        environment = known | {stripe_secret_key.id: shop.local.key}
        started.append(
            subprocess.Popen(
                command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        )
        return started[-1]

    yield begin
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def wait_until_it_runs(process: subprocess.Popen[str]) -> None:
    """Wait for the line with which a worker says what it runs: from then on it handles signals."""
    assert process.stderr
    while " runs " not in process.stderr.readline():
        assert process.poll() is None


def running(shop: Shop, task: str) -> bool:
    """Tell whether a run of a task is on."""
    return bool(shop.count("select count(*) from public.scheduled_runs where task = %s and status = 'running'", task))


def work_once(shop: Shop) -> list[str]:
    """Reconcile as another worker, if it is due; returns how the run ended."""
    tasks = tuple(task for task in RULES.schedule if task.id == "reconcile_payments")
    site = Site(url=shop.database.api_url, worker="another:1", client=shop.client)
    with contextlib.closing(Stop()) as stop:
        return [one.outcome for one in run_once(site, tasks, stop, print)]


def finished(shop: Shop) -> int:
    """Return how many tasks have ended a run."""
    return int(shop.count("select count(*) from public.scheduled_runs where finished_at is not null"))


def test_two_processes_share_the_runs_and_end_on_a_signal(shop: Shop, start: Start) -> None:
    shop.local.break_next("drop", "*", times=0)
    order, _ = shop.buy()
    both = [start() for _ in range(2)]
    for process in both:
        wait_until_it_runs(process)
    wait_until(lambda: finished(shop) == len(RULES.schedule))
    wait_until(lambda: shop.state(order) == ("paid", True))
    for process, number in zip(both, (signal.SIGTERM, signal.SIGINT), strict=True):
        process.send_signal(number)
    told = [process.communicate(timeout=SECONDS) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    runs = [json.loads(line)["task"] for out, _ in told for line in out.splitlines()]
    assert [runs.count(id) for id in ("seal_ledgers", "reconcile_payments", "reconcile_all_payments")] == [1, 1, 1]
    assert shop.unlocks(order) == 1
    assert all("has stopped" in error for _, error in told)


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(shop: Shop, start: Start) -> None:
    shop.local.break_next("drop", "*", times=0)
    order, _ = shop.buy()
    shop.local.break_next("timeout", "GET /v1/checkout/sessions*", seconds=30)
    process = start("--only", "reconcile_payments")
    wait_until(lambda: running(shop, "reconcile_payments"))
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=SECONDS)
    assert shop.state(order) == ("open", False)
    with shop.local.store.lock:
        shop.local.store.faults.clear()
    assert work_once(shop) == []
    shop.admin.execute(
        "update public.scheduled_runs set lease_until = now(), next_run_at = now() where status = 'running'"
    )
    assert work_once(shop) == ["done"]
    assert (shop.state(order), shop.unlocks(order)) == (("paid", True), 1)


def test_a_signal_waits_for_the_current_task_and_a_second_one_does_not(shop: Shop, start: Start) -> None:
    """The first asks a reconciliation to end between two steps; the second leaves the run to its lease."""
    for signals, code, status in ((1, 0, "stopped"), (2, 130, "running")):
        shop.admin.execute("alter table public.scheduled_runs disable trigger scheduled_runs_kept")
        shop.admin.execute("delete from public.scheduled_runs")
        shop.local.break_next("timeout", "GET /v1/checkout/sessions*", seconds=4)
        process = start("--only", "reconcile_payments")
        wait_until(lambda: running(shop, "reconcile_payments"))
        for _ in range(signals):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
        out, error = process.communicate(timeout=SECONDS)
        assert (process.returncode, "Traceback" in error) == (code, False), error
        assert shop.count("select status from public.scheduled_runs") == status
        assert ("when its lease ends" in error) is (signals == 2)
        assert [json.loads(line)["outcome"] for line in out.splitlines()] == ["stopped"][: 2 - signals]
