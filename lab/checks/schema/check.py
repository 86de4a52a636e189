"""Compares a database with the rules, in one read of its catalogue. Read-only."""

import time
from collections import defaultdict
from typing import Any

import psycopg
from psycopg import errors
from pydantic import BaseModel, ConfigDict, Field

from lab.checks.finding import Finding, Unknown, sort_findings
from lab.checks.schema.catalogue import OLDEST, Catalogue
from lab.checks.schema.compare import compare
from lab.checks.schema.equivalence import Kept, judge, weigh_policies
from lab.checks.schema.every_kind import KINDS
from lab.checks.schema.expected import load_expected, majors
from lab.checks.schema.kind import FAMILIES, Facts
from lab.checks.schema.kinds.bucket import UNREAD
from lab.checks.schema.read import read_catalogue
from lab.checks.schema.reference_rows import find_lost_rows
from lab.checks.state import State, find_state
from lab.database.connect import DatabaseUnavailable, connect, name_database
from lab.database.failures import say_break
from lab.sql import fingerprint_schema

STATEMENT_SECONDS, LOCK_SECONDS = 20.0, 3.0


class SchemaCheck(BaseModel):
    """What a comparison of a database's schema with the rules found."""

    model_config = ConfigDict(frozen=True)

    target: str = Field(description="Host, port and database; never a secret.")
    state: State = Field(description="holds: no finding above information and nothing unknown.")
    server_version: str = Field(description="As the server prints it.")
    findings: tuple[Finding, ...]
    unknown: tuple[Unknown, ...]
    families: tuple[str, ...] = Field(description="What was checked.")
    replica: bool = Field(description="True on a standby: repairs must run on its primary.")
    seconds: float = Field(description="How long it took, with connecting.")
    round_trips: int = Field(description="Round trips to the server, after connecting.")


def check_database(url: str, families: tuple[str, ...] = FAMILIES, target: str | None = None) -> SchemaCheck:
    """Compare a database with the rules. Read-only.

    Args:
        url: Its URL; any role that may read the catalogue.
        families: Which parts: `schema`, `access`, `strangers`.
        target: Its name for people; by default host, port and database.

    Raises:
        DatabaseUnavailable: It can't be reached, or its Postgres is too old.
    """
    started = time.perf_counter()
    name = target or name_database(url)
    with connect(
        url, read_only=True, statement_timeout_seconds=STATEMENT_SECONDS, lock_timeout_seconds=LOCK_SECONDS
    ) as connection:
        report = inspect_connection(connection, name, families)
    return report.model_copy(update={"seconds": time.perf_counter() - started})


def inspect_connection(
    connection: psycopg.Connection[Any], name: str, families: tuple[str, ...] = FAMILIES
) -> SchemaCheck:
    """Compare a database with the rules on a connection without an open transaction, before and after. Read-only.

    Args:
        connection: With limits of its own for each statement and each lock.
        name: The database's name for people.
        families: Which parts: `schema`, `access`, `strangers`.

    Raises:
        DatabaseUnavailable: The connection broke, or its Postgres is too old.
    """
    started = time.perf_counter()
    _refuse_old(connection, name)
    findings, unknown, trips = _look(connection, families, name)
    version = connection.info.parameter_status("server_version") or ""
    replica = connection.info.parameter_status("in_hot_standby") == "on"
    connection.rollback()
    return SchemaCheck(
        target=name,
        state=find_state(findings, unknown),
        server_version=version,
        findings=findings,
        unknown=unknown,
        families=families,
        replica=replica,
        seconds=time.perf_counter() - started,
        round_trips=trips,
    )


