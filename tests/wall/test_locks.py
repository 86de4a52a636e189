"""Locks of the wall: no login takes one that a decision, an erasure or sealing needs."""

from collections.abc import Callable

import psycopg
import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.sql.functions import function_body
from tests.wall.crowds import ask, prepare
from tests.wall.erasures import CALL, call, proceed, request_erasure
from tests.wall.scenes import Scene
from tests.wall.seeds import World, give

GUESSES = (
    "select pg_advisory_lock(hashtextextended('person ' || %(who)s::uuid, 0))",
    "select pg_advisory_lock(hashtextextended('public.ledger_seals', 0))",
    "select pg_advisory_lock(hashtext('person ' || %(who)s::uuid))",
    "select pg_advisory_lock(('x' || encode(substr(sha256(convert_to('person ' || %(who)s::uuid, 'UTF8')), 1, 8),"
    " 'hex'))::bit(64)::bigint)",
)
LOGINS = tuple(role.id for role in RULES.roles)
TABLE_LOCKS = ("share update exclusive", "share", "share row exclusive", "exclusive", "access exclusive")


def test_a_login_that_guesses_numbers_holds_nobody_up(own: Database) -> None:
    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "email_delivery")

    world = prepare(own, arrange)
    request = request_erasure(own, world.subject)
    with psycopg.connect(own.url, autocommit=True) as guesser:
        guesser.execute("set role ai_worker")
        for guess in GUESSES:
            guesser.execute(guess, {"who": world.subject})
        with psycopg.connect(own.url, options="-c lock_timeout=2s") as sealer:
            sealer.execute("select * from public.seal_ledgers()")
        assert ask(own, "select wall.lock_person(%s, true, 0)", world.subject) == [(True,)]
        assert [call(own, request), proceed(own, request)] == ["waiting", "processors"]
    assert {row[2] for row in ask(own, CALL, request)} == {"processors"}


@pytest.mark.parametrize("role", LOGINS)
def test_no_login_reads_or_makes_a_number(own: Database, role: str) -> None:
    with psycopg.connect(own.url, autocommit=True) as login:
        login.execute(f"set role {role}")
        for statement in ("select key from public.erasure_keys", "select wall.lock_number('person')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                login.execute(statement)


@pytest.mark.parametrize("role", LOGINS)
@pytest.mark.parametrize("mode", TABLE_LOCKS)
def test_no_login_takes_the_lock_of_sealing(each_server: EmbeddedPostgres, shared_database: Callable[..., Database],
                                            role: str, mode: str) -> None:  # fmt: skip
    with psycopg.connect(shared_database(each_server).admin_url) as login:
        login.execute(f"set role {role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            login.execute(f"lock table public.ledger_seals in {mode} mode nowait")


def test_of_two_sealers_one_waits_and_writers_wait_for_neither(own: Database) -> None:
    world = prepare(own)
    with psycopg.connect(own.url) as first, psycopg.connect(own.url, options="-c lock_timeout=300ms") as second:
        first.execute("select * from public.seal_ledgers()")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            second.execute("select * from public.seal_ledgers()")
        second.rollback()
        second.execute("select public.record_audit_event('system', 'thing.done', 'products', '1')")
        second.execute("select public.record_consent(%s, 'email_delivery', 'withdrawn', gen_random_uuid())",
                       [world.subject])  # fmt: skip
        second.execute("select * from public.verify_ledger('consent_events')")
        second.commit()


def test_no_function_locks_by_a_number_that_is_guessed() -> None:
    bodies = {function.id: function_body(function) for function in RULES.functions}
    assert [id for id, body in bodies.items() if "hashtext" in body] == []
    locking = {id for id, body in bodies.items() if "pg_try_advisory" in body}
    locking -= {"wake_workers"}  # whoever holds its number only makes it notify, and hinders nobody
    secret = ("wall.lock_number(", "select k.key from public.erasure_keys")  # a call, or the same expression inlined
    assert locking == {id for id in locking if any(one in bodies[id] for one in secret)}
    assert locking
