"""Ended jobs go after the rule's days, and nothing that still matters goes with them."""

import threading
from pathlib import Path

import psycopg
import pytest

from fixtures.servers import Database
from lab.rules.retention import ended_deliveries
from tests.waits import wait_until
from tests.wall.actors import ANON, OWNER, SERVICE, Actor
from tests.wall.crowds import ask, prepare
from tests.wall.scenes import Scene
from tests.wall.seeds import World, end_long_ago, enqueue, give, withdraw

PRUNE = "select pruned from public.prune_deliveries()"
LEFT = "select count(*) from public.delivery_jobs where id = %s"
RECORD = "select idempotency_key, status from public.delivery_records where id = %s"
ATTEMPT = "insert into public.delivery_attempts (job_id, attempt, outcome) values (%s, 1, 'transient')"
EFFECT = """
insert into public.delivery_effects
       (job_id, attempt, provider, consent_event_id, content_sha256, rules_version, lease_token)
select %s, 1, 'smtp', max(id), sha256('x'), '0123456789ab', gen_random_uuid()
  from public.consent_events where subject_id = %s and purpose = 'email_delivery'
"""
SETTLE = "update public.delivery_effects set state = %s, settled_at = {} where job_id = %s"


def ended(scene: Scene, world: World, channel: str = "pdf", **how: object) -> int:
    """Make a job that ended three years ago."""
    job = enqueue(scene, world, channel)[0]
    end_long_ago(scene, job, **how)  # type: ignore[arg-type]
    return job


def is_kept(scene: Scene, job: int) -> bool:
    """Prune, and tell whether the job is still there."""
    scene.value(SERVICE, PRUNE)
    return bool(scene.truth(LEFT, job))


def test_an_old_job_goes_with_its_attempts_and_leaves_its_key(scene: Scene, world: World) -> None:
    job = ended(scene, world)
    key = scene.truth("select idempotency_key from public.delivery_jobs where id = %s", job)
    scene.connection.execute(ATTEMPT, [job])
    assert not is_kept(scene, job)
    assert scene.rows(SERVICE, RECORD, job) == [(key, "done")]
    assert scene.truth("select count(*) from public.delivery_attempts where job_id = %s", job) == 0


def test_what_was_pruned_is_not_delivered_once_more(scene: Scene, world: World) -> None:
    job = ended(scene, world, state="cancelled")
    assert not is_kept(scene, job)
    call = "select job_id, leg, status, made from public.enqueue_delivery_job('pdf', %s, %s)"
    told = scene.rows(SERVICE, call, world.subject, world.ids["pdf"])
    assert told == [(job, "account", "cancelled", False)]
    assert scene.truth(LEFT, job) == 0


def test_one_line_of_the_audit_trail_tells_how_many_went(scene: Scene, world: World) -> None:
    jobs = [enqueue(scene, world, "pdf", artifact_id=world.ids["pdf"], generation=number)[0] for number in range(3)]
    for job in jobs:
        end_long_ago(scene, job)
    lines = "select details from public.admin_audit_events where action = 'jobs.pruned'"
    before = len(scene.rows(SERVICE, lines))
    assert scene.value(SERVICE, PRUNE) == 3
    assert [row[0] for row in scene.rows(SERVICE, lines)][before:] == [{"jobs": 3, "days": ended_deliveries.days}]
    assert scene.value(SERVICE, PRUNE) == 0
    assert len(scene.rows(SERVICE, lines)) == before + 1


def test_a_call_looks_at_some_jobs_and_says_how_far(scene: Scene, world: World) -> None:
    """Also at those that stay, so that they never keep the later ones from going."""
    kept = ended(scene, world, "email", years=9)
    message(scene, world, kept, "sent")
    gone = ended(scene, world)
    step = "select * from public.prune_deliveries(1, %s, %s)"
    first = scene.rows(SERVICE, step, None, None)[0]
    assert (first[0], first[2]) == (0, kept)
    second = scene.rows(SERVICE, step, *first[1:])[0]
    assert (second[0], second[2]) == (1, gone)
    assert scene.rows(SERVICE, step, *second[1:]) == [(0, None, None)]
    assert scene.refusal(SERVICE, "select public.prune_deliveries(1001)") == "22023"


def message(scene: Scene, world: World, job: int, state: str) -> None:
    """Add the message of a job."""
    scene.connection.execute(EFFECT, [job, world.subject])
    if state != "intent":
        settled = "now()" if state in ("sent", "refused") else "null"
        scene.connection.execute(SETTLE.format(settled).encode(), [state, job])


