"""Stores an event in a transaction of its own, and says whether that was its first delivery."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from lab.database.pool import open_engine
from lab.services.billing.events import Event, read_event
from lab.services.billing.refusal import Refused, Unavailable
from lab.text.errors import LabError

LOCK_SECONDS = 2  # for a lock, and for a free connection of the pool
STATEMENT_SECONDS = 5
_ROLE = "select pg_catalog.set_config('role', %s, true)"
_RECORD = "select public.record_stripe_event(%s, %s, %s, %s, %s::jsonb, %s, %s, %s)"
_REFUSALS = ("22", "23")  # classes of SQLSTATE: the value itself cannot be stored, now or later


def store_event(url: str, role: str | None, event: Event) -> bool:
    """Store and commit an event; return False for a repeated delivery.

    Args:
        url: The database's URL.
        role: The role to act as, within the transaction alone, as poolers need it; None for the login's own.
        event: What is stored.

    Raises:
        Unavailable: The database did not confirm the commit; nothing, or this one event, is stored.
        Refused: The table does not take such an event.
    """
    try:
        with open_engine(url, LOCK_SECONDS, STATEMENT_SECONDS).connect() as connection:
            first = _record(connection, role, event)
            commit(connection)
            return first
    except DBAPIError as error:
        raise _explain(error.orig) from None
    except (SQLAlchemyError, LabError, psycopg.Error):
        raise Unavailable("database_unavailable") from None


def commit(connection: Connection) -> None:
    """Commit: before this has returned, no answer tells that an event was received."""
    connection.commit()


def _record(connection: Connection, role: str | None, event: Event) -> bool:
    if role is not None:
        connection.exec_driver_sql(_ROLE, (role,))
    return bool(connection.exec_driver_sql(*write_event(event)).scalar_one())


def write_event(event: Event) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that stores an event, and its values; its answer tells whether it is new."""
    texts = (event.object_id, event.checkout_session_id, event.api_version)
    return _RECORD, (event.id, event.type, event.created_at, event.livemode, json.dumps(event.payload), *texts)


def _explain(error: BaseException | None) -> Refused:
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    return (
        Refused("refused_by_database") if (state or "").startswith(_REFUSALS) else Unavailable("database_unavailable")
    )


def record_missing(url: str, role: str | None = "service_role") -> Callable[[Mapping[str, Any]], None]:
    """Return what records an event that Stripe lists and that never arrived; its form is checked as on arrival.

    Args:
        url: The database's URL.
        role: The role to act as; None for the login's own.
    """

    def record(thing: Mapping[str, Any]) -> None:
        store_event(url, role, read_event(json.dumps(thing).encode()))

    return record
