"""What delays an erasure: rows that others hold, disputes, legal holds, and files in storage."""

import uuid

import psycopg
import pytest

from fixtures.servers import Database
from tests.wall.crowds import ask, prepare
from tests.wall.erasures import CALL, ROWS, call, left, populate, proceed, refusal, request_erasure

# Whoever works with the person's rows at that moment.

HELD = {
    "the request": "select from public.privacy_requests where subject_id = %s for update",
    "the person": "select wall.lock_person(%s, false, 0)",
    "a job": "select from public.delivery_jobs where subject_id = %s for update",
    "an artifact": "select from public.oracle_artifacts where subject_id = %s for key share",
    "a ledger entry": "select from public.consent_events where subject_id = %s for update",
    "what stands": "select from public.consents where subject_id = %s for share",
    "a purchase": "update public.purchases set unlocked_at = now()"
    " where buyer_subject_id = %s and status = 'paid' and unlocked_at is null",
    "an attempt": "select from public.delivery_attempts a join public.delivery_jobs j on j.id = a.job_id"
    " where j.subject_id = %s for update of a",
}


@pytest.mark.parametrize("what", HELD)
def test_it_waits_for_nobody_and_changes_nothing_half(own: Database, what: str) -> None:
    world = populate(own)
    request = request_erasure(own, world.subject)
    assert call(own, request) == "waiting"
    before = left(own, world.subject)
    with psycopg.connect(own.url, prepare_threshold=None) as holder:
        holder.execute(HELD[what], [world.subject])
        answers = ask(own, CALL, request)
        assert answers in (
            [("privacy_requests", 0, "busy", "rows_in_use")],
            [("privacy_requests", 0, "waiting", "older_transactions")],
        )
        # A transaction that was numbered after the barrier is not waited for: its lock alone says busy.
        while ask(own, CALL, request)[0][2] == "waiting":
            holder.rollback()
            holder.execute(HELD[what], [world.subject])
        assert ask(own, CALL, request) == [("privacy_requests", 0, "busy", "rows_in_use")]
        assert left(own, world.subject) == before
    assert proceed(own, request) == "processors"


# What may delay it.


def test_an_open_dispute_pauses_it(own: Database) -> None:
    world = populate(own)
    request = request_erasure(own, world.subject)
    move = (
        "update public.purchases set status = %s, disputed_at = coalesce(disputed_at, now()) where id = %s returning 1"
    )
    ask(own, move, "disputed", world.ids["purchase"])
    for _ in range(2):
        assert ask(own, CALL, request) == [("privacy_requests", 0, "paused", "open_dispute")]
    paused = "select outcome, details ->> 'reason' from public.admin_audit_events where action = 'erasure.paused'"
    assert ask(own, paused) == [("refused", "open_dispute")]
    standing = "select count(*) from public.consents where subject_id = %s and standing"
    assert ask(own, standing, world.subject) == [(0,)]  # nothing is sent while it is paused
    ask(own, move, "paid", world.ids["purchase"])
    assert proceed(own, request) == "processors"


HOLDS = {
    "oracle_scrolls": "scroll",
    "purchases": "purchase",
    "passport_records": "passport",
    "gift_recipients": "gift_recipient",
    "privacy_requests": "request",
}


@pytest.mark.parametrize("table", HOLDS)
@pytest.mark.parametrize("when", ["before it begins", "before the rows go"])
def test_a_hold_pauses_the_erasure_of_its_row_alone(own: Database, table: str, when: str) -> None:
    world, other = populate(own), populate(own)
    requests = [request_erasure(own, person.subject) for person in (world, other)]
    if when == "before the rows go":
        assert call(own, requests[0]) == "waiting"
    hold = "insert into public.legal_holds (table_name, row_id, reason_code) values (%s, %s, 'tax_audit') returning id"
    ((placed,),) = ask(own, hold, table, str(world.ids[HOLDS[table]]))
    assert ask(own, CALL, requests[0]) == [("privacy_requests", 0, "paused", "tax_audit")]
    assert [call(own, requests[1]), proceed(own, requests[1])] == ["waiting", "processors"]
    assert ask(own, ROWS, world.subject) == [(1,)]
    ask(own, "update public.legal_holds set held_until = now() where id = %s returning 1", placed)
    while call(own, requests[0]) == "waiting":
        pass
    assert left(own, world.subject) == []


def test_files_stay_listed_until_storage_has_deleted_them(own: Database) -> None:
    world = prepare(own)
    paths = {kind: f"{uuid.uuid4().hex}/{uuid.uuid4().hex}.pdf" for kind in ("pdf", "print_view")}
    for kind, path in paths.items():
        ask(
            own, "update public.oracle_artifacts set storage_path = %s where id = %s returning 1", path, world.ids[kind]
        )
    request = request_erasure(own, world.subject)
    assert [call(own, request), proceed(own, request), call(own, request)] == ["waiting", "files", "files"]
    listed = ask(own, "select storage_path, id from public.storage_deletions where request_id = %s", request)
    assert {path for path, _ in listed} == set(paths.values())
    with psycopg.connect(own.url) as connection:
        assert (
            refusal(connection, "update public.privacy_requests set status = 'done' where id = %s", request) == "23514"
        )
        wrong = "update public.storage_deletions set storage_path = '0123456789abcdef' where id = %s"
        assert refusal(connection, wrong, listed[0][1]) == "42501"
    finish = "select public.finish_storage_deletion(%s)"
    assert [ask(own, finish, listed[0][1]) for _ in range(2)] == [[(True,)], [(False,)]]
    assert call(own, request) == "files"
    assert ask(own, finish, listed[1][1]) == [(True,)]
    assert call(own, request) == "processors"
    kept = "select count(storage_path), count(done_at) from public.storage_deletions where request_id = %s"
    assert ask(own, kept, request) == [(0, 2)]
