"""What a withdrawal ended stays ended: no later consent, no lock and no setting of a session brings it back."""

import itertools
import uuid

import psycopg
import pytest

from fixtures.servers import Database
from tests.races import WITHDRAW
from tests.wall.actors import ANON, OWNER, SERVICE, Actor, person
from tests.wall.crowds import ask, prepare
from tests.wall.scenes import Scene
from tests.wall.seeds import World, add_card, add_gift, add_run, ask_for_erasure, begin_world, enqueue, give, make_world

DECIDE = (
    "select public.record_consent(%s, %s, %s, gen_random_uuid(),"
    " (select id from public.consent_notices where purpose = %s), %s)"
)


def decide_again(own: Database, world: World, purpose: str, scope: uuid.UUID | int | None) -> None:
    """Give the consent once more."""
    ask(own, DECIDE, world.subject, purpose, "given", purpose, scope)


def _card(scene: Scene, world: World) -> None:
    add_card(scene, world)


def _gift(scene: Scene, world: World) -> None:
    add_gift(scene, world)


def _run(scene: Scene, world: World) -> None:
    add_run(scene, world)


def _mail(scene: Scene, world: World) -> None:
    enqueue(scene, world, "email")


# What rests on a consent: its purpose, the artifact that it covers, how a row is made, its table, and when it is over.
RESTING = {
    "a card": ("public_share", "share_card", _card, "share_cards", "revoked_at is not null"),
    "an invitation": (
        "gift_recipient",
        "gift",
        _gift,
        "gift_recipients",
        "withdrawn_at is not null and contact is null",
    ),
    "a run": ("ai_processing", None, _run, "ai_runs", "status = 'discarded'"),
    "a mail": ("email_delivery", None, _mail, "delivery_jobs", "status = 'cancelled'"),
}


@pytest.mark.parametrize("what", RESTING)
def test_a_row_that_was_held_during_a_withdrawal_is_over_all_the_same(own: Database, what: str) -> None:
    purpose, covered, make, table, over = RESTING[what]

    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, purpose, world.ids[covered] if covered else None)
        make(scene, world)

    world = prepare(own, arrange)
    scope = world.ids[covered] if covered else None
    with psycopg.connect(own.url) as holder:
        holder.execute(f"select from public.{table} for update".encode())
        ask(own, WITHDRAW, world.subject, purpose, scope)
    decide_again(own, world, purpose, scope)
    assert ask(own, f"select {over} from public.{table}") == [(True,)]


def test_an_invitation_that_was_held_is_not_accepted_under_a_later_consent(own: Database) -> None:
    tokens: list[str] = []

    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "gift_recipient", world.ids["gift"])
        tokens.append(add_gift(scene, world))
        tokens.append(str(scene.make_person()))

    world = prepare(own, arrange)
    with psycopg.connect(own.url) as holder:
        holder.execute("select from public.gift_recipients for update")
        ask(own, WITHDRAW, world.subject, "gift_recipient", world.ids["gift"])
        decide_again(own, world, "gift_recipient", world.ids["gift"])
    assert ask(own, "select withdrawn_at from public.gift_recipients") == [(None,)]  # held all the while
    with psycopg.connect(own.admin_url) as connection:
        friend = person(uuid.UUID(tokens[1]))
        assert Scene(connection).refusal(friend, "select public.accept_gift(%s)", tokens[0]) == "P0002"


def test_an_invitation_is_not_carried_across_a_withdrawal(own: Database) -> None:
    """Written under one consent, committed under the next: the address was never allowed by it."""

    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "gift_recipient", world.ids["gift"])

    world = prepare(own, arrange)
    with psycopg.connect(own.admin_url) as slow:
        add_gift(Scene(slow), world)
        ask(own, WITHDRAW, world.subject, "gift_recipient", world.ids["gift"])
        decide_again(own, world, "gift_recipient", world.ids["gift"])
        with pytest.raises(psycopg.errors.SerializationFailure):
            slow.commit()
    assert ask(own, "select id from public.gift_recipients") == []


def test_no_setting_of_a_session_keeps_a_job(own: Database) -> None:
    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "email_delivery")

    world = prepare(own, arrange)
    with psycopg.connect(own.url, prepare_threshold=None) as writer:
        writer.execute("select public.enqueue_delivery_job('email', %s, %s)", [world.subject, world.ids["pdf"]])
        ask(own, WITHDRAW, world.subject, "email_delivery", None)
        for name in ("wall.judged", "wall.settled"):
            writer.execute("select set_config(%s, pg_current_snapshot()::text, true)", [name])
    assert ask(own, "select status from public.delivery_jobs") == [("cancelled",)]


DECISIONS = list(itertools.product(("given", "withdrawn"), repeat=2))


@pytest.mark.parametrize("decided_before", [True, False], ids=["again", "first"])
@pytest.mark.parametrize("later_commits_first", [True, False], ids=["the later commits first", "in order"])
@pytest.mark.parametrize("actions", DECISIONS, ids="-".join)
def test_the_newest_of_two_decisions_at_once_stands(
    own: Database, actions: tuple[str, str], later_commits_first: bool, decided_before: bool
) -> None:
    world = prepare(own, (lambda s, w: give(s, w.subject, "email_delivery")) if decided_before else None)
    with psycopg.connect(own.url) as first, psycopg.connect(own.url) as second:
        for connection, action in zip((first, second), actions, strict=True):
            connection.execute(DECIDE, [world.subject, "email_delivery", action, "email_delivery", None])
        for connection in (second, first) if later_commits_first else (first, second):
            connection.commit()
    newest = ask(own, "select id, action = 'given' from public.consent_events order by id desc limit 1")
    assert ask(own, "select event_id, standing from public.consents") == newest


