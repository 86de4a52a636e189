"""Commands that somebody cancels with Ctrl-C: processes of their own and a real SIGINT."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from fixtures.servers import Database
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.apply import State, read_states
from lab.text.product_files import PROJECT

Databases = Callable[..., Database]
PATIENCE_SECONDS = 30
UNCHANGED = "Cancelled. Nothing was changed."
WHOLE = (
    "Cancelled. Each migration is applied completely or not at all. `migrate` without --apply shows which are applied."
)
# A command, and what it says when it waits for a server that never answers.
WAITING = [
    (("check",), "Cancelled. Nothing was changed in the database."),
    (("check", "--probe", "--json"), "Cancelled. Nothing was changed in the database."),
    (("chapters",), UNCHANGED),
    (("migrate",), UNCHANGED),
    (("migrate", "--apply"), WHOLE),
]


# What runs in a shell's background ignores the signal, and so does all that it starts, the tests among it.
LISTENING = """
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("lab", run_name="__main__", alter_sys=True)
"""


def start(tmp_path: Path, *arguments: str, **environ: str) -> subprocess.Popen[str]:
    """Start a command as a shell does, with a home of its own."""
    given = {**os.environ, "PERSISTENCE_LAB_HOME": str(tmp_path), **environ}
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", LISTENING, *arguments]
    return subprocess.Popen(command, cwd=PROJECT, env=given, stdout=pipe, stderr=pipe, text=True)


def cancel(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, out, err


@pytest.mark.parametrize(("arguments", "said"), WAITING, ids=[" ".join(case[0]) for case in WAITING])
def test_a_command_that_waits_for_a_silent_server_says_one_line(
    arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE_SECONDS)
        url = f"postgresql://who:s3cret@127.0.0.1:{listener.getsockname()[1]}/db"
        process = start(tmp_path, *arguments, "--database-url", url)
        client, _ = listener.accept()
        with client:
            client.recv(1)  # the command has said its first word, and waits for an answer
            assert cancel(process) == (130, "", f"{said}\n")


def test_a_migration_that_is_cancelled_leaves_no_half_and_no_session(
    server: EmbeddedPostgres, database: Databases, tmp_path: Path
) -> None:
    place = database(server)
    with connect(place.url) as holder:
        holder.execute("delete from supabase_migrations.schema_migrations")
        holder.commit()
        holder.execute("lock table supabase_migrations.schema_migrations")
        process = start(tmp_path, "migrate", "--apply", "--database-url", place.url)
        with psycopg.connect(place.admin_url, autocommit=True) as admin:
            assert wait_until(lambda: count_waiting(admin) == 1)
            assert cancel(process) == (130, "", f"{WHOLE}\n")
            assert wait_until(lambda: count_waiting(admin) == 0)
    assert {state.state for state in read_states(place.url)} == {State.MISSING}


def count_waiting(admin: psycopg.Connection[tuple[int]]) -> int:
    found = admin.execute(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    ).fetchone()
    assert found
    return found[0]


def wait_until(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while not (met := holds()) and time.monotonic() < end:
        time.sleep(0.05)
    return met


def test_a_command_that_is_cancelled_while_it_loads_says_one_line(tmp_path: Path) -> None:
    """A module that it needs takes its time, and says when it is reached."""
    waiting = "import time\nprint('loading', flush=True)\ntime.sleep(60)\n"
    (tmp_path / "psycopg.py").write_text(waiting)
    process = start(tmp_path, "check", PYTHONPATH=str(tmp_path))
    assert process.stdout
    assert process.stdout.readline() == "loading\n"
    assert cancel(process) == (130, "", f"{UNCHANGED}\n")
