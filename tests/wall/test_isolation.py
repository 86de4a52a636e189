"""Stale snapshots decide nothing, no open transaction holds a withdrawal up, and a sample of the races."""

import contextlib
import statistics
import time

import psycopg
import pytest

from fixtures.servers import Database
from tests.races import WITHDRAW, run_races, withdraw_beside_a_send
from tests.wall.crowds import Connection, ask, prepare
from tests.wall.scenes import Scene
from tests.wall.seeds import World, enqueue, give

LEVELS = (psycopg.IsolationLevel.REPEATABLE_READ, psycopg.IsolationLevel.SERIALIZABLE)
ENQUEUE = "select public.enqueue_delivery_job('email', %s, %s, null, null, 7)"


def allow(scene: Scene, world: World) -> None:
    """Give e-mail, and queue one."""
    give(scene, world.subject, "email_delivery")
    enqueue(scene, world, "email")


def at(connection: Connection, level: psycopg.IsolationLevel) -> None:
    """Begin a transaction whose picture of the data is taken now."""
    connection.isolation_level = level
    connection.execute("select count(*) from public.delivery_jobs")


def withdraw(connection: Connection, world: World) -> None:
    """Withdraw e-mail."""
    connection.execute(WITHDRAW, [world.subject, "email_delivery", None])


def commit_at_last(connection: Connection, world: World) -> None:
    """Withdraw e-mail, and try again as long as something is committed meanwhile, be it by another database's tests."""
    for _ in range(200):
        with contextlib.suppress(psycopg.errors.SerializationFailure):
            withdraw(connection, world)
            connection.commit()
            return
        connection.rollback()
    pytest.fail("a withdrawal is refused for ever")


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
@pytest.mark.parametrize("meanwhile", [True, False], ids=["something was queued", "nothing happened"])
def test_a_withdrawal_on_a_stale_picture_is_tried_again(
    own: Database, level: psycopg.IsolationLevel, meanwhile: bool
) -> None:
    world = prepare(own, allow)
    with psycopg.connect(own.url, prepare_threshold=None) as connection:
        at(connection, level)
        if meanwhile:
            ask(own, ENQUEUE, world.subject, world.ids["pdf"])
            withdraw(connection, world)
            with pytest.raises(psycopg.errors.SerializationFailure):
                connection.commit()
            connection.rollback()
        commit_at_last(connection, world)
    assert ask(own, "select distinct status from public.delivery_jobs") == [("cancelled",)]


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_an_enqueue_and_a_send_on_a_stale_picture_are_tried_again(own: Database, level: psycopg.IsolationLevel) -> None:
    world = prepare(own, allow)
    ((job, token),) = ask(own, "select job_id, lease_token from public.claim_delivery_jobs('worker')")
    with psycopg.connect(own.url, prepare_threshold=None) as queue, psycopg.connect(own.url) as worker:
        at(queue, level)
        at(worker, level)
        ask(own, WITHDRAW, world.subject, "email_delivery", None)
        with pytest.raises(psycopg.errors.SerializationFailure):
            worker.execute("select public.delivery_address(%s, %s) is not null", [job, token])
        queue.execute(ENQUEUE, [world.subject, world.ids["pdf"]])
        with pytest.raises(psycopg.errors.SerializationFailure):
            queue.commit()
    assert ask(own, "select status, cancel_requested from public.delivery_jobs") == [("running", True)]


def test_constraints_that_run_early_hold_a_withdrawal_up_for_a_moment_alone(own: Database) -> None:
    """What slips through is not sent, and is settled."""
    world = prepare(own, allow)
    with psycopg.connect(own.url, prepare_threshold=None) as queue:
        queue.execute("set constraints all immediate")
        queue.execute(ENQUEUE, [world.subject, world.ids["pdf"]])
        started = time.monotonic()
        ask(own, WITHDRAW, world.subject, "email_delivery", None)
        assert time.monotonic() - started < 1
        queue.commit()
    assert ask(own, "select unsettled from public.consents") == [(True,)]
    for job, token in ask(own, "select job_id, lease_token from public.claim_delivery_jobs('worker')"):
        assert ask(own, "select public.delivery_address(%s, %s) is not null", job, token) == [(False,)]
    ask(own, "select public.settle_consents()")
    assert ask(own, "select standing, unsettled from public.consents") == [(False, False)]
    assert ask(own, "select count(*) from public.delivery_jobs where status = 'pending'") == [(0,)]


def test_an_open_withdrawal_stops_nobody_elses_leases_from_being_reaped(own: Database) -> None:
    first, other = prepare(own, allow), prepare(own, allow)
    ask(own, "select count(*) from public.claim_delivery_jobs('worker')")
    with psycopg.connect(own.admin_url) as admin:
        admin.execute("update public.delivery_jobs set lease_until = now() - interval '1 second'")
    with psycopg.connect(own.url, prepare_threshold=None) as person:
        withdraw(person, first)
        assert ask(own, "select public.reap_delivery_leases()") == [(1,)]
        assert ask(own, "select status from public.delivery_jobs where subject_id = %s", other.subject) == [
            ("pending",)
        ]
        person.commit()


def test_two_open_decisions_of_one_person_wait_for_neither(own: Database) -> None:
    world = prepare(own, allow)
    with psycopg.connect(own.url, prepare_threshold=None) as first:
        withdraw(first, world)
        ask(own, WITHDRAW, world.subject, "email_delivery", None)
        first.rollback()
    ask(own, "select public.settle_consents()")
    assert ask(own, "select standing from public.consents") == [(False,)]
    assert ask(own, "select status from public.delivery_jobs") == [("cancelled",)]


def test_a_sample_of_the_races(own: Database) -> None:
    """All of them: `python -m tests.races`."""
    tally = run_races(own, 30)
    assert tally.faults == []


def test_a_withdrawal_is_quick_while_a_worker_holds_a_send(own: Database) -> None:
    assert statistics.median(withdraw_beside_a_send(own, 20, 0.2)) < 0.05
