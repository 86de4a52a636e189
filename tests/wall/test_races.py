"""Races: two or eight at once, in both orders; each ends as one of the two one-after-another orders."""

from collections import Counter
from collections.abc import Callable

import psycopg
import pytest

from fixtures.servers import Database
from tests.wall.actors import OWNER
from tests.wall.crowds import Connection, ask, overtake, prepare, run_all
from tests.wall.scenes import Scene
from tests.wall.seeds import World, add_card, add_gift, enqueue, give

DECIDE = (
    "select public.record_consent(%s, 'email_delivery', %s, gen_random_uuid(),"
    " (select id from public.consent_notices where purpose = 'email_delivery'))"
)
WITHOUT_CONSENT = """
select count(*) from public.delivery_jobs j
 where j.leg = 'email' and (j.status = 'pending' or j.status = 'running' and not j.cancel_requested)
   and not exists (select from public.consents c where c.subject_id = j.subject_id
                    and c.purpose = 'email_delivery' and c.standing)
"""
QUEUE_MANY = (
    "select count(*) from generate_series(1, %s) n, lateral public.enqueue_delivery_job('pdf', %s, %s, null, null, n)"
)
STUCK = """
select count(*) from public.delivery_jobs j
 where j.status = 'waiting' and exists (select from public.consents c where c.subject_id = j.subject_id
                                         and c.purpose = 'email_delivery' and c.standing)
"""


def decide(world: World, action: str) -> Callable[[Connection], object]:
    """Give or withdraw."""
    return lambda c: c.execute(DECIDE, [world.subject, action]).fetchone()


def queue(world: World, channel: str) -> Callable[[Connection], object]:
    """Queue a delivery."""
    target = "artifact_id" if channel == "email" else "purchase_id"
    value = world.ids["pdf" if channel == "email" else "purchase"]
    call = f"select public.enqueue_delivery_job(%s, %s, {target} => %s)"
    return lambda c: c.execute(call, [channel, world.subject, value]).fetchall()


def claim(connection: Connection) -> object:
    """Claim all that is due."""
    return connection.execute("select job_id, lease_token from public.claim_delivery_jobs('w', 1000)").fetchall()


def allow(scene: Scene, world: World) -> None:
    """Give e-mail."""
    give(scene, world.subject, "email_delivery")


def allow_and_queue(scene: Scene, world: World) -> None:
    """Give e-mail and queue one, and a receipt."""
    allow(scene, world)
    enqueue(scene, world, "email")
    enqueue(scene, world, "receipt")


@pytest.mark.parametrize("channel", ["email", "receipt"])
@pytest.mark.parametrize("withdrawn_first", [True, False])
def test_a_withdrawal_against_an_enqueue(own: Database, channel: str, withdrawn_first: bool) -> None:
    world = prepare(own, allow)
    both = [decide(world, "withdrawn"), queue(world, channel)]
    answer = overtake(own, *(both if withdrawn_first else both[::-1]))
    assert ask(own, WITHOUT_CONSENT) == [(0,)]
    states = dict(ask(own, "select leg, status from public.delivery_jobs"))
    if channel == "receipt":
        assert states == {"account": "pending", "email": "waiting"}
    else:  # whichever began first, neither waited for the other
        assert (len(answer), states) == (1, {"email": "cancelled"})


@pytest.mark.parametrize("withdrawn_first", [True, False])
def test_a_withdrawal_against_a_claim(own: Database, withdrawn_first: bool) -> None:
    world = prepare(own, allow_and_queue)
    both = [decide(world, "withdrawn"), claim]
    taken = overtake(own, *(both if withdrawn_first else both[::-1]))
    if not withdrawn_first:
        for job, token in ask(own, "select id, lease_token from public.delivery_jobs where leg = 'email'"):
            assert ask(own, "select public.delivery_address(%s, %s) is not null", job, token) == [(False,)]
        assert ask(own, "select unsettled from public.consents") == [(True,)]
        ask(own, "select public.settle_consents()")
    assert ask(own, "select unsettled from public.consents") == [(False,)]
    assert ask(own, WITHOUT_CONSENT) == [(0,)]
    states = dict(ask(own, "select channel || ' ' || leg, (status, cancel_requested)::text from public.delivery_jobs"))
    assert states["receipt account"] == "(running,f)"
    if withdrawn_first:
        assert len(taken) == 1
        assert states["email email"] == "(cancelled,f)"
        assert states["receipt email"] == "(waiting,f)"
    else:
        assert states["email email"] == states["receipt email"] == "(running,t)"


@pytest.mark.parametrize("given_first", [True, False])
@pytest.mark.parametrize("before", ["never asked", "withdrawn"])
def test_a_consent_against_an_enqueue_leaves_nothing_waiting(own: Database, before: str, given_first: bool) -> None:
    world = prepare(own, allow if before == "withdrawn" else None)
    if before == "withdrawn":
        ask(own, DECIDE, world.subject, "withdrawn")
    both = [decide(world, "given"), queue(world, "receipt")]
    overtake(own, *(both if given_first else both[::-1]))
    assert ask(own, STUCK) == [(0,)]
    assert dict(ask(own, "select leg, status from public.delivery_jobs")) == {"account": "pending", "email": "pending"}


