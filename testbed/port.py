"""Forwards a TCP port of the loopback interface to a server's Unix socket, for programs that know TCP alone."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def forward(socket_folder: Path) -> Iterator[int]:
    """Give the port that leads to the server, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, socket_folder / ".s.PGSQL.5432"), daemon=True).start()
        yield listener.getsockname()[1]


def _serve(listener: socket.socket, path: Path) -> None:
    with contextlib.suppress(OSError):  # the listener was closed: the block has ended
        while True:
            client, _ = listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(path))
            for here, there in ((client, server), (server, client)):
                threading.Thread(target=_pump, args=(here, there), daemon=True).start()


def _pump(here: socket.socket, there: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := here.recv(65536):
            there.sendall(chunk)
    with contextlib.suppress(OSError):
        there.shutdown(socket.SHUT_WR)
