"""A Postgres data folder and its server process: made, started, found again, stopped.

Nothing here opens a database connection: the bootstrap runs in single-user mode before the server listens.
"""

import contextlib
import errno
import hashlib
import os
import re
import shlex
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess

import psutil  # comes with the packaged server

from lab.database.embedded.account import ClusterError, choose_account, let_pass, run_as

SUPERUSER = "supabase_admin"  # as on Supabase, where `postgres` is no superuser
PORT = 5432  # only part of the socket's file name; no TCP port is opened
SOCKET_PATH_LIMIT = 100  # bytes; macOS allows 103, Linux 107

ENCRYPTION_REQUEST = bytes.fromhex("0000000804d2162f")  # protocol.html#PROTOCOL-FLOW-SSL: one byte comes back

LEAST_FREE = 1 << 20  # bytes; a failure with less free space is reported as a full disk

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "512MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "statement_timeout": "2min",  # Supabase's global limit
    # Private values must not reach the log: no statement text, no DETAIL line with a key's value.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "64MB",  # such data is often in memory
    "min_wal_size": "32MB",
}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A data folder together with the programs that run it.

    Args:
        folder: The data folder; absolute.
        programs: The folder with `initdb`, `pg_ctl` and `postgres`.
        major: The programs' Postgres major version.
        durable: False gives up crash safety for speed; for data that may be lost.
        progress: Gets a sentence before each step that takes time.
    """

    folder: Path
    programs: Path
    major: int
    durable: bool
    progress: Callable[[str], None] = field(compare=False, repr=False)

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.folder / "server.log"

    @property
    def mark(self) -> str:
        """A short name of the folder: on its processes and in the socket's folder."""
        return "lab-" + hashlib.sha256(str(self.folder).encode()).hexdigest()[:10]


def ensure_created(cluster: Cluster, bootstrap: str) -> None:
    """Make the data folder if there is none, and run the bootstrap if it has changed since.

    Raises:
        ClusterError: The folder holds something else, or another major's data.
    """
    exists = _check_folder(cluster)
    if account := choose_account(cluster.folder):
        let_pass(account, cluster.folder, cluster.programs, cluster.progress)
    if not exists:
        _create(cluster, bootstrap)
    elif _read(cluster.folder / "lab.bootstrap") != _digest(bootstrap):
        cluster.progress("Bringing the database's roles and schemas up to date")
        _bootstrap(cluster, cluster.folder, bootstrap)


def find_running(cluster: Cluster) -> Path | None:
    """Return the socket's folder of the server that runs on this data folder. Read-only."""
    found = _read_pid_file(cluster)
    if found and _is_postmaster(cluster, found[0]) and is_accepting(found[1]):
        return found[1]
    return None


def is_alive(cluster: Cluster) -> bool:
    """Tell whether the server's process exists, without connecting to it. Read-only."""
    found = _read_pid_file(cluster)
    return found is not None and _is_postmaster(cluster, found[0])


