"""Nothing that libpq reads in the environment reaches, or moves, a server that is ours."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.pq import Conninfo

from fixtures.port import forward
from lab.database import libpq
from lab.database.connect import DatabaseUnavailable, connect, name_database
from lab.database.embedded import account
from lab.database.embedded.server import EmbeddedPostgres, is_embedded, start_embedded
from lab.text.product_files import PROJECT

# What libpq and the server's programs read besides the variables of their parameters.
# Source: Postgres's documentation of libpq and pg_ctl, "Environment"; EnvironmentOptions in fe-protocol3.c.
BESIDES = {
    "PGSERVICEFILE", "PGREQUIRESSL", "PGREALM", "PGDATESTYLE", "PGTZ", "PGGEQO", "PGSYSCONFDIR", "PGLOCALEDIR",
    "PGDATA", "PGCTLTIMEOUT", "PGSSLMAXPROTOCOLVERSION", "PGOAUTHDEBUG", "PG_COLOR",
}  # fmt: skip
VARIABLES = sorted({*libpq.list_variables().values(), *BESIDES})
WHAT_IS_THERE = """
select (select count(*) from pg_namespace), (select count(*) from pg_class), (select count(*) from pg_proc),
       (select count(*) from pg_roles), (select count(*) from auth.users),
       (select coalesce(max(xact_commit), 0) >= 0 from pg_stat_database)
"""


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A second server, which is somebody else's."""
    server = start_embedded(tmp_path_factory.mktemp("foreign") / "postgres", durable=False)
    yield server
    server.stop()


@pytest.fixture
def hostile(foreign: EmbeddedPostgres, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Every variable, set so that it leads to the foreign server or spoils the connection."""
    services = tmp_path / "services.conf"
    with forward(foreign.socket_folder) as port:
        lead = f"host=127.0.0.1\nhostaddr=127.0.0.1\nport={port}\nuser=supabase_admin\ndbname=postgres\n"
        services.write_text(f"[foreign]\n{lead}")
        yield dict.fromkeys(VARIABLES, "hostile") | {
            "PGHOST": "127.0.0.1",
            "PGHOSTADDR": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": "supabase_admin",
            "PGDATABASE": "postgres",
            "PGSERVICE": "foreign",
            "PGSERVICEFILE": str(services),
            "PGSSLMODE": "require",
            "PGREQUIRESSL": "1",
            "PGCONNECT_TIMEOUT": "2",
            "PGOPTIONS": "-c search_path=evil -c role=evil",
            "PGTZ": "Nowhere/Nowhere",
            "PGDATA": str(foreign.folder),
        }


def look_at(server: EmbeddedPostgres) -> tuple[object, ...] | None:
    with psycopg.connect(server.admin_url()) as connection:
        return connection.execute(WHAT_IS_THERE).fetchone()


def run_lab(home: Path, environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "lab", *arguments],
        cwd=PROJECT,
        env=own | {"PERSISTENCE_LAB_HOME": str(home)} | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_variable_is_recognised_by_its_name() -> None:
    with libpq.without_environment():
        named = {option.envvar.decode() for option in Conninfo.get_defaults() if option.envvar}
    assert set(VARIABLES) >= named > {"PGHOSTADDR", "PGPORT", "PGSERVICE"}
    assert {name for name in VARIABLES if not name.startswith(libpq.PREFIX)} == set()


@pytest.mark.parametrize("names", [("PGHOSTADDR", "PGPORT"), tuple(VARIABLES)], ids=["address", "all"])
def test_a_demo_fills_the_embedded_database_alone(
    foreign: EmbeddedPostgres, hostile: dict[str, str], tmp_path: Path, names: tuple[str, ...]
) -> None:
    before = look_at(foreign)
    told = run_lab(tmp_path, {name: hostile[name] for name in names}, "demo")
    assert look_at(foreign) == before
    assert (told.returncode, told.stderr.splitlines()[-1]) == (0, "Inserting made-up people and purchases")
    again = start_embedded(tmp_path / "postgres-18")
    with psycopg.connect(again.url()) as connection:
        assert connection.execute("select count(*) > 0 from auth.users").fetchone() == (True,)
    again.stop()


@pytest.mark.parametrize("name", VARIABLES)
def test_no_variable_reaches_an_embedded_server(
    server: EmbeddedPostgres, hostile: dict[str, str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each alone, so that none hides what another one does."""
    monkeypatch.setenv(name, hostile[name])
    if name == "PGSERVICE":
        monkeypatch.setenv("PGSERVICEFILE", hostile["PGSERVICEFILE"])
    with connect(server.url()) as connection:
        assert connection.info.host == str(server.socket_folder)
        found = connection.execute(
            "select current_user, inet_server_addr() is null, current_setting('cluster_name'),"
            " current_setting('search_path'), current_setting('timezone'), current_setting('datestyle')"
        ).fetchone()
    assert found == ("postgres", True, server.cluster.mark, '"$user", public, extensions', "UTC", "ISO, MDY")
    assert os.environ[name] == hostile[name]  # it is nobody else's loss


def test_no_variable_reaches_it_in_a_process_that_did_not_start_it(
    server: EmbeddedPostgres, hostile: dict[str, str]
) -> None:
    """One that was given its URL alone, also when the server has stopped meanwhile."""
    asks = "from lab.database.connect import connect; import sys; c = connect(sys.argv[1]); "
    asks += "print(c.info.host, *c.execute(\"select current_user, current_setting('cluster_name')\").fetchone())"
    gone = server.url().replace(server.cluster.mark, "lab-0123456789")

    def ask(url: str) -> subprocess.CompletedProcess[str]:
        call, environ = [sys.executable, "-c", asks, url], os.environ | hostile
        return subprocess.run(call, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)

    assert ask(server.url()).stdout.split() == [str(server.socket_folder), "postgres", server.cluster.mark]
    assert ask(gone).returncode == 1
    assert (is_embedded(str(server.socket_folder)), is_embedded("/var/run/postgresql")) == (True, False)


def test_several_threads_put_the_environment_back(
    server: EmbeddedPostgres, hostile: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)

    def look(_: int) -> str:
        with connect(server.url()) as connection:
            return str(connection.info.host)

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(look, range(64))) == {str(server.socket_folder)}
    assert {name: os.environ.get(name) for name in hostile} == hostile