@pytest.mark.parametrize("door", ["fail", "release", "retry"])
@pytest.mark.parametrize("decided_first", [True, False])
@pytest.mark.parametrize("action", ["given", "withdrawn"])
def test_a_decision_against_the_end_of_an_attempt(own: Database, door: str, action: str, decided_first: bool) -> None:
    """Nobody waits in a circle, nothing is queued without consent, nothing waits with one."""
    world = prepare(own, allow_and_queue)
    taken = dict(ask(own, "select job_id, lease_token from public.claim_delivery_jobs('w', 1000)"))
    ids = dict(ask(own, "select channel || ' ' || leg, id from public.delivery_jobs"))
    if action == "given":
        ask(own, DECIDE, world.subject, "withdrawn")
    job = ids["receipt email"]
    if door == "retry":
        ask(own, "select public.fail_delivery_job(%s, %s, 'x', true)", job, taken[job])
    calls = {"fail": ("select public.fail_delivery_job(%s, %s, 'x')", [job, taken[job]]),
             "release": ("select public.release_delivery_job(%s, %s)", [job, taken[job]]),
             "retry": ("select public.retry_delivery_job(%s, 'again')", [job])}  # fmt: skip

    def end(connection: Connection) -> object:
        return connection.execute(*calls[door]).fetchone()

    both = [decide(world, action), end]
    if door == "retry" and action == "given" and not decided_first:
        both[1] = lambda c: None  # a dead letter is not retried without consent, so there is nothing to race
    answer = overtake(own, *(both if decided_first else both[::-1]))
    assert answer not in ("40P01", "55P03")
    assert ask(own, WITHOUT_CONSENT) == [(0,)]
    assert ask(own, STUCK) == [(0,)]


@pytest.mark.parametrize("withdrawn_first", [True, False])
def test_a_withdrawal_against_publishing(own: Database, withdrawn_first: bool) -> None:
    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "public_share", world.ids["share_card"])

    world = prepare(own, arrange)

    def publish(connection: Connection) -> str:
        return add_card(Scene(connection), world, OWNER)

    def withdraw(connection: Connection) -> object:
        call = "select public.record_consent(%s, 'public_share', 'withdrawn', gen_random_uuid(), null, %s)"
        return connection.execute(call, [world.subject, world.ids["share_card"]]).fetchone()

    if withdrawn_first:
        overtake(own, withdraw, publish)
    else:
        with pytest.raises(psycopg.errors.SerializationFailure, match="withdrawn meanwhile"):
            overtake(own, publish, withdraw)
    assert ask(own, "select count(*) from public.share_cards where revoked_at is null") == [(0,)]
    assert ask(own, "select standing from public.consents") == [(False,)]


def test_two_decisions_at_once_end_as_the_later_entry_says(own: Database) -> None:
    world = prepare(own)

    def act(place: int) -> None:
        for turn in range(6):
            ask(own, DECIDE, world.subject, "given" if (place + turn) % 2 else "withdrawn")

    run_all(4, act)
    ask(own, "select public.settle_consents()")  # for whoever waited for longer than a decision waits
    last = "select action = 'given' from public.consent_events order by id desc limit 1"
    assert ask(own, "select standing from public.consents") == ask(own, last)


def test_the_same_delivery_enqueued_at_once_is_queued_once(own: Database) -> None:
    world = prepare(own, allow)
    numbers: list[object] = []
    call = "select job_id from public.enqueue_delivery_job('receipt', %s, purchase_id => %s)"
    run_all(8, lambda place: numbers.append(tuple(ask(own, call, world.subject, world.ids["purchase"]))))
    assert len(set(numbers)) == 1
    assert ask(own, "select count(*) from public.delivery_jobs") == [(2,)]


def test_eight_workers_take_each_job_once(own: Database) -> None:
    world = prepare(own)
    ask(own, QUEUE_MANY, 200, world.subject, world.ids["pdf"])
    taken: list[int] = []

    def work(place: int) -> None:
        while batch := ask(own, "select job_id from public.claim_delivery_jobs(%s, 7)", f"worker-{place}"):
            taken.extend(job for (job,) in batch)

    run_all(8, work)
    assert len(taken) == 200
    assert Counter(taken).most_common(1)[0][1] == 1
    assert ask(own, "select distinct status, attempts from public.delivery_jobs") == [("running", 1)]


def test_reapers_at_once_count_each_job_once(own: Database) -> None:
    world = prepare(own)
    ask(own, QUEUE_MANY, 60, world.subject, world.ids["pdf"])
    ask(own, "select count(*) from public.claim_delivery_jobs('w', 60)")
    with psycopg.connect(own.admin_url) as admin:
        admin.execute("update public.delivery_jobs set lease_until = now() - interval '1 second'")
    recovered: list[int] = []
    run_all(4, lambda place: recovered.append(ask(own, "select public.reap_delivery_leases(100)")[0][0]))
    assert sum(recovered) == 60
    assert ask(own, "select outcome, count(*) from public.delivery_attempts group by 1") == [("lease_expired", 60)]


def test_a_gift_is_accepted_once(own: Database) -> None:
    """Two recipients with the same link: one of them has the gift."""
    tokens: list[str] = []

    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "gift_recipient", world.ids["gift"])
        tokens.append(add_gift(scene, world))

    prepare(own, arrange)
    others = [prepare(own).subject for _ in range(2)]

    def accept(place: int) -> Callable[[Connection], object]:
        def act(connection: Connection) -> object:
            connection.execute("select set_config('request.jwt.claims', %s, true)", [f'{{"sub": "{others[place]}"}}'])
            connection.execute("set local role authenticated")
            return connection.execute("select public.accept_gift(%s)", [tokens[0]]).fetchone()

        return act

    assert overtake(own, accept(0), accept(1)) == "P0002"
    assert ask(own, "select accepted_subject_id from public.gift_recipients") == [(others[0],)]
