"""Reads a database's catalogue; one reader for both the rules' side and the live side.

The queries of every kind go in one round trip, whatever the number of tables, and each answer is taken while the server
works on the next. They look names up by index, and then go on by oid, so that undeclared objects cost next to nothing.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache, partial
from hashlib import md5
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
from lab.checks.schema.severity import OBSERVERS, PLATFORM, POWERS, PRIVATE, is_private
from lab.database.answers import read_answers
from lab.database.failures import say_reason
from lab.rules import RULES
from lab.sql.access import SCHEMAS
from lab.text.secret_patterns import find_stored

Objects = dict[str, dict[str, dict[str, Any]]]  # by kind and name


@lru_cache(maxsize=1)
def make_scope() -> dict[str, list[str]]:
    """Return the values that the queries need from the rules: the names of the declared objects."""
    return {
        "lab.tables": [table.id for table in RULES.tables],
        "lab.marks": [md5(table.description.encode(), usedforsecurity=False).hexdigest() for table in RULES.tables],
        "lab.names": [function.id for function in RULES.functions if function.db_schema == "public"],
        "lab.schemas": list(SCHEMAS),
        "lab.usually_exposed": list(EXPOSED),
        "lab.usually_beside": list(BESIDE),
        "lab.roles": [*(role.id for role in RULES.roles), "authenticator"],
        "lab.own": [role.id for role in RULES.roles if role.owned],
        "lab.private": [*_list_private()],
        "lab.powers": sorted(POWERS),
        "lab.observers": sorted(OBSERVERS),
        "lab.platform": sorted(PLATFORM),
    }


def _list_private() -> Iterator[str]:
    """Yield the columns of each table with secret or personal fields, with type, and `p` for such a field."""
    for table in RULES.tables:
        if is_private(table.qualified):
            for column in table.columns:
                yield f"{table.id}|{column.name}|{column.type}|{'p' if column.privacy in PRIVATE else ''}"
    # Source: github.com/supabase/auth and github.com/supabase/vault (migrations).
    yield from ("auth.users|encrypted_password||p", "auth.users|raw_user_meta_data||p", "auth.users|aud||")
    yield from ("auth.users|email||", "auth.users|instance_id||", "vault.secrets|secret||p", "vault.secrets|nonce||")
    yield from ("vault.secrets|key_id||", "vault.secrets|description||")


def read_catalogue(
    connection: psycopg.Connection[Any],
    families: tuple[str, ...] = FAMILIES,
    scope: Mapping[str, list[str]] | None = None,
    known: Objects | None = None,
) -> Catalogue:
    """Read a database's catalogue, in the open transaction. Read-only, except for settings of the transaction.

    Args:
        connection: Of any role that may read the catalogue; the transaction is left open.
        families: Which parts: `schema`, `access`, `strangers`.
        scope: The names of the declared objects, as `make_scope` returns them; by default those of the rules.
        known: The facts that the rules expect. They hold no secret, so equal ones are not searched for any.

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
            found = _read_at_once(connection, queries, scope or make_scope(), known or {})
    except errors.InsufficientPrivilege:
        found, unknown, unread = _read_one_by_one(connection, queries, scope or make_scope(), known or {})
        trips += 3 * len(queries)
    if found.get(STORED, {}).pop("cron.job", None):
        found[STORED] |= _read_schedule(connection)
    if found.get("subscription"):
        secrets, closed = _read_connections(connection)
        found.setdefault(STORED, {}).update(secrets)
        unknown += closed
    number = connection.info.server_version
    return Catalogue.model_construct(  # not validated, because that would take as long as the comparison
        major=number // 10000,
        version=connection.info.parameter_status("server_version") or str(number),
        objects=found,
        unknown=unknown,
        unread=frozenset(kind.name for kind in unread),
        seconds=time.perf_counter() - started,
        round_trips=trips,
    )


