"""Answers to many statements: each is passed on as soon as it arrives, and a failure leaves no unread answer behind."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg import errors

from fixtures.servers import Database
from lab.database.answers import read_answers
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres

Make = Callable[..., Database]
Answers = list[tuple[list[str], list[tuple[Any, ...]]]]


def test_an_answer_is_passed_on_while_the_server_works_on_the_next(
    server: EmbeddedPostgres, shared_database: Make
) -> None:
    place, answers = shared_database(server), Answers()
    with psycopg.connect(place.url, autocommit=True) as other, connect(place.url, read_only=True) as connection:
        other.execute("select pg_advisory_lock(1)")

        def take(columns: list[str], rows: list[tuple[Any, ...]]) -> None:
            answers.append((columns, rows))
            if columns == ["first"]:  # the third statement waits for this lock
                other.execute("select pg_advisory_unlock(1)")

        # The server sends what it has when a buffer is full, so the second answer pushes the first one out.
        long = "select repeat('x', 100000) as"
        limit = "set local lock_timeout = '10s'"
        wait = "select pg_advisory_xact_lock_shared(1)"
        read_answers(connection, f"{limit}; {long} first; {long} second; {wait}; select 1 as one, null", take)
    assert answers[1] == (["first"], [("x" * 100000,)])
    assert answers[4] == (["one", "?column?"], [(1, None)])


def test_a_refused_statement_raises_after_the_answers_before_it(
    server: EmbeddedPostgres, shared_database: Make
) -> None:
    answers: Answers = []
    with connect(shared_database(server).url, read_only=True) as connection:
        with pytest.raises(errors.DivisionByZero):
            read_answers(connection, "select 1 as a; select 1 / 0; select 2", lambda *answer: answers.append(answer))
        connection.rollback()
        assert answers == [(["a"], [(1,)])]
        assert connection.execute("select 3").fetchone() == (3,)


def test_a_connection_with_unread_answers_is_closed(server: EmbeddedPostgres, shared_database: Make) -> None:
    def fail(*answer: Any) -> None:
        raise KeyError("unforeseen")

    with connect(shared_database(server).url, read_only=True) as connection:
        with pytest.raises(KeyError):
            read_answers(connection, "select 1; select 2", fail)
        assert connection.closed


def test_it_begins_a_transaction_with_its_limits(server: EmbeddedPostgres, shared_database: Make) -> None:
    answers: Answers = []
    limits = "select current_setting('transaction_read_only'), current_setting('statement_timeout')"
    with connect(shared_database(server).url, read_only=True, statement_timeout_seconds=7) as connection:
        read_answers(connection, limits, lambda *answer: answers.append(answer))
    assert answers[0][1] == [("on", "7s")]
