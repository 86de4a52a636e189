"""The schedule in the database: one worker runs a task in its period, whatever the others do; rows move the clock."""

import threading
from typing import Any

import psycopg
import pytest

from fixtures.servers import Database
from lab.database.connect import as_data_api, connect
from lab.rules import RULES
from lab.rules.model import ScheduledTask
from tests.wall.actors import OWNER, SERVICE
from tests.wall.crowds import ask, run_all
from tests.wall.scenes import Scene

BEGIN = "select public.begin_scheduled_run(%s, %s, %s)"
FINISH = "select public.finish_scheduled_run(%s, %s, %s, %s)"
TASK = "seal_ledgers"


def begin(scene: Scene, worker: str = "w:1", task: str = TASK, mode: str = "none") -> Any:
    """Begin a run; returns its token, None when it is not due."""
    return scene.value(SERVICE, BEGIN, task, worker, mode)


def finish(scene: Scene, token: Any, outcome: str = "done", error: str | None = None, task: str = TASK) -> bool:
    """Finish a run; returns whether its lease counted."""
    return bool(scene.value(SERVICE, FINISH, task, token, outcome, error))


def pass_time(scene: Scene, seconds: int) -> None:
    """Let time pass, by moving the rows."""
    ago = ", ".join(f"{name} = {name} - make_interval(secs => {seconds})" for name in
                    ("started_at", "finished_at", "succeeded_at", "next_run_at", "lease_until"))  # fmt: skip
    scene.connection.execute(f"update public.scheduled_runs set {ago}".encode())


def modes_of(task: ScheduledTask) -> tuple[str, ...]:
    """Return the modes in which a task runs."""
    return ("test", "live") if task.asks_stripe else ("none",)


EVERY = [(task, mode) for task in RULES.schedule for mode in modes_of(task)]


@pytest.mark.parametrize(("task", "mode"), EVERY, ids=[f"{task.id} {mode}" for task, mode in EVERY])
def test_each_task_runs_once_in_its_period(scene: Scene, task: ScheduledTask, mode: str) -> None:
    token = begin(scene, task=task.id, mode=mode)
    assert token
    assert begin(scene, "w:2", task.id, mode) is None
    assert finish(scene, token, task=task.id)
    assert begin(scene, "w:2", task.id, mode) is None
    pass_time(scene, task.every_seconds - 1)
    assert begin(scene, "w:2", task.id, mode) is None
    pass_time(scene, 1)
    assert begin(scene, "w:2", task.id, mode) not in (None, token)


def test_a_killed_worker_is_followed_when_its_lease_ends(scene: Scene) -> None:
    first = begin(scene)
    pass_time(scene, 119)
    assert begin(scene, "w:2") is None
    pass_time(scene, 1)
    second = begin(scene, "w:2")
    assert second not in (None, first)
    assert begin(scene, "w:3") is None
    assert finish(scene, first) is False  # it was only slow, and has nothing to say any more
    assert scene.truth("select status || ' ' || worker from public.scheduled_runs") == "running w:2"
    assert finish(scene, second) is True


def test_a_slow_worker_may_finish_while_nobody_followed(scene: Scene) -> None:
    token = begin(scene)
    pass_time(scene, 500)
    assert finish(scene, token) is True
    assert finish(scene, token) is False


@pytest.mark.parametrize(
    ("outcome", "error", "took", "wait"),
    [("done", None, 10, 50), ("done", None, 90, 0), ("failed", "stripe.unreachable", 90, 60), ("stopped", None, 10, 0)],
    ids=["done", "took longer than its period", "failed", "stopped"],
)
def test_when_the_next_run_is_due(scene: Scene, outcome: str, error: str | None, took: int, wait: int) -> None:
    token = begin(scene)
    pass_time(scene, took)
    assert finish(scene, token, outcome, error)
    due = "select extract(epoch from next_run_at - now())::int from public.scheduled_runs"
    assert scene.truth(due) == wait
    row = "select array[status, error_class, lease_token::text, (succeeded_at is not null)::text]"
    assert scene.truth(f"{row} from public.scheduled_runs") == [outcome, error, None, str(outcome == "done").lower()]
    pass_time(scene, wait)
    assert begin(scene)


