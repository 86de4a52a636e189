"""Plays the tour: every step in one transaction on one connection, which is always rolled back."""

import contextlib
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import psycopg
from psycopg import errors

from lab.checks.probes.attempts import LOGIN, Attempt, Outcome, ProbeTransaction, Step
from lab.checks.probes.preconditions import (
    find_unusable_roles,
    lock_tables,
    plan_silencing,
    read_preconditions,
    write_identities,
)
from lab.checks.probes.report import Verdict
from lab.checks.probes.sample_people import People
from lab.checks.probes.trial import describe_expected, make_judge, read_statements
from lab.checks.tour.step import Show, TourStep, Try
from lab.checks.tour.steps import STEPS
from lab.database.connect import DatabaseUnavailable, connect, name_database
from lab.database.failures import say_break
from lab.text.product_files import SQL

FOLDER = SQL / "tour"
STATEMENT_SECONDS, LOCK_SECONDS = 5.0, 0.5
SETTINGS = """select set_config('search_path', '"public", "extensions"', true),
                     set_config('idle_in_transaction_session_timeout', '5s', true)"""
CUSTOMERS = """insert into auth.users (id, aud, role, is_anonymous)
select id::uuid, 'authenticated', 'authenticated', false from unnest(array[$1, $2]) as id"""
TRIES = 5  # a deletion waits for no lock, but says that rows are in use
IN_THE_WAY = "This step changed nothing, because other work on the database was in its way. Play it again."
NOT_TRIED = Verdict("unknown", "not tried: what comes before it could not be written")
State = Literal["holds", "broken", "unknown"]


@dataclass(frozen=True)
class Tried:
    """What came of a try.

    Args:
        tried: What was tried.
        expected: What the rules expect, in a few words.
        verdict: Whether what was seen is as they expect.
    """

    tried: Try
    expected: str
    verdict: Verdict


@dataclass(frozen=True)
class PlayedStep:
    """A step of the tour as it was played.

    Args:
        step: What it declares.
        refusal: Why it could not be written; empty when it was.
        rows: The rows that each of its shows returned.
        tries: What came of its tries.
    """

    step: TourStep
    refusal: str
    rows: tuple[tuple[Show, tuple[dict[str, Any], ...]], ...]
    tries: tuple[Tried, ...]

    @property
    def state(self) -> State:
        """Return `holds` when it was written and every try ended as the rules expect."""
        states = {one.verdict.state for one in self.tries}
        if "differs" in states:
            return "broken"
        return "unknown" if self.refusal or "unknown" in states else "holds"


@dataclass(frozen=True)
class Tour:
    """The tour as it was played.

    Args:
        steps: Each step, in order.
        played_at: When it was played.
        seconds: How long it took.
        refusal: Why it could not be played; empty when it was.
    """

    steps: tuple[PlayedStep, ...]
    played_at: datetime
    seconds: float
    refusal: str = ""


def play_tour(url: str) -> Tour:
    """Play every step on a database. All changes are rolled back.

    Args:
        url: Its URL, of the tables' owner.

    Raises:
        DatabaseUnavailable: It can't be reached, or the connection breaks.
    """
    began, started = datetime.now(UTC), time.perf_counter()
    connection = connect(
        url,
        statement_timeout_seconds=STATEMENT_SECONDS,
        lock_timeout_seconds=LOCK_SECONDS,
        application_name="persistence-lab tour",
    )
    steps: tuple[PlayedStep, ...] = ()
    refusal = ""
    try:
        for _ in range(TRIES):
            steps, refusal = _play(connection)
            if not any(step.refusal == IN_THE_WAY for step in steps):
                break
            connection.rollback()
    except errors.OperationalError as error:
        if connection.broken or connection.closed or error.sqlstate is None:
            raise DatabaseUnavailable(name_database(url), say_break(error), "Play the tour again") from None
        refusal = f"The server ended it (SQLSTATE {error.sqlstate}). Nothing was changed. Play it again."
    finally:
        with contextlib.suppress(psycopg.Error):
            connection.rollback()
        connection.close()
    return Tour(steps, began, time.perf_counter() - started, refusal)


