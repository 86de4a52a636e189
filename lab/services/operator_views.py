"""Reads what operators may see, with the rights of an operator: nothing personal is read. Read-only."""

from collections.abc import Mapping
from typing import Any

import psycopg

from lab.database.connect import connect
from lab.database.read_only import QueryFailed, read_only_transaction, run_query
from lab.rules.roles import oracle_operator
from lab.text.product_files import SQL

Rows = list[dict[str, Any]]


def read_views(
    url: str, folder: str, parts: Mapping[str, Mapping[str, Any]], seconds: float
) -> tuple[dict[str, Rows], dict[str, str]]:
    """Run some queries on the operators' views; one that fails does not keep the others from being read.

    Args:
        url: A database whose login may act as an operator.
        folder: The folder of the queries below `sql/`.
        parts: The values of each query, by its name there.
        seconds: How long each query may take.

    Returns:
        The rows of each query that could be run, and the reason for each that could not.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
        QueryFailed: The login may not act as an operator.
        psycopg.OperationalError: The connection broke.
    """
    found: dict[str, Rows] = {}
    unread: dict[str, str] = {}
    with connect(url, read_only=True) as connection, read_only_transaction(connection, {}, seconds):
        _act_as_operator(connection)
        for name, values in parts.items():
            query = (SQL / folder / f"{name}.sql").read_text(encoding="utf-8")
            try:
                found[name] = run_query(connection, query, dict(values))
            except QueryFailed as reason:
                unread[name] = str(reason)
    return found, unread


def _act_as_operator(connection: psycopg.Connection[Any]) -> None:
    taking = "select set_config('role', r.rolname, true) from pg_roles r where r.rolname = %s"
    if not run_query(connection, taking, [oracle_operator.id]):
        raise QueryFailed(found=f"The database has no role {oracle_operator.id}: apply the migrations first.")
