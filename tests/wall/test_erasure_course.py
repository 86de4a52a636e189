"""The course of an erasure: called again it goes on, killed it resumes, and waits for transactions that are open."""

import psycopg
import pytest

from fixtures.servers import Database
from tests.wall.crowds import ask, prepare
from tests.wall.erasures import (
    CALL,
    ROWS,
    SCROLL,
    call,
    erase,
    left,
    opened,
    populate,
    proceed,
    refusal,
    request_erasure,
    settle,
)
from tests.wall.scenes import Scene
from tests.wall.seeds import ask_for_erasure


def test_it_goes_on_with_each_call_and_answers_when_it_is_done(each_own: Database) -> None:
    world = populate(each_own)
    request = request_erasure(each_own, world.subject)
    assert ask(each_own, CALL, request) == [("privacy_requests", 0, "waiting", "older_transactions")]
    assert ask(each_own, ROWS, world.subject) == [(1,)]
    assert proceed(each_own, request) == "processors"
    assert left(each_own, world.subject) == []
    settle(each_own, request)
    assert [call(each_own, request) for _ in range(2)] == ["done", "done"]
    steps = ask(each_own, "select name, status from public.privacy_request_steps where request_id = %s", request)
    assert dict(steps) == dict.fromkeys(("tombstone", "rows", "files", "processors"), "done")


def test_killed_anywhere_it_resumes(own: Database) -> None:
    """Each call is broken off before it commits; what was committed before stays, and nothing else."""
    world = populate(own)
    request = request_erasure(own, world.subject)
    states = []
    for _ in range(3):
        with psycopg.connect(own.url) as connection:
            states.append(str(connection.execute(CALL, [request]).fetchall()[0][2]))
            connection.rollback()
        states.append(call(own, request) if not states[1:] else proceed(own, request))
    assert states[:2] == ["waiting", "waiting"]
    assert states[3:] == ["processors"] * 3
    assert left(own, world.subject) == []
    settle(own, request)


def test_a_second_request_of_the_same_person_ends_too(own: Database) -> None:
    world = populate(own)
    first, second = (request_erasure(own, world.subject) for _ in range(2))
    waiting = request_erasure(own, world.subject, "verified")
    assert [call(own, first), proceed(own, first)] == ["waiting", "processors"]
    assert call(own, second) == "done"
    assert ask(own, "select status from public.privacy_requests where id = %s", waiting) == [("cancelled",)]


def test_a_second_request_waits_for_the_first(own: Database) -> None:
    """Both run: the second says so, and never that its person is erased while they are not."""
    world = populate(own)
    first, second = (request_erasure(own, world.subject) for _ in range(2))
    assert call(own, first) == "waiting"
    for _ in range(2):
        assert ask(own, CALL, second) == [("privacy_requests", 0, "waiting", "another_request")]
    assert ask(own, ROWS, world.subject) == [(1,)]
    assert [proceed(own, first), call(own, second)] == ["processors", "done"]


@pytest.mark.parametrize("closed", ["refused", "cancelled"])
def test_a_closed_request_says_how_it_was_closed(own: Database, closed: str) -> None:
    world = populate(own)
    request = request_erasure(own, world.subject, "verified", closed)
    with psycopg.connect(own.url) as connection:
        assert refusal(connection, CALL, request) == "42501"
    erase(own, world.subject)
    assert ask(own, CALL, request) == [("privacy_requests", 0, closed, None)]
    assert ask(own, "select count(*) from public.privacy_request_steps where request_id = %s", request) == [(0,)]


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_it_refuses_to_work_with_an_old_view(own: Database, isolation: str) -> None:
    request = request_erasure(own, prepare(own).subject)
    with opened(own, isolation) as connection:
        assert refusal(connection, CALL, request) == "25001"


# Transactions that were open when the tombstone was written.

ISOLATIONS = ("read committed", "repeatable read", "serializable")


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_it_waits_for_whoever_wrote_before(own: Database, isolation: str) -> None:
    world = prepare(own)
    request = request_erasure(own, world.subject)
    with opened(own, isolation) as connection:
        connection.execute(SCROLL, [world.subject])
        states = [call(own, request) for _ in range(3)]
        assert states[-1] == ("waiting" if isolation == "read committed" else "busy")
        connection.commit()
    assert ask(own, ROWS, world.subject) == [(2,)]
    while call(own, request) == "waiting":
        pass
    assert ask(own, ROWS, world.subject) == [(0,)]
    assert left(own, world.subject) == []


