"""Acts as the site's server in the database, in one transaction at a time, as poolers need it."""

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg

ROLE = "service_role"


@contextlib.contextmanager
def acting_as_server(connection: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """Begin a transaction as the site's server, and commit it when the block ends without an error.

    Args:
        connection: One without an open transaction, whose login may act as the site's server.
    """
    with connection.transaction():
        connection.execute("select set_config('role', %s, true)", [ROLE])
        yield connection
