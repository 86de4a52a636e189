"""The history in Postgres over real connections: through a pooler in transaction mode, and with a wrong password."""

import multiprocessing
import uuid
from collections.abc import Iterator

import pytest

from lab.database.embedded.server import EmbeddedPostgres
from lab.readiness.history import HistoryUnavailable, SharedHistory, read_runs, record_run
from tests.connections import network
from tests.connections.network import Missing, make_url
from tests.connections.test_pooler import assert_nothing_left, look_behind
from tests.connections.trial import SECRET, Databases, Run, as_superuser
from tests.readiness.reports import run as make_run


@pytest.fixture
def pooled(server: EmbeddedPostgres, database: Databases) -> Iterator[str]:
    """Give the URL of an empty database through a pooler in transaction mode, with one connection for all."""
    try:
        with network.pool(server.socket_folder) as port:
            yield make_url(port, database(server, "bare").name)
    except Missing as reason:
        pytest.skip(str(reason))


def test_a_pooler_in_transaction_mode(pooled: str) -> None:
    before = look_behind(pooled)
    kept = tuple(make_run(day, "a", "b") for day in range(12))  # more than it takes to prepare a statement
    for one in kept:
        record_run(SharedHistory(pooled), one)
        read_runs(SharedHistory(pooled))
    assert read_runs(SharedHistory(pooled)) == kept
    assert_nothing_left(pooled, before)


def test_several_processes_begin_a_history_through_a_pooler(pooled: str) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_record, args=(pooled, day)) for day in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    assert len(read_runs(SharedHistory(pooled))) == 4


def _record(url: str, day: int) -> None:
    record_run(SharedHistory(url), make_run(day, "a"))


@pytest.fixture(scope="module")
def guarded(server: EmbeddedPostgres) -> Iterator[network.Server]:
    """A server that asks for a password on TCP."""
    folder = network.copy_server(server, f"history-{uuid.uuid4().hex[:8]}")
    with network.serve_folder(folder, major=server.major) as served:
        as_superuser(served.url("postgres", "supabase_admin"), f"alter role postgres password '{SECRET}'")
        yield served


def test_a_wrong_password_is_never_shown(guarded: network.Server, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    url = guarded.tcp_url("postgres", "postgres", f"{SECRET}!")
    sentence = f"127.0.0.1:{guarded.port}/postgres: the password for postgres is wrong, missing or expired"
    for use in (lambda: record_run(SharedHistory(url), make_run(1)), lambda: read_runs(SharedHistory(url))):
        with pytest.raises(HistoryUnavailable) as raised:
            use()
        assert str(raised.value).startswith(sentence)
        assert "s3cr3t" not in repr(raised.getrepr(style="long", showlocals=False))
    monkeypatch.setenv("LAB_HISTORY_URL", url)
    code, out, err = run("history")
    assert (code, out) == (2, "")
    assert sentence in err
    assert "s3cr3t" not in err
    right = SharedHistory(guarded.tcp_url("postgres", "postgres", SECRET))
    record_run(right, make_run(1))
    assert len(read_runs(right)) == 1


def test_a_history_on_a_server_without_encryption_that_is_asked_for_it(guarded: network.Server) -> None:
    url = guarded.tcp_url("postgres", "postgres", SECRET, sslmode="require")
    with pytest.raises(HistoryUnavailable, match="the server does not offer encryption, which the URL requires"):
        read_runs(SharedHistory(url))