def start(cluster: Cluster) -> Path:
    """Start the server, after clearing away what a crash left; return its socket's folder.

    Raises:
        ClusterError: The server doesn't start; with the last lines of its log.
    """
    _clear_remains(cluster)
    folder = _prepare_socket_folder(cluster)
    settings = {**SETTINGS, **({} if cluster.durable else THROW_AWAY)}
    settings |= {"cluster_name": cluster.mark, "unix_socket_directories": str(folder)}
    options = shlex.join(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
    told = cluster.log.stat().st_size if cluster.log.exists() else 0
    # Relative paths: pg_ctl hands them to a shell, which would read signs like $ in a longer one.
    arguments = ("-D", ".", "-l", cluster.log.name, "-w", "-t", "60", "-o", options, "start")
    if _run(cluster, "pg_ctl", *arguments, inside=cluster.folder).returncode:
        remove_socket_folder(folder)
        raise _explain(cluster, told)
    return folder


def stop(cluster: Cluster, *, mode: str = "fast") -> bool:
    """Stop the server cleanly; open transactions are rolled back. False: it did not stop in time."""
    _, *arguments = stop_command(cluster, mode=mode)
    return _run(cluster, "pg_ctl", *arguments).returncode == 0


def stop_command(cluster: Cluster, *, mode: str = "fast") -> list[str]:
    """Write the command that stops the server."""
    return [str(cluster.programs / "pg_ctl"), "-D", str(cluster.folder), "-m", mode, "-w", "-t", "30", "stop"]


def is_socket_folder(folder: Path) -> bool:
    """Tell by its name whether a folder is made for the socket of an embedded server; it need not be there."""
    return folder.is_absolute() and re.fullmatch(r"lab-[0-9a-f]{10}-[0-9]+", folder.name) is not None


def remove_socket_folder(folder: Path) -> None:
    """Remove the folder of a stopped server's socket, if it is empty."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def is_accepting(socket_folder: Path) -> bool:
    """Tell whether a server answers on the socket in that folder. Read-only.

    A connection alone does not show it: a server that was just killed may still accept one.
    """
    with socket.socket(socket.AF_UNIX) as line, contextlib.suppress(OSError):
        line.settimeout(5)
        line.connect(str(socket_folder / f".s.PGSQL.{PORT}"))
        line.sendall(ENCRYPTION_REQUEST)
        return line.recv(1) in (b"S", b"N")
    return False


def _check_folder(cluster: Cluster) -> bool:
    """Tell whether the folder holds this major's data; False when there is nothing yet."""
    if not cluster.folder.exists() or not any(cluster.folder.iterdir()):
        return False
    move = "Move the folder away and start again; nothing was changed"
    version = _read(cluster.folder / "PG_VERSION").strip()
    if version == str(cluster.major):
        return True
    if version.isdigit():
        found = f"holds data of Postgres {version}, and this server is Postgres {cluster.major}"
        raise ClusterError(str(cluster.folder), found, f"Use Postgres {version}, or: {move.lower()}")
    raise ClusterError(str(cluster.folder), "is neither empty nor a database folder (no PG_VERSION)", move)


def _create(cluster: Cluster, bootstrap: str) -> None:
    """Make the data folder beside its place and move it there whole, so that no half-made one is left."""
    cluster.progress("Preparing a new database folder")
    part = cluster.folder.with_name(cluster.folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    if account := choose_account(cluster.folder):
        os.chown(part, *account)
    local = ["--locale=C.UTF-8"]
    if cluster.major >= 17:  # the same order of text on every platform
        local = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    local += [] if cluster.durable else ["--no-sync"]
    trust = ["--auth-local=trust", "--auth-host=reject"]  # no other account can enter the socket's folder
    fixed = [f"--username={SUPERUSER}", "--encoding=UTF8", "--data-checksums"]
    made = _run(cluster, "initdb", "-D", str(part), *fixed, *trust, *local)
    if made.returncode:
        shutil.rmtree(part, ignore_errors=True)
        found = f"initdb failed: {_pick_reason(made.stderr)}"
        raise _name_full_disk(cluster, made.stderr) or ClusterError(
            str(cluster.folder), found, "Correct what it names, and start again"
        )
    _bootstrap(cluster, part, bootstrap)
    if cluster.folder.exists():
        cluster.folder.rmdir()
    part.rename(cluster.folder)


def _bootstrap(cluster: Cluster, folder: Path, script: str) -> None:
    """Run the script as one transaction in single-user mode, where no connection is needed."""
    # In this mode a semicolon before an empty line ends a command: without empty lines the script is one.
    command = re.sub(r"\n\s*\n", "\n", script.strip()) + "\n\n"
    mode = ("--single", "-j", "-D", str(folder), "-c", "exit_on_error=true", "-c", "log_checkpoints=off")
    result = _run(cluster, "postgres", *mode, "postgres", told=command)
    if result.returncode:
        found = f"the bootstrap failed: {_pick_reason(result.stderr)}"
        raise _name_full_disk(cluster, result.stderr) or ClusterError(
            str(cluster.folder), found, "Repair sql/bootstrap.sql; the data is as it was"
        )
    (folder / "lab.bootstrap").write_text(_digest(script))
    (folder / "lab.bootstrap").chmod(0o644)  # a base backup, made by the server's account, reads it


def _clear_remains(cluster: Cluster) -> None:
    """Clear away what keeps a new server from starting after a crash. Data is not touched."""
    found = _read_pid_file(cluster)
    if found and _is_postmaster(cluster, found[0]):  # alive, but its socket was deleted, so it can't be reached
        _ = stop(cluster) or stop(cluster, mode="immediate")
        return
    # Busy backends of a killed server still hold its memory but can't commit any more; a whole server
    # whose data folder was deleted still holds the socket's place.
    left = [process for process in psutil.process_iter() if cluster.mark in _title(process)]
    for sent, seconds in ((signal.SIGQUIT, 3), (signal.SIGKILL, 10)):  # first so that it can tidy up
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(sent)
        left = psutil.wait_procs(left, timeout=seconds)[1]
    if found and psutil.pid_exists(found[0]):  # another process has its number now, which Postgres would not notice
        (cluster.folder / "postmaster.pid").unlink()


def _prepare_socket_folder(cluster: Cluster) -> Path:
    """Make the private folder for the socket; short, because a socket's path is limited."""
    uid, gid = choose_account(cluster.folder) or (os.geteuid(), os.getegid())
    name = f"{cluster.mark}-{uid}"
    place = Path(tempfile.gettempdir())
    if len(str(place / name / f".s.PGSQL.{PORT}").encode()) > SOCKET_PATH_LIMIT:
        place = Path("/tmp")  # noqa: S108  # the private folder below it is checked to be ours
    folder = place / name
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        os.chown(folder, uid, gid)
    seen = folder.lstat()
    if not folder.is_dir() or folder.is_symlink() or seen.st_uid != uid or seen.st_mode & 0o077:
        raise ClusterError(str(folder), "belongs to another account, or others can enter it", "Remove it")
    for remains in folder.glob(".s.PGSQL.*"):  # of a killed server; another process may have its number now
        remains.unlink()
    return folder


def _run(
    cluster: Cluster, program: str, *arguments: str, told: str = "", inside: Path = Path("/")
) -> CompletedProcess[str]:
    command = [str(cluster.programs / program), *arguments]
    return run_as(choose_account(cluster.folder), command, told=told, inside=inside)


def _read_pid_file(cluster: Cluster) -> tuple[int, Path] | None:
    """Read the server's number and its socket's folder from the file it keeps while it runs."""
    lines = _read(cluster.folder / "postmaster.pid").splitlines()
    return (int(lines[0]), Path(lines[4])) if len(lines) > 4 and lines[0].isdigit() else None


def _is_postmaster(cluster: Cluster, pid: int) -> bool:
    with contextlib.suppress(psutil.Error):
        return f"cluster_name={cluster.mark}" in psutil.Process(pid).cmdline()
    return False


def _title(process: psutil.Process) -> str:
    """Return the title of a process of Postgres; empty for any other process."""
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline()) if process.name().startswith("postgres") else ""
    return ""


def _explain(cluster: Cluster, told: int) -> ClusterError:
    """Make an error from the lines that the server logged since its start."""
    said = cluster.log.read_bytes()[told:].decode(errors="replace") if cluster.log.exists() else ""
    found = f"the server does not start: {_pick_reason(said)}"
    next_step = f"Read {cluster.log}, or move the folder away and start with a new one"
    return _name_full_disk(cluster, said) or ClusterError(str(cluster.folder), found, next_step)


def _name_full_disk(cluster: Cluster, said: str) -> ClusterError | None:
    """Return the error for a full disk, if that is the cause; the log may then be incomplete."""
    full = os.strerror(errno.ENOSPC)
    place = next(place for place in (cluster.folder, *cluster.folder.parents) if place.exists())
    if full in said or "Disk quota exceeded" in said or shutil.disk_usage(place).free < LEAST_FREE:
        return ClusterError(str(cluster.folder), "the disk is full", "Make room on it, and start again")
    return None


def _read(path: Path) -> str:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return path.read_text()
    return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _pick_reason(said: str) -> str:
    """Return the line of a program's output that names the reason."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    weighty = [line for line in lines if re.search(r"\b(FATAL|PANIC|ERROR|error|could not)\b", line)]
    return (weighty or lines or ["it wrote nothing"])[-1]
