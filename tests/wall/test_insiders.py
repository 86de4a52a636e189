"""Insiders against consents: the owner's everyday statements and the server's, each of which broke through before."""

import uuid

import psycopg
import pytest

from lab.rules import RULES
from lab.rules.derived import list_subjects, own_references
from lab.rules.model import Table
from tests.wall.actors import ANON, OWNER, SERVICE, Actor, person
from tests.wall.scenes import Scene
from tests.wall.seeds import (
    World,
    add_card,
    add_gift,
    add_passport,
    begin_world,
    enqueue,
    give,
    give_all,
    make_world,
    withdraw,
)

LEGS = [(job.id, leg) for job in RULES.jobs for leg in ("account", "email", "pigeon")]
KNOWN = {(job.id, leg) for job in RULES.jobs for leg in job.legs}
INSERT_JOB = (
    "insert into public.delivery_jobs (idempotency_key, channel, leg, subject_id, artifact_id, purchase_id,"
    " echo_entry_id, support_path) values (%s, %s, %s, %s, %s, %s, %s, '/operate/queue?channel=pdf')"
)


def insert_job(scene: Scene, whose: World, channel: str, leg: str, **what: object) -> str:
    """Return how the owner of the tables fares who writes a job past the queue's functions."""
    targets = [what.get(name) for name in ("artifact_id", "purchase_id", "echo_entry_id")]
    key = f"{channel}:{leg}:{uuid.uuid4()}:0"
    return scene.refusal(OWNER, INSERT_JOB, key, channel, leg, whose.subject, *targets)


@pytest.mark.parametrize(("channel", "leg"), LEGS, ids=[" ".join(pair) for pair in LEGS])
def test_a_channel_has_its_own_legs(scene: Scene, channel: str, leg: str) -> None:
    world = begin_world(scene)
    give_all(scene, world)
    answer = insert_job(scene, world, channel, leg, artifact_id=world.ids["gift"])
    assert answer == "" if (channel, leg) in KNOWN else answer in ("22023", "23514")


UNKNOWN = (
    "select wall.job_purposes('email', 'account')",
    "select wall.job_purposes('pigeon', 'email')",
    "select wall.job_waits('email', 'account')",
    "select wall.consent_scope('telepathy', gen_random_uuid())",
    "select wall.job_consents_valid(gen_random_uuid(), 'email', 'account', null)",
    "select wall.job_consents_valid(gen_random_uuid(), null, 'email', null)",
)


@pytest.mark.parametrize("question", UNKNOWN)
def test_what_the_rules_do_not_know_is_refused(scene: Scene, question: str) -> None:
    assert scene.refusal(OWNER, question) == "22023"


# What is somebody's own ------------------------------------------------------------------------------

REFERENCES = [(table, column) for table in RULES.tables for column in own_references(table)]


def test_every_reference_between_peoples_rows_is_held() -> None:
    """Or its rule says what else holds it."""
    held = {(table.id, column.name) for table, column in REFERENCES}
    for table in RULES.tables:
        for column in table.columns:
            target = column.references.table if column.references else None
            if list_subjects(table) and isinstance(target, Table) and list_subjects(target):
                assert (table.id, column.name) in held or (column.references and column.references.own_by)
    assert held >= {("delivery_jobs", "artifact_id"), ("delivery_jobs", "purchase_id"), ("purchases", "scroll_id")}


@pytest.mark.parametrize(
    ("table", "column"), REFERENCES, ids=[f"{table.id}.{column.name}" for table, column in REFERENCES]
)
def test_a_row_points_at_what_is_its_subjects_own(scene: Scene, table: Table, column: object) -> None:
    """A row of one person's that is there already is copied, with another person's thing in its place."""
    mine, theirs = make_world(scene), make_world(scene)
    name = column.name  # type: ignore[attr-defined]
    target = column.references.table  # type: ignore[attr-defined]
    (owner, *_) = (subject.name for subject in list_subjects(table))
    (other, *_) = (subject.name for subject in list_subjects(target))
    pointed = scene.truth(f"select id from {target.qualified} where {other} = %s limit 1", theirs.subject)
    row = scene.truth(f"select id from {table.qualified} where {owner} = %s and {name} is not null", mine.subject)
    assert pointed
    assert row
    copied = ", ".join(
        {"id": "default", name: "%s"}.get(one.name, one.name)
        for one in table.columns
        if not (one.generated or (one.name == "id" and one.identity))
    ).replace("default", "gen_random_uuid()")
    names = ", ".join(one.name for one in table.columns if not (one.generated or (one.name == "id" and one.identity)))
    insert = f"insert into {table.qualified} ({names}) select {copied} from {table.qualified} where id = %s"
    assert scene.refusal(OWNER, insert, pointed, row) == "42501"


