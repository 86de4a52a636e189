"""Checks on a standby: read like its primary, and never written to."""

import uuid
from collections.abc import Callable, Iterator

import psycopg
import pytest

from lab.database.embedded.server import EmbeddedPostgres
from tests.connections import network
from tests.connections.network import Missing, make_url
from tests.connections.trial import Databases, Run, Told


@pytest.fixture(scope="module")
def standby(server: EmbeddedPostgres, shared_database: Databases) -> Iterator[network.Server]:
    """A hot standby that follows the test server."""
    for template in ("migrated", "bare"):
        shared_database(server, template)
    folder = network.copy_server(server, f"standby-{uuid.uuid4().hex[:8]}", follow=True)
    with network.serve_folder(folder) as served:
        with psycopg.connect(served.url(user="supabase_admin")) as connection:
            assert connection.execute("select pg_is_in_recovery()").fetchone() == (True,)
        yield served


def test_a_standby_is_checked_like_its_primary(
    standby: network.Server,
    run: Run,
    server: EmbeddedPostgres,
    shared_database: Databases,
    check: Callable[..., Told],
) -> None:
    url = standby.url(shared_database(server).name)
    told = check(url, "--data")
    assert (told.code, told.keys, told.unknown) == (0, set(), {})
    assert "This is a standby: run repairs on its primary." in told.out
    operations = check(url, "--family", "operations")
    assert (operations.keys, list(operations.unknown)) == (set(), ["Whether there are backups."])
    assert "broken" not in run("chapters", "--database-url", url)[1]
    assert run("migrate", "--database-url", url)[0] == 0


def test_a_standby_behind_a_pooler_is_still_one(
    standby: network.Server, server: EmbeddedPostgres, shared_database: Databases, check: Callable[..., Told]
) -> None:
    try:
        with network.pool(standby.sockets, standby.port) as port:
            told = check(make_url(port, shared_database(server).name))
    except Missing as reason:
        pytest.skip(str(reason))
    assert told.code == 0
    assert "This is a standby" in told.out


def test_a_standby_is_not_probed(
    standby: network.Server, server: EmbeddedPostgres, shared_database: Databases, check: Callable[..., Told]
) -> None:
    url = standby.url(shared_database(server).name)
    told = check(url, "--family", "probes")
    assert (told.code, told.out.count("This is a standby, where no row can be written. Probe its primary.")) == (2, 1)
    assert check(url, "--probe").code == 1


@pytest.mark.parametrize("template", ["migrated", "bare"])
def test_a_standby_is_not_migrated(
    template: str, standby: network.Server, run: Run, server: EmbeddedPostgres, shared_database: Databases
) -> None:
    url = standby.url(shared_database(server, template).name)
    code, out, err = run("migrate", "--database-url", url, "--apply")
    assert (code, out) == (2, "")
    assert "nothing can be written here: the server is a standby. Apply the migrations to its primary." in err
