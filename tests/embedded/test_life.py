"""The embedded server: shared, stopped behind its last user, and not to be broken by a crash."""

import os
import shutil
import signal
import time
from pathlib import Path

import psycopg
import pytest

from lab.database.embedded.server import (
    EmbeddedUnavailable,
    start_embedded,
)
from tests.embedded.processes import Start, holds_soon, is_gone, read_postmaster, run_query, start_other


def test_first_start_makes_and_second_finds(start: Start) -> None:
    said: list[str] = []
    server = start(progress=said.append)
    assert "Preparing a new database folder" in said
    assert said[-1] == "Starting Postgres 18"
    run_query(server, "create table public.kept as select 42 as number")
    assert server.stop()
    said.clear()
    begun = time.monotonic()
    again = start(progress=said.append)
    assert time.monotonic() - begun < 5
    assert said == ["Starting Postgres 18"]
    assert run_query(again, "select number from public.kept") == 42


def test_server_is_private_and_plain(start: Start) -> None:
    server = start()
    assert run_query(server, "select current_user") == "postgres"
    assert run_query(server, "select rolsuper from pg_roles where rolname = current_user") is False
    assert run_query(server, "show listen_addresses") == ""
    assert run_query(server, "show timezone") == "UTC"
    assert server.socket_folder.stat().st_mode & 0o077 == 0
    assert server.folder.stat().st_mode & 0o077 == 0


def test_durable_by_default(start: Start) -> None:
    assert run_query(start(durable=True), "show fsync") == "on"


def test_log_holds_no_values(start: Start) -> None:
    server = start()
    run_query(server, "create table public.t (email text primary key)")
    run_query(server, "insert into public.t values ('private@example.test')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        run_query(server, "insert into public.t values ('private@example.test')")
    log = server.cluster.log.read_text()
    assert "duplicate key" in log
    assert "private@" not in log


def test_killed_server_comes_back_with_its_data(start: Start) -> None:
    server = start(durable=True)
    run_query(server, "create table public.kept as select 42 as number")
    busy = psycopg.connect(server.url())
    busy.execute("select pg_advisory_lock(1)")
    os.kill(read_postmaster(server.folder), signal.SIGKILL)
    again = start(durable=True)
    busy.close()
    assert run_query(again, "select number from public.kept") == 42
    assert again.url() == server.url(), "whoever kept the URL can go on with it"


def test_busy_backend_of_a_killed_server_is_no_hindrance(start: Start) -> None:
    server = start()
    busy = psycopg.connect(server.url(), autocommit=True)
    active = f"select count(*) from pg_stat_activity where state = 'active' and pid = {busy.info.backend_pid}"
    busy.pgconn.send_query(b"do $$ declare n bigint := 0; begin loop n := n + 1; end loop; end $$")
    busy.pgconn.flush()
    assert holds_soon(lambda: run_query(server, active) == 1)
    os.kill(read_postmaster(server.folder), signal.SIGKILL)
    assert run_query(start(), "select 1") == 1
    busy.close()


def test_server_of_a_deleted_folder_is_no_hindrance(start: Start, folder: Path) -> None:
    start()
    number = read_postmaster(folder)
    shutil.rmtree(folder)
    assert run_query(start(), "select 1") == 1
    assert holds_soon(lambda: is_gone(number))


def test_stale_number_of_a_stranger_is_no_hindrance(start: Start) -> None:
    server = start()
    left = (server.folder / "postmaster.pid").read_text().splitlines()
    assert server.stop()
    left[0] = str(os.getpid())  # alive, and no Postgres
    (server.folder / "postmaster.pid").write_text("\n".join(left))
    assert run_query(start(), "select 1") == 1


def test_lost_socket_is_made_again(start: Start) -> None:
    server = start()
    shutil.rmtree(server.socket_folder)
    assert run_query(start(), "select 1") == 1


def test_foreign_socket_folder_is_refused(start: Start) -> None:
    server = start()
    server.stop()
    server.socket_folder.mkdir(exist_ok=True)
    server.socket_folder.chmod(0o777)
    with pytest.raises(EmbeddedUnavailable, match="others can enter it"):
        start()
    server.socket_folder.rmdir()


def test_second_process_joins_and_the_last_one_stops_it(start: Start, folder: Path) -> None:
    server = start()
    number = read_postmaster(folder)
    with start_other(folder) as other:
        assert other.stdout
        assert other.stdin
        assert other.stdout.readline().strip() == server.url()
        assert read_postmaster(folder) == number
        assert not server.stop(), "the other one still uses it"
        assert not is_gone(number)
        other.stdin.close()
    assert holds_soon(lambda: is_gone(number))
    assert not (folder / "postmaster.pid").exists(), "stopped cleanly"


def test_server_stops_behind_a_killed_process(start: Start, folder: Path) -> None:
    with start_other(folder) as other:
        assert other.stdout
        other.stdout.readline()
        number = read_postmaster(folder)
        other.kill()
    assert holds_soon(lambda: is_gone(number))
    assert "database system is shut down" in (folder / "server.log").read_text()


def test_several_processes_make_one_database(start: Start, folder: Path) -> None:
    others = [start_other(folder) for _ in range(4)]
    told = [other.communicate() for other in others]
    assert len({url for url, _ in told}) == 1
    assert all(other.returncode == 0 for other in others)
    assert sum("Preparing" in said for _, said in told) == 1


def test_start_while_it_is_being_stopped(start: Start) -> None:
    for _ in range(3):
        server = start()
        assert run_query(server, "select 1") == 1
        server.stop()


def test_twice_in_one_process_is_one_server(start: Start) -> None:
    assert start() == start()
    assert start().stop()


def test_killed_while_preparing_leaves_nothing_half_made(start: Start, folder: Path) -> None:
    part = folder.with_name(folder.name + ".part")
    part.mkdir(parents=True)
    (part / "PG_VERSION").write_text("18\n")
    assert run_query(start(), "select 1") == 1
    assert not part.exists()


def test_odd_and_long_paths(place: Path) -> None:
    folder = place / 'it\'s a "path" $HOME' / ("long" * 40) / "postgres"
    server = start_embedded(folder, durable=False)
    try:
        assert run_query(server, "select 1") == 1
    finally:
        server.stop()