def test_a_purchase_is_delivered_to_its_buyer_and_its_recipient_alone(scene: Scene) -> None:
    buyer, friend, stranger = (begin_world(scene) for _ in range(3))
    change = "update public.purchases set recipient_subject_id = %s where id = %s"
    scene.count(SERVICE, change, friend.subject, buyer.ids["purchase"])
    for whose, answer in ((buyer, ""), (friend, ""), (stranger, "42501")):
        assert insert_job(scene, whose, "receipt", "account", purchase_id=buyer.ids["purchase"]) == answer


# The ledger's order ----------------------------------------------------------------------------------

FAR = 1 << 62
FORGED = (
    "insert into public.consent_events (id, request_id, subject_id, purpose, action, notice_id, created_at)"
    " overriding system value select %s, gen_random_uuid(), %s, 'email_delivery', 'given', n.id, %s"
    " from public.consent_notices n where n.purpose = 'email_delivery' returning id"
)


@pytest.mark.parametrize("number", [FAR, -FAR, 1])
def test_a_number_of_the_writers_choice_is_overtaken(scene: Scene, number: int) -> None:
    world = begin_world(scene)
    entry = scene.value(OWNER, FORGED, number, world.subject, "2999-01-01")
    assert entry != number
    assert scene.truth("select created_at < now() + interval '1 hour' from public.consent_events where id = %s", entry)
    assert withdraw(scene, world.subject, "email_delivery") > entry
    assert insert_job(scene, world, "email", "email", artifact_id=world.ids["pdf"]) == "42501"
    assert scene.truth("select standing from public.consents where subject_id = %s", world.subject) is False


def test_the_audit_trail_is_numbered_by_the_database(scene: Scene) -> None:
    line = (
        "insert into public.admin_audit_events (id, actor_kind, action, object_table, object_id, outcome, created_at)"
        " overriding system value values (%s, 'system', 'a.b', 'products', '1', 'done', '1999-01-01') returning id"
    )
    number = scene.value(OWNER, line, FAR)
    assert number < FAR
    assert scene.truth("select created_at > '2020-01-01' from public.admin_audit_events where id = %s", number)


def test_a_sequence_that_was_set_back_holds_no_withdrawal_up(scene: Scene) -> None:
    world = begin_world(scene)
    given = give(scene, world.subject, "email_delivery")
    scene.connection.execute("select setval('public.consent_events_id_seq', 1)")
    assert withdraw(scene, world.subject, "email_delivery") > given
    assert insert_job(scene, world, "email", "email", artifact_id=world.ids["pdf"]) == "42501"


# What stands -----------------------------------------------------------------------------------------

OLDER = (
    "insert into public.consents (subject_id, purpose, standing, event_id, changed_at)"
    " select subject_id, purpose, true, id, created_at from public.consent_events where id = %s"
)


def test_a_copy_of_an_older_entry_is_refused_and_gives_nothing(scene: Scene) -> None:
    """Deleted under a deletion request that somebody made up, and put back as it was before the withdrawal."""
    world = begin_world(scene)
    scene.value(SERVICE, "select public.seal_scroll(%s)", world.ids["scroll"])
    given = give(scene, world.subject, "passport_write")
    withdraw(scene, world.subject, "passport_write")
    with scene.past_every_trigger() as connection:
        connection.execute("delete from public.consents where subject_id = %s", [world.subject])
    assert scene.refusal(OWNER, OLDER, given) == "42501"
    with scene.past_every_trigger() as connection:
        connection.execute(OLDER, [given])
    for actor in (SERVICE, OWNER):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), scene.connection.transaction():
            add_passport(scene, world, actor)
    scene.value(SERVICE, "select public.settle_consents()")
    assert scene.truth("select standing from public.consents where subject_id = %s", world.subject) is False