def read_sql(step: TourStep) -> str:
    """Return the statements of a step, as they are played."""
    return (FOLDER / f"{step.id}.sql").read_text(encoding="utf-8")


def _play(connection: psycopg.Connection[Any]) -> tuple[tuple[PlayedStep, ...], str]:
    """Return the steps, or why none could be played."""
    connection.execute(SETTINGS.encode())
    found = read_preconditions(connection)
    quiet = plan_silencing(connection, found) if not found.refusal else None
    refusal = found.refusal or (quiet.why_not or quiet.people_why_not if quiet else "")
    if refusal := refusal or lock_tables(connection, found):
        return (), refusal
    people = People()
    transaction = ProbeTransaction(connection, write_identities(connection, people))
    unusable = [unknown.why for _, unknown in find_unusable_roles(transaction, found)]
    if quiet and (quiet.people or quiet.everywhere):
        connection.execute("select set_config('session_replication_role', 'replica', true)")
    customers = Step(LOGIN, CUSTOMERS, values=(people["a.subject"], people["b.subject"]))
    made = transaction.make_one(customers, keep=True)
    if quiet and quiet.people and not quiet.everywhere:
        connection.execute("select set_config('session_replication_role', 'origin', true)")
    if unusable or made.state:
        return (), " ".join(unusable) or f"The two customers could not be made: {made.describe()}."
    return _play_steps(transaction, people), ""


def _play_steps(transaction: ProbeTransaction, people: People) -> tuple[PlayedStep, ...]:
    attempts = [attempt for step in STEPS for attempt in _list_attempts(step, people)]
    outcomes, played, whole = iter(transaction.make(attempts)), [], True
    for step in STEPS:
        written, *others = itertools.islice(outcomes, 1 + len(step.shows) + len(step.tries))
        whole = whole and not written.state and written.rows > 0
        played.append(_read_step(step, written, others, people, whole=whole))
    return tuple(played)


def _list_attempts(step: TourStep, people: People) -> Iterator[Attempt]:
    """Yield what is tried in a step: its writes, which are kept, then what it shows, then each of its tries."""
    yield Attempt(tuple(_make_step(step, who, name, people) for who, name in step.writes), keep=True)
    for show in step.shows:
        yield Attempt((_make_step(step, LOGIN, show.statement, people, answers=True),))
    for one in step.tries:
        first = (_make_step(step, who, name, people) for who, name in one.first)
        last = _make_step(step, one.who, one.statement, people, answers=isinstance(one.expected, list))
        yield Attempt((*first, last))


def _make_step(step: TourStep, who: str, name: str, people: People, *, answers: bool = False) -> Step:
    statement, values = people.bind(read_statements(step.id, FOLDER)[name])
    return Step(who, statement, "answer" if answers else "rows", values=values)


def _read_step(
    step: TourStep, written: Outcome, others: Sequence[Outcome], people: People, *, whole: bool
) -> PlayedStep:
    """Read what came of a step; without its writes and those before it, its tries prove nothing."""
    shown, tried = others[: len(step.shows)], others[len(step.shows) :]
    return PlayedStep(
        step,
        _say_unwritten(written),
        tuple((show, _read_rows(outcome)) for show, outcome in zip(step.shows, shown, strict=True)),
        tuple(
            Tried(one, describe_expected(one.expected), _judge(one, outcome, people) if whole else NOT_TRIED)
            for one, outcome in zip(step.tries, tried, strict=True)
        ),
    )


def _say_unwritten(written: Outcome) -> str:
    """Say why the writes of a step did not happen; empty when they did."""
    if written.state:
        return f"This step could not be written: {written.describe()}."
    return "" if written.rows else IN_THE_WAY


def _read_rows(outcome: Outcome) -> tuple[dict[str, Any], ...]:
    return tuple(outcome.answers[-1] or ()) if outcome.answers else ()


def _judge(one: Try, outcome: Outcome, people: People) -> Verdict:
    return make_judge(one.expected, people)([outcome])
