"""Seals: what is sealed stays as it is for every role, and a change that got past the wall is seen."""

import pytest

from tests.wall.actors import OWNER, SERVICE, Actor, guest
from tests.wall.scenes import Scene
from tests.wall.seeds import World, add_passport, begin_world, give, make_world

SEALED = {"scroll": "oracle_scrolls", "passport": "passport_records"}
CHANGES = {
    "words": {"scroll": "answer = 'other'", "passport": "artifact_id = null"},
    "nothing": {"scroll": "locale = locale", "passport": "artifact_id = artifact_id"},
    "unseal": {"scroll": "sealed_at = null, seal_hash = null", "passport": "sealed_at = null, seal_hash = null"},
    "another seal": {"scroll": "seal_hash = '\\x00'", "passport": "seal_hash = '\\x00'"},
    "another date": {"scroll": "sealed_at = now()", "passport": "sealed_at = now()"},
}


@pytest.mark.parametrize("mode", ["origin", "replica"])
@pytest.mark.parametrize("what", SEALED)
def test_what_is_sealed_stays(scene: Scene, what: str, mode: str) -> None:
    world = make_world(scene)
    scene.connection.execute(f"set local session_replication_role = {mode}")
    table, row = f"public.{SEALED[what]}", world.ids[what]
    for actor in (OWNER, SERVICE, world.actor):
        for change in CHANGES.values():
            assert scene.refusal(actor, f"update {table} set {change[what]} where id = %s", row) == "42501"
        assert scene.refusal(actor, f"delete from {table} where id = %s", row) == "42501"
        assert scene.refusal(actor, f"truncate {table} cascade") == "42501"


def test_an_unsealed_scroll_is_still_written(scene: Scene) -> None:
    world = begin_world(scene)
    change = "update public.oracle_scrolls set answer = 'another answer' where id = %s"
    assert scene.count(SERVICE, change, world.ids["scroll"]) == 1


def test_the_date_and_the_seal_are_the_databases_own(scene: Scene) -> None:
    world = begin_world(scene)
    forged = "update public.oracle_scrolls set sealed_at = '2001-01-01', seal_hash = '\\x00' where id = %s"
    assert scene.count(SERVICE, forged, world.ids["scroll"]) == 1
    assert scene.truth("select sealed_at > now() - interval '1 minute' and octet_length(seal_hash) = 32"
                       " from public.oracle_scrolls where id = %s", world.ids["scroll"])  # fmt: skip
    assert scene.rows(SERVICE, "select * from wall.broken_seals()") == []


def test_only_a_finished_reading_is_sealed(scene: Scene) -> None:
    world = begin_world(scene)
    scene.count(SERVICE, "update public.oracle_scrolls set answer = null where id = %s", world.ids["scroll"])
    assert scene.refusal(SERVICE, "select public.seal_scroll(%s)", world.ids["scroll"]) == "23514"
    assert scene.refusal(SERVICE, "select public.seal_scroll(%s)", world.subject) == "P0002"


def test_a_seal_is_made_once(scene: Scene) -> None:
    world = make_world(scene)
    assert scene.refusal(SERVICE, "select public.seal_scroll(%s)", world.ids["scroll"]) == "42501"
    assert scene.refusal(SERVICE, "select public.seal_passport_record(%s)", world.ids["passport"]) == "42501"


@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
def test_an_unsealed_scroll_is_not_sealed_into_a_passport(scene: Scene, actor: Actor) -> None:
    world = begin_world(scene)
    give(scene, world.subject, "passport_write")
    record = add_passport(scene, world)
    assert scene.refusal(actor, "select public.seal_passport_record(%s)", record) == "23514"
    forged = "update public.passport_records set sealed_at = now(), scroll_seal_hash = '\\x00' where id = %s"
    assert scene.refusal(actor, forged, record) == "23514"
    scene.value(SERVICE, "select public.seal_scroll(%s)", world.ids["scroll"])
    assert scene.refusal(actor, "select public.seal_passport_record(%s)", record) == ""