def test_a_card_is_closed_by_the_ledger_whatever_the_copy_says(scene: Scene) -> None:
    world = begin_world(scene)
    give(scene, world.subject, "public_share", world.ids["share_card"])
    slug = add_card(scene, world)
    assert scene.rows(ANON, "select * from public.open_share_card(%s)", slug)
    with scene.past_every_trigger() as connection:
        connection.execute(
            "insert into public.consent_events (request_id, subject_id, purpose, action, scope_id, personal_digest,"
            " row_hash) values (gen_random_uuid(), %s, 'public_share', 'withdrawn', %s, '', '')",
            [world.subject, world.ids["share_card"]],
        )
    assert scene.rows(ANON, "select * from public.open_share_card(%s)", slug) == []


# Gifts -----------------------------------------------------------------------------------------------

INVITE = (
    "insert into public.gift_recipients (subject_id, artifact_id, contact, token_sha256, withdrawn_at)"
    " values (%s, %s, %s, %s, %s)"
)


def invite(scene: Scene, world: World, actor: Actor, withdrawn: str | None = None) -> str:
    """Return how somebody fares who writes an invitation."""
    token = uuid.uuid4().bytes * 2
    return scene.refusal(actor, INVITE, world.subject, world.ids["gift"], "friend@example.test", token, withdrawn)


@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
@pytest.mark.parametrize("withdrawn", [None, "2026-01-01"], ids=["open", "already taken back"])
def test_no_address_is_stored_without_consent(scene: Scene, actor: Actor, withdrawn: str | None) -> None:
    world = begin_world(scene)
    assert invite(scene, world, actor, withdrawn) == "42501"
    give(scene, world.subject, "gift_recipient", world.ids["gift"])
    assert invite(scene, world, actor, withdrawn) == ""


@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
def test_one_consent_is_one_recipient(scene: Scene, actor: Actor) -> None:
    world = begin_world(scene)
    give(scene, world.subject, "gift_recipient", world.ids["gift"])
    add_gift(scene, world, actor)
    assert invite(scene, world, actor) == "23505"
    give(scene, world.subject, "gift_recipient", world.ids["gift"])
    assert invite(scene, world, actor) == ""


SWAPS = {
    "address": "contact = 'other@example.test'",
    "name": "recipient_name = 'Somebody else'",
    "no address while it is open": "contact = null",
    "token": "token_sha256 = sha256('mine')",
    "consent": "consent_event_id = (select max(id) from public.consent_events)",
    "expiry": "expires_at = now() + interval '10 years'",
    "acceptance": "accepted_at = now(), accepted_subject_id = subject_id",
    "acceptance by nobody": "accepted_at = now()",
}


@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
@pytest.mark.parametrize("what", SWAPS)
def test_an_invitation_is_not_swapped(scene: Scene, actor: Actor, what: str) -> None:
    world = make_world(scene)
    change = f"update public.gift_recipients set {SWAPS[what]} where id = %s"
    assert scene.refusal(actor, change, world.ids["gift_recipient"]) == "42501"


