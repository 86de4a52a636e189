"""The course of an erasure: called again it goes on, killed it resumes, and nobody writes for the person meanwhile."""

import hashlib
import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest
from psycopg.types.json import Jsonb

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.rules.tables.operations import RESERVED_ACTIONS
from lab.sql.functions import function_body
from tests.wall.actors import OWNER, SERVICE
from tests.wall.crowds import Connection, ask, prepare
from tests.wall.erasures import CALL, call, erase, left, proceed, request_erasure, settle
from tests.wall.scenes import Scene
from tests.wall.seeds import World, ask_for_erasure, begin_world, enqueue, give, make_world

Databases = Callable[..., Database]
ROWS = "select count(*) from public.oracle_scrolls where subject_id = %s"
SCROLL = "insert into public.oracle_scrolls (subject_id, question) values (%s, 'A question?')"


@pytest.fixture
def own(server: EmbeddedPostgres, database: Databases) -> Database:
    """A database of its own."""
    return database(server)


@pytest.fixture
def each_own(each_server: EmbeddedPostgres, database: Databases) -> Database:
    """A database of its own on each major."""
    return database(each_server)


def populate(database: Database) -> World:
    """Put a person with a row in every table into a database, for good."""
    with psycopg.connect(database.admin_url, prepare_threshold=None) as connection:
        return make_world(Scene(connection))


@contextmanager
def opened(database: Database, isolation: str = "read committed") -> Iterator[Connection]:
    """Open a transaction that has its view of the data, and a number, before the block begins."""
    with psycopg.connect(database.url, prepare_threshold=None) as connection:
        connection.execute(f"set transaction isolation level {isolation}")
        connection.execute("select pg_current_xact_id()")
        with suppress(psycopg.Error):
            yield connection
        connection.rollback()


def refusal(connection: Connection, statement: str, *values: object) -> str:
    """Return the SQLSTATE of a refusal inside a transaction that goes on; empty without one."""
    try:
        with connection.transaction():
            connection.execute(statement, values)
    except psycopg.Error as error:
        return str(error.sqlstate)
    return ""


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
        assert ask(each_own, "select wall.erasure_settled(%s)", request) == [(True,)]
    assert call(each_own, request) == "processors"
    assert left(each_own, world.subject) == []


def test_what_is_left_of_an_erasure_marks_no_later_transaction(own: Database) -> None:
    """Numbers come again after a restore; whoever gets that of an old erasure erases nobody."""
    erase(own, populate(own).subject)
    with psycopg.connect(own.admin_url, prepare_threshold=None) as connection:
        with Scene(connection).past_every_trigger():
            connection.execute("update public.erased_subjects set erasing_xid = pg_current_xact_id()")
        assert connection.execute("select wall.erasing(null)").fetchone() == (False,)
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


# Everybody who might write for somebody who was erased.


def test_every_column_that_names_a_person_has_the_gate(each_own: Database) -> None:
    found = ask(
        each_own,
        "select t.tgrelid::regclass::text, encode(t.tgargs, 'escape') from pg_trigger t"
        " where t.tgfoid = 'wall.refuse_erased'::regproc and t.tgenabled = 'A'",
    )
    named = {(table.id, c.name) for table in RULES.tables for c in table.columns if c.names_subject}
    assert {(table.removeprefix("public."), name.removesuffix("\\000")) for table, name in found} == named


SERVER_WRITES = {
    "scroll": SCROLL,
    "artifact": "insert into public.oracle_artifacts (subject_id, scroll_id, kind)"
    " values (%s, gen_random_uuid(), 'pdf')",
    "purchase": "insert into public.purchases (checkout_session_id, purchase_link_id, buyer_subject_id, amount_minor,"
    " currency, livemode) values ('cs_late', (select id from public.purchase_links limit 1), %s, 1900, 'eur', false)",
    "purchase for somebody": "update public.purchases set recipient_subject_id = %s",
    "gift": "update public.gift_recipients set accepted_subject_id = %s, accepted_at = now()",
    "echo": "insert into public.echo_entries (subject_id, scroll_id, due_at) values (%s, gen_random_uuid(), now())",
    "council": "insert into public.council_sessions (subject_id, scroll_id) values (%s, gen_random_uuid())",
    "job": "select public.enqueue_delivery_job('receipt', %s,"
    " purchase_id => (select id from public.purchases where buyer_subject_id is null limit 1))",
    "consent": "select public.record_consent(%s, 'email_delivery', 'withdrawn', gen_random_uuid())",
    "request": "insert into public.privacy_requests (subject_id, kind) values (%s, 'export')",
}


@pytest.fixture(scope="module")
def aftermath(server: EmbeddedPostgres, populated_database: Databases) -> tuple[Database, World, World]:
    """A database in which one person was erased and another is there."""
    database = populated_database(server)
    gone, there = populate(database), populate(database)
    erase(database, gone.subject)
    return database, gone, there