@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
def test_an_anonymous_sign_in_gets_no_passport(scene: Scene, actor: Actor) -> None:
    world = begin_world(scene, anonymous=True)
    give(scene, world.subject, "passport_write")
    insert = "insert into public.passport_records (subject_id, scroll_id) values (%s, %s)"
    assert scene.refusal(actor, insert, world.subject, world.ids["scroll"]) == "42501"
    scene.connection.execute("update auth.users set is_anonymous = false where id = %s", [world.subject])
    assert scene.refusal(actor, insert, world.subject, world.ids["scroll"]) == ""


VERIFY = "select public.verify_passport_record(%s)"


def test_whoever_reads_a_record_verifies_it(scene: Scene) -> None:
    world, other = make_world(scene), make_world(scene)
    for actor in (world.actor, SERVICE, OWNER):
        assert scene.value(actor, VERIFY, world.ids["passport"]) is True
    assert scene.refusal(other.actor, VERIFY, world.ids["passport"]) == "P0002"
    assert scene.refusal(guest(world.subject), VERIFY, world.ids["passport"]) == "P0002"


TAMPERED = {
    "question": ("oracle_scrolls", "question = 'another'", ("oracle_scrolls", "scroll")),
    "owner": ("oracle_scrolls", "subject_id = (select id from auth.users u where u.id <> subject_id limit 1)",
              ("oracle_scrolls", "scroll")),
    "scroll's seal": ("oracle_scrolls", "seal_hash = decode(repeat('00', 32), 'hex')", ("oracle_scrolls", "scroll")),
    "record": ("passport_records", "artifact_id = null", ("passport_records", "passport")),
    "record's date": ("passport_records", "sealed_at = sealed_at - interval '1 day'", ("passport_records", "passport")),
    "scroll and its seal": (
        "oracle_scrolls",
        "answer = 'forged',"
        " seal_hash = wall.seal_content(jsonb_set(to_jsonb(oracle_scrolls), '{answer}', '\"forged\"'))",
        ("passport_records", "passport"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_seen(scene: Scene, what: str) -> None:
    table, change, (named, key) = TAMPERED[what]
    world: World = make_world(scene)
    make_world(scene)
    row = world.ids["scroll" if table == "oracle_scrolls" else "passport"]
    scene.connection.execute("set local timezone = 'UTC'")
    with scene.past_every_trigger() as connection:
        assert connection.execute(f"update public.{table} set {change} where id = %s", [row]).rowcount == 1
    assert scene.value(SERVICE, VERIFY, world.ids["passport"]) is False
    assert (named, world.ids[key]) in scene.rows(SERVICE, "select * from wall.broken_seals()")


SESSIONS = {
    "time zone": "set local timezone = 'Pacific/Kiritimati'",
    "bytea": "set local bytea_output = 'escape'",
    "date style": "set local datestyle = 'German, DMY'",
    "interval style": "set local intervalstyle = 'sql_standard'",
    "float digits": "set local extra_float_digits = -15",
    "search path": "set local search_path = 'pg_temp'",
}


@pytest.mark.parametrize("made_here", [True, False], ids=["sealed", "verified"])
@pytest.mark.parametrize("session", SESSIONS)
def test_a_seal_does_not_depend_on_the_session(scene: Scene, session: str, made_here: bool) -> None:
    setting = SESSIONS[session]
    if made_here:
        scene.connection.execute(setting)
    world = make_world(scene)
    scene.connection.execute("reset all" if made_here else setting)
    assert scene.value(SERVICE, VERIFY, world.ids["passport"]) is True
    assert scene.rows(SERVICE, "select * from wall.broken_seals()") == []
    for ledger in ("consent_events", "admin_audit_events"):
        assert scene.value(SERVICE, "select intact from public.verify_ledger(%s)", ledger) is True