@pytest.mark.parametrize("savepoint", [True, False], ids=["in a savepoint", "plainly"])
def test_what_is_withdrawn_in_its_own_transaction_is_committed(own: Database, savepoint: bool) -> None:
    world = prepare(own, lambda scene, world: give(scene, world.subject, "public_share", world.ids["share_card"]))
    with psycopg.connect(own.admin_url) as connection:
        add_card(Scene(connection), world)
        if savepoint:
            connection.execute("savepoint here")
        connection.execute(WITHDRAW, [world.subject, "public_share", world.ids["share_card"]])
        if savepoint:
            connection.execute("release savepoint here")
    assert ask(own, "select revoked_at is not null from public.share_cards") == [(True,)]


# What an invitation is for ---------------------------------------------------------------------------


@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
@pytest.mark.parametrize("kind", ["pdf", "share_card", "print_view", "gift"])
def test_an_invitation_is_for_a_gift(scene: Scene, actor: Actor, kind: str) -> None:
    world = begin_world(scene)
    give(scene, world.subject, "gift_recipient", world.ids[kind])
    write = (
        "insert into public.gift_recipients (subject_id, artifact_id, contact, token_sha256) values (%s, %s, %s, %s)"
    )
    values = (world.subject, world.ids[kind], "friend@example.test", uuid.uuid4().bytes * 2)
    assert scene.refusal(actor, write, *values) == ("" if kind == "gift" else "42501")


def test_a_withdrawn_gift_is_neither_offered_nor_accepted(scene: Scene) -> None:
    world = begin_world(scene)
    give(scene, world.subject, "gift_recipient", world.ids["gift"])
    token = add_gift(scene, world)
    scene.count(SERVICE, "update public.oracle_artifacts set state = 'withdrawn' where id = %s", world.ids["gift"])
    friend = person(scene.make_person())
    assert scene.refusal(friend, "select public.accept_gift(%s)", token) == "P0002"
    give(scene, world.subject, "gift_recipient", world.ids["gift"])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        add_gift(scene, world)


def test_an_invitation_is_dated_by_the_database_and_ends_in_time(scene: Scene) -> None:
    world = begin_world(scene)
    write = (
        "insert into public.gift_recipients (subject_id, artifact_id, contact, token_sha256, created_at, expires_at)"
        " values (%s, %s, 'friend@example.test', sha256('x'), %s, now() + %s * interval '1 day')"
    )
    give(scene, world.subject, "gift_recipient", world.ids["gift"])
    assert scene.refusal(SERVICE, write, world.subject, world.ids["gift"], "2036-01-01", 91) == "23514"
    assert scene.count(SERVICE, write, world.subject, world.ids["gift"], "2036-01-01", 90) == 1
    assert scene.truth("select created_at = now() from public.gift_recipients where subject_id = %s", world.subject)


# An erasure that is paused ---------------------------------------------------------------------------


@pytest.mark.parametrize("paused", ["at once", "later"])
def test_an_erasure_begins_by_taking_every_consent_back(own: Database, paused: str) -> None:
    with psycopg.connect(own.admin_url) as connection:
        scene = Scene(connection)
        world = make_world(scene)
        slug = scene.truth("select slug from public.share_cards where artifact_id = %s", world.ids["share_card"])
        assert scene.rows(ANON, "select title from public.open_share_card(%s)", slug) != []
        request = ask_for_erasure(scene, world.subject)
    if paused == "later":
        ask(own, "select * from public.erase_subject(%s)", request)
    hold = "insert into public.legal_holds (table_name, row_id, reason_code) values ('oracle_scrolls', %s, 'tax_audit')"
    ask(own, f"{hold} returning id", str(world.ids["scroll"]))
    assert ask(own, "select state from public.erase_subject(%s)", request) == [("paused",)]
    assert ask(own, "select title from public.open_share_card(%s)", slug) == []
    open_jobs = "select count(*) from public.delivery_jobs where leg = 'email' and status in ('pending', 'running')"
    assert ask(own, open_jobs) == [(0,)]
    standing = "select count(*) from public.consents where subject_id = %s and standing"
    assert ask(own, standing, world.subject) == [(0,)]


# Who claims ------------------------------------------------------------------------------------------

WORKERS = {
    "host": True,
    "host:1:2": True,
    "a" * 41: True,
    "a" * 42: False,
    "host:1:2:3": False,
    "host:12345678901": False,
    "": False,
    "Somebody": False,
    "a friend": False,
}


@pytest.mark.parametrize("worker", [*WORKERS, None])
def test_a_worker_is_named_as_the_table_takes_it(scene: Scene, worker: str | None) -> None:
    world = begin_world(scene)
    give(scene, world.subject, "email_delivery")
    enqueue(scene, world, "email")
    refused = scene.refusal(SERVICE, "select * from public.claim_delivery_jobs(%s)", worker)
    assert refused == ("" if worker is not None and WORKERS[worker] else "22023")
