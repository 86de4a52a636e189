"""Connections cut from outside, on a real server."""

import time
from collections.abc import Callable
from threading import Event, Thread

import psycopg
import pytest

from fixtures.servers import Database
from lab.database.cancel import Interrupted, Interruption
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres

MADE = "interrupted in a test"
SOON = 5.0  # seconds; what is asked would take sixty


def count_connections(database: Database) -> int:
    with psycopg.connect(database.admin_url) as connection:
        found = connection.execute(
            "select count(*) from pg_stat_activity where application_name = %s and datname = %s", [MADE, database.name]
        ).fetchone()
    assert found
    return int(found[0])


def wait_until(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + SOON
    while not (met := holds()) and time.monotonic() < end:
        time.sleep(0.05)
    return met


ASKED = [("busy", "select pg_sleep(60)"), ("idle in transaction", "select 1")]


@pytest.mark.parametrize("sql", [case[1] for case in ASKED], ids=[case[0] for case in ASKED])
def test_what_is_asked_ends_and_nothing_stays_on_the_server(
    database: Callable[..., Database], server: EmbeddedPostgres, sql: str
) -> None:
    one, interruption, opened, cut = database(server, "bare"), Interruption(), Event(), Event()
    failures: list[psycopg.Error] = []

    def ask() -> None:
        with interruption.watch(), connect(one.url, application_name=MADE, statement_timeout_seconds=0) as connection:
            opened.set()
            try:
                connection.execute(sql.encode())
                cut.wait(SOON)
                connection.execute("select 2")
            except psycopg.Error as error:
                failures.append(error)

    asking = Thread(target=ask)
    asking.start()
    assert opened.wait(SOON)
    assert wait_until(lambda: count_connections(one) == 1)
    interruption.cut()
    cut.set()
    asking.join(SOON)
    assert not asking.is_alive()
    assert failures
    assert isinstance(failures[0], psycopg.errors.QueryCanceled | psycopg.OperationalError)
    assert wait_until(lambda: count_connections(one) == 0)


def test_what_connects_after_the_cut_is_turned_away(
    database: Callable[..., Database], server: EmbeddedPostgres
) -> None:
    one, interruption = database(server, "bare"), Interruption()
    interruption.cut()
    with interruption.watch(), pytest.raises(Interrupted):
        connect(one.url, application_name=MADE)
    assert wait_until(lambda: count_connections(one) == 0)


def test_what_nobody_watches_is_not_cut(database: Callable[..., Database], server: EmbeddedPostgres) -> None:
    one, interruption = database(server, "bare"), Interruption()
    with interruption.watch():
        pass
    with connect(one.url, application_name=MADE) as connection:
        interruption.cut()
        assert connection.execute("select 1").fetchone() == (1,)
