"""Reads what is due, and begins and finishes runs: each in one short transaction, as the site's server."""

import contextlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
from psycopg import errors

from lab.database.connect import LimitedConnection, connect
from lab.rules.model import ScheduledTask
from lab.services.acting import acting_as_server
from lab.services.worker.site import Site
from lab.text.errors import LabError

_WAITS = (
    "select r.task, extract(epoch from r.next_run_at - now())::float"
    " from public.scheduled_runs r where r.mode = any (%s)"
)


STATEMENT_SECONDS, PATIENCE_SECONDS = 30.0, 35.0


class WorkerUnusable(LabError):
    """A worker cannot run in this database: its functions are missing, or its login may not act as the server."""


def open_connection(url: str) -> LimitedConnection:
    """Open a connection whose statements and answers are limited, so that no run waits for ever.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
    """
    return connect(url, statement_timeout_seconds=STATEMENT_SECONDS, patience_seconds=PATIENCE_SECONDS)


def read_waits(connection: psycopg.Connection[Any], site: Site, tasks: tuple[ScheduledTask, ...]) -> dict[str, float]:
    """Return the seconds until each task's next run by the database's clock; none for a task that never ran.

    Raises:
        WorkerUnusable: Another attempt cannot succeed.
    """
    modes = list({site.mode_of(task) for task in tasks})
    with _explaining(_NO_SCHEDULE), acting_as_server(connection):
        return dict(connection.execute(_WAITS, [modes]).fetchall())


def begin_run(connection: psycopg.Connection[Any], site: Site, task: ScheduledTask) -> UUID | None:
    """Lease a task; None when it is not due, or another worker has it.

    Raises:
        WorkerUnusable: Another attempt cannot succeed.
    """
    begin = "select public.begin_scheduled_run(%s, %s, %s)"
    with _explaining(_OTHER_SCHEDULE), acting_as_server(connection):
        row = connection.execute(begin, [task.id, site.worker, site.mode_of(task)]).fetchone()
        return row[0] if row else None


def finish_run(
    connection: psycopg.Connection[Any], task: ScheduledTask, token: UUID, outcome: str, error_class: str | None
) -> bool:
    """End a run; False when its lease had ended and another worker has the task."""
    finish = "select public.finish_scheduled_run(%s, %s, %s, %s)"
    with _explaining(_OTHER_SCHEDULE), acting_as_server(connection):
        row = connection.execute(finish, [task.id, token, outcome, error_class]).fetchone()
        return bool(row and row[0])


_NO_SCHEDULE = ("has no schedule for workers", "Apply the migrations: python -m lab migrate --apply")
_OTHER_SCHEDULE = ("has another schedule than this version", "Deploy the version that fits its migrations")
_NO_RIGHTS = ("does not let this login act as the site's server", "Connect as authenticator or postgres")


@contextlib.contextmanager
def _explaining(other: tuple[str, str]) -> Iterator[None]:
    """Tell what no other attempt solves from an outage.

    Args:
        other: What it means that a value is refused: the role when it is set, or the name of a task.
    """
    try:
        yield
    except (errors.UndefinedFunction, errors.UndefinedTable, errors.UndefinedColumn):
        found = _NO_SCHEDULE
    except errors.InsufficientPrivilege:
        found = _NO_RIGHTS
    except errors.InvalidParameterValue:
        found = other
    else:
        return
    raise WorkerUnusable("The database", *found)
