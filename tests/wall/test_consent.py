"""Consent: a ledger nobody rewrites, a state that follows it, and gates that hold against every role."""

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from lab.rules import RULES
from tests.wall.actors import AI, ANON, OPERATOR, OWNER, SERVICE, Actor
from tests.wall.scenes import Scene
from tests.wall.seeds import (
    World,
    add_card,
    add_gift,
    add_passport,
    add_run,
    begin_world,
    enqueue,
    give,
    give_all,
    make_world,
    withdraw,
)

LEDGERS = ("consent_events", "admin_audit_events", "ledger_seals", "consent_notices")
REWRITES = {
    "update": "update public.{table} set created_at = created_at",
    "delete": "delete from public.{table}",
    "truncate": "truncate public.{table} cascade",
}


@pytest.mark.parametrize("mode", ["origin", "replica"])
@pytest.mark.parametrize("table", [*LEDGERS, "consents"])
def test_ledgers_are_only_added_to(scene: Scene, table: str, mode: str) -> None:
    """Also by the owner of the tables, who has `postgres`, skips policies and may play a replica."""
    make_world(scene)
    scene.connection.execute(f"set local session_replication_role = {mode}")
    before = scene.truth(f"select md5(string_agg(t::text, '' order by t::text)) from public.{table} t")
    for actor in (OWNER, SERVICE, AI, OPERATOR, ANON):
        for rewrite, statement in REWRITES.items():
            if (table, rewrite) == ("consents", "update") and actor is OWNER:
                statement = "update public.{table} set standing = not standing"
            assert scene.refusal(actor, statement.format(table=table)) == "42501", (actor.id, rewrite)
    assert scene.truth(f"select md5(string_agg(t::text, '' order by t::text)) from public.{table} t") == before


def test_what_stands_is_derived(scene: Scene) -> None:
    world = begin_world(scene)
    stands = "select standing, event_id from public.consents where subject_id = %s and purpose = 'email_delivery'"
    given = give(scene, world.subject, "email_delivery")
    assert scene.rows(world.actor, stands, world.subject) == [(True, given)]
    gone = withdraw(scene, world.subject, "email_delivery")
    assert scene.rows(SERVICE, stands, world.subject) == [(False, gone)]
    again = give(scene, world.subject, "email_delivery")
    assert scene.rows(OWNER, stands, world.subject) == [(True, again)]
    assert scene.truth("select count(*) from public.consent_events where subject_id = %s", world.subject) == 3


FORGERIES = {
    "insert": "insert into public.consents (subject_id, purpose, standing, event_id, changed_at)"
    " select %(subject)s, 'ai_processing', true, max(id), max(created_at) from public.consent_events",
    "insert of no purpose": "insert into public.consents (subject_id, purpose, standing, event_id, changed_at)"
    " select %(subject)s, 'telepathy', true, max(id), max(created_at) from public.consent_events",
    "another purpose": "update public.consents set purpose = 'telepathy' where subject_id = %(subject)s",
    "stand again": "update public.consents set standing = true where subject_id = %(subject)s",
    "an older entry": "update public.consents c set standing = true, event_id = e.id, changed_at = e.created_at"
    " from public.consent_events e where e.subject_id = c.subject_id and e.action = 'given'"
    " and c.subject_id = %(subject)s",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_consents_are_not_written_by_hand(scene: Scene, forgery: str) -> None:
    world = begin_world(scene)
    give(scene, world.subject, "email_delivery")
    withdraw(scene, world.subject, "email_delivery")
    for actor in (OWNER, SERVICE, world.actor):
        statement = FORGERIES[forgery].replace("%(subject)s", f"'{world.subject}'")
        assert scene.refusal(actor, statement) == "42501"


def test_the_wording_is_kept_with_its_hash(scene: Scene) -> None:
    world = begin_world(scene)
    for consent in RULES.consents:
        scope = world.ids["gift"] if consent.scope == "artifact" else None
        entry = give(scene, world.subject, consent.id, scope)
        kept = scene.rows(
            OWNER, "select wording_version, wording_sha256, locale from public.consent_events where id = %s", entry
        )
        assert kept == [(consent.version, hashlib.sha256(consent.question.encode()).digest(), consent.locale)]


RECORD = "select public.record_consent(%s, %s, %s, %s, %s, %s)"
GOOD: dict[str, Any] = {
    "subject": "mine",
    "purpose": "email_delivery",
    "action": "given",
    "notice": "email_delivery",
    "scope": None,
}
Refused = tuple[str, dict[str, Any]]  # its SQLSTATE, and what is said otherwise
REFUSED: dict[str, Refused] = {
    "wording about something else": ("23514", {"notice": "ai_processing"}),
    "unknown wording": ("23514", {"notice": "unknown"}),
    "given without a wording": ("23514", {"notice": None}),
    "unknown purpose": ("23514", {"purpose": "telepathy", "action": "withdrawn", "notice": None}),
    "unknown decision": ("23514", {"action": "maybe"}),
    "somebody else's artifact": ("42501", {"purpose": "public_share", "notice": "public_share", "scope": "theirs"}),
    "artifact missing": ("23514", {"purpose": "public_share", "notice": "public_share"}),
    "artifact too many": ("23514", {"scope": "mine"}),
    "nobody": ("23502", {"subject": None}),
    "somebody unknown": ("23503", {"subject": "unknown"}),
}
NO_FAULT: Refused = ("", {})


def notice(scene: Scene, purpose: str) -> uuid.UUID:
    """Return the wording in force."""
    return uuid.UUID(str(scene.truth("select id from public.consent_notices where purpose = %s", purpose)))


@pytest.mark.parametrize("what", [None, *REFUSED])
def test_a_decision_that_proves_nothing_is_refused(scene: Scene, what: str | None) -> None:
    world, other = begin_world(scene), begin_world(scene)
    state, fault = REFUSED[what] if what else NO_FAULT
    said = {**GOOD, **fault}
    people = {"mine": world.subject, "unknown": uuid.uuid4()}
    artifacts = {"mine": world.ids["gift"], "theirs": other.ids["gift"]}
    shown = uuid.uuid4() if said["notice"] == "unknown" else notice(scene, said["notice"]) if said["notice"] else None
    values = (people.get(said["subject"]), said["purpose"], said["action"], uuid.uuid4(), shown)
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, RECORD, *values, artifacts.get(said["scope"])) == state


