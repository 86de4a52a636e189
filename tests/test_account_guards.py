"""Triggers on the deletion of accounts: a function that cannot be judged is told, also where it is information."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.schema.check import check_connection
from lab.database.embedded.server import EmbeddedPostgres

PLAIN = "create function public.keep() returns trigger language plpgsql as $f$begin {} end$f$"
INTERNAL = "create function public.keep() returns trigger language internal as 'suppress_redundant_updates_trigger'"
RUNS = "runs other functions or SQL"

# what the function is -> when it runs, its severity, and what is said of the judgement
CASES: dict[str, tuple[str, str, str, str]] = {
    "another language, before each row": (INTERNAL, "before delete on auth.users for each row", "high", ""),
    "another language, afterwards": (INTERNAL, "after delete on auth.users for each row", "info", "in internal"),
    "another function": (
        PLAIN.format("perform public.note(); return old;"), "before delete on auth.users for each row", "info", RUNS,
    ),
    "SQL of its own making": (
        PLAIN.format("execute 'select 1'; return old;"), "after delete on auth.users for each row", "info", RUNS,
    ),
    "its own statements": (
        PLAIN.format("raise log 'gone'; return old;"), "before delete on auth.users for each row", "info", "",
    ),
    "a refusal beside another function": (
        PLAIN.format("perform public.note(); raise 'no'; return old;"), "before delete on auth.users for each row",
        "high", "",
    ),
}  # fmt: skip


@pytest.fixture
def connection(server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_database(server).admin_url, prepare_threshold=None) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize(("made", "when", "severity", "said"), CASES.values(), ids=CASES)
def test_a_guard_says_what_could_not_be_judged(
    connection: psycopg.Connection, made: str, when: str, severity: str, said: str
) -> None:
    connection.execute(made.encode())
    connection.execute(f"create trigger keep {when} execute function public.keep()".encode())
    (found,) = [one for one in check_connection(connection)[0] if one.key.startswith("account_guard:")]
    assert (found.severity, "is unknown" in found.why, said in found.why) == (severity, bool(said), True)
