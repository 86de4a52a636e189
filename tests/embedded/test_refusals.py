"""What the embedded server does not start on, each named with its next step, and left alone."""

import fcntl
import os
import pwd
from pathlib import Path

import psutil
import pytest

from lab.database.embedded import server as embedded
from lab.database.embedded.server import (
    EmbeddedUnavailable,
    InUse,
    binaries,
    default_folder,
    set_aside,
    start_embedded,
)
from lab.text.product_files import PROJECT
from tests.embedded.processes import Start, read_postmaster, run_query, start_other


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
    assert run_query(start(), "select 1") == 1


def test_changed_bootstrap_is_applied_at_the_next_start(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start().stop()
    changed = folder.with_name("changed.sql")
    changed.write_text(embedded.BOOTSTRAP.read_text() + "\ncreate schema added;\n")
    monkeypatch.setattr(embedded, "BOOTSTRAP", changed)
    assert run_query(start(), "select 1 from pg_namespace where nspname = 'added'") == 1


def test_each_packaged_major(place: Path) -> None:
    server = start_embedded(place / "postgres-16", major=16, durable=False)
    try:
        assert server.major == 16
        assert str(run_query(server, "show server_version")).startswith("16.")
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
        other = start_other(folder, user=account.pw_uid, group=account.pw_gid, extra_groups=[])
    except PermissionError:
        pytest.skip("an ordinary account is not tested here: it can't run this Python, which is root's alone")
    _, said = other.communicate()
    assert other.returncode == 0, said
    assert folder.stat().st_uid == account.pw_uid
    server = start_embedded(folder, durable=False)  # now as root
    try:
        assert psutil.Process(read_postmaster(folder)).uids().real == account.pw_uid
    finally:
        server.stop()


def test_set_aside_keeps_everything(start: Start, folder: Path) -> None:
    server = start()
    run_query(server, "create table public.kept as select 42 as number")
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
    assert run_query(again, "select number from public.kept") == 42
    again.stop()
    assert run_query(start(), "select to_regclass('public.kept')") is None
