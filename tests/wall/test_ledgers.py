"""The chain over both ledgers: whole as long as nobody tampers, and broken at the very row where somebody did."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

import lab
from fixtures.servers import Database, People
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.rules.anchoring import LEDGERS as ANCHORED
from lab.rules.anchoring import MAX_WRITE_DELAY
from tests.wall.actors import OPERATOR, OWNER, SERVICE, Actor
from tests.wall.scenes import Scene
from tests.wall.seeds import begin_world, give, make_world, withdraw

QUERIES = Path(lab.__file__).parents[1] / "sql" / "questions"
LEDGERS = ("consent_events", "admin_audit_events")
VERIFY = "select intact, broken_row from public.verify_ledger(%s)"
VERIFY_LATEST = "select intact, broken_row, checked from public.verify_ledger(%s, %s)"
AUDIT = "select public.record_audit_event('system', 'thing.done', 'products', %s)"


def test_a_list_that_another_check_holds_is_tried_below() -> None:
    held = {f"{table.id}.{c.name}" for table in RULES.tables for c in table.columns if c.allowed and c.closed_by}
    lines = {"admin_audit_events.actor_kind", "admin_audit_events.outcome"}
    assert held == lines | {"delivery_jobs.channel", "delivery_jobs.leg"}


@pytest.mark.parametrize(("channel", "leg"), [("pigeon", "email"), ("pdf", "pigeon"), ("pdf", "email")])
def test_a_job_has_a_listed_channel_with_a_leg_of_its_own(scene: Scene, channel: str, leg: str) -> None:
    world = make_world(scene)
    job = "insert into public.delivery_jobs (idempotency_key, channel, leg, subject_id, artifact_id, support_path)"
    job += " values ('pdf:account:0:7', %s, %s, %s, %s, '/operate/queue?channel=pdf')"
    assert scene.refusal(OWNER, job, channel, leg, world.subject, world.ids["pdf"]) in ("22023", "23514")


@pytest.mark.parametrize("actor", [OWNER, SERVICE], ids=lambda actor: actor.id)
def test_a_line_has_a_listed_actor_and_outcome(scene: Scene, actor: Actor) -> None:
    columns = {name: RULES.table("admin_audit_events").column(name).allowed for name in ("actor_kind", "outcome")}
    line = (
        "insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, actor_id)"
        " values (%s, 'thing.done', 'products', %s, %s, %s)"
    )
    for key, by in (("1", None), ("cus_9", "7")):  # judged by the quick pattern, and part by part
        for kind in (*columns["actor_kind"], "visitor", "subject,operator", "", "done"):
            for outcome in (*columns["outcome"], "begun", "{done", "system"):
                listed = kind in columns["actor_kind"] and outcome in columns["outcome"]
                assert scene.refusal(actor, line, kind, key, outcome, by) == ("" if listed else "23514"), (
                    kind,
                    outcome,
                )


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_chain_is_whole(scene: Scene, ledger: str) -> None:
    world = make_world(scene)
    withdraw(scene, world.subject, "email_delivery")
    everything = scene.truth(f"select count(*) from public.{ledger}")
    intact, _, unsealed = scene.rows(
        OPERATOR, "select intact, checked, unsealed from public.verify_ledger(%s)", ledger
    )[0]
    assert intact is True
    assert unsealed > 0
    scene.rows(SERVICE, "select * from public.seal_ledgers()")
    assert scene.rows(SERVICE, "select * from public.verify_ledger(%s)", ledger) == [(True, everything, 0, None, None)]


def test_sealing_goes_on_where_it_stopped(scene: Scene) -> None:
    make_world(scene)
    for place in range(5):
        scene.value(SERVICE, AUDIT, str(place))
    sealed = scene.rows(SERVICE, "select ledger, sealed from public.seal_ledgers(2)")
    assert ("admin_audit_events", 2) in sealed
    assert ("admin_audit_events", 3) in scene.rows(SERVICE, "select ledger, sealed from public.seal_ledgers()")
    assert ("admin_audit_events", 0) in scene.rows(SERVICE, "select ledger, sealed from public.seal_ledgers()")
    assert scene.rows(SERVICE, VERIFY, "admin_audit_events") == [(True, None)]


def test_the_head_is_that_of_the_last_link(scene: Scene) -> None:
    make_world(scene)
    heads = scene.pairs(SERVICE, "select ledger, head from public.seal_ledgers()")
    last = "select chain_hash from public.ledger_seals where ledger = %s order by position desc limit 1"
    assert {ledger: scene.truth(last, ledger) for ledger in LEDGERS} == heads


SET_BACK = "select setval('public.{table}_id_seq', 1)"


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_sequence_that_was_set_back_refuses_nobodys_row(each_scene: Scene, ledger: str) -> None:
    """After a restore of rows without their sequence; the rows that follow are in order, and the chain holds."""
    scene = each_scene
    worlds = [make_world(scene) for _ in range(2)]
    last = scene.truth(f"select max(id) from public.{ledger}")
    for table in (ledger, "ledger_seals"):
        scene.truth(SET_BACK.format(table=table))
    for world in (begin_world(scene), *worlds):
        withdraw(scene, world.subject, "email_delivery")
        give(scene, world.subject, "email_delivery")
        scene.value(SERVICE, AUDIT, "1")
    written = scene.rows(OWNER, f"select id from public.{ledger} where id > %s order by id", last)
    assert len(written) >= 3
    scene.rows(SERVICE, "select * from public.seal_ledgers()")
    assert scene.rows(SERVICE, VERIFY, ledger) == [(True, None)]


def test_a_number_is_found_by_an_index(scene: Scene) -> None:
    make_world(scene)
    plan = scene.rows(OWNER, "explain select max(e.id) from public.admin_audit_events e")
    assert any("Index Only Scan Backward" in line for (line,) in plan)


def test_the_hour_and_the_ledgers_are_those_of_the_anchors(scene: Scene) -> None:
    assert scene.truth("select wall.longest_write()") == MAX_WRITE_DELAY
    assert scene.truth("select wall.ledgers()") == [ledger.id for ledger in ANCHORED]
    unsealed = (QUERIES / "ledgers_unsealed.sql").read_text()
    assert set(re.findall(r"interval '([^']*)'", unsealed)) == {f"{MAX_WRITE_DELAY // timedelta(hours=1)} hour"}
    assert set(re.findall(r"s\.ledger = '(\w+)'", unsealed)) == {ledger.id for ledger in ANCHORED}


def test_there_are_two_ledgers(scene: Scene) -> None:
    assert scene.refusal(SERVICE, "select * from public.verify_ledger('purchases')") == "22023"


@pytest.mark.parametrize("latest", [0, -1])
def test_a_walk_of_no_link_proves_nothing(scene: Scene, latest: int) -> None:
    assert scene.refusal(SERVICE, VERIFY_LATEST, "consent_events", latest) == "22023"


TAMPERING = {
    "a row is changed": ("update public.{ledger} set {column} = {value} where id = {row}", LEDGERS),
    "a row and its digest are changed": (
        "update public.{ledger} t set {column} = {value},"
        " row_hash = wall.ledger_content(to_jsonb(t) || jsonb_build_object('{column}', {value})) where id = {row}",
        LEDGERS,
    ),
    "a digest is changed": ("update public.{ledger} set row_hash = '\\x00' where id = {row}", LEDGERS),
    "a row is removed": ("delete from public.{ledger} where id = {row}", LEDGERS),
    "evidence is changed": ("update public.{ledger} set evidence = '{{}}' where id = {row}", LEDGERS[:1]),
    "evidence is changed, its salt removed": (
        "update public.{ledger} set evidence = '{{}}', personal_salt = null where id = {row}",
        LEDGERS[:1],
    ),
    "the person is changed": (
        "update public.{ledger} set subject_id = (select u.id from auth.users u where u.id <> subject_id limit 1)"
        " where id = {row}",
        LEDGERS[:1],
    ),
    "a seal is changed": (
        "update public.ledger_seals set row_hash = '\\x00' where ledger = '{ledger}' and row_id = {row}",
        LEDGERS,
    ),
    "a link is changed": (
        "update public.ledger_seals set chain_hash = '\\x00' where ledger = '{ledger}' and row_id = {row}",
        LEDGERS,
    ),
    "a seal is dated back": (
        "update public.ledger_seals set created_at = created_at - interval '1 day'"
        " where ledger = '{ledger}' and row_id = {row}",
        LEDGERS,
    ),
}
COLUMNS = {"consent_events": ("locale", "'xx'"), "admin_audit_events": ("outcome", "'failed'")}


@pytest.mark.parametrize(
    ("what", "ledger"), [(what, ledger) for what, (_, ledgers) in TAMPERING.items() for ledger in ledgers]
)
def test_the_first_broken_row_is_named(scene: Scene, what: str, ledger: str) -> None:
    row = _withdrawal(scene, ledger)
    column, value = COLUMNS[ledger]
    with scene.past_every_trigger() as connection:
        change = TAMPERING[what][0].format(ledger=ledger, row=row, column=column, value=value)
        assert connection.execute(change).rowcount == 1
    assert scene.rows(SERVICE, VERIFY, ledger) == [(False, row)]


def _withdrawal(scene: Scene, ledger: str) -> int:
    """Write a row that is neither first nor last, and seal it."""
    world = make_world(scene)
    row = withdraw(scene, world.subject, "echo_followup")
    make_world(scene)
    if ledger == "consent_events":
        return row
    return int(scene.truth("select max(id) from public.admin_audit_events where object_id = %s", str(row)))


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_missing_link_is_noticed(scene: Scene, ledger: str) -> None:
    row = _withdrawal(scene, ledger)
    following = scene.truth(
        "select row_id from public.ledger_seals where ledger = %s and row_id > %s order by position limit 1",
        ledger,
        row,
    )
    with scene.past_every_trigger() as connection:
        connection.execute("delete from public.ledger_seals where ledger = %s and row_id = %s", [ledger, row])
    assert scene.rows(SERVICE, VERIFY, ledger) == [(False, following)]


def _links_after(scene: Scene, ledger: str, row: int) -> int:
    """Count the links that follow the one of a row; there are some."""
    later = "select count(*) from public.ledger_seals where ledger = %(ledger)s and position > (select position from"
    later += " public.ledger_seals where ledger = %(ledger)s and row_id = %(row)s)"
    counted = scene.connection.execute(later, {"ledger": ledger, "row": row}).fetchone()
    assert counted
    assert counted[0] > 1
    return int(counted[0])


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_bounded_walk_sees_as_far_as_its_bound(scene: Scene, ledger: str) -> None:
    row = _withdrawal(scene, ledger)
    after = _links_after(scene, ledger, row)
    everything = scene.truth("select count(*) from public.ledger_seals where ledger = %s", ledger)
    assert scene.rows(OPERATOR, VERIFY_LATEST, ledger, after + 1) == [(True, None, after + 1)]
    for enough in (everything, everything + 1, 10**12):
        assert scene.rows(SERVICE, VERIFY_LATEST, ledger, enough) == [(True, None, everything)]
    column, value = COLUMNS[ledger]
    with scene.past_every_trigger() as connection:
        connection.execute(f"update public.{ledger} set {column} = {value} where id = %s", [row])
    assert scene.rows(SERVICE, VERIFY_LATEST, ledger, after) == [(True, None, after)]
    assert scene.rows(SERVICE, VERIFY_LATEST, ledger, after + 1) == [(False, row, 1)]
    assert scene.rows(SERVICE, VERIFY_LATEST, ledger, everything) == [(False, row, everything - after)]


@pytest.mark.parametrize(
    "harm", ["update public.ledger_seals set chain_hash = '\\x00'", "delete from public.ledger_seals"]
)
@pytest.mark.parametrize("ledger", LEDGERS)
def test_the_first_link_of_a_bounded_walk_follows_from_the_one_before(scene: Scene, ledger: str, harm: str) -> None:
    row = _withdrawal(scene, ledger)
    after = _links_after(scene, ledger, row)
    following = scene.truth(
        "select row_id from public.ledger_seals where ledger = %s order by position desc offset %s limit 1",
        ledger,
        after - 1,
    )
    with scene.past_every_trigger() as connection:
        connection.execute(f"{harm} where ledger = %s and row_id = %s", [ledger, row])
    assert scene.rows(SERVICE, VERIFY_LATEST, ledger, after) == [(False, following, 1)]
    assert scene.rows(SERVICE, VERIFY_LATEST, ledger, after - 1) == [(True, None, after - 1)]


SLIP_IN = """
insert into public.{ledger} overriding system value
select (jsonb_populate_record(t, jsonb_build_object('id', %s::bigint, 'request_id', gen_random_uuid()))).*
  from public.{ledger} t order by t.id limit 1