@pytest.mark.parametrize("role", ["service_role", "postgres"])
@pytest.mark.parametrize("what", SERVER_WRITES)
def test_the_server_writes_nothing_for_the_erased(
    aftermath: tuple[Database, World, World], what: str, role: str
) -> None:
    database, gone, _ = aftermath
    with psycopg.connect(database.url) as connection:
        connection.execute(f"set role {role}")
        assert refusal(connection, SERVER_WRITES[what], gone.subject) == "42501"
        connection.rollback()


TOKEN_WRITES = {
    "gives a consent": "select public.give_consent('email_delivery', (select id from public.consent_notices"
    " where purpose = 'email_delivery'), gen_random_uuid())",
    "withdraws a consent": "select public.withdraw_consent('email_delivery', gen_random_uuid())",
    "asks for privacy": "select public.request_privacy('export')",
    "accepts a gift": "select public.accept_gift('a token that lives')",
}


@pytest.mark.parametrize("what", TOKEN_WRITES)
def test_a_token_that_still_lives_writes_nothing(aftermath: tuple[Database, World, World], what: str) -> None:
    database, gone, there = aftermath
    with psycopg.connect(database.admin_url, prepare_threshold=None) as connection:
        connection.execute(
            "with asked as materialized (select public.record_consent(%(who)s, 'gift_recipient', 'given',"
            " gen_random_uuid(), n.id, %(what)s) from public.consent_notices n where n.purpose = 'gift_recipient')"
            " select count(*) from asked",
            {"who": there.subject, "what": there.ids["gift"]},
        )
        connection.execute(
            "insert into public.gift_recipients (subject_id, artifact_id, contact, token_sha256)"
            " values (%s, %s, 'somebody@example.test', %s)",
            [there.subject, there.ids["gift"], hashlib.sha256(b"a token that lives").digest()],
        )
        claims = json.dumps({"sub": str(gone.subject), "role": "authenticated"})
        connection.execute("select set_config('request.jwt.claims', %s, true),"
                           " set_config('role', 'authenticated', true)",
                           [claims])  # fmt: skip
        assert refusal(connection, TOKEN_WRITES[what]) == "42501"
        connection.rollback()


def test_late_workers_and_webhooks_bring_nobody_back(own: Database) -> None:
    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "email_delivery")
        enqueue(scene, world, "receipt")

    world = prepare(own, arrange)
    taken = ask(own, "select job_id, lease_token from public.claim_delivery_jobs('late', 10)")
    assert len(taken) == 2
    erase(own, world.subject)
    for job in taken:
        assert ask(own, "select public.complete_delivery_job(%s, %s)", *job) == [(False,)]
        assert ask(own, "select public.fail_delivery_job(%s, %s, 'x')", *job) == [("fenced",)]
        assert ask(own, "select public.may_send_delivery_job(%s, %s)", *job) == [(False,)]
    refund = (
        "update public.purchases set status = 'refunded', refunded_at = now(), amount_refunded_minor = amount_minor"
        " where id = %s returning status"
    )
    assert ask(own, refund, world.ids["purchase"]) == [("refunded",)]
    assert left(own, world.subject) == []


# Whoever works with the person's rows at that moment.