def test_evidence_is_short(scene: Scene) -> None:
    world = begin_world(scene)
    call = "select public.give_consent('email_delivery', %s, gen_random_uuid(), null, %s)"
    shown = notice(scene, "email_delivery")
    assert scene.refusal(world.actor, call, shown, Jsonb({"page": "x" * 2000})) == "23514"
    assert scene.refusal(world.actor, call, shown, Jsonb(["a list"])) == "23514"
    assert scene.refusal(world.actor, call, shown, Jsonb({"page": "checkout"})) == ""


def test_the_same_request_counts_once(scene: Scene) -> None:
    world = begin_world(scene)
    call = "select public.give_consent('email_delivery', %s, %s)"
    request, shown = uuid.uuid4(), notice(scene, "email_delivery")
    first = scene.value(world.actor, call, shown, request)
    assert scene.value(world.actor, call, shown, request) == first
    assert scene.value(SERVICE, RECORD, world.subject, "email_delivery", "given", request, shown, None) == first
    assert scene.truth("select count(*) from public.consent_events where subject_id = %s", world.subject) == 1


def test_a_request_number_belongs_to_one_decision(scene: Scene) -> None:
    world, other = begin_world(scene), begin_world(scene)
    request = uuid.uuid4()
    share = "select public.give_consent('public_share', %s, %s, %s)"
    shown = notice(scene, "public_share")
    assert scene.value(world.actor, share, shown, request, world.ids["share_card"])
    assert scene.refusal(world.actor, share, shown, request, world.ids["gift"]) == "23505"
    assert scene.refusal(world.actor, "select public.withdraw_consent('email_delivery', %s)", request) == "23505"
    assert scene.refusal(other.actor, share, shown, request, other.ids["share_card"]) == "23505"


# The gates --------------------------------------------------------------------------------------------


def publish(scene: Scene, world: World, actor: Actor) -> object:
    """Open a card."""
    return add_card(scene, world, actor)


def reopen(scene: Scene, world: World, actor: Actor) -> object:
    """Open a card that was closed."""
    return scene.value(actor, "update public.share_cards set revoked_at = null returning id")


def invite_again(scene: Scene, world: World, actor: Actor) -> object:
    """Take back that an invitation was taken back."""
    return scene.value(actor, "update public.gift_recipients set withdrawn_at = null returning id")


GATES: dict[str, tuple[tuple[str, ...], Callable[[Scene, World, Actor], object]]] = {
    "Passport": (("passport_write",), add_passport),
    "e-mail job": (("email_delivery",), lambda s, w, a: enqueue(s, w, "email", a)),
    "share-card": (("public_share",), publish),
    "gift recipient": (("gift_recipient",), add_gift),
    "gift job": (("gift_recipient", "email_delivery"), lambda s, w, a: enqueue(s, w, "gift", a)),
    "AI run": (("ai_processing",), add_run),
}
SCOPES = {"public_share": "share_card", "gift_recipient": "gift"}


def scope_of(world: World, purpose: str) -> object:
    """Return the artifact that a consent is given for, if it is one for an artifact."""
    return world.ids.get(SCOPES.get(purpose, ""))


