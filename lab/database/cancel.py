"""Cuts connections from outside: their statements end, and nothing of them remains on the server."""

import contextlib
import socket
from collections.abc import Iterator
from contextvars import ContextVar
from threading import Lock
from typing import Any

import psycopg

CANCEL_SECONDS = 3.0  # for a server or a network that does not answer a cancel request


class Interrupted(Exception):
    """The work was cut before its connection could be used."""


class Interruption:
    """Holds the connections that are opened during `watch`, and cuts all of them on request."""

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
        """Cancel the statements and close the connections; may take CANCEL_SECONDS for each connection.

        Closing alone is not enough: a server notices it only when its statement has ended by itself.
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
    """Add a new connection to the interruption that watches this thread, if there is one.

    Raises:
        Interrupted: It was cut meanwhile; the connection is closed.
    """
    watching = _WATCHING.get()
    if watching is not None:
        watching.hold(connection)


def _double(connection: psycopg.Connection[Any]) -> socket.socket:
    """Return a second handle of a connection's socket; it stays valid when the number of the first is reused.

    A shutdown needs no address, so the address family does not matter.
    """
    return socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM)