@pytest.mark.parametrize("isolation", ISOLATIONS)
@pytest.mark.parametrize("after", ["the tombstone", "the rows"])
def test_an_open_transaction_writes_nothing_afterwards(own: Database, isolation: str, after: str) -> None:
    world = prepare(own)
    request = request_erasure(own, world.subject)
    with psycopg.connect(own.url, prepare_threshold=None) as connection:
        connection.execute(f"set transaction isolation level {isolation}")
        connection.execute("select count(*) from public.oracle_scrolls")  # a view of the data, but no number
        assert call(own, request) == "waiting"
        if after == "the rows":
            assert proceed(own, request) == "processors"
        expected = "42501" if isolation == "read committed" else "40001"
        for statement in (SCROLL, "update public.purchases set recipient_subject_id = %s"):
            assert refusal(connection, statement, world.subject) in (expected, "40001")
        connection.rollback()
    assert ask(own, "select count(*) from public.oracle_scrolls where subject_id = %s and question like 'A q%%'",
               world.subject) == [(0,)]  # fmt: skip


def test_whoever_looks_before_the_tombstone_commits_is_waited_for(own: Database) -> None:
    """The gate is passed while the tombstone is not committed; the erasure waits although that number is higher."""
    world = prepare(own)
    request = request_erasure(own, world.subject)
    with psycopg.connect(own.url) as first, psycopg.connect(own.url) as late:
        first.execute(CALL, [request])
        late.execute(SCROLL, [world.subject])
        first.commit()
        assert [call(own, request) for _ in range(3)] == ["waiting"] * 3
        late.commit()
    assert proceed(own, request) == "processors"
    assert left(own, world.subject) == []


CHANGES = {
    "an account": "update auth.users set email = 'changed@example.test' where id = %s",
    "the same account": "insert into auth.users (id, is_anonymous, aud, role) values (%s, false, 'a', 'a')"
    " on conflict (id) do update set email = 'changed@example.test'",
    "in a savepoint": "do $$ begin update auth.users set email = 'changed@example.test' where %s is not null;"
    " exception when division_by_zero then null; end $$",
}


@pytest.mark.parametrize("what", CHANGES)
def test_whoever_changes_the_account_first_waits_all_the_same(each_own: Database, what: str) -> None:
    """A changed row looks like one that was made in this transaction; somebody older may know its person."""
    world = prepare(each_own)
    with opened(each_own) as older:
        older.execute(SCROLL, [world.subject])
        with psycopg.connect(each_own.admin_url, prepare_threshold=None) as connection:
            connection.execute(CHANGES[what].replace("%s", f"'{world.subject}'").encode())
            request = ask_for_erasure(Scene(connection), world.subject)
            states = {row[2] for row in connection.execute(CALL, [request])}
            connection.commit()
        assert states == {"waiting"}
        older.commit()
    assert ask(each_own, ROWS, world.subject) == [(2,)]
    assert [proceed(each_own, request), left(each_own, world.subject)] == ["processors", []]


@pytest.mark.parametrize("ahead", [1, 1000, 10**12])
def test_a_barrier_of_another_server_is_behind(each_own: Database, ahead: int) -> None:
    """A database that was restored to a younger server meets a number that nobody there comes to for years."""
    world = populate(each_own)
    request = request_erasure(each_own, world.subject)
    with opened(each_own):
        assert [call(each_own, request) for _ in range(2)] == ["waiting"] * 2
    with psycopg.connect(each_own.admin_url, prepare_threshold=None) as connection:
        with Scene(connection).past_every_trigger():
            connection.execute(
                "update public.erased_subjects set barrier_xid ="
                " (pg_snapshot_xmax(pg_current_snapshot())::text::bigint + %s)::text::xid8 where request_id = %s",
                [ahead + 1000, request],  # others on this server take numbers meanwhile
            )
        connection.commit()
        assert ask(each_own, "select wall.tombstone_is_visible(%s)", request) == [(True,)]
    assert call(each_own, request) == "processors"
    assert left(each_own, world.subject) == []


def test_what_is_left_of_an_erasure_marks_no_later_transaction(own: Database) -> None:
    """Numbers come again after a restore; whoever gets that of an old erasure erases nobody."""
    erase(own, populate(own).subject)
    with psycopg.connect(own.admin_url, prepare_threshold=None) as connection:
        with Scene(connection).past_every_trigger():
            connection.execute("update public.erased_subjects set erasing_xid = pg_current_xact_id()")
        assert connection.execute("select wall.is_erasing(null)").fetchone() == (False,)
        connection.rollback()


# Writers wait for no erasure.


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_no_writer_waits_for_an_erasure(own: Database, isolation: str) -> None:
    world, other = prepare(own), prepare(own)
    request = request_erasure(own, world.subject)
    with psycopg.connect(own.url) as long, psycopg.connect(own.url) as writer:
        long.execute(CALL, [request])
        writer.execute(f"set transaction isolation level {isolation}")
        writer.execute("set local lock_timeout = '2s'")
        expected = "" if isolation == "read committed" else "40001"
        assert refusal(writer, SCROLL, other.subject) == expected
        long.rollback()