"""


@pytest.mark.parametrize("ledger", LEDGERS)
@pytest.mark.parametrize("number", ["a gap", "nought"])
def test_a_row_that_is_slipped_in_is_named(scene: Scene, ledger: str, number: str) -> None:
    """Even with a digest that fits: an hour after its neighbours were sealed no honest row can still appear."""
    make_world(scene)
    scene.connection.execute(f"select nextval('public.{ledger}_id_seq')")  # a gap, as a rolled-back write leaves one
    row = scene.truth(f"select last_value from public.{ledger}_id_seq") if number == "a gap" else 0
    give(scene, begin_world(scene).subject, "email_delivery")
    scene.rows(SERVICE, "select * from public.seal_ledgers()")
    with scene.past_every_trigger() as connection:
        _age_chain(connection, ledger, "2 hours")
        connection.execute(SLIP_IN.format(ledger=ledger), [row])
        connection.execute(
            f"update public.{ledger} t set row_hash = wall.ledger_content(to_jsonb(t)) where id = %s", [row]
        )
    assert scene.rows(SERVICE, VERIFY, ledger) == [(False, row)]
    newer = scene.truth(f"select count(*) from public.{ledger} where id > %s", row)
    bounded = "select intact, broken_row from public.verify_ledger(%s, %s)"
    assert scene.rows(SERVICE, bounded, ledger, newer) == [(True, None)]
    assert scene.rows(SERVICE, bounded, ledger, newer + 1) == [(False, row)]
    scene.rows(SERVICE, "select * from public.seal_ledgers()")
    assert scene.rows(SERVICE, VERIFY, ledger) == [(False, row)]


def _age_chain(connection: psycopg.Connection[Any], ledger: str, by: str) -> None:
    """Make a chain as it would be had it been sealed earlier, link by link, by the published formula."""
    links = connection.execute(
        "select position, row_id, row_hash from public.ledger_seals where ledger = %s order by position", [ledger]
    ).fetchall()
    head = b""
    for position, row, row_hash in links:
        made = connection.execute(
            "update public.ledger_seals s set created_at = now() - %s::interval, chain_hash = sha256(%s"
            " || int8send(%s) || int8send(%s) || timestamptz_send(now() - %s::interval) || %s)"
            " where ledger = %s and position = %s returning chain_hash",
            [by, head, position, row, by, row_hash, ledger, position],
        ).fetchone()
        assert made
        head = made[0]


def test_an_old_chain_is_whole(scene: Scene) -> None:
    make_world(scene)
    with scene.past_every_trigger() as connection:
        _age_chain(connection, "consent_events", "2 hours")
    assert scene.rows(SERVICE, VERIFY, "consent_events") == [(True, None)]


def test_nobody_waits_for_a_writer_or_for_the_sealer(
    server: EmbeddedPostgres, database: Callable[..., Database], people: Callable[[Database], People]
) -> None:
    """One entry stays uncommitted; others write and seal meanwhile, and it is sealed when it comes."""
    own = database(server)
    known = people(own)
    subjects = (known.owner, known.stranger)
    slow, quick, sealer = (connect(own.url, lock_timeout_seconds=5) for _ in range(3))
    call = (
        "select public.record_consent(%s, 'email_delivery', 'given', gen_random_uuid(),"
        " (select id from public.consent_notices where purpose = 'email_delivery'))"
    )
    with slow, quick, sealer:
        late = slow.execute(call, [subjects[0]]).fetchone()
        early = quick.execute(call, [subjects[1]]).fetchone()
        assert late
        assert early
        assert late[0] < early[0]
        quick.commit()
        assert sealer.execute("select sealed from public.seal_ledgers()").fetchall() == [(1,), (1,)]
        quick.execute(AUDIT, ["1"])  # while the sealer has not committed
        quick.commit()
        sealer.commit()
        slow.commit()
        assert sealer.execute("select sealed from public.seal_ledgers()").fetchall() == [(1,), (2,)]
        for ledger in LEDGERS:
            assert sealer.execute(VERIFY, [ledger]).fetchall() == [(True, None)]
        sealer.commit()
