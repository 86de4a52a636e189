"""Copies of a migrated database: what is committed in one of them makes no other one slower."""

import contextlib
import uuid
from collections.abc import Iterator

from psycopg import sql

from lab.database.connect import connect
from lab.database.embedded.scratch import open_scratch
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.apply import apply_migrations

MIGRATED = "postgres"


@contextlib.contextmanager
def open_migrated() -> Iterator[EmbeddedPostgres]:
    """Start a temporary server, whose database MIGRATED is migrated and stays as it is."""
    with open_scratch() as server:
        apply_migrations(server.url(MIGRATED))
        yield server


@contextlib.contextmanager
def lend_copy(server: EmbeddedPostgres) -> Iterator[str]:
    """Make a copy of the migrated database, and yield its name; the copy is dropped when the block ends."""
    name = copy_database(server)
    try:
        yield name
    finally:
        drop_database(server, name)


def copy_database(server: EmbeddedPostgres, template: str = MIGRATED) -> str:
    """Make a copy of a database, and return its name. Nobody may be connected to the original."""
    name = f"copy_{uuid.uuid4().hex[:12]}"
    make = sql.SQL("create database {} template {} owner postgres strategy wal_log")
    with connect(server.admin_url()) as admin:
        admin.autocommit = True
        admin.execute(make.format(sql.Identifier(name), sql.Identifier(template)))
    return name


def drop_database(server: EmbeddedPostgres, name: str) -> None:
    """Drop a copy, and whatever is still connected to it."""
    with connect(server.admin_url()) as admin:
        admin.autocommit = True
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