def test_a_success_is_remembered_through_failures(scene: Scene) -> None:
    for outcome, error in (("done", None), ("failed", "stripe.error"), ("stopped", None)):
        assert finish(scene, begin(scene), outcome, error)
        pass_time(scene, 60)
    ago = "select extract(epoch from now() - succeeded_at)::int from public.scheduled_runs"
    assert scene.truth(ago) == 180


def test_a_test_key_takes_no_turn_of_the_live_one(scene: Scene) -> None:
    """Somebody who tries a worker with a test key must not keep real payments waiting."""
    assert begin(scene, "w:1", "process_stripe_events", "test")
    assert begin(scene, "w:2", "process_stripe_events", "live")


REFUSED: dict[str, tuple[str, list[str | None], str]] = {
    "an unknown task": (BEGIN, ["water_plants", "w:1", "none"], "22023"),
    "no task": (BEGIN, [None, "w:1", "none"], "22023"),
    "a worker's address": (BEGIN, [TASK, "ada@example.test", "none"], "22023"),
    "no worker": (BEGIN, [TASK, None, "none"], "22023"),
    "a mode without Stripe": (BEGIN, [TASK, "w:1", "live"], "22023"),
    "Stripe without a mode": (BEGIN, ["reconcile_payments", "w:1", "none"], "22023"),
    "no mode": (BEGIN, [TASK, "w:1", None], "22023"),
    "an unknown outcome": (FINISH, [TASK, None, "perhaps", None], "22023"),
    "no outcome": (FINISH, [TASK, None, None, None], "22023"),
    "a failure without a class": (FINISH, [TASK, None, "failed", None], "22023"),
    "a class without a failure": (FINISH, [TASK, None, "done", "stripe.error"], "22023"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(scene: Scene, case: str) -> None:
    statement, values, state = REFUSED[case]
    assert scene.refusal(SERVICE, statement, *values) == state


def test_an_error_class_is_no_sentence(scene: Scene) -> None:
    token = begin(scene)
    assert scene.refusal(SERVICE, FINISH, TASK, token, "failed", "Ada Lovelace did not pay") == "23514"


BY_HAND = {
    "a task put off for ever": "update public.scheduled_runs set next_run_at = 'infinity'",
    "a run that nobody did": "update public.scheduled_runs set succeeded_at = now()",
    "a row of one's own": "insert into public.scheduled_runs (task, mode, worker) values ('seal_ledgers', 'none', 'w')",
    "no row": "delete from public.scheduled_runs",
}


@pytest.mark.parametrize("case", BY_HAND)
def test_only_the_functions_write(scene: Scene, case: str) -> None:
    begin(scene)
    assert scene.refusal(SERVICE, BY_HAND[case]) == "42501"


def test_the_owner_keeps_the_rules_too(scene: Scene) -> None:
    begin(scene)
    assert scene.refusal(OWNER, "update public.scheduled_runs set lease_token = null, lease_until = null") == "23514"
    assert scene.refusal(OWNER, "update public.scheduled_runs set task = 'recover_deliveries'") == "42501"


def test_twenty_at_once_begin_one_run(each_own: Database) -> None:
    """Through the Data API's login, on each major: when no row is there yet, and when one is due."""
    for due in ("select 1", "update public.scheduled_runs set next_run_at = now() - interval '1 second'"):
        tokens: list[Any] = []
        lock = threading.Lock()
        _as_admin(each_own, due)

        def work(place: int, tokens: list[Any] = tokens, lock: threading.Lock = lock) -> None:
            with connect(each_own.api_url) as connection:
                with as_data_api(connection, role="service_role", commit=True) as api:
                    row = api.execute(BEGIN, ["seal_ledgers", f"w:{place}", "none"]).fetchone()
                with lock:
                    tokens.append(row[0] if row else None)

        run_all(20, work)
        begun = [token for token in tokens if token]
        assert len(begun) == 1
        assert ask(each_own, "select lease_token from public.scheduled_runs") == [(begun[0],)]


def _as_admin(database: Database, statement: str) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute(statement.encode())
