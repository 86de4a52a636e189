"""The official Supabase command line pushes the migrations, and its advisors find nothing to warn of."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lab.committed import MIGRATION_FOLDER
from lab.embedded import PROJECT, EmbeddedPostgres
from lab.migrate import State, read_states
from tests.forwarding import forward
from tests.servers import Database, locked

PACKAGE = "supabase@3.1.0"


@pytest.fixture(scope="module")
def program() -> Path:
    """The official command line, installed once from npm into an ignored folder."""
    folder = PROJECT / ".lab" / "tools"
    found = folder / "node_modules" / ".bin" / "supabase"
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed, so the official Supabase command line cannot be tried")
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "install.lock"):
        if not found.exists():
            command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
            told = subprocess.run(command, capture_output=True, text=True, timeout=300)
            if told.returncode:
                pytest.skip(f"npm could not install {PACKAGE}: exit code {told.returncode}")
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Supabase project that holds our migrations."""
    (tmp_path / "supabase").mkdir()
    (tmp_path / "supabase" / "config.toml").write_text('project_id = "lab"\n')
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


def run(program: Path, project: Path, *arguments: str, url: str) -> str:
    command = [str(program), *arguments, f"--remote={url}"]
    environ = {**os.environ, "SUPABASE_TELEMETRY_DISABLED": "1"}
    told = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120, env=environ)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def read_advice(program: Path, project: Path, url: str) -> list[dict[str, Any]]:
    told = run(program, project, "db", "advisors", "--level", "warn", "--fail-on", "none", "-o", "json", url=url)
    found: list[dict[str, Any]] = json.loads(told[told.index("[") : told.rindex("]") + 1]) if "[" in told else []
    return found


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
