"""Keeps doing something on a connection until a stop is asked for, and goes on when the database was gone."""

from collections.abc import Callable

import psycopg

from lab.database.connect import DatabaseUnavailable, LimitedConnection
from lab.database.failures import say_break, say_refusal
from lab.services.worker.due import retry_pause
from lab.services.worker.stopping import Stop

Open = Callable[[str], LimitedConnection]


def keep_on(
    step: Callable[[LimitedConnection], float],
    url: str,
    *,
    stop: Stop,
    tell: Callable[[str], None],
    open: Open,
    draw: Callable[[], float],
    pause: Callable[[float], object] | None = None,
) -> None:
    """Do a step again and again. While the database does not answer, try again after a random pause.

    Args:
        step: What is done; returns how long to wait before the next step, in seconds.
        url: The database's URL.
        stop: A request to stop. The current step is finished first.
        tell: Gets a sentence when the database does not answer, and when it answers again.
        open: Opens a connection.
        draw: Returns a random number from 0 to 1, for the pauses after a failure.
        pause: Waits between two steps, or until there is something to do; by default until a stop is asked for.
    """
    failures, wait = 0, pause or stop.pause
    while not stop.asked:
        try:
            with open(url) as connection:
                while not stop.asked:
                    seconds = step(connection)
                    if failures:
                        tell("The database answers again.")
                    failures = 0
                    wait(seconds)
        except (DatabaseUnavailable, psycopg.Error) as error:
            failures += 1
            if failures == 1:
                tell(f"warning: {_explain(error)} It is tried again.")
            stop.pause(retry_pause(failures, draw))


def _explain(error: DatabaseUnavailable | psycopg.Error) -> str:
    """Explain an outage without the words of server or driver, which may quote a URL or a row."""
    if isinstance(error, DatabaseUnavailable):
        return str(error)
    why = say_break(error) if isinstance(error, psycopg.OperationalError) else say_refusal(error)
    return f"The database did not answer: {why}."
