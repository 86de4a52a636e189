"""The embedded server: shared, stopped behind its last user, and not to be broken by a crash."""

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from lab.database.embedded import server as embedded
from lab.database.embedded.server import (
    EmbeddedPostgres,
    EmbeddedUnavailable,
    InUse,
    binaries,
    default_folder,
    set_aside,
    start_embedded,
)
from lab.text.product_files import PROJECT
from lab.ui.kit.server_database import ServerDatabase

Start = Callable[..., EmbeddedPostgres]

# Another process that starts the server, says where it is, and stays until it is told to go.
OTHER = """
import sys
from pathlib import Path
from lab.database.embedded.server import start_embedded
server = start_embedded(Path(sys.argv[1]), durable=False, progress=lambda said: print(said, file=sys.stderr))
print(server.url(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that no other test run closes: pytest's own is shut to everybody else at each of its starts."""
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as made:
        yield Path(made)


@pytest.fixture
def folder(place: Path) -> Path:
    return place / "postgres-18"


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    def begin(**options: object) -> EmbeddedPostgres:
        return start_embedded(folder, **{"durable": False, **options})  # type: ignore[arg-type]

    yield begin
    _stop(folder)


def _stop(folder: Path) -> None:
    if (folder / "postmaster.pid").exists():
        start_embedded(folder, durable=False).stop()


