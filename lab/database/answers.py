"""Reads the answers to many statements that are sent at once, each as soon as it arrives."""

import contextlib
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import errors, generators
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

Take = Callable[[list[str], list[tuple[Any, ...]]], None]


def read_answers(connection: psycopg.Connection[Any], statements: str, take: Take) -> None:
    """Send statements in one message, and pass on the answer to one while the server works on the next.

    A cursor waits for all of them first.

    Args:
        connection: A transaction is begun on it, as a cursor does, unless one is open.
        statements: Separated by semicolons, without parameters.
        take: Called for each answer with the names of its columns, and its rows.

    Raises:
        psycopg.Error: A statement was refused; later ones were not run.
    """
    try:
        with connection.lock:
            connection.wait(_exchange(connection, statements.encode(), take))
    finally:
        if connection.pgconn.transaction_status == TransactionStatus.ACTIVE:
            connection.close()  # broken off: the rest would be taken for the answer to the next statement


def _exchange(connection: psycopg.Connection[Any], statements: bytes, take: Take) -> PQGen[None]:
    pgconn = connection.pgconn
    yield from connection._start_query()
    pgconn.send_query(statements)
    yield from generators.send(pgconn)
    while (result := (yield from generators.fetch(pgconn))) is not None:
        if result.status == ExecStatus.FATAL_ERROR:
            with contextlib.suppress(psycopg.OperationalError):  # the server may have ended the session, too
                yield from generators.fetch(pgconn)  # no answer follows, only the end
            raise errors.error_from_result(result, connection.info.encoding)
        take(*_load(connection, result))


def _load(connection: psycopg.Connection[Any], result: PGresult) -> tuple[list[str], list[tuple[Any, ...]]]:
    loader = Transformer(connection)
    loader.set_pgresult(result)
    names = [(result.fname(place) or b"").decode() for place in range(result.nfields)]
    return names, loader.load_rows(0, result.ntuples, tuple)
