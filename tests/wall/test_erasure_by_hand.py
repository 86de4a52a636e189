"""Nobody erases by hand, and an erasure that was begun is finished."""

import time

import psycopg
import pytest

from fixtures.servers import Database
from tests.wall.crowds import ask
from tests.wall.erasures import call, left, opened, populate, proceed, refusal, request_erasure

# Nobody erases by hand, and nobody shortens the way.


def test_the_mark_obliges_to_finish(own: Database) -> None:
    """The example: what stands is deleted under a running request, and put back from an older grant."""
    world = populate(own)
    request = request_erasure(own, world.subject)
    mark = "update public.erased_subjects set erasing_xid = '1' where request_id = %s"
    assert call(own, request) == "waiting"
    with psycopg.connect(own.url) as connection:
        assert refusal(connection, mark, request) == "55006"  # nobody knows yet who missed the tombstone
        connection.rollback()
        connection.execute("update public.erased_subjects set barrier_xid = '3' where request_id = %s", [request])
        assert connection.execute("select barrier_xid = pg_current_xact_id() from public.erased_subjects"
                                  " where request_id = %s", [request]).fetchone() == (True,)  # fmt: skip
        connection.commit()
        while ask(own, "select wall.tombstone_is_visible(%s)", request) != [(True,)]:
            time.sleep(0.02)
        connection.execute(mark, [request])
        connection.execute("delete from public.consents where subject_id = %s", [world.subject])
        back = (
            "insert into public.consents (subject_id, purpose, standing, event_id, changed_at)"
            " select subject_id, purpose, true, id, created_at from public.consent_events"
            " where subject_id = %s and purpose = 'email_delivery' and action = 'given' limit 1"
        )
        assert refusal(connection, back, world.subject) == "42501"
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="the erasure is incomplete"):
            connection.commit()
    assert ask(own, "select count(*) > 0 from public.consents where subject_id = %s", world.subject) == [(True,)]


BY_HAND = {
    "a tombstone without a request": "insert into public.erased_subjects (request_id, subject_id)"
    " select id, subject_id from public.privacy_requests where kind = 'export' and subject_id = %s",
    "a tombstone for somebody else": "insert into public.erased_subjects (request_id, subject_id)"
    " select id, %s from public.privacy_requests where kind = 'deletion' and status = 'running'",
    "a tombstone moved": "update public.erased_subjects set tombstone = sha256('x') where %s::uuid is not null",
    "a person taken out of a tombstone": "update public.erased_subjects set subject_id = null"
    " where subject_id is not null and %s::uuid is not null",
    "a barrier taken away": "update public.erased_subjects set barrier_xid = null where barrier_xid is not null"
    " and %s::uuid is not null",
    "another key": "update public.erasure_keys set key = sha256('x') where %s::uuid is not null",
    "a second key": "insert into public.erasure_keys (id) select 2 where %s::uuid is not null",
    "a person taken out of a request": "update public.privacy_requests set subject_id = null where subject_id = %s",
    "a purchase without its buyer": "update public.purchases set buyer_subject_id = null where buyer_subject_id = %s",
}


MARK = (
    "update public.erased_subjects set erasing_xid = pg_current_xact_id()"
    " where request_id = %s and wall.tombstone_is_visible(request_id)"
)


@pytest.mark.parametrize("what", BY_HAND)
def test_nobody_erases_by_hand(own: Database, what: str) -> None:
    world = populate(own)
    running = populate(own)
    request = request_erasure(own, running.subject)
    with opened(own) as holder:  # somebody older, so that the erasure gets its barrier and waits
        assert [call(own, request), call(own, request)] == ["waiting", "waiting"]
        holder.rollback()
    with psycopg.connect(own.url) as connection:
        assert refusal(connection, BY_HAND[what], world.subject) in ("42501", "23514")


def test_a_number_that_is_no_longer_told_from_older_ones_is_waited_for(own: Database) -> None:
    """Between the function's question and the table's a released savepoint elsewhere loses its lock."""
    world = populate(own)
    request = request_erasure(own, world.subject)
    settled = "select pg_get_functiondef('wall.tombstone_is_visible(uuid)'::regprocedure)"
    with psycopg.connect(own.admin_url, autocommit=True) as admin:
        (as_it_is,) = admin.execute(settled).fetchone() or ("",)
        admin.execute(
            "create or replace function wall.tombstone_is_visible(request uuid) returns boolean language plpgsql"
            " volatile security definer set search_path = pg_catalog, pg_temp as $$ begin"
            " perform set_config('probe.asked', 'x' || coalesce(current_setting('probe.asked', true), ''), true);"
            " return current_setting('probe.asked') = 'x'; end $$"
        )
        assert call(own, request) == "waiting"
        with psycopg.connect(own.url) as connection:
            assert refusal(connection, MARK, request) == "55006"
        admin.execute(as_it_is.encode())
    assert proceed(own, request) == "processors"
    assert left(own, world.subject) == []