def is_refused(scene: Scene, world: World, gate: str, actor: Actor) -> str:
    """Return the SQLSTATE with which a gate refuses somebody."""
    try:
        with scene.connection.transaction(force_rollback=True):
            GATES[gate][1](scene, world, actor)
    except psycopg.Error as error:
        return str(error.sqlstate)
    return ""


@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
@pytest.mark.parametrize("gate", GATES)
def test_gates(scene: Scene, gate: str, actor: Actor) -> None:
    """Closed without a consent, closed without any one of several, open with all, closed after a withdrawal."""
    world = begin_world(scene)
    needs = GATES[gate][0]
    assert is_refused(scene, world, gate, actor) == "42501"
    for purpose in needs:
        assert is_refused(scene, world, gate, actor) == "42501"
        give(scene, world.subject, purpose, scope_of(world, purpose))
    assert is_refused(scene, world, gate, actor) == ""
    scene.connection.execute("set local session_replication_role = replica")
    for purpose in needs:
        withdraw(scene, world.subject, purpose, scope_of(world, purpose))
        assert is_refused(scene, world, gate, actor) == "42501"
        give(scene, world.subject, purpose, scope_of(world, purpose))


@pytest.mark.parametrize("actor_role", ["anon", "ai_worker", "oracle_operator", "person"])
@pytest.mark.parametrize("gate", GATES)
def test_gates_have_no_door_for_others(scene: Scene, gate: str, actor_role: str) -> None:
    world = begin_world(scene)
    give_all(scene, world)
    actor = {"anon": ANON, "ai_worker": AI, "oracle_operator": OPERATOR, "person": world.actor}[actor_role]
    assert is_refused(scene, world, gate, actor) == "42501"


def test_a_consent_for_one_artifact_opens_no_other(scene: Scene) -> None:
    world = begin_world(scene)
    give(scene, world.subject, "public_share", world.ids["gift"])
    assert is_refused(scene, world, "share-card", SERVICE) == "42501"


def test_an_echo_needs_its_own_consent(scene: Scene) -> None:
    world = begin_world(scene)
    world.ids["echo"] = scene.value(
        SERVICE,
        "insert into public.echo_entries (subject_id, scroll_id, due_at) values (%s, %s, now()) returning id",
        *(world.subject, world.ids["scroll"]),
    )
    give(scene, world.subject, "email_delivery")
    call = "select public.enqueue_delivery_job('echo', %s, null, null, %s)"
    assert scene.refusal(SERVICE, call, world.subject, world.ids["echo"]) == "42501"
    give(scene, world.subject, "echo_followup")
    assert scene.refusal(SERVICE, call, world.subject, world.ids["echo"]) == ""


def test_checkout_succeeds_with_every_consent_refused(scene: Scene) -> None:
    """What was paid for is delivered into the account; the e-mail leg waits."""
    world = begin_world(scene)
    enqueue(scene, world, "receipt")
    enqueue(scene, world, "pdf")
    enqueue(scene, world, "recovery")
    jobs = scene.rows(
        SERVICE,
        "select channel, leg, status from public.delivery_jobs where subject_id = %s order by 1, 2",
        world.subject,
    )
    assert jobs == [
        ("pdf", "account", "pending"),
        ("receipt", "account", "pending"),
        ("receipt", "email", "waiting"),
        ("recovery", "account", "pending"),
        ("recovery", "email", "waiting"),
    ]
    assert (
        scene.count(SERVICE, "update public.purchases set unlocked_at = now() where id = %s", world.ids["purchase"])
        == 1
    )


# Withdrawal -------------------------------------------------------------------------------------------

STATES = "select channel || ' ' || leg, status from public.delivery_jobs where subject_id = %s"
WITHDRAWN = {
    "email_delivery": {"email email": "cancelled", "gift email": "cancelled", "echo email": "cancelled",
                       "receipt email": "waiting", "recovery email": "waiting"},
    "gift_recipient": {"gift email": "cancelled"},
    "echo_followup": {"echo email": "cancelled"},
    "public_share": {"share_card account": "cancelled"},
    "passport_write": {},
    "ai_processing": {},
}  # fmt: skip


@pytest.mark.parametrize("purpose", WITHDRAWN)
def test_a_withdrawal_ends_what_rests_on_it_and_nothing_else(scene: Scene, purpose: str) -> None:
    world, other = make_world(scene), make_world(scene)
    before = scene.pairs(OWNER, STATES, world.subject)
    others = scene.rows(OWNER, STATES, other.subject)
    scope = scope_of(world, purpose)
    entry = scene.value(world.actor, "select public.withdraw_consent(%s, gen_random_uuid(), %s)", purpose, scope)
    assert scene.pairs(OWNER, STATES, world.subject) == before | WITHDRAWN[purpose]
    assert scene.rows(OWNER, STATES, other.subject) == others
    line = scene.rows(
        OWNER,
        "select actor_kind, action, details ->> 'purpose', (details ->> 'jobs')::int from public.admin_audit_events"
        " where object_table = 'consent_events' and object_id = %s",
        str(entry),
    )
    assert line == [("subject", "consent.withdrawn", purpose, len(WITHDRAWN[purpose]))]


