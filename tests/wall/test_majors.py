"""Each behaviour once on every major; the details are tested on the default one."""

from collections.abc import Callable

import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from tests.wall.actors import ANON, OPERATOR, OWNER, SERVICE
from tests.wall.crowds import ask, prepare, run_all
from tests.wall.scenes import Scene
from tests.wall.seeds import add_card, begin_world, enqueue, give, make_world, withdraw

LEDGERS = ("consent_events", "admin_audit_events")


@pytest.mark.parametrize("mode", ["origin", "replica"])
def test_what_is_kept_is_kept(each_scene: Scene, mode: str) -> None:
    make_world(each_scene)
    each_scene.connection.execute(f"set local session_replication_role = {mode}")
    for table in (*LEDGERS, "ledger_seals", "consent_notices", "consents", "oracle_scrolls", "passport_records"):
        assert each_scene.refusal(OWNER, f"delete from public.{table}") == "42501"
        assert each_scene.refusal(OWNER, f"truncate public.{table} cascade") == "42501"
    for table in LEDGERS:
        assert each_scene.refusal(OWNER, f"update public.{table} set row_hash = '\\x00'") == "42501"
    assert each_scene.refusal(OWNER, "update public.oracle_scrolls set answer = 'other'") == "42501"
    assert each_scene.refusal(OWNER, "update public.consents set standing = not standing") == "42501"


def test_gates_and_withdrawal(each_scene: Scene) -> None:
    world = begin_world(each_scene)
    mail = "select public.enqueue_delivery_job('email', %s, %s)"
    assert each_scene.refusal(SERVICE, mail, world.subject, world.ids["pdf"]) == "42501"
    enqueue(each_scene, world, "receipt")
    give(each_scene, world.subject, "email_delivery")
    enqueue(each_scene, world, "email")
    states = "select channel || ' ' || leg, status from public.delivery_jobs where subject_id = %s"
    assert set(each_scene.pairs(SERVICE, states, world.subject).values()) == {"pending"}
    withdraw(each_scene, world.subject, "email_delivery")
    assert each_scene.pairs(SERVICE, states, world.subject) == {
        "receipt account": "pending",
        "receipt email": "waiting",
        "email email": "cancelled",
    }


def test_share_cards(each_scene: Scene) -> None:
    world = begin_world(each_scene)
    card = (
        "insert into public.share_cards (artifact_id, title, symbol, palette, one_line)"
        " values (%s, %s, 'moon', 'night', 'A light at night.')"
    )
    assert each_scene.refusal(SERVICE, card, world.ids["share_card"], "The Moon") == "42501"
    give(each_scene, world.subject, "public_share", world.ids["share_card"])
    for title in ("Wird mein Bruder überleben, fragt Zoë?", "moon", "Der Mond", "A light at night."):
        assert each_scene.refusal(SERVICE, card, world.ids["share_card"], title) == "23503"
    slug = add_card(each_scene, world)
    opened = "select title from public.open_share_card(%s)"
    assert each_scene.rows(ANON, opened, slug) == [("The Tower",)]
    withdraw(each_scene, world.subject, "public_share", world.ids["share_card"])
    assert each_scene.rows(ANON, opened, slug) == []


def test_seals_and_chains(each_scene: Scene) -> None:
    each_scene.connection.execute("set local timezone = 'Pacific/Kiritimati'; set local bytea_output = 'escape'")
    world = make_world(each_scene)
    each_scene.connection.execute("reset all")
    verify = "select public.verify_passport_record(%s)"
    each_scene.rows(SERVICE, "select * from public.seal_ledgers()")
    assert each_scene.value(world.actor, verify, world.ids["passport"]) is True
    for ledger in LEDGERS:
        assert each_scene.value(OPERATOR, "select intact from public.verify_ledger(%s)", ledger) is True
    row = each_scene.truth("select max(id) from public.consent_events")
    with each_scene.past_every_trigger() as connection:
        connection.execute("update public.oracle_scrolls set answer = 'other' where id = %s", [world.ids["scroll"]])
        connection.execute("update public.consent_events set locale = 'xx' where id = %s", [row])
    assert each_scene.value(world.actor, verify, world.ids["passport"]) is False
    assert each_scene.rows(OPERATOR, "select * from wall.broken_seals()") == [("oracle_scrolls", world.ids["scroll"])]
    broken = "select intact, broken_row from public.verify_ledger('consent_events')"
    assert each_scene.rows(OPERATOR, broken) == [(False, row)]


def test_the_queue(each_scene: Scene) -> None:
    world = begin_world(each_scene)
    job = enqueue(each_scene, world, "pdf")[0]
    assert enqueue(each_scene, world, "pdf") == [job]
    claim = "select job_id, lease_token from public.claim_delivery_jobs('w', 1000)"
    token = each_scene.pairs(SERVICE, claim)[job]
    assert each_scene.rows(SERVICE, "select public.extend_delivery_leases(%s, %s)", [job], token) == [(job,)]
    fail = "select public.fail_delivery_job(%s, %s, 'render.failed', %s)"
    assert each_scene.value(SERVICE, fail, job, token, True) == "dead"
    assert each_scene.value(SERVICE, fail, job, token, True) == "fenced"
    assert each_scene.value(OPERATOR, "select public.retry_delivery_job(%s, 'fixed')", job) == "pending"
    token = each_scene.pairs(SERVICE, claim)[job]
    each_scene.connection.execute(
        "update public.delivery_jobs set lease_until = now() - interval '1 s' where id = %s", [job]
    )
    each_scene.value(SERVICE, "select public.reap_delivery_leases()")
    assert each_scene.value(SERVICE, "select public.complete_delivery_job(%s, %s)", job, token) is False
    each_scene.connection.execute("update public.delivery_jobs set next_run_at = now() where id = %s", [job])
    token = each_scene.pairs(SERVICE, claim)[job]
    assert each_scene.value(SERVICE, "select public.complete_delivery_job(%s, %s)", job, token) is True


def test_erasure(each_scene: Scene) -> None:
    world, other = make_world(each_scene), make_world(each_scene)
    request = each_scene.value(world.actor, "select public.request_privacy('deletion')")
    erase = "select * from public.erase_subject(%s)"
    assert each_scene.refusal(SERVICE, erase, request) == "42501"
    for state in ("verified", "running"):
        each_scene.count(SERVICE, "update public.privacy_requests set status = %s where id = %s", state, request)
    each_scene.rows(SERVICE, erase, request)
    left = "select count(*) from public.oracle_scrolls where subject_id = %s"
    assert [each_scene.truth(left, one.subject) for one in (world, other)] == [0, 1]
    each_scene.rows(SERVICE, "select * from public.seal_ledgers()")
    for ledger in LEDGERS:
        assert each_scene.value(SERVICE, "select intact from public.verify_ledger(%s)", ledger) is True


def test_eight_workers(each_server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    own = database(each_server)
    world = prepare(own)
    ask(
        own,
        "select count(*) from generate_series(1, 100) n,"
        " lateral public.enqueue_delivery_job('pdf', %s, %s, null, null, n)",
        *(world.subject, world.ids["pdf"]),
    )
    taken: list[int] = []

    def work(place: int) -> None:
        while batch := ask(own, "select job_id from public.claim_delivery_jobs(%s, 7)", f"worker-{place}"):
            taken.extend(job for (job,) in batch)

    run_all(8, work)
    assert len(taken) == len(set(taken)) == 100
