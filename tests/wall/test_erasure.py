"""Erasure: one running deletion request ends a person everywhere, touches nobody else, and nothing else can."""

import hashlib
from collections.abc import Iterator

import pytest

from lab.rules import RULES
from lab.rules.model import EraseAction, PrivacyClass, Table
from tests.wall.actors import OPERATOR, OWNER, SERVICE
from tests.wall.scenes import Scene
from tests.wall.seeds import World, add_gift, begin_world, give, make_world

ERASE = "select table_name, affected from public.erase_subject(%s)"
STATE = "select table_name, affected, state from public.erase_subject(%s)"


def request_deletion(scene: Scene, world: World, *states: str, kind: str = "deletion") -> object:
    """Ask for an end, as the person, and move the request, as the server."""
    request = scene.value(world.actor, "select public.request_privacy(%s)", kind)
    for state in states:
        scene.count(SERVICE, "update public.privacy_requests set status = %s where id = %s", state, request)
    return request


def settle(scene: Scene, request: object, step: str) -> int:
    """Say, as the server, that a step is done."""
    move = "update public.privacy_request_steps set status = %s where request_id = %s and name = %s"
    scene.count(SERVICE, move, "running", request, step)
    return scene.count(SERVICE, move, "done", request, step)


def find_places(scene: Scene, words: list[str]) -> list[str]:
    """Search every column of every table for words, as text and as the bytes of it; returns table.column."""
    columns = scene.connection.execute(
        "select c.table_schema, c.table_name, c.column_name from information_schema.columns c"
        " join information_schema.tables t using (table_schema, table_name)"
        " where t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema', 'auth')"
    ).fetchall()
    forms = [form for word in words for form in (word, word.encode().hex())]
    found = []
    for schema, table, column in columns:
        where = f'from "{schema}"."{table}" t, unnest(%s::text[]) word where position(word in t."{column}"::text) > 0'
        if scene.truth(f"select exists (select {where})", forms):
            found.append(f"{table}.{column}")
    return found


def snapshot(scene: Scene, subject: object) -> dict[str, str]:
    """Return a digest of every row that a person leads to, by table."""
    led = [table for table in RULES.tables if _mine(table, "")]
    return {table.id: scene.truth(_digest(table, _mine(table, str(subject)))) for table in led}


def _digest(table: Table, condition: str) -> str:
    return f"select md5(string_agg(t::text, '|' order by t::text)) from {table.qualified} t where {condition}"


def _mine(table: Table, subject: str) -> str:
    conditions = [f"t.{column.name} = '{subject}'" for column in table.columns if column.names_subject]
    for column in table.columns:
        target = column.references.table if column.references else None
        if isinstance(target, Table):
            owners = [c.name for c in target.columns if c.names_subject and c.erase is EraseAction.DELETE_ROW]
            conditions += [
                f"t.{column.name} in (select r.id from {target.qualified} r where r.{name} = '{subject}')"
                for name in owners
            ]
    return " or ".join(conditions)


def test_nothing_of_the_person_is_left(scene: Scene) -> None:
    world, other = make_world(scene), make_world(scene)
    give(scene, other.subject, "gift_recipient", other.ids["gift"])  # one consent is one recipient
    token = add_gift(scene, other)
    scene.value(world.actor, "select public.accept_gift(%s)", token)
    words = list(world.words.values())
    assert set(find_places(scene, words)) == set(world.words)
    before = snapshot(scene, other.subject)
    request = request_deletion(scene, world, "verified", "running")
    erased = scene.rows(SERVICE, ERASE, request)
    assert find_places(scene, [*words, world.token + " "]) == []
    assert _places_of_id(scene, world) == []
    kept = "select contact, recipient_name, accepted_subject_id from public.gift_recipients where token_sha256 = %s"
    assert scene.rows(OWNER, kept, hashlib.sha256(token.encode()).digest()) == [(None, None, None)]
    after = snapshot(scene, other.subject)
    assert {t for t in before if before[t] != after[t]} == {"gift_recipients"}  # the invitation that was accepted
    assert {table for table, count in erased if count} >= {"oracle_scrolls", "consent_events", "purchases", "ai_runs"}


def _places_of_id(scene: Scene, world: World) -> list[str]:
    """Return the columns that still name the person."""
    return [
        f"{table.id}.{column.name}"
        for table in RULES.tables
        for column in table.columns
        if column.names_subject
        and scene.truth(f"select exists (select from {table.qualified} where {column.name} = %s)", world.subject)
    ]


def test_the_account_itself_can_go_afterwards(scene: Scene) -> None:
    world = make_world(scene)
    delete = "delete from auth.users where id = %s"
    assert scene.refusal(OWNER, delete, world.subject) in ("23001", "23503")  # 18 has a code of its own for it
    scene.rows(SERVICE, ERASE, request_deletion(scene, world, "verified", "running"))
    assert scene.count(OWNER, delete, world.subject) == 1


