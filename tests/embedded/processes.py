"""What the tests ask and do of an embedded server, and of another process that uses it."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg

from lab.database.embedded.server import (
    EmbeddedPostgres,
    start_embedded,
)
from lab.text.product_files import PROJECT

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


def stop_server(folder: Path) -> None:
    if (folder / "postmaster.pid").exists():
        start_embedded(folder, durable=False).stop()


def read_postmaster(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


def run_query(server: EmbeddedPostgres, query: str) -> object:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone()[0] if cursor.description else None  # type: ignore[index]


def start_other(folder: Path, **options: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", OTHER, str(folder)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def is_gone(number: int) -> bool:
    """Tell whether a process has ended; one that nobody has collected yet has."""
    try:
        return bool(psutil.Process(number).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def holds_soon(holds: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()