@pytest.mark.parametrize("role", ["service_role", "postgres", "authenticated"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_nobody_accepts_in_somebodys_place(scene: Scene, role: str, signed_in: bool) -> None:
    """Also with a forged session: the token of the link is missing."""
    world, friend = make_world(scene), scene.make_person()
    forger = Actor("forger", role, friend if signed_in else None)
    change = "update public.gift_recipients set accepted_at = now(), accepted_subject_id = %s where id = %s"
    assert scene.refusal(forger, change, friend, world.ids["gift_recipient"]) == "42501"
    guess = "select public.accept_gift(%s)"
    assert scene.refusal(forger, guess, "a guess") in ("42501", "P0002")


def accepted(scene: Scene) -> tuple[World, Actor]:
    """Return a giver, and the recipient who has accepted."""
    world = begin_world(scene)
    give(scene, world.subject, "gift_recipient", world.ids["gift"])
    token = add_gift(scene, world)
    friend = person(scene.make_person())
    assert scene.value(friend, "select public.accept_gift(%s)", token) == world.ids["gift"]
    assert scene.truth("select current_setting('wall.gift_token')") == ""
    return world, friend


def test_a_recipient_opens_what_they_were_given(scene: Scene) -> None:
    world, friend = accepted(scene)
    gift = "select kind from public.oracle_artifacts where id = %s"
    assert scene.rows(friend, gift, world.ids["gift"]) == [("gift",)]
    for kind in ("pdf", "share_card", "print_view"):
        assert scene.rows(friend, gift, world.ids[kind]) == []
    assert scene.rows(friend, "select artifact_id from public.gift_recipients") == [(world.ids["gift"],)]
    assert scene.rows(friend, "select id from public.oracle_scrolls") == []
    assert scene.rows(friend, "select id from public.consent_events") == []
    stranger = person(scene.make_person())
    assert scene.rows(stranger, gift, world.ids["gift"]) == []


@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
def test_a_recipient_keeps_what_they_were_given(scene: Scene, actor: Actor) -> None:
    world, friend = accepted(scene)
    withdraw(scene, world.subject, "gift_recipient", world.ids["gift"])
    gone = "update public.oracle_artifacts set state = 'withdrawn' where id = %s"
    assert scene.refusal(actor, gone, world.ids["gift"]) == "42501"
    assert scene.refusal(actor, gone, world.ids["pdf"]) == ""
    assert scene.rows(friend, "select accepted_at is not null, contact from public.gift_recipients") == [(True, None)]
    assert scene.rows(friend, "select id from public.oracle_artifacts") == [(world.ids["gift"],)]


def test_a_gift_is_delivered_to_its_recipient_and_to_nobody_else(scene: Scene) -> None:
    world, friend = accepted(scene)
    stranger = begin_world(scene)
    call = "select public.enqueue_delivery_job('pdf', %s, %s)"
    assert scene.refusal(SERVICE, call, friend.subject, world.ids["gift"]) == ""
    assert scene.refusal(SERVICE, call, friend.subject, world.ids["pdf"]) == "42501"
    assert scene.refusal(SERVICE, call, stranger.subject, world.ids["gift"]) == "42501"


def test_giver_and_recipient_each_get_a_job_of_the_same_gift(scene: Scene) -> None:
    world, friend = accepted(scene)
    call = "select job_id, made from public.enqueue_delivery_job('pdf', %s, %s)"
    ((theirs, made_theirs),) = scene.rows(SERVICE, call, friend.subject, world.ids["gift"])
    ((mine, made_mine),) = scene.rows(SERVICE, call, world.subject, world.ids["gift"])
    assert (made_theirs, made_mine) == (True, True)
    owners = "select id, subject_id from public.delivery_jobs where id in (%s, %s)"
    assert scene.pairs(SERVICE, owners, theirs, mine) == {theirs: friend.subject, mine: world.subject}


def test_a_withdrawal_takes_the_address_along(scene: Scene) -> None:
    world = make_world(scene)
    withdraw(scene, world.subject, "gift_recipient", world.ids["gift"])
    kept = "select contact, recipient_name, withdrawn_at is not null from public.gift_recipients where subject_id = %s"
    assert scene.rows(OWNER, kept, world.subject) == [(None, None, True)]


def test_an_expired_address_may_be_blanked(scene: Scene) -> None:
    world = make_world(scene)
    blank = "update public.gift_recipients set contact = null, recipient_name = null where subject_id = %s"
    assert scene.refusal(SERVICE, blank, world.subject) == "42501"
    with scene.past_every_trigger() as connection:
        connection.execute(
            "update public.gift_recipients set created_at = now() - interval '9 days', expires_at = now()"
            " - interval '1 day' where subject_id = %s",
            [world.subject],
        )
    assert scene.refusal(SERVICE, blank, world.subject) == ""


# What a send is asked --------------------------------------------------------------------------------


def test_a_lease_ends_by_the_real_clock(scene: Scene) -> None:
    """Also inside a transaction that has been open for longer than the lease."""
    world = begin_world(scene)
    give(scene, world.subject, "email_delivery")
    job = enqueue(scene, world, "email")[0]
    scene.connection.execute("update public.delivery_jobs set priority = 0 where id = %s", [job])
    ((taken, token),) = scene.rows(
        SERVICE, "select job_id, lease_token from public.claim_delivery_jobs('worker', 1, 30)"
    )
    assert taken == job
    may_send = "select public.delivery_address(%s, %s) is not null"
    assert scene.value(SERVICE, may_send, job, token) is True
    scene.connection.execute(
        "update public.delivery_jobs set lease_until = now() + interval '20 milliseconds' where id = %s", [job]
    )
    scene.connection.execute("select pg_sleep(0.05)")
    assert scene.value(SERVICE, may_send, job, token) is False