def test_a_url_with_a_host_leads_there(
    server: EmbeddedPostgres, foreign: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a database that somebody names, what else they set is heard; but the host is the one that is named."""
    with forward(server.socket_folder) as here, forward(foreign.socket_folder) as there:
        monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")
        monkeypatch.setenv("PGPORT", str(there))
        monkeypatch.setenv("PGUSER", "authenticator")
        with connect(f"postgresql://localhost:{here}/postgres") as connection:
            found = connection.execute("select current_setting('cluster_name'), session_user").fetchone()
            assert found == (server.cluster.mark, "authenticator")
        url = "postgresql://postgres@127.0.0.1/postgres"
        with pytest.raises(DatabaseUnavailable):  # nobody listens where the name says that it leads
            connect(url)
        assert name_database(url) == "127.0.0.1:5432/postgres"


def test_the_server_s_programs_see_none_of_it(hostile: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)
    told = account.run_as(None, [sys.executable, "-c", "import os; print([n for n in os.environ if n[:2] == 'PG'])"])
    assert told.stdout.strip() == "[]"
    assert {name for name in account.make_environment() if name.startswith("PG")} == set()


def test_a_service_is_left_to_libpq(
    server: EmbeddedPostgres, foreign: EmbeddedPostgres, hostile: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSERVICEFILE", hostile["PGSERVICEFILE"])
    with connect("postgresql://?service=foreign") as connection:
        assert connection.execute("select current_setting('cluster_name')").fetchone() == (foreign.cluster.mark,)
    with connect(server.url()) as connection:
        assert connection.execute("select current_setting('cluster_name')").fetchone() == (server.cluster.mark,)
