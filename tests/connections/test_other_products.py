"""Checks of what is not ours: another product's tables, an empty database, a Postgres too old."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.servers import NoServer
from lab import RULES
from lab.database.embedded.server import EmbeddedPostgres
from tests.connections import network
from tests.connections.trial import ALL, Databases, Run, Told, as_superuser

OTHERS = """
create table public.purchases (a int, status int);
create table public.consents (subject_id text);
create table public.delivery_jobs (id int primary key, status text);
create view public.oracle_scrolls as select 1 as x;
create table public.share_cards ();
"""


def test_another_product_s_tables_are_not_taken_for_ours(
    run: Run, server: EmbeddedPostgres, database: Databases, check: Callable[..., Told], tmp_path: Path
) -> None:
    place = database(server, "bare")
    as_superuser(place.admin_url, *filter(str.strip, OTHERS.split(";")))
    told = check(place.url, *ALL)
    assert told.code == 1
    assert told.out.startswith(f"Only 4 of the {len(RULES.tables)} tables are here, by name: ")
    assert "may be another product's database" in told.out.splitlines()[0]
    script = tmp_path / "repairs.sql"
    run("check", "--database-url", place.url, "--no-history", "--repair", str(script))
    assert "may be another product's database" in script.read_text().splitlines()[0]
    assert run("chapters", "--database-url", place.url)[0] == 1
    code, _, err = run("migrate", "--database-url", place.url, "--apply")
    assert (code, "Traceback" in err) == (2, False)
    assert all(f"public.{name} is in the way" in err for name in ("purchases", "consents", "oracle_scrolls"))
    assert "Nothing was touched" in err


def test_what_is_not_ours_is_told_in_a_few_lines(
    run: Run, server: EmbeddedPostgres, database: Databases, check: Callable[..., Told]
) -> None:
    place = database(server, "bare")
    as_superuser(place.admin_url, "create table public.customers (id int primary key)")
    code, out, err = run("check", "--database-url", place.url)
    first, second, verdict, *rest = out.splitlines()
    assert (code, err) == (1, "")
    assert first.startswith("None of the tables is here: ")
    assert f"{place.name} may be another product's database" in first
    assert "python -m lab migrate --database-url URL --apply" in first
    assert (second.split(":")[0], verdict.split(":")[0]) == ("target", "Not ready")
    assert any("--format json has them all" in line for line in rest)
    assert len(rest) < 20
    assert len(json.loads(run("check", "--database-url", place.url, "--json")[1])["findings"]) > 100
    markdown = run("check", "--database-url", place.url, "--format", "markdown")[1]
    assert "tables is here" in markdown.split("|")[0]


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_an_empty_database_in_another_encoding(
    encoding: str, run: Run, server: EmbeddedPostgres, check: Callable[..., Told]
) -> None:
    name = f"other_{uuid.uuid4().hex[:8]}"
    as_superuser(
        server.admin_url(), f"create database {name} template template0 encoding '{encoding}' locale 'C' owner postgres"
    )
    try:
        told = check(server.url(name), *ALL)
        assert (told.code, told.out.startswith("None of the tables is here: ")) == (1, True)
        assert run("chapters", "--database-url", server.url(name))[0] == 1
        assert run("migrate", "--database-url", server.url(name))[0] == 1
    finally:
        as_superuser(server.admin_url(), f"drop database {name} with (force)")


def test_an_old_server(run: Run, check: Callable[..., Told]) -> None:
    try:
        folder = network.make_server(14, f"old-{uuid.uuid4().hex[:8]}")
    except NoServer as reason:
        pytest.skip(str(reason))
    with network.serve_folder(folder, major=14) as old:
        told = check(old.url())
        assert (told.code, told.out) == (2, "")
        assert "its Postgres is 14, and views can't respect row-level security before 15" in told.err
        assert "Upgrade it to Postgres 15 or newer" in told.err
        operations = check(old.url(), "--family", "operations")
        assert (operations.code, "server_version:server" in operations.keys) == (1, True)
        for command in (("chapters",), ("migrate",), ("migrate", "--apply")):
            code, _, err = run(*command, "--database-url", old.url())
            assert (code in (1, 2), "Traceback" in err) == (True, False), command
        assert "the server is Postgres 14, and 15 is the oldest that works. Upgrade it." in err
