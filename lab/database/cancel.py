"""Connections that can be cut from outside: what is asked on them ends, and nothing of it stays on the server."""

import contextlib
import socket
from collections.abc import Iterator
from contextvars import ContextVar
from threading import Lock
from typing import Any

import psycopg

CANCEL_SECONDS = 3.0  # for a server or a network that does not even answer a cancelling


class Interrupted(Exception):
    """Somebody cut what was to be asked, before it was asked."""


class Interruption:
    """Holds the connections that are opened under its watch, and cuts them all when somebody says so."""

    def __init__(self) -> None:
        self._held: list[tuple[psycopg.Connection[Any], socket.socket]] = []
        self._lock, self._cut = Lock(), False

    @contextlib.contextmanager
    def watch(self) -> Iterator[None]:
        """Hold every connection that this thread opens inside."""
        before = _WATCHING.set(self)
        try:
            yield
        finally:
            _WATCHING.reset(before)
            self._let_go()

    def hold(self, connection: psycopg.Connection[Any]) -> None:
        """Hold one connection.

        Raises:
            Interrupted: It was cut meanwhile; the connection is closed.
        """
        with self._lock:
            if not self._cut:
                self._held.append((connection, _double(connection)))
                return
        connection.close()
        raise Interrupted

    def cut(self) -> None:
        """Ask the servers to stop what they do, and hang up; may take CANCEL_SECONDS for each connection.

        Hanging up alone would not do: a server notices it only once its statement has ended by itself.
        """
        with self._lock:
            self._cut = True
            held = tuple(self._held)
        for connection, _ in held:
            with contextlib.suppress(psycopg.Error):
                connection.cancel_safe(timeout=CANCEL_SECONDS)
        with self._lock:
            for _, line in self._held:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        with self._lock:
            for _, line in self._held:
                line.close()
            self._held.clear()


_WATCHING: ContextVar[Interruption | None] = ContextVar("watching", default=None)


def hold_connection(connection: psycopg.Connection[Any]) -> None:
    """Give a new connection to whoever watches this thread, if anybody does.

    Raises:
        Interrupted: It was cut meanwhile; the connection is closed.
    """
    watching = _WATCHING.get()
    if watching is not None:
        watching.hold(connection)


def _double(connection: psycopg.Connection[Any]) -> socket.socket:
    """Return a second handle of a connection's line, which stays ours when the first is closed and its number reused.

    Hanging up needs no address, so that the family named here means nothing.
    """
    return socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM)
