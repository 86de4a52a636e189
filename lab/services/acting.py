"""Acts as one of the roles in the database, in one transaction at a time, as poolers need it."""

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg

ROLE = "service_role"
TAKE_ROLE = "select set_config('role', %s, true)"


def acting_as_server(connection: psycopg.Connection[Any]) -> contextlib.AbstractContextManager[psycopg.Connection[Any]]:
    """Begin a transaction as the site's server, and commit it when the block ends without an error.

    Args:
        connection: One without an open transaction, whose login may act as the site's server.
    """
    return acting_as(connection, ROLE)


@contextlib.contextmanager
def acting_as(connection: psycopg.Connection[Any], role: str) -> Iterator[psycopg.Connection[Any]]:
    """Begin a transaction as a role, and commit it when the block ends without an error.

    Args:
        connection: One without an open transaction, whose login may act as the role.
        role: The role's name.
    """
    with connection.transaction():
        connection.execute(TAKE_ROLE, [role])
        yield connection
