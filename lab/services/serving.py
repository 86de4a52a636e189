"""Serves a web application on this machine alone, in a thread."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from lab.text.errors import LabError

HOST = "127.0.0.1"


class PortTaken(LabError):
    """A port of this machine is not free."""


def listen(port: int) -> socket.socket:
    """Listen on this machine alone; 0 is a free port.

    Raises:
        PortTaken: The port is not free.
    """
    # asyncio sends small answers at once only on a socket that names its protocol.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
    except (OSError, OverflowError):
        listener.close()
        raise PortTaken(f"Port {port} of {HOST}", "It is not free", "Choose another one, or 0 for any") from None
    return listener


@contextlib.contextmanager
def serve(app: ASGIApp, listener: socket.socket, **options: Any) -> Iterator[None]:
    """Serve an application until the block ends.

    Args:
        app: The application.
        listener: Where it answers.
        options: Further settings of uvicorn.
    """
    config = uvicorn.Config(
        app, lifespan="off", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=1, **options
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="server", daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