CLOSED = {
    "public_share": ("select count(*) from public.share_cards c join public.oracle_artifacts a on a.id = c.artifact_id"
                     " where a.subject_id = %s and c.revoked_at is null", "share_card"),
    "gift_recipient": ("select count(*) from public.gift_recipients where subject_id = %s and withdrawn_at is null",
                       "gift"),
    "echo_followup": ("select count(*) from public.echo_entries where subject_id = %s and status = 'scheduled'", ""),
    "ai_processing": ("select count(*) from public.ai_runs where subject_id = %s and status = 'requested'", ""),
}  # fmt: skip


@pytest.mark.parametrize("purpose", CLOSED)
def test_a_withdrawal_closes_what_was_open(scene: Scene, purpose: str) -> None:
    query, kind = CLOSED[purpose]
    world, other = make_world(scene), make_world(scene)
    for one in (world, other):
        add_run(scene, one)
    assert (scene.truth(query, world.subject), scene.truth(query, other.subject)) == (1, 1)
    withdraw(scene, world.subject, purpose, world.ids.get(kind))
    assert (scene.truth(query, world.subject), scene.truth(query, other.subject)) == (0, 1)


def test_what_was_closed_stays_closed_without_consent(scene: Scene) -> None:
    world = make_world(scene)
    withdraw(scene, world.subject, "public_share", world.ids["share_card"])
    withdraw(scene, world.subject, "gift_recipient", world.ids["gift"])
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, "update public.share_cards set revoked_at = null") == "42501"
        assert scene.refusal(actor, "update public.gift_recipients set withdrawn_at = null") == "42501"


def test_giving_email_later_releases_what_waited(scene: Scene) -> None:
    world, other = begin_world(scene), begin_world(scene)
    for one in (world, other):
        enqueue(scene, one, "receipt")
        enqueue(scene, one, "recovery")
    give(scene, world.subject, "email_delivery")
    assert {status for _, status in scene.rows(OWNER, STATES, world.subject)} == {"pending"}
    assert scene.pairs(OWNER, STATES, other.subject)["receipt email"] == "waiting"
    withdraw(scene, world.subject, "email_delivery")
    give(scene, world.subject, "email_delivery")
    assert {status for _, status in scene.rows(OWNER, STATES, world.subject)} == {"pending"}


def test_a_consent_of_another_purpose_releases_nothing(scene: Scene) -> None:
    world = begin_world(scene)
    enqueue(scene, world, "receipt")
    give(scene, world.subject, "echo_followup")
    assert scene.pairs(OWNER, STATES, world.subject)["receipt email"] == "waiting"


@pytest.mark.parametrize(
    ("channel", "again", "ends"),
    [
        ("email", False, "cancelled"),
        ("email", True, "cancelled"),
        ("receipt", False, "waiting"),
        ("receipt", True, "pending"),
    ],
)
def test_a_running_job_is_asked_to_stop(scene: Scene, channel: str, again: bool, ends: str) -> None:
    """Its worker may not send; once it gives up, the job is where it would be had it not been running."""
    world = begin_world(scene)
    give(scene, world.subject, "email_delivery")
    enqueue(scene, world, channel)
    scene.connection.execute(
        "update public.delivery_jobs set status = 'parked' where subject_id <> %s and status = 'pending'",
        [world.subject],
    )
    taken = scene.rows(SERVICE, "select job_id, lease_token, leg from public.claim_delivery_jobs('worker', 10)")
    job, token = next((number, key) for number, key, leg in taken if leg == "email")
    may_send = "select public.delivery_address(%s, %s) is not null"
    assert scene.value(SERVICE, may_send, job, token) is True
    withdraw(scene, world.subject, "email_delivery")
    assert scene.value(SERVICE, may_send, job, token) is False
    assert job not in [n for (n,) in scene.rows(SERVICE, "select public.extend_delivery_leases(%s, %s)", [job], token)]
    if again:
        give(scene, world.subject, "email_delivery")
        assert scene.value(SERVICE, may_send, job, token) is False
    assert scene.value(SERVICE, "select public.fail_delivery_job(%s, %s, 'withheld')", job, token) == ends
    assert scene.truth("select status from public.delivery_jobs where id = %s", job) == ends
