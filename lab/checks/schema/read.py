"""What Postgres itself says about a database: one reader, for the rules' side and for the live side alike.

All of it comes in one round trip, whatever the number of tables, from the queries of every kind. They look names up by
index and go on by oid, so that what is not ours costs next to nothing.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import errors, sql
from psycopg.pq import TransactionStatus

from lab.checks.finding import Unknown
from lab.checks.schema.catalogue import BESIDE, EXPOSED, Catalogue
from lab.checks.schema.every_kind import KINDS
from lab.checks.schema.kind import FAMILIES, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.redaction import SCHEDULE, find_hidden, hide_facts
from lab.checks.schema.severity import PLATFORM, POWERS
from lab.database.failures import say_reason
from lab.rules import RULES
from lab.sql.access import SCHEMAS
from lab.text.secret_patterns import find_stored


@lru_cache(maxsize=1)
def make_scope() -> dict[str, list[str]]:
    """Return what the queries need to know of the rules: the names of what is ours."""
    return {
        "lab.tables": [table.id for table in RULES.tables],
        "lab.names": [function.id for function in RULES.functions if function.db_schema == "public"],
        "lab.schemas": list(SCHEMAS),
        "lab.exposed": list(EXPOSED),
        "lab.beside": list(BESIDE),
        "lab.roles": [*(role.id for role in RULES.roles), "authenticator"],
        "lab.powers": sorted(POWERS),
        "lab.platform": sorted(PLATFORM),
    }


def read_catalogue(
    connection: psycopg.Connection[Any],
    families: tuple[str, ...] = FAMILIES,
    scope: Mapping[str, list[str]] | None = None,
) -> Catalogue:
    """Read a database's catalogue. Read-only, but for settings of the transaction, which it needs to be in.

    Args:
        connection: Any role will do that may read the catalogue; the transaction is left open.
        families: Which parts: `schema`, `access`, `strangers`.
        scope: The names of what is ours, as `make_scope` returns them; by default those of the rules.

    Raises:
        psycopg.Error: The connection is lost, or a limit of time was reached.
    """
    queries = _group_by_query(families)
    started = time.perf_counter()
    trips = 1
    unknown: tuple[Unknown, ...] = ()
    unread: list[Kind] = []
    try:
        with _undone_when_refused(connection):
            found = _read_at_once(connection, queries, scope or make_scope())
    except errors.InsufficientPrivilege:
        found, unknown, unread = _read_one_by_one(connection, queries, scope or make_scope())
        trips += 3 * len(queries)
    if found.get(STORED, {}).pop("cron.job", None):
        found[STORED] |= _read_schedule(connection)
    number = connection.info.server_version
    return Catalogue.model_construct(  # as Postgres says it: to validate it would take as long as comparing it
        major=number // 10000,
        version=connection.info.parameter_status("server_version") or str(number),
        objects=found,
        unknown=unknown,
        unread=frozenset(kind.name for kind in unread),
        seconds=time.perf_counter() - started,
        round_trips=trips,
    )


def _read_schedule(connection: psycopg.Connection[Any]) -> dict[str, dict[str, Any]]:
    """Say which jobs of pg_cron hold a secret in their command; a table of another kind holds none."""
    rows: list[Any] = []
    with contextlib.suppress(errors.Error), connection.transaction():
        rows = connection.execute("select j.jobid, j.command::text from cron.job j").fetchall()
    told = ((f"cron.job {number}", find_stored(command or "")) for number, command in rows)
    return {key: {"place": SCHEDULE, "own": True, "secret": secret} for key, secret in told if secret}


Queries = Mapping[str, tuple[Kind, ...]]  # each query, with the kinds that it reads


def _group_by_query(families: tuple[str, ...]) -> Queries:
    queries: dict[str, tuple[Kind, ...]] = {}
    for kind in KINDS:
        if kind.family in families:
            queries[kind.query] = (*queries.get(kind.query, ()), kind)
    return queries


@contextmanager
def _undone_when_refused(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Leave a usable connection when a query is refused; a savepoint is needed only in somebody's open transaction."""
    if connection.info.transaction_status != TransactionStatus.IDLE:
        with connection.transaction():
            yield
        return
    try:
        yield
    except errors.InsufficientPrivilege:
        connection.rollback()
        raise


def _read_at_once(
    connection: psycopg.Connection[Any], queries: Queries, scope: Mapping[str, list[str]]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Send all queries in one message, which needs neither parameters nor prepared statements."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(";\n".join([_prelude(scope), *queries]).encode())
        while True:
            _collect_facts(cursor, found)
            if not cursor.nextset():
                break
    return {kind: dict(sorted(objects.items())) for kind, objects in sorted(found.items())}


def _collect_facts(cursor: psycopg.Cursor[Any], found: dict[str, dict[str, dict[str, Any]]]) -> None:
    """Add rows of kind, key and facts: the other columns under their names, but for those that are null."""
    columns = [column.name for column in cursor.description or ()]
    if columns[:2] == ["kind", "key"]:
        names = columns[2:]
        for kind, key, *values in cursor.fetchall():
            facts = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            shown = HIDING.get(kind, hide_facts)(facts)
            if shown:
                found.setdefault(kind, {})[key] = shown
            if kind != STORED and (secret := find_hidden(facts, shown)):
                found.setdefault(STORED, {})[key] = {"place": kind, "own": False, "secret": secret}


STORED = "stored_secret"  # the kind of what was hidden, wherever it was read
HIDING: Mapping[str, Callable[[Facts], Facts]] = {kind.name: kind.hide for kind in KINDS if kind.hide}


def _read_one_by_one(
    connection: psycopg.Connection[Any], queries: Queries, scope: Mapping[str, list[str]]
) -> tuple[dict[str, dict[str, dict[str, Any]]], tuple[Unknown, ...], list[Kind]]:
    """Read what may be read, and say what may not."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    unknown: list[Unknown] = []
    unread: list[Kind] = []
    for query, kinds in queries.items():
        try:
            with connection.transaction():
                found |= _read_at_once(connection, {query: kinds}, scope)
        except errors.InsufficientPrivilege as error:
            why = f"The role {connection.info.user} may not read this: {say_reason(error)}."
            unread += kinds
            unknown += [Unknown(what=f"the catalogue's {kind.plural}", why=why, family=kind.family) for kind in kinds]
    return found, tuple(unknown), unread


# How Postgres prints expressions and values; a database or a role may have set any of it otherwise.
_PRINTING = {
    "search_path": "",
    "quote_all_identifiers": "off",
    "standard_conforming_strings": "on",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "jit": "off",
}

# Ways of joining that are never worth their planning here, where all is looked up by index and little is found.
_PLANNING = {
    "enable_mergejoin": "off",
    "enable_incremental_sort": "off",
    "max_parallel_workers_per_gather": "0",
}


def _prelude(scope: Mapping[str, list[str]]) -> str:
    """Return the statements that come first: everything printed in one way, names in full, and what is ours."""
    settings = _PRINTING | _PLANNING | {name: "{" + ",".join(values) + "}" for name, values in scope.items()}
    calls = ", ".join(
        f"set_config({sql.Literal(name).as_string(None)}, {sql.Literal(value).as_string(None)}, true)"
        for name, value in settings.items()
    )
    return f"select {calls};\n{read_query('scope')}"
