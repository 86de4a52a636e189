"""Sends the statements of plays that are rolled back: each is planned once, and several go in one message.

The product sends each statement with its values and plans it anew, as poolers need it. Here the same statement is
prepared with the same types of its values, and executed by its name. Nothing else of its meaning changes.
"""

import re
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg._queries import PostgresQuery
from psycopg.adapt import Transformer

_VALUE = re.compile(rb"%(\(\w+\))?s")


class Statements:
    """The statements that were prepared on one connection."""

    def __init__(self) -> None:
        self._names: dict[tuple[bytes, tuple[int, ...]], bytes] = {}

    def execute(
        self, connection: psycopg.Connection[Any], query: bytes, values: Any = None, before: bytes = b""
    ) -> psycopg.Cursor[Any]:
        """Run a statement, and return its result.

        Args:
            connection: With an open transaction.
            query: One statement.
            values: Its values.
            before: Statements that go in the same message, each with its semicolon.
        """
        cursor = connection.execute(before + self._name(connection, query, values))
        while cursor.nextset():
            pass
        return cursor

    def _name(self, connection: psycopg.Connection[Any], query: bytes, values: Any) -> bytes:
        """Return what executes a statement by its name; a new one is prepared."""
        asked = PostgresQuery(Transformer(connection))
        asked.convert(_take_text(query), values)
        name = self._names.get((asked.query, asked.types))
        if name is None:
            name = f"rehearsed_{len(self._names)}".encode()
            types = ", ".join(_name_type(connection, oid) for oid in asked.types)
            connection.execute(b"prepare %b%b as %b" % (name, f" ({types})".encode() if types else b"", asked.query))
            self._names[asked.query, asked.types] = name
        given = b", ".join(map(_quote, asked.params or ()))
        return b"execute %b (%b)" % (name, given) if given else b"execute " + name


class Unprepared(Statements):
    """Sends each statement as the product does, for a pooler that gives every transaction another session."""

    def execute(
        self, connection: psycopg.Connection[Any], query: bytes, values: Any = None, before: bytes = b""
    ) -> psycopg.Cursor[Any]:
        """Run a statement, and return its result."""
        if before:
            connection.execute(before)
        return connection.execute(query, values)


_KEPT: "WeakKeyDictionary[psycopg.Connection[Any], Statements]" = WeakKeyDictionary()


def find_statements(connection: psycopg.Connection[Any]) -> Statements:
    """Return the statements of a connection."""
    if connection not in _KEPT:
        _KEPT[connection] = Statements()
    return _KEPT[connection]


def prepare_nothing(connection: psycopg.Connection[Any]) -> None:
    """Send the statements of a connection unprepared, because it leads through a pooler."""
    _KEPT[connection] = Unprepared()


@cache
def _take_text(query: bytes) -> bytes:
    """Ask for each value as text, which can stand in a statement between quotes."""
    return _VALUE.sub(rb"%\1t", query)


def _quote(value: Any) -> bytes:
    return b"null" if value is None else b"'%b'" % bytes(value).replace(b"'", b"''")


def _name_type(connection: psycopg.Connection[Any], oid: int) -> str:
    """Return the name of a value's type; the statement itself decides about an unknown one."""
    if not oid:
        return "unknown"
    found = connection.adapters.types.get(oid)
    if found is None:
        raise LookupError(f"the type {oid} of a value is not known")
    return found.regtype + "[]" * (found.array_oid == oid)
