"""The official Supabase command line pushes the migrations, and its advisors find nothing to warn of."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from fixtures.npm_programs import NoProgram, find_program
from fixtures.port import forward
from fixtures.servers import Database
from fixtures.supabase import make_project, read_advice, run
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.apply import State, read_states
from lab.migrations.files import MIGRATION_FOLDER


@pytest.fixture(scope="module")
def program() -> Path:
    try:
        return find_program("supabase")
    except NoProgram as reason:
        pytest.skip(str(reason))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Supabase project that holds our migrations."""
    make_project(tmp_path)
    shutil.copytree(MIGRATION_FOLDER, tmp_path / "supabase" / "migrations", ignore=shutil.ignore_patterns("*.lock"))
    return tmp_path


@pytest.fixture
def bare(server: EmbeddedPostgres, database: Callable[..., Database]) -> Iterator[tuple[Database, str]]:
    """A database as Supabase gives it, and its URL over TCP. Without this setting nine advisors keep silent."""
    made: Database = database(server, "bare")
    with psycopg.connect(made.admin_url, autocommit=True) as admin:
        admin.execute(f"alter database {made.name} set pgrst.db_schemas = 'public, graphql_public'".encode())
    with forward(server.socket_folder) as port:
        yield made, f"postgresql://postgres:any@127.0.0.1:{port}/{made.name}?sslmode=disable"


def test_pushes_and_finds_nothing(program: Path, project: Path, bare: tuple[Database, str]) -> None:
    made, url = bare
    told = run(program, project, "db", "push", "--yes", url=url)
    assert "Finished" in told
    assert {state.state for state in read_states(made.url)} == {State.APPLIED}
    assert "up to date" in run(program, project, "db", "push", "--yes", url=url)
    assert read_advice(program, project, url) == []


def test_advisors_are_awake(program: Path, project: Path, bare: tuple[Database, str]) -> None:
    """The silence above means something: a table that is left open is found."""
    made, url = bare
    with psycopg.connect(made.url) as connection:
        connection.execute("create table public.left_open (id bigint primary key)")
        connection.execute("grant select on public.left_open to anon")
    assert "rls_disabled_in_public" in {advice["name"] for advice in read_advice(program, project, url)}
