"""The worker before a real database and a Local Stripe: what it does by itself, and when something fails."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lab.database.connect import DatabaseUnavailable
from lab.rules import RULES
from lab.rules.model import ScheduledTask
from lab.services.billing import reconcile
from lab.services.billing.refusal import Unavailable
from lab.services.worker import Ran, Site, Stop, Worker, run_once, run_worker
from lab.services.worker.runs import open_connection
from lab.services.worker.tasks import TASKS, Work
from lab.services.worker.turn import run_if_due
from tests.billing.shops import Shop

TASK = {task.id: task for task in RULES.schedule}
SECONDS = 20


@pytest.fixture
def stop() -> Iterator[Stop]:
    """A request to stop that nobody has made yet."""
    one = Stop()
    yield one
    one.close()


def site_of(shop: Shop, worker: str = "test:1") -> Site:
    """Return what a worker of the shop works with."""
    return Site(url=shop.database.api_url, worker=worker, client=shop.client, livemode=False)


def make_due(shop: Shop) -> None:
    """Let every period and every lease pass, by moving the rows."""
    shop.admin.execute(
        "update public.scheduled_runs set next_run_at = now() - interval '1 second',"
        " lease_until = case when status = 'running' then now() - interval '1 second' end"
    )


def work(shop: Shop, stop: Stop, *ids: str) -> dict[str, Ran]:
    """Run what is due, and return how each run ended."""
    said: list[str] = []
    ran = run_once(site_of(shop), tuple(TASK[id] for id in ids or TASK), stop, said.append)
    assert said == []
    return {one.task.id: one for one in ran}


def row(shop: Shop, task: str) -> tuple[Any, ...]:
    """Return status and error of a task's newest run."""
    found = shop.admin.execute("select status, error_class from public.scheduled_runs where task = %s", [task])
    return found.fetchone() or ()


def test_everything_runs_once_in_its_period(shop: Shop, stop: Stop) -> None:
    assert {id: one.outcome for id, one in work(shop, stop).items()} == dict.fromkeys(TASK, "done")
    assert work(shop, stop) == {}
    make_due(shop)
    assert work(shop, stop).keys() == TASK.keys()


def test_received_events_are_processed(shop: Shop, stop: Stop) -> None:
    order, _ = shop.buy()
    shop.receive()
    assert work(shop, stop, "process_stripe_events")["process_stripe_events"].outcome == "done"
    assert (shop.state(order), shop.unlocks(order)) == (("paid", True), 1)


@pytest.mark.parametrize("task", ["reconcile_payments", "reconcile_all_payments"])
def test_a_dropped_event_is_found_on_the_schedule(shop: Shop, stop: Stop, task: str) -> None:
    shop.local.break_next("drop", "*", times=0)
    order, _ = shop.buy()
    shop.receive()
    assert "unlocked" in work(shop, stop, task)[task].summary
    assert (shop.state(order), shop.unlocks(order)) == (("paid", True), 1)
    make_due(shop)
    assert work(shop, stop, task)[task].summary == ""
    assert shop.unlocks(order) == 1


def test_an_outage_of_stripe_costs_one_attempt_of_one_event(shop: Shop, stop: Stop) -> None:
    order, _ = shop.buy()
    shop.receive()
    shop.local.break_next("error", "GET /v1/checkout/*", times=0, status=503)
    for id in ("process_stripe_events", "reconcile_payments"):
        assert work(shop, stop, id)[id].error_class == "stripe.error"
        assert row(shop, id) == ("failed", "stripe.error")
    tried = "select count(*) from public.stripe_events where attempts > 0 and status = 'failed'"
    assert shop.count(tried) == 1
    assert work(shop, stop).keys() == TASK.keys() - {"process_stripe_events", "reconcile_payments"}
    with shop.local.store.lock:
        shop.local.store.faults.clear()
    make_due(shop)
    assert work(shop, stop, "reconcile_payments")["reconcile_payments"].outcome == "done"
    assert shop.state(order) == ("paid", True)


def test_a_refused_event_keeps_no_other_from_being_recorded(shop: Shop, stop: Stop) -> None:
    shop.local.break_next("drop", "*", times=0)
    shop.buy()
    shop.receive()
    shop.admin.execute("alter table public.stripe_events add check (type <> 'charge.succeeded')")
    ran = work(shop, stop, "reconcile_payments")["reconcile_payments"]
    assert (ran.outcome, ran.error_class) == ("failed", "event.refused")
    missing = shop.events() - {id for (id,) in shop.admin.execute("select id from public.stripe_events")}
    assert len(missing) == 1