def _postmaster(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


def _query(server: EmbeddedPostgres, query: str) -> object:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone()[0] if cursor.description else None  # type: ignore[index]


def _start_other(folder: Path, **options: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", OTHER, str(folder)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def _is_gone(number: int) -> bool:
    """Tell whether a process has ended; one that nobody has collected yet has."""
    try:
        return bool(psutil.Process(number).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _wait_until(holds: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def test_first_start_makes_and_second_finds(start: Start) -> None:
    said: list[str] = []
    server = start(progress=said.append)
    assert "Preparing a new database folder" in said
    assert said[-1] == "Starting Postgres 18"
    _query(server, "create table public.kept as select 42 as number")
    assert server.stop()
    said.clear()
    begun = time.monotonic()
    again = start(progress=said.append)
    assert time.monotonic() - begun < 5
    assert said == ["Starting Postgres 18"]
    assert _query(again, "select number from public.kept") == 42


def test_server_is_private_and_plain(start: Start) -> None:
    server = start()
    assert _query(server, "select current_user") == "postgres"
    assert _query(server, "select rolsuper from pg_roles where rolname = current_user") is False
    assert _query(server, "show listen_addresses") == ""
    assert _query(server, "show timezone") == "UTC"
    assert server.socket_folder.stat().st_mode & 0o077 == 0
    assert server.folder.stat().st_mode & 0o077 == 0


def test_durable_by_default(start: Start) -> None:
    assert _query(start(durable=True), "show fsync") == "on"


def test_log_holds_no_values(start: Start) -> None:
    server = start()
    _query(server, "create table public.t (email text primary key)")
    _query(server, "insert into public.t values ('private@example.test')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        _query(server, "insert into public.t values ('private@example.test')")
    log = server.cluster.log.read_text()
    assert "duplicate key" in log
    assert "private@" not in log


def test_killed_server_comes_back_with_its_data(start: Start) -> None:
    server = start(durable=True)
    _query(server, "create table public.kept as select 42 as number")
    busy = psycopg.connect(server.url())
    busy.execute("select pg_advisory_lock(1)")
    os.kill(_postmaster(server.folder), signal.SIGKILL)
    again = start(durable=True)
    busy.close()
    assert _query(again, "select number from public.kept") == 42
    assert again.url() == server.url(), "whoever kept the URL can go on with it"


def test_busy_backend_of_a_killed_server_is_no_hindrance(start: Start) -> None:
    server = start()
    busy = psycopg.connect(server.url(), autocommit=True)
    active = f"select count(*) from pg_stat_activity where state = 'active' and pid = {busy.info.backend_pid}"
    busy.pgconn.send_query(b"do $$ declare n bigint := 0; begin loop n := n + 1; end loop; end $$")
    busy.pgconn.flush()
    assert _wait_until(lambda: _query(server, active) == 1)
    os.kill(_postmaster(server.folder), signal.SIGKILL)
    assert _query(start(), "select 1") == 1
    busy.close()


def test_server_of_a_deleted_folder_is_no_hindrance(start: Start, folder: Path) -> None:
    start()
    number = _postmaster(folder)
    shutil.rmtree(folder)
    assert _query(start(), "select 1") == 1
    assert _wait_until(lambda: _is_gone(number))


def test_stale_number_of_a_stranger_is_no_hindrance(start: Start) -> None:
    server = start()
    left = (server.folder / "postmaster.pid").read_text().splitlines()
    assert server.stop()
    left[0] = str(os.getpid())  # alive, and no Postgres
    (server.folder / "postmaster.pid").write_text("\n".join(left))
    assert _query(start(), "select 1") == 1


def test_lost_socket_is_made_again(start: Start) -> None:
    server = start()
    shutil.rmtree(server.socket_folder)
    assert _query(start(), "select 1") == 1


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
    number = _postmaster(folder)
    with _start_other(folder) as other:
        assert other.stdout
        assert other.stdin
        assert other.stdout.readline().strip() == server.url()
        assert _postmaster(folder) == number
        assert not server.stop(), "the other one still uses it"
        assert not _is_gone(number)
        other.stdin.close()
    assert _wait_until(lambda: _is_gone(number))
    assert not (folder / "postmaster.pid").exists(), "stopped cleanly"


def test_server_stops_behind_a_killed_process(start: Start, folder: Path) -> None:
    with _start_other(folder) as other:
        assert other.stdout
        other.stdout.readline()
        number = _postmaster(folder)
        other.kill()
    assert _wait_until(lambda: _is_gone(number))
    assert "database system is shut down" in (folder / "server.log").read_text()


def test_several_processes_make_one_database(start: Start, folder: Path) -> None:
    others = [_start_other(folder) for _ in range(4)]
    told = [other.communicate() for other in others]
    assert len({url for url, _ in told}) == 1
    assert all(other.returncode == 0 for other in others)
    assert sum("Preparing" in said for _, said in told) == 1


def test_start_while_it_is_being_stopped(start: Start) -> None:
    for _ in range(3):
        server = start()
        assert _query(server, "select 1") == 1
        server.stop()


def test_twice_in_one_process_is_one_server(start: Start) -> None:
    assert start() == start()
    assert start().stop()


def test_killed_while_preparing_leaves_nothing_half_made(start: Start, folder: Path) -> None:
    part = folder.with_name(folder.name + ".part")
    part.mkdir(parents=True)
    (part / "PG_VERSION").write_text("18\n")
    assert _query(start(), "select 1") == 1
    assert not part.exists()


def test_odd_and_long_paths(place: Path) -> None:
    folder = place / 'it\'s a "path" $HOME' / ("long" * 40) / "postgres"
    server = start_embedded(folder, durable=False)
    try:
        assert _query(server, "select 1") == 1
    finally:
        server.stop()


def _spoil(folder: Path, name: str) -> None:
    if name == "other major":
        (folder / "PG_VERSION").write_text("16\n")
    elif name == "something else":
        (folder / "PG_VERSION").unlink()
    else:
        (folder / "global" / "pg_control").unlink()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("other major", "holds data of Postgres 16, and this server is Postgres 18. Use Postgres 16"),
        ("something else", "neither empty nor a database folder"),
        ("no control file", "the server does not start: .*could not open file .*pg_control"),
    ],
)
def test_damaged_folder_is_named_and_left_alone(start: Start, folder: Path, name: str, said: str) -> None:
    start().stop()
    _spoil(folder, name)
    before = sorted(path.name for path in folder.rglob("*") if path.name != "server.log")
    with pytest.raises(EmbeddedUnavailable, match=said) as caught:
        start()
    assert caught.value.subject == str(folder)
    assert "folder away" in caught.value.next_step
    assert sorted(path.name for path in folder.rglob("*") if path.name != "server.log") == before


def test_folder_that_is_a_file(start: Start, folder: Path) -> None:
    folder.write_text("not a folder")
    with pytest.raises(EmbeddedUnavailable, match="DATABASE_URL"):
        start()
    assert folder.read_text() == "not a folder"


def test_failed_bootstrap_leaves_nothing(start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = folder.with_name("broken.sql")
    broken.write_text("create role one;\n\nselect nonsense;\n")
    with monkeypatch.context() as patch:
        patch.setattr(embedded, "BOOTSTRAP", broken)
        with pytest.raises(EmbeddedUnavailable, match='column "nonsense" does not exist'):
            start()
    assert not folder.exists()
    assert _query(start(), "select 1") == 1


def test_changed_bootstrap_is_applied_at_the_next_start(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start().stop()
    changed = folder.with_name("changed.sql")
    changed.write_text(embedded.BOOTSTRAP.read_text() + "\ncreate schema added;\n")
    monkeypatch.setattr(embedded, "BOOTSTRAP", changed)
    assert _query(start(), "select 1 from pg_namespace where nspname = 'added'") == 1


def test_each_packaged_major(place: Path) -> None:
    server = start_embedded(place / "postgres-16", major=16, durable=False)
    try:
        assert server.major == 16
        assert str(_query(server, "show server_version")).startswith("16.")
    finally:
        server.stop()


def test_unknown_major_names_the_known() -> None:
    with pytest.raises(EmbeddedUnavailable, match="the package has 16 and 18"):
        binaries(17)


@pytest.mark.parametrize("missing", ["package", "platform"])
def test_unsupported_platform_names_the_way_out(start: Start, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    if missing == "package":
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    else:
        monkeypatch.setattr(embedded, "_MISSING", "fcntl")
    with pytest.raises(EmbeddedUnavailable, match="DATABASE_URL"):
        start()


def test_default_folder_is_ignored_by_git() -> None:
    assert default_folder(18) == PROJECT / ".lab" / "postgres-18"
    assert ".lab/" in (PROJECT / ".gitignore").read_text().splitlines()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else; this run is somebody else")
def test_ordinary_account(tmp_path: Path) -> None:
    """As an ordinary account, and then as root on that account's data."""
    account = pwd.getpwnam("nobody")
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, account.pw_uid, account.pw_gid)
    for place in (tmp_path, *tmp_path.parents):
        place.chmod(place.stat().st_mode | 0o001)
    folder = home / "postgres-18"
    try:
        other = _start_other(folder, user=account.pw_uid, group=account.pw_gid, extra_groups=[])
    except PermissionError:
        pytest.skip("an ordinary account is not tested here: it can't run this Python, which is root's alone")
    _, said = other.communicate()
    assert other.returncode == 0, said
    assert folder.stat().st_uid == account.pw_uid
    server = start_embedded(folder, durable=False)  # now as root
    try:
        assert psutil.Process(_postmaster(folder)).uids().real == account.pw_uid
    finally:
        server.stop()


def test_set_aside_keeps_everything(start: Start, folder: Path) -> None:
    server = start()
    _query(server, "create table public.kept as select 42 as number")
    users = os.open(next(folder.parent.glob("*.users")), os.O_RDWR)
    fcntl.flock(users, fcntl.LOCK_SH)  # somebody else is there
    with pytest.raises(InUse, match="Close the app first"):
        set_aside(folder, "now")
    os.close(users)
    aside = set_aside(folder, "now")
    assert aside == folder.with_name("postgres-18-set-aside-now")
    assert not folder.exists()
    assert set_aside(folder, "now") is None
    again = start_embedded(aside, durable=False)
    assert _query(again, "select number from public.kept") == 42
    again.stop()
    assert _query(start(), "select to_regclass('public.kept')") is None


# The app's secrets, a full disk, a kill ----------------------------------------------------------------


def test_no_secret_of_the_app_is_in_the_server_s_environment(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in the server's, nor in that of the program that stops it."""
    for name in ("STRIPE_SECRET_KEY", "DATABASE_URL", "LC_CANARY", "LAB_TARGET_SHOP", "PGPASSWORD"):
        monkeypatch.setenv(name, "canary7Q")
    server = start()
    backend = _query(server, "select pg_backend_pid()")
    programs = [p for p in psutil.process_iter() if str(folder) in " ".join(_command(p)) or p.pid == backend]
    ours = [*programs, psutil.Process(_postmaster(folder)), *psutil.Process(_postmaster(folder)).children()]
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
    _stop(disk / "postgres-18")
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
    assert _query(start_embedded(disk / "postgres-18", durable=False), "select 1") == 1


def test_the_app_brings_a_killed_server_up_again_and_says_so(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSISTENCE_LAB_HOME", str(place))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    database, folder = ServerDatabase(), place / "postgres-18"
    try:
        database.start()
        assert _wait_until(lambda: database.state != "starting", 60)
        database.watch()
        assert (database.state, database.notice) == ("ready", "")
        os.kill(_postmaster(folder), signal.SIGKILL)
        assert _wait_until(lambda: not psutil.pid_exists(_postmaster(folder)) or _is_gone(_postmaster(folder)))
        database.watch()
        assert "The embedded database has stopped" in database.steps
        assert _wait_until(lambda: database.state != "starting", 60)
        assert (database.state, database.reason) == ("ready", "")
        assert "had stopped, and was started again at" in database.notice
        with psycopg.connect(database.url) as connection:
            assert connection.execute("select count(*) > 0 from public.products").fetchone() == (True,)
    finally:
        database.close()
