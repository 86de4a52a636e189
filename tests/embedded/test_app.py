"""The embedded server of the app: without its secrets, on a full disk, and started again after a kill."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from lab.database.embedded.server import (
    EmbeddedUnavailable,
    start_embedded,
)
from lab.ui.kit.server_database import ServerDatabase
from tests.embedded.processes import Start, holds_soon, is_gone, read_postmaster, run_query, stop_server


def test_no_secret_of_the_app_is_in_the_server_s_environment(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in the server's, nor in that of the program that stops it."""
    for name in ("STRIPE_SECRET_KEY", "DATABASE_URL", "LC_CANARY", "LAB_TARGET_SHOP", "PGPASSWORD"):
        monkeypatch.setenv(name, "canary7Q")
    server = start()
    backend = run_query(server, "select pg_backend_pid()")
    programs = [p for p in psutil.process_iter() if str(folder) in " ".join(_command(p)) or p.pid == backend]
    ours = [*programs, psutil.Process(read_postmaster(folder)), *psutil.Process(read_postmaster(folder)).children()]
    assert len(ours) >= 3
    for process in ours:
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):  # a worker of the server may end meanwhile
            assert b"canary7Q" not in Path(f"/proc/{process.pid}/environ").read_bytes(), process


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.fixture
def small_disk(place: Path) -> Iterator[Callable[[int], Path]]:
    """Make a disk of some megabytes."""
    disk = place / "disk"
    disk.mkdir()

    def make(megabytes: int) -> Path:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(disk)], check=False
        )
        if made.returncode:
            pytest.skip("this account may not mount a small disk")
        return disk

    yield make
    stop_server(disk / "postgres-18")
    subprocess.run(["umount", "--lazy", str(disk)], check=False, capture_output=True)


@pytest.mark.parametrize("megabytes", [1, 20, 32])
def test_a_full_disk_is_named_as_one(small_disk: Callable[[int], Path], megabytes: int) -> None:
    folder = small_disk(megabytes) / "postgres-18"
    with pytest.raises(EmbeddedUnavailable, match=r"the disk is full\. Make room on it, and start again\.") as caught:
        start_embedded(folder, durable=False)
    assert caught.value.subject == str(folder)
    assert not folder.exists()


def test_a_disk_that_fills_up_later_is_named_as_one(small_disk: Callable[[int], Path]) -> None:
    disk = small_disk(400)
    server = start_embedded(disk / "postgres-18", durable=False)
    server.stop()
    with (disk / "filler").open("wb") as filler, contextlib.suppress(OSError):
        while True:
            filler.write(b"\0" * 65536)
            filler.flush()
    with pytest.raises(EmbeddedUnavailable, match="the disk is full"):
        start_embedded(disk / "postgres-18", durable=False)
    (disk / "filler").unlink()
    assert run_query(start_embedded(disk / "postgres-18", durable=False), "select 1") == 1


def test_the_app_brings_a_killed_server_up_again_and_says_so(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSISTENCE_LAB_HOME", str(place))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    database, folder = ServerDatabase(), place / "postgres-18"
    try:
        database.start()
        assert holds_soon(lambda: database.state != "starting", 60)
        database.watch()
        assert (database.state, database.notice) == ("ready", "")
        os.kill(read_postmaster(folder), signal.SIGKILL)
        assert holds_soon(lambda: not psutil.pid_exists(read_postmaster(folder)) or is_gone(read_postmaster(folder)))
        database.watch()
        assert "The embedded database has stopped" in database.steps
        assert holds_soon(lambda: database.state != "starting", 60)
        assert (database.state, database.reason) == ("ready", "")
        assert "had stopped, and was started again at" in database.notice
        with psycopg.connect(database.url) as connection:
            assert connection.execute("select count(*) > 0 from public.products").fetchone() == (True,)
    finally:
        database.close()