@pytest.mark.parametrize(
    ("state", "stays"), {"sent": True, "uncertain": True, "intent": True, "refused": False}.items()
)
def test_a_message_that_left_or_may_have_left_keeps_its_job(
    scene: Scene, world: World, state: str, stays: bool
) -> None:
    """So `lab verify FILE` still answers for it."""
    job = ended(scene, world, "email")
    message(scene, world, job, state)
    assert is_kept(scene, job) == stays


def test_the_days_are_documented() -> None:
    assert f"and why: {ended_deliveries.days}." in Path("docs/deliveries.md").read_text()


AGES = {ended_deliveries.days - 1: True, ended_deliveries.days + 1: False}


@pytest.mark.parametrize(("days", "stays"), AGES.items())
def test_a_job_stays_as_long_as_the_rule_says(scene: Scene, world: World, days: int, stays: bool) -> None:
    job = enqueue(scene, world, "pdf")[0]
    end_long_ago(scene, job, days=days)
    assert is_kept(scene, job) == stays


@pytest.mark.parametrize("state", ["pending", "running", "dead", "parked", "waiting"])
def test_a_job_that_has_not_ended_stays(scene: Scene, world: World, state: str) -> None:
    """Whatever its date says: a dead letter waits for a person."""
    channel = "email" if state == "waiting" else "pdf"
    job = enqueue(scene, world, channel)[0]
    with scene.past_every_trigger() as connection:
        lease = "gen_random_uuid(), lease_until = now()" if state == "running" else "null"
        change = f"status = %s, finished_at = now() - interval '9 years', lease_token = {lease}"
        connection.execute(f"update public.delivery_jobs set {change} where id = %s".encode(), [state, job])
    assert is_kept(scene, job)


HOLD = "insert into public.legal_holds (table_name, row_id, reason_code) values (%s, %s, 'tax_audit')"


def hold(scene: Scene, world: World, job: int) -> None:
    """Hold the job's row for a legal reason."""
    scene.count(SERVICE, HOLD, "delivery_jobs", str(job))


def hold_the_reading(scene: Scene, world: World, job: int) -> None:
    """Hold another row of the person."""
    write = (
        "insert into public.legal_holds (table_name, row_id, reason_code) values ('oracle_scrolls', %s, 'tax_audit')"
    )
    scene.count(SERVICE, write, str(world.ids["scroll"]))


def dispute(scene: Scene, world: World, job: int) -> None:
    """Let the buyer's bank dispute a payment."""
    with scene.past_every_trigger() as connection:
        change = "update public.purchases set status = 'disputed', disputed_at = now() where id = %s"
        connection.execute(change, [world.ids["purchase"]])


def ask_for_a_copy(scene: Scene, world: World, job: int) -> None:
    """Let the person ask for a copy of their data."""
    scene.value(world.actor, "select public.request_privacy('export')")


def ask_to_be_erased(scene: Scene, world: World, job: int) -> None:
    """Let the person ask for their erasure."""
    scene.value(world.actor, "select public.request_privacy('deletion')")


def keep_a_link(scene: Scene, world: World, job: int) -> None:
    """Let a link of the job still be valid."""
    write = "insert into public.delivery_links (job_id, purpose, token_sha256, expires_at)"
    scene.connection.execute(f"{write} values (%s, 'open', sha256('x'), now() + interval '1 day')".encode(), [job])


OPEN = {one.__name__: one for one in (hold, hold_the_reading, dispute, ask_for_a_copy, ask_to_be_erased, keep_a_link)}


@pytest.mark.parametrize("what", OPEN)
def test_nothing_goes_while_something_about_its_person_is_open(scene: Scene, world: World, what: str) -> None:
    job = ended(scene, world)
    OPEN[what](scene, world, job)
    assert is_kept(scene, job)


def test_a_hold_that_has_ended_keeps_nothing(scene: Scene, world: World) -> None:
    job = ended(scene, world)
    hold(scene, world, job)
    scene.count(SERVICE, "update public.legal_holds set held_until = now() - interval '1 day'")
    assert not is_kept(scene, job)


@pytest.mark.parametrize("actor", [ANON, OWNER, SERVICE], ids=lambda actor: actor.id)
def test_nobody_removes_a_job_by_hand(scene: Scene, world: World, actor: Actor) -> None:
    """Not even its owner: neither a young job, nor by writing its record first."""
    old, young = ended(scene, world), enqueue(scene, world, "email")[0]
    for job in (old, young):
        assert scene.refusal(actor, "delete from public.delivery_jobs where id = %s", job) == "42501"
    record = "insert into public.delivery_records (id) values (%s)"
    assert scene.refusal(actor, record, young) == "42501"
    assert scene.refusal(actor, record, -1) == "42501"