def _read_schedule(connection: psycopg.Connection[Any]) -> dict[str, dict[str, Any]]:
    """Return the jobs of pg_cron whose command holds a secret."""
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
    """Leave a usable connection when a query is refused; in an open transaction, that needs a savepoint."""
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
    connection: psycopg.Connection[Any], queries: Queries, scope: Mapping[str, list[str]], known: Objects
) -> Objects:
    """Send all queries in one message, which needs neither parameters nor prepared statements."""
    found: Objects = {}
    read_answers(connection, _write_statements(queries, scope), partial(_collect_facts, found, known))
    return {kind: {key: objects[key] for key in sorted(objects)} for kind, objects in sorted(found.items())}


def _read_connections(connection: psycopg.Connection[Any]) -> tuple[dict[str, dict[str, Any]], tuple[Unknown, ...]]:
    """Return the subscriptions whose connection has a password, or what this role may not read."""
    query = (
        "select s.subname, s.subconninfo from pg_subscription s "
        "where s.subdbid = (select d.oid from pg_database d where d.datname = current_database())"
    )
    try:
        with connection.transaction():
            rows = connection.execute(query).fetchall()
    except errors.InsufficientPrivilege:
        why = "This role may not read the connections of subscriptions, which may have a password."
        return {}, (Unknown(what="passwords of subscriptions", why=why, family="strangers"),)
    told = ((name, find_stored(text)) for name, text in rows)
    return {name: {"place": "subscription", "own": True, "secret": secret} for name, secret in told if secret}, ()


def _collect_facts(found: Objects, known: Objects, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    """Add rows of kind, key and facts; the facts are the other columns by name, except those that are null."""
    if columns[:2] == ["kind", "key"]:
        names = columns[2:]
        for kind, key, *values in rows:
            facts = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            shown = known.get(kind, {}).get(key)
            if facts != shown:
                shown = HIDING.get(kind, hide_facts)(facts)
                if kind != STORED and (secret := find_hidden(facts, shown)):
                    found.setdefault(STORED, {})[key] = {"place": kind, "own": False, "secret": secret}
            if shown:
                found.setdefault(kind, {})[key] = shown


STORED = "stored_secret"  # the kind of every hidden secret, whichever query read it
HIDING: Mapping[str, Callable[[Facts], Facts]] = {kind.name: kind.hide for kind in KINDS if kind.hide}


def _read_one_by_one(
    connection: psycopg.Connection[Any], queries: Queries, scope: Mapping[str, list[str]], known: Objects
) -> tuple[Objects, tuple[Unknown, ...], list[Kind]]:
    """Run the queries one by one, and report those that are refused."""
    found: Objects = {}
    unknown: list[Unknown] = []
    unread: list[Kind] = []
    for query, kinds in queries.items():
        try:
            with connection.transaction():
                found |= _read_at_once(connection, {query: kinds}, scope, known)
        except errors.InsufficientPrivilege as error:
            why = f"The role {connection.info.user} may not read this: {say_reason(error)}."
            unread += kinds
            unknown += [Unknown(what=f"the catalogue's {kind.plural}", why=why, family=kind.family) for kind in kinds]
    return found, tuple(unknown), unread


# How Postgres prints expressions and values; a database or a role may have other settings.
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

# Methods that never pay here, because every look-up uses an index and finds few rows. Planning is half of the time.
_PLANNING = {
    "enable_mergejoin": "off",
    "enable_incremental_sort": "off",
    "enable_material": "off",
    "enable_memoize": "off",
    "max_parallel_workers_per_gather": "0",
}


def _write_statements(queries: Iterable[str], scope: Mapping[str, list[str]]) -> str:
    """Return all statements as one text: the settings, then the queries, with the declared names written into them."""
    return _write_names(tuple(queries), tuple((name, "{" + ",".join(values) + "}") for name, values in scope.items()))


@lru_cache(maxsize=8)
def _write_names(queries: tuple[str, ...], names: tuple[tuple[str, str], ...]) -> str:
    """Write names as constants, because Postgres would read a setting anew for every row that is compared with it."""
    settings = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in (_PRINTING | _PLANNING).items())
    text = ";\n".join([f"select {settings}", read_query("scope"), *queries])
    for name, value in names:
        text = text.replace(f"current_setting('{name}')", sql.Literal(value).as_string(None))
    return text
