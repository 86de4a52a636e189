"""The account that runs a Postgres server: this process's own, or, for root, one without privileges."""

import contextlib
import os
import pwd
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from lab.text.errors import LabError

Account = tuple[int, int]  # uid, gid

ACCOUNT_NAME = "pgserver"  # the packaged server uses the same name, so both can share one machine

# Where programs, their libraries and their temporary files are.
_NEEDED = (
    *("PATH", "HOME", "TMPDIR", "TMP", "TEMP", "TZ"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
)


class ClusterError(LabError):
    """The data folder or its server can't be used; says what was found and the next step."""


def choose_account(folder: Path) -> Account | None:
    """Choose who runs the server on this data folder; None means this process's own account.

    Postgres refuses to run as root. For root, the server therefore runs as the owner of the data, else as the
    owner of a folder above it, so that a later start without root finds its own data. If root owns all of
    them, an account without a login is made.

    Raises:
        ClusterError: Such an account is needed and can't be made.
    """
    if os.geteuid() != 0:
        return None
    for place in (folder, *folder.parents):
        seen = place.stat() if place.exists() else None
        if seen and seen.st_uid and (place == folder or _has_name(seen.st_uid)):
            return seen.st_uid, seen.st_gid
    return _find_account() or _make_account(folder)


def let_pass(account: Account, folder: Path, programs: Path, progress: Callable[[str], None]) -> None:
    """Let the server's account reach its data and its programs below folders that only root can enter.

    Folders above can then be passed through, but not listed. Other files in them keep their modes.
    """
    for place in dict.fromkeys((*folder.parents, *programs.parents, programs)):
        seen = place.stat()
        if not seen.st_mode & 0o001 and seen.st_uid != account[0]:
            progress(f"Letting the server's account pass through {place}")
            place.chmod(seen.st_mode | 0o001)
    if not _can_run(account, programs):  # installed under a umask that gives others no right
        for place in (programs.parent, *programs.parent.rglob("*")):
            mode = place.lstat().st_mode
            if not place.is_symlink():
                place.chmod(mode | (0o055 if mode & 0o100 else 0o044))


def run_as(
    account: Account | None, command: Sequence[str], *, told: str = "", inside: Path = Path("/")
) -> subprocess.CompletedProcess[str]:
    """Run a program of the server as that account, with only the environment variables that it needs.

    Args:
        account: Who runs it; None is this process's own account.
        command: The program's path and its arguments.
        told: What it reads from standard input.
        inside: The folder it runs in; not this process's, which the account may not be able to enter.
    """
    uid, gid = account or (None, None)
    return subprocess.run(
        command,
        input=told,
        capture_output=True,
        text=True,
        cwd=inside,
        env=make_environment() | {"LC_ALL": "C"},
        timeout=120,
        check=False,
        user=uid,
        group=gid,
        extra_groups=[] if account else None,
    )


def make_environment() -> dict[str, str]:
    """Return the environment of a server's programs: only the variables that every program needs.

    It holds no secret of the app, and no variable of libpq.
    """
    return {name: os.environ[name] for name in _NEEDED if name in os.environ}


def _find_account() -> Account | None:
    with contextlib.suppress(KeyError):
        found = pwd.getpwnam(ACCOUNT_NAME)
        return found.pw_uid, found.pw_gid
    return None


def _make_account(folder: Path) -> Account:
    nowhere = ("--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin")
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        run_as(None, ["useradd", *nowhere, ACCOUNT_NAME])
    if account := _find_account():  # also when another process was faster
        return account
    found = f"Postgres refuses to run as root, and the account {ACCOUNT_NAME} can't be made"
    raise ClusterError(str(folder), found, "Run as an ordinary user, or set DATABASE_URL to a Postgres of your own")


def _can_run(account: Account, programs: Path) -> bool:
    with contextlib.suppress(OSError):
        return run_as(account, [str(programs / "postgres"), "--version"]).returncode == 0
    return False


def _has_name(uid: int) -> bool:
    with contextlib.suppress(KeyError):
        return bool(pwd.getpwuid(uid))
    return False  # initdb needs a name