def test_only_the_worker_prunes(scene: Scene, world: World) -> None:
    assert scene.refusal(ANON, PRUNE) == "42501"
    assert scene.refusal(world.actor, PRUNE) == "42501"


def test_a_record_says_what_its_job_said(scene: Scene, world: World) -> None:
    job = ended(scene, world, state="cancelled")
    write = """insert into public.delivery_records (id, idempotency_key, subject_id, status, finished_at)
               values (%s, 'pdf:account:0:0', gen_random_uuid(), 'done', now()) returning status, finished_at < now()"""
    with scene.acting(OWNER) as connection:
        assert connection.execute(write.encode(), [job]).fetchone() == ("cancelled", True)
    assert scene.refusal(OWNER, "update public.delivery_records set status = 'done' where id = %s", job) == "42501"
    assert scene.refusal(OWNER, "delete from public.delivery_records where id = %s", job) == "42501"


def test_a_job_that_was_cancelled_by_a_withdrawal_stays_cancelled(scene: Scene, world: World) -> None:
    give(scene, world.subject, "gift_recipient", world.ids["gift"])
    job = enqueue(scene, world, "gift")[0]
    withdraw(scene, world.subject, "gift_recipient", world.ids["gift"])
    assert scene.truth("select status from public.delivery_jobs where id = %s", job) == "cancelled"
    with scene.past_every_trigger() as connection:
        old = "update public.delivery_jobs set finished_at = now() - interval '3 years' where id = %s"
        connection.execute(old.encode(), [job])
    assert not is_kept(scene, job)
    give(scene, world.subject, "gift_recipient", world.ids["gift"])
    call = "select job_id, status, made from public.enqueue_delivery_job('gift', %s, %s)"
    assert scene.rows(SERVICE, call, world.subject, world.ids["gift"]) == [(job, "cancelled", False)]


# Beside a request that is repeated ------------------------------------------------------------------

ENQUEUE = "select status, made from public.enqueue_delivery_job('pdf', %s, %s)"
AGE = "update public.oracle_artifacts set created_at = now() - interval '9 years'"


def arrange(own: Database) -> World:
    """Commit a job that ended three years ago, of an artifact that is older still."""

    def make(scene: Scene, world: World) -> None:
        ended(scene, world)
        with scene.past_every_trigger() as connection:
            connection.execute(AGE)

    return prepare(own, make)


def test_a_request_that_waits_for_the_pruning_queues_nothing(own: Database) -> None:
    world = arrange(own)
    raised: list[str | None] = []

    def repeat() -> None:
        with psycopg.connect(own.url, prepare_threshold=None) as second:
            try:
                second.execute(ENQUEUE, [world.subject, world.ids["pdf"]])
            except psycopg.Error as error:
                raised.append(error.sqlstate)

    with psycopg.connect(own.url, prepare_threshold=None) as pruning:
        assert pruning.execute(PRUNE).fetchone() == (1,)
        thread = threading.Thread(target=repeat)
        thread.start()
        _wait_until_blocked(own)
        pruning.commit()
        thread.join(timeout=20)
    assert raised == ["40001"]
    assert ask(own, ENQUEUE, world.subject, world.ids["pdf"]) == [("done", False)]


def _wait_until_blocked(own: Database) -> None:
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    wait_until(lambda: ask(own, waiting) == [(1,)])


@pytest.mark.parametrize("level", ["REPEATABLE_READ", "SERIALIZABLE"])
def test_an_older_snapshot_queues_nothing_that_was_pruned_meanwhile(own: Database, level: str) -> None:
    world = arrange(own)
    with psycopg.connect(own.url, prepare_threshold=None) as old:
        old.isolation_level = psycopg.IsolationLevel[level]
        assert old.execute("select count(*) from public.delivery_records").fetchone() == (0,)
        assert ask(own, PRUNE) == [(1,)]
        with pytest.raises(psycopg.errors.SerializationFailure):
            old.execute(ENQUEUE, [world.subject, world.ids["pdf"]])


def test_two_workers_prune_beside_each_other(own: Database) -> None:
    arrange(own)
    with psycopg.connect(own.url, prepare_threshold=None) as one, psycopg.connect(own.url, autocommit=True) as two:
        assert one.execute(PRUNE).fetchone() == (1,)
        assert two.execute(PRUNE).fetchone() == (0,)
    assert ask(own, "select count(*) from public.delivery_records") == [(1,)]
