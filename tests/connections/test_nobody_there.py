"""Checks where nobody answers, or something that is no Postgres: told within seconds."""

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest

from lab.database.connect import CONNECT_TIMEOUT_SECONDS, connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.database.failures import NoAnswer
from tests.connections import network
from tests.connections.network import make_url
from tests.connections.trial import SECRET, SOON, Databases, Told


@contextlib.contextmanager
def listen(answer: bytes | None) -> Iterator[int]:
    """Listen for connections: answer each with some bytes and hang up, or never say a word."""
    held: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError):  # the listener was closed: the block has ended
            while True:
                client, _ = listener.accept()
                held.append(client)
                if answer is not None:
                    client.recv(1024)
                    client.sendall(answer)
                    client.close()

    with socket.create_server((network.HOST, 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
    for client in held:
        client.close()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+OK\r\n"])
def test_something_else_listens_there(answer: bytes, check: Callable[..., Told]) -> None:
    with listen(answer) as port:
        told = check(make_url(port, "postgres", "postgres", SECRET))
    assert (told.code, told.out) == (2, "")
    assert "is not Postgres, or it closed the connection" in told.err
    assert told.seconds < SOON


def test_nobody_answers(check: Callable[..., Told], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.database.connect.CONNECT_TIMEOUT_SECONDS", 2)
    with listen(None) as port:
        told = check(make_url(port, "postgres", "postgres", SECRET))
    assert (told.code, told.out) == (2, "")
    assert "the server did not answer in time" in told.err
    assert 1.5 < told.seconds < SOON


@pytest.mark.parametrize(
    ("host", "said", "seconds"),
    [
        # An address of RFC 5737's, which leads nowhere; some networks say so at once, some answer in its place.
        ("192.0.2.1", "", CONNECT_TIMEOUT_SECONDS + 2),
        ("127.0.0.1:1", "nothing listens there", SOON),
        ("no-such-host.invalid", "the host name is not known", SOON),
    ],
)
def test_nobody_is_there(host: str, said: str, seconds: float, check: Callable[..., Told]) -> None:
    told = check(f"postgresql://postgres:{quote(SECRET, safe='')}@{host}/postgres")
    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert told.seconds < seconds <= 7


def test_a_network_that_is_gone_is_not_waited_for(
    server: EmbeddedPostgres, shared_database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session is there, then its process says nothing more: a signal stops it."""
    monkeypatch.setattr("lab.database.connect.GRACE_SECONDS", 0.5)
    with connect(shared_database(server).url, read_only=True, statement_timeout_seconds=0.5) as connection:
        pid = connection.execute("select pg_backend_pid()").fetchone()
        assert pid
        os.kill(pid[0], signal.SIGSTOP)
        try:
            started = time.perf_counter()
            with pytest.raises(NoAnswer):
                connection.execute("select 1")
            assert 0.9 < time.perf_counter() - started < SOON
            assert connection.closed
        finally:
            os.kill(pid[0], signal.SIGCONT)