def test_books_are_kept_without_the_person(scene: Scene) -> None:
    world = make_world(scene)
    kept = "select amount_minor, currency, status, buyer_subject_id, scroll_id from public.purchases where id = %s"
    scene.rows(SERVICE, ERASE, request_deletion(scene, world, "verified", "running"))
    assert scene.rows(SERVICE, kept, world.ids["purchase"]) == [(1900, "eur", "paid", None, None)]
    assert scene.truth("select count(*) from public.stripe_events where id = %s", f"evt_{world.sale}") == 1


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed before", "sealed after"])
def test_chains_still_hold(scene: Scene, sealed: bool) -> None:
    world = make_world(scene)
    give(scene, begin_world(scene).subject, "email_delivery")
    entries = scene.rows(OWNER, "select id from public.consent_events")
    if sealed:
        scene.rows(SERVICE, "select * from public.seal_ledgers()")
    scene.rows(SERVICE, ERASE, request_deletion(scene, world, "verified", "running"))
    scene.rows(SERVICE, "select * from public.seal_ledgers()")
    for ledger in ("consent_events", "admin_audit_events"):
        assert scene.rows(SERVICE, "select intact, unsealed from public.verify_ledger(%s)", ledger) == [(True, 0)]
    assert set(entries) <= set(scene.rows(OWNER, "select id from public.consent_events"))


def test_it_is_recorded_and_closed(scene: Scene) -> None:
    world = make_world(scene)
    request = request_deletion(scene, world, "verified", "running")
    total = sum(count for _, count in scene.rows(SERVICE, ERASE, request))
    line = "select action, (details ->> 'rows')::int from public.admin_audit_events where object_id = %s"
    assert ("subject.erased", total) in scene.rows(OWNER, line, str(request))
    assert scene.rows(SERVICE, STATE, request) == [("privacy_requests", 0, "processors")]
    assert settle(scene, request, "processors") == 1
    for _ in range(2):
        assert scene.rows(SERVICE, STATE, request) == [("privacy_requests", 0, "done")]
    closed = (
        "select status, closed_at is not null, octet_length(proof_sha256) from public.privacy_requests where id = %s"
    )
    assert scene.rows(SERVICE, closed, request) == [("done", True, 32)]


NO_KEY = {
    "only received": ("deletion", ()),
    "only verified": ("deletion", ("verified",)),
    "waiting for a processor": ("deletion", ("verified", "running", "waiting_processor")),
    "refused": ("deletion", ("refused",)),
    "an export": ("export", ("verified", "running")),
    "an anonymization": ("anonymization", ("verified", "running")),
}
LOCKED = {
    "sealed scroll": "delete from public.oracle_scrolls where subject_id = %s and sealed_at is not null",
    "sealed record": "delete from public.passport_records where subject_id = %s",
    "ledger entry": "delete from public.consent_events where subject_id = %s",
    "ledger person": "update public.consent_events set subject_id = null, evidence = null, personal_salt = null"
    " where subject_id = %s",
    "what stands": "delete from public.consents where subject_id = %s",
}


@pytest.mark.parametrize("what", NO_KEY)
def test_without_a_running_request_nothing_gives_way(scene: Scene, what: str) -> None:
    kind, states = NO_KEY[what]
    world = make_world(scene)
    request = request_deletion(scene, world, *states, kind=kind)
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, ERASE, request) == "42501"
    for statement in LOCKED.values():
        assert scene.refusal(OWNER, statement, world.subject) == "42501"


def test_a_running_request_opens_nothing_by_itself(scene: Scene) -> None:
    """Only the erasure's own transaction may remove what is sealed: plain statements may not, of nobody's rows."""
    world, other = make_world(scene), make_world(scene)
    request_deletion(scene, world, "verified", "running")
    for statement in LOCKED.values():
        for person in (world, other):
            for actor in (OWNER, SERVICE):
                assert scene.refusal(actor, statement, person.subject) == "42501"


BEGIN = "insert into public.privacy_requests (subject_id, kind, status) values (%s, 'deletion', "
MOVE = "update public.privacy_requests set {} where subject_id = %s and kind = "
FORGED = {
    "begun as running": BEGIN + "'running')",
    "begun as verified": BEGIN + "'verified')",
    "moved too far": MOVE.format("status = 'running'") + "'deletion'",
    "an export made a deletion": MOVE.format("kind = 'deletion'") + "'export'",
}


@pytest.mark.parametrize("how", FORGED)
def test_a_request_is_not_forged(scene: Scene, how: str) -> None:
    world = make_world(scene)
    request_deletion(scene, world)
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, FORGED[how], world.subject) in ("23514", "42501")


def test_a_request_is_not_turned_against_somebody_else(scene: Scene) -> None:
    world, other = make_world(scene), make_world(scene)
    request = request_deletion(scene, world, "verified", "running")
    turn = "update public.privacy_requests set subject_id = %s where id = %s"
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, turn, other.subject, request) == "42501"


@pytest.mark.parametrize("actor", [OPERATOR, SERVICE], ids=lambda actor: actor.id)
def test_operators_do_not_erase(scene: Scene, actor: object) -> None:
    world = make_world(scene)
    request = request_deletion(scene, world, "verified", "running")
    assert scene.refusal(actor, ERASE, request) == ("42501" if actor is OPERATOR else "")  # type: ignore[arg-type]


def _kept_columns() -> Iterator[str]:
    for table in RULES.tables:
        for column in table.columns:
            if column.erase is EraseAction.KEEP and column.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL):
                yield f"{table.id}.{column.name}"


def test_only_a_hash_is_kept_of_what_is_personal() -> None:
    assert set(_kept_columns()) == {"email_suppressions.address_sha256"}