def check_connection(
    connection: psycopg.Connection[Any], families: tuple[str, ...] = FAMILIES
) -> tuple[tuple[Finding, ...], Catalogue]:
    """Return the differences from the rules, and the catalogue, read on an open connection. Read-only."""
    expected = load_expected(connection.info.server_version // 10000)
    live = read_catalogue(connection, families, known=expected.objects)
    differences = compare(expected, live, KINDS, families)
    findings = [difference.finding for difference in differences]
    if any(forms or finding.kind == "policy" for finding, forms in differences):
        kept = _find_kept(expected, live)
        findings = judge(connection, differences, kept)
        findings = weigh_policies(connection, findings, expected, live, kept)
    return sort_findings([*findings, *(find_lost_rows(live) if "schema" in families else ())]), live


def _find_kept(expected: Catalogue, live: Catalogue) -> Kept:
    """Find the functions and checks that are as the rules declare them; comparing expressions relies on them."""
    functions, constraints = (_list_kept(kind, expected, live) for kind in ("function", "constraint"))
    pure = {name for name, facts in functions if facts["volatility"] == "i" and not facts["definer"]}
    others = {name.partition("(")[0] for name in live.of("function").keys() - pure}  # the same name, other arguments
    checks = defaultdict[str, tuple[str, ...]](tuple)
    for _, facts in constraints:
        if facts["type"] == "c":
            checks[facts["relation"]] += (facts["expression"],)
    return Kept(frozenset(name.partition("(")[0] for name in pure) - others, checks)


def _list_kept(kind: str, expected: Catalogue, live: Catalogue) -> list[tuple[str, Facts]]:
    found = live.of(kind)
    return [(name, facts) for name, facts in expected.of(kind).items() if found.get(name) == facts]


def _look(
    connection: psycopg.Connection[Any], families: tuple[str, ...], name: str
) -> tuple[tuple[Finding, ...], tuple[Unknown, ...], int]:
    try:
        findings, live = check_connection(connection, families)
    except (errors.QueryCanceled, errors.LockNotAvailable) as error:
        return (), (Unknown(what="the catalogue", why=_explain(connection, error)),), 1
    except psycopg.OperationalError as error:
        why = f"while the catalogue was read, {say_break(error)}"
        raise DatabaseUnavailable(name, why, "Try again; behind a pooler, try the direct connection") from None
    if live.unknown and not live.objects:
        return (), (Unknown(what="the catalogue", why=live.unknown[0].why),), live.round_trips
    trips = live.round_trips + 2  # BEGIN with its limits, and ROLLBACK
    return findings, (*live.unknown, *_too_new(live), *_too_old(live), *_too_many(live), *_closed(live)), trips


def _explain(connection: psycopg.Connection[Any], error: psycopg.Error) -> str:
    if isinstance(error, errors.LockNotAvailable):
        what = _find_locked(connection) or "part of it"
        return f"{what} was locked by another session for more than {LOCK_SECONDS:.0f} s. Try again later."
    return f"Reading took more than {STATEMENT_SECONDS:.0f} s. Try again when the server is less busy."


_LOCKED = """
select string_agg(distinct l.relation::regclass::text, ', ')
  from pg_catalog.pg_locks l
 where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.granted and l.pid <> pg_catalog.pg_backend_pid()
   and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
   and l.relation in (select c.oid from pg_catalog.pg_class c where c.relkind <> 'i')
"""


def _find_locked(connection: psycopg.Connection[Any]) -> str:
    """Name the relations that another session has locked exclusively; empty when that can't be read either."""
    connection.rollback()
    try:
        row = connection.execute(_LOCKED.encode()).fetchone()
    except psycopg.Error:
        return ""
    return str(row[0] or "") if row else ""


def _too_new(live: Catalogue) -> tuple[Unknown, ...]:
    known = majors()[-1]
    if live.major <= known:
        return ()
    why = f"The newest supported Postgres is {known}. What is new in {live.major} was not checked."
    return (Unknown(what=f"what is new in Postgres {live.major}", why=why),)


def _too_old(live: Catalogue) -> tuple[Unknown, ...]:
    """Report an expected catalogue that is older than the rules."""
    if load_expected(live.major).made_from == fingerprint_schema():
        return ()
    why = "The expected catalogue is older than the rules. Write it again: `python -m lab expected`."
    return (Unknown(what="changes of the rules since then", why=why),)


def _too_many(live: Catalogue) -> tuple[Unknown, ...]:
    unknown = []
    for words, kind in (("relations", "stranger"), ("functions", "stranger_function")):
        listed = list(live.of(kind).values())
        if listed and listed[0]["of"] > len(listed):
            why = f"There are {listed[0]['of']}, and the first {len(listed)} are listed. Close those first."
            unknown.append(Unknown(what=f"all undeclared {words}", why=why, family="strangers"))
    return tuple(unknown)


def _closed(live: Catalogue) -> tuple[Unknown, ...]:
    """Report what this role may not read, beyond the catalogue."""
    if UNREAD not in live.of("bucket"):
        return ()
    why = "This role may not read every row of storage.buckets: connect as postgres."
    return (Unknown(what="which buckets are public", why=why, family="access"),)


def _refuse_old(connection: psycopg.Connection[Any], name: str) -> None:
    major = connection.info.server_version // 10000
    if major < OLDEST:
        found = f"its Postgres is {major}, and views can't respect row-level security before {OLDEST}"
        raise DatabaseUnavailable(name, found, f"Upgrade it to Postgres {OLDEST} or newer")