def test_a_reconciliation_that_read_too_little_is_no_success(
    shop: Shop, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.buy()
    monkeypatch.setattr(reconcile, "MOST", 1)
    assert work(shop, stop, "reconcile_payments")["reconcile_payments"].error_class == "reconcile.too_much"


def test_an_event_that_could_not_be_stored_ends_the_run(
    shop: Shop, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise Unavailable("database_unavailable")

    shop.local.break_next("drop", "*", times=0)
    shop.buy()
    monkeypatch.setattr("lab.services.worker.tasks.record_missing", lambda url: fail)
    assert work(shop, stop, "reconcile_payments")["reconcile_payments"].error_class == "database.unavailable"


def test_a_failure_ends_its_run_alone(shop: Shop, stop: Stop) -> None:
    """A statement that the database refuses: the worker's other tasks go on, and the class is kept."""
    shop.admin.execute("revoke execute on function public.seal_ledgers(integer) from service_role")
    ran = work(shop, stop)
    assert (ran["seal_ledgers"].outcome, ran["seal_ledgers"].error_class) == ("failed", "database.42501")
    assert {one.outcome for id, one in ran.items() if id != "seal_ledgers"} == {"done"}


def test_a_stop_ends_a_reconciliation_between_two_steps(shop: Shop, stop: Stop) -> None:
    """Another worker takes it over at once."""
    shop.local.break_next("drop", "*", times=0)
    order, _ = shop.buy()
    stop.ask()
    with open_connection(shop.database.api_url) as connection:
        ran = run_if_due(Work(site=site_of(shop), connection=connection, stop=stop), TASK["reconcile_payments"], print)
    assert ran is not None
    assert (ran.outcome, shop.state(order)) == ("stopped", ("open", False))
    other = Stop()
    assert work(shop, other, "reconcile_payments")["reconcile_payments"].outcome == "done"
    other.close()
    assert shop.state(order) == ("paid", True)


def test_a_reconciliation_can_end_between_two_settlements(shop: Shop) -> None:
    shop.local.break_next("drop", "*", times=0)
    orders = [shop.buy()[0] for _ in range(2)]
    steps = [1, 1, 1]  # two between what is read, one before the first settlement
    since = datetime.now(UTC) - timedelta(days=1)
    with pytest.raises(IndexError):
        reconcile.reconcile(shop.client, shop.connection, since=since, apply=True, record=print, between=steps.pop)
    assert sorted(shop.state(order)[0] for order in orders) == ["open", "paid"]


def test_a_worker_with_another_key_hides_nothing(shop: Shop, stop: Stop) -> None:
    """The newest run with a live key is not that of a worker with a test key."""
    shop.admin.execute(
        "insert into public.scheduled_runs (task, mode, worker, lease_token, lease_until, next_run_at)"
        " select 'reconcile_payments', 'live', 'w:1', gen_random_uuid(), later, later"
        " from (select now() + interval '15 minutes') as t (later)"
    )
    assert work(shop, stop, "reconcile_payments").keys() == {"reconcile_payments"}


class Running:
    """A worker in a thread, whose runs and words are kept."""

    def __init__(self, shop: Shop, stop: Stop, *ids: str, **more: Any) -> None:
        self.ran: list[Ran] = []
        self.said: list[str] = []
        self._changed = threading.Condition()
        self.fault: BaseException | None = None
        worker = Worker(
            site=site_of(shop, f"test:{id(self) % 10**8}"), stop=stop, report=self._keep(self.ran),
            tell=self._keep(self.said), draw=lambda: 0.1, **more,
        )  # fmt: skip
        tasks = tuple(TASK[id] for id in ids)
        self.thread = threading.Thread(target=self._run, args=(worker, tasks), daemon=True)
        self.thread.start()

    def _run(self, worker: Worker, tasks: tuple[ScheduledTask, ...]) -> None:
        try:
            run_worker(worker, tasks)
        except BaseException as fault:
            self.fault = fault

    def _keep(self, kept: list[Any]) -> Callable[[Any], None]:
        def keep(one: Any) -> None:
            with self._changed:
                kept.append(one)
                self._changed.notify_all()

        return keep

    def wait_for(self, holds: Callable[[], bool]) -> None:
        """Wait until something is so."""
        with self._changed:
            assert self._changed.wait_for(holds, SECONDS), (self.ran, self.said)

    def end(self, stop: Stop) -> None:
        """Ask it to stop, and wait until it has."""
        stop.ask()
        self.thread.join(SECONDS)
        assert not self.thread.is_alive()


def test_two_workers_at_once_share_the_runs(shop: Shop, stop: Stop) -> None:
    """While both run, each period has one run: of a task with long periods, one in all."""
    both = [Running(shop, stop, *TASK) for _ in range(2)]
    order, _ = shop.buy()
    shop.receive()
    both[0].wait_for(lambda: len({one.task.id for worker in both for one in worker.ran}) == len(TASK))
    for worker in both:
        worker.end(stop)
    for id in ("seal_ledgers", "reconcile_payments", "reconcile_all_payments"):
        assert sum(one.task.id == id for worker in both for one in worker.ran) == 1
    assert shop.unlocks(order) <= 1
    assert [worker.fault for worker in both] == [None, None]


def test_a_database_that_was_gone_is_waited_for(shop: Shop, stop: Stop) -> None:
    """It does not answer twice, then its connection is cut: the worker says so once each time, and goes on."""
    tries = iter(range(100))

    def open_late(url: str) -> Any:
        if next(tries) < 2:
            raise DatabaseUnavailable("127.0.0.1:1/db", "nothing listens there", "Start it")
        return open_connection(url)

    worker = Running(shop, stop, "process_stripe_events", open=open_late)
    worker.wait_for(lambda: len(worker.ran) == 1)
    shop.admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and application_name = 'persistence-lab' and usename = 'authenticator'"
    )
    make_due(shop)
    worker.wait_for(lambda: len(worker.ran) == 2 and len(worker.said) == 4)
    worker.end(stop)
    assert [said.split(":")[0].split(" answers")[0] for said in worker.said] == ["warning", "The database"] * 2
    assert "nothing listens there" in worker.said[0]


def test_a_connection_that_is_cut_in_a_run_ends_with_its_lease(shop: Shop, stop: Stop) -> None:
    def cut(work: Work) -> str:
        work.connection.execute("select pg_terminate_backend(pg_backend_pid())")
        return ""

    tasks = {**TASKS, "seal_ledgers": cut}
    worker = Running(shop, stop, "seal_ledgers", tasks=tasks)
    worker.wait_for(lambda: len(worker.said) == 2)
    assert (worker.ran, row(shop, "seal_ledgers")) == ([], ("running", None))
    worker.end(stop)
    make_due(shop)
    other = Stop()
    assert work(shop, other, "seal_ledgers")["seal_ledgers"].outcome == "done"
    other.close()


def test_a_defect_of_a_task_ends_no_worker(shop: Shop, stop: Stop) -> None:
    def fail(_: Work) -> str:
        raise ZeroDivisionError("sk_live_51AbCdEfGhIjKlMnOpQr")

    worker = Running(shop, stop, "seal_ledgers", "recover_deliveries", tasks={**TASKS, "seal_ledgers": fail})
    worker.wait_for(lambda: len(worker.ran) == 2)
    worker.end(stop)
    assert {one.task.id: one.error_class for one in worker.ran} == {
        "seal_ledgers": "worker.defect",
        "recover_deliveries": None,
    }
    assert "ZeroDivisionError" in worker.said[0]
    assert "sk_live_51" not in worker.said[0]


def test_the_current_task_is_finished_before_a_worker_stops(shop: Shop, stop: Stop) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def take_long(_: Work) -> str:
        begun.set()
        assert go_on.wait(SECONDS)
        return "sealed"

    tasks = {**TASKS, "recover_deliveries": take_long}
    worker = Running(shop, stop, "recover_deliveries", "seal_ledgers", tasks=tasks)
    assert begun.wait(SECONDS)
    stop.ask()
    go_on.set()
    worker.thread.join(SECONDS)
    assert [(one.task.id, one.outcome) for one in worker.ran] == [("recover_deliveries", "done")]
    assert row(shop, "seal_ledgers") == ()


def test_a_fault_of_one_thread_ends_the_worker(shop: Shop, stop: Stop) -> None:
    opened: list[str] = []

    def open_one(url: str) -> Any:
        opened.append(url)
        if len(opened) == 2:
            raise ZeroDivisionError
        return open_connection(url)

    worker = Running(shop, stop, *TASK, open=open_one)
    worker.thread.join(SECONDS)
    assert (isinstance(worker.fault, ZeroDivisionError), stop.asked) == (True, True)


UNUSABLE = {
    "without its migrations": ("drop function public.begin_scheduled_run", "has no schedule for workers"),
    "without the table": ("drop table public.scheduled_runs cascade", "has no schedule for workers"),
    "without the rights": ("revoke execute on function public.begin_scheduled_run from service_role", "this login"),
    "of another version": (
        "create or replace function wall.task_limits(task text)"
        " returns table(every_seconds integer, at_most_seconds integer, asks_stripe boolean) language plpgsql immutable"
        " security definer set search_path = pg_catalog, pg_temp as 'begin end'",
        "another schedule",
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_database_in_which_no_worker_can_run_ends_it(shop: Shop, stop: Stop, case: str) -> None:
    statement, said = UNUSABLE[case]
    shop.admin.execute(statement.encode())
    worker = Running(shop, stop, *TASK)
    worker.thread.join(SECONDS)
    assert said in str(worker.fault)