HELD = {
    "the request": "select from public.privacy_requests where subject_id = %s for update",
    "the person": "select wall.lock_person(%s, false, 0)",
    "a job": "select from public.delivery_jobs where subject_id = %s for update",
    "an artifact": "select from public.oracle_artifacts where subject_id = %s for key share",
    "a ledger entry": "select from public.consent_events where subject_id = %s for update",
    "what stands": "select from public.consents where subject_id = %s for share",
    "a purchase": "update public.purchases set unlocked_at = now() where buyer_subject_id = %s",
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
    ask(own, move, "paid", world.ids["purchase"])
    assert [call(own, request), proceed(own, request)] == ["waiting", "processors"]


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
        while ask(own, "select wall.erasure_settled(%s)", request) != [(True,)]:
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
    " where request_id = %s and wall.erasure_settled(request_id)"
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
    settled = "select pg_get_functiondef('wall.erasure_settled(uuid)'::regprocedure)"
    with psycopg.connect(own.admin_url, autocommit=True) as admin:
        (as_it_is,) = admin.execute(settled).fetchone() or ("",)
        admin.execute(
            "create or replace function wall.erasure_settled(request uuid) returns boolean language plpgsql volatile"
            " security definer set search_path = pg_catalog, pg_temp as $$ begin"
            " perform set_config('probe.asked', 'x' || coalesce(current_setting('probe.asked', true), ''), true);"
            " return current_setting('probe.asked') = 'x'; end $$"
        )
        assert call(own, request) == "waiting"
        with psycopg.connect(own.url) as connection:
            assert refusal(connection, MARK, request) == "55006"
        admin.execute(as_it_is.encode())
    assert proceed(own, request) == "processors"
    assert left(own, world.subject) == []


def test_no_line_of_the_trail_leads_to_an_erased_person(own: Database) -> None:
    world = prepare(own)
    uuids = [str(world.subject), str(world.subject).upper(), world.subject.hex]
    line = (
        "select public.record_audit_event('operator', 'user.seen', 'users', %s, 'done',"
        " jsonb_build_object('who', %s::text), %s)"
    )
    for form in uuids:
        ask(own, line, form, form, form)
    lines = "select a::text from public.admin_audit_events a"
    assert not [text for (text,) in ask(own, lines) for form in uuids if form in text]
    ((code,),) = ask(own, "select id::text from public.audit_codes where subject_id = %s", world.subject)
    assert sum(code in text for (text,) in ask(own, lines)) == 3
    erase(own, world.subject)
    assert ask(own, "select count(*) from public.audit_codes") == [(0,)]
    ask(own, line, *[str(world.subject)] * 3)
    assert not [text for (text,) in ask(own, lines) for form in uuids if form in text]


SPELLINGS = {
    "a hyphen more": lambda id: f"{str(id)[:4]}-{str(id)[4:]}",
    "hyphens after four digits": lambda id: "-".join(id.hex[place : place + 4] for place in range(0, 32, 4)),
    "a hyphen after each digit but few": lambda id: "-".join(id.hex[:6]) + id.hex[6:],
    "a digit before": lambda id: f"0{id.hex}",
    "digits around": lambda id: f"00{id.hex}ff",
    "two hyphens": lambda id: str(id).replace("-", "--", 1),
}
IN_DETAILS = {
    "underscores": lambda id: str(id).replace("-", "_"),
    "a word before": lambda id: f"by:{id.hex}",
    "dots": lambda id: str(id).replace("-", "."),
}


@pytest.mark.parametrize("how", [*SPELLINGS, *IN_DETAILS])
def test_no_spelling_of_an_id_stays_in_the_trail(scene: Scene, how: str) -> None:
    subject = scene.make_person()
    text = (SPELLINGS | IN_DETAILS)[how](subject)
    target = text if how in SPELLINGS else "1"
    line = "select public.record_audit_event('operator', 'user.seen', 'users', %s, 'done', %s, %s)"
    details = Jsonb({"who": text} if len(text) <= 40 else {})
    scene.value(SERVICE, line, target, details, target)
    written = (
        "select concat_ws(' ', object_id, actor_id, details) from public.admin_audit_events order by id desc limit 1"
    )
    said = scene.truth(written)
    assert subject.hex not in re.sub("[^0-9a-f]", "", said.lower())
    assert str(scene.truth("select id from public.audit_codes where subject_id = %s", subject)) in said


def test_what_names_nobody_stays_in_the_trail(scene: Scene) -> None:
    digest = hashlib.sha256(b"a proof").hexdigest()
    line = "select public.record_audit_event('operator', 'proof.seen', 'users', %s, 'done', %s)"
    scene.value(SERVICE, line, digest, Jsonb({"digest": digest}))
    written = "select object_id, details ->> 'digest' from public.admin_audit_events order by id desc limit 1"
    assert scene.rows(OWNER, written) == [(digest, digest)]


@pytest.mark.parametrize("action", RESERVED_ACTIONS)
def test_no_login_says_what_the_database_alone_does(scene: Scene, action: str) -> None:
    row = "insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome)"
    for statement in (
        f"{row} values ('server', %s, 'consent_events', '1', 'done')",
        "select public.record_audit_event('server', %s, 'consent_events', '1')",
    ):
        assert scene.refusal(SERVICE, statement, action) == "42501"
        assert scene.refusal(SERVICE, statement, "thing.done") == ""


def test_what_the_database_says_is_reserved() -> None:
    """Each function that writes a line with its owner's rights; what workers do is said by the server as well."""
    ours = [f for f in RULES.functions if (f.definer and f.db_schema == "wall") or f.id == "erase_subject"]
    said = {action for f in ours for action in re.findall(r"'([a-z]+\.[a-z]+)'", function_body(f))}
    settings = {name for name in said if name.split(".")[0] in ("auth", "lab", "public", "request", "wall")}
    assert said - settings <= set(RESERVED_ACTIONS)
    assert {"subject.erased", "consent.blanked", "hold.placed"} <= said


def test_an_erased_person_has_a_line_for_each_entry_that_was_blanked(own: Database) -> None:
    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "email_delivery")
        give(scene, world.subject, "echo_followup")
        add = begin_world(scene)
        give(scene, add.subject, "email_delivery")

    world = prepare(own, arrange)
    mine = {str(id) for (id,) in ask(own, "select id from public.consent_events where subject_id = %s", world.subject)}
    before = {str(id) for (id,) in ask(own, "select id from public.consent_events")}
    erase(own, world.subject)
    after = {str(id) for (id,) in ask(own, "select id from public.consent_events")}
    lines = ask(own, "select object_table, object_id from public.admin_audit_events where action = 'consent.blanked'")
    assert {("consent_events", id) for id in mine | after - before} == set(lines)
    assert len(lines) == 2 * len(mine) == 4  # the erasure takes each consent back first
