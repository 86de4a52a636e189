"""A slow line to a database: whatever the server says arrives late."""

import contextlib
import socket
import time
from collections.abc import Iterator
from threading import Thread

from psycopg.conninfo import conninfo_to_dict, make_conninfo


@contextlib.contextmanager
def lead_slowly(url: str, seconds: float) -> Iterator[str]:
    """Give another URL of a database: behind it every answer takes so many seconds longer."""
    parts = conninfo_to_dict(url)
    host, port = str(parts["host"]), int(str(parts.get("port", 5432)))
    with socket.create_server(("127.0.0.1", 0)) as door:
        Thread(target=_answer, args=(door, host, port, seconds), daemon=True).start()
        yield make_conninfo(url, host="127.0.0.1", port=door.getsockname()[1])


def _answer(door: socket.socket, host: str, port: int, seconds: float) -> None:
    while True:
        try:
            client, _ = door.accept()
        except OSError:  # the door was closed
            return
        server = _reach(host, port)
        Thread(target=_pass_on, args=(client, server, 0.0), daemon=True).start()
        Thread(target=_pass_on, args=(server, client, seconds), daemon=True).start()


def _reach(host: str, port: int) -> socket.socket:
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    line = socket.socket(socket.AF_UNIX)
    line.connect(f"{host}/.s.PGSQL.{port}")
    return line


def _pass_on(source: socket.socket, goal: socket.socket, seconds: float) -> None:
    """Pass on what is said, late, until one side hangs up; then hang up on the other."""
    with contextlib.suppress(OSError):
        while said := source.recv(1 << 16):
            time.sleep(seconds)
            goal.sendall(said)
    for side in (source, goal):
        with contextlib.suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)
