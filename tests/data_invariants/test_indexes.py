"""Each invariant is answered from an index, however many rows there are."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from fixtures.servers import clone_database, drop_database
from lab.checks.data.questions import read_question
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules.invariants import INVARIANTS
from lab.rules.model import Invariant
from tests.data_invariants.world import WALL

LARGE = ("purchases", "delivery_jobs", "delivery_attempts", "consent_events", "consents", "oracle_artifacts",
         "oracle_scrolls", "passport_records", "share_cards", "gift_recipients", "ai_runs", "echo_entries",
         "stripe_events", "privacy_requests", "privacy_request_steps", "council_sessions", "admin_audit_events",
         "ledger_seals", "users")  # fmt: skip


@pytest.fixture(scope="module")
def large(server: EmbeddedPostgres) -> Iterator[psycopg.Connection[Any]]:
    """A database with many finished rows, of which a walk takes one in a thousand, as it would with millions."""
    made = clone_database(server, "migrated")
    with psycopg.connect(made.admin_url) as connection:
        connection.execute(WALL.format("disable"))
        connection.execute("set local session_replication_role = replica")
        connection.execute(Path(__file__).with_name("many_rows.sql").read_bytes())
        connection.execute("select set_config('lab.recent', '5', true)")
        yield connection
        connection.rollback()
    drop_database(made)


def _scans(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"], plan.get("Parent Relationship", "")
    for child in plan.get("Plans", []):
        yield from _scans(child)


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda i: i.id)
def test_it_is_answered_from_an_index(invariant: Invariant, large: psycopg.Connection[Any]) -> None:
    row = large.execute(sql.SQL("explain (format json) {}").format(sql.SQL(read_question(invariant)))).fetchone()
    assert row
    plan = row[0][0]["Plan"]
    assert not {table for table, _ in _scans(plan)} & set(LARGE), json.dumps(plan, indent=1)


def _read_row(connection: psycopg.Connection[Any], query: str, value: object) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(query, [value]).fetchone()
    assert row
    return row


@pytest.mark.parametrize("ledger", ["consent_events", "admin_audit_events"])
def test_a_walk_of_a_ledger_reads_no_more_than_its_bound(ledger: str, large: psycopg.Connection[Any]) -> None:
    """What a function reads is in no plan, so it is counted."""
    read = "select sum(seq_scan)::int, sum(idx_tup_fetch)::int from pg_stat_xact_user_tables where relname = any(%s)"
    walked = "select intact, checked, unsealed from public.verify_ledger(%s, 5)"
    (scans, rows), found, (more_scans, more_rows) = (
        _read_row(large, query, values)
        for query, values in ((read, list(LARGE)), (walked, ledger), (read, list(LARGE)))
    )
    assert found == (True, 5, 0)
    assert more_scans == scans
    assert 10 <= more_rows - rows <= 40


def _rows_read(plan: dict[str, Any]) -> float:
    """Return how many rows the scans of a plan gave, over all their rounds."""
    own = plan["Actual Rows"] * plan["Actual Loops"] if "Scan" in plan["Node Type"] and "Relation Name" in plan else 0
    return float(own) + sum(_rows_read(child) for child in plan.get("Plans", []))


@pytest.mark.parametrize(
    "invariant", [i for i in INVARIANTS if i.derived in ("orphans", "phrases")], ids=lambda i: i.id
)
def test_a_walk_for_orphans_reads_its_rows_and_their_parents_alone(
    invariant: Invariant, large: psycopg.Connection[Any]
) -> None:
    row = large.execute(f"explain (analyze, format json) {read_question(invariant)}".encode()).fetchone()
    assert row
    parents = sum(1 for column in invariant.table.columns if column.references)
    assert _rows_read(row[0][0]["Plan"]) <= 5 * 2 * parents, json.dumps(row[0][0]["Plan"], indent=1)
