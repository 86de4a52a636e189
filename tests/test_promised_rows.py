"""Checks that nobody declared: graded by whether they refuse a row that the product promises to write."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.finding import Finding
from lab.checks.schema.check import check_connection
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules.model import Severity

# table and check -> what a row that it refuses has
REFUSED: dict[tuple[str, str], dict[str, Any]] = {
    ("consent_events", "action <> 'withdrawn'"): {"action": "withdrawn"},
    ("consent_events", "action = 'given' or purpose <> 'public_share'"): {
        "action": "withdrawn",
        "purpose": "public_share",
    },
    ("privacy_requests", "kind <> 'deletion'"): {"kind": "deletion"},
    ("delivery_jobs", "status <> 'pending'"): {"status": "pending"},
    ("delivery_jobs", "attempts < 3"): {"attempts": 3},
    ("purchases", "paid_at is null or status <> 'paid'"): {"status": "paid"},
    ("purchases", "amount_minor <= 5000"): {"amount_minor": 12345},
    ("oracle_scrolls", "question ~ '[?]$'"): {"question": "Rain"},
    ("oracle_scrolls", "answer is null"): {"answer": "Rain"},
    ("oracle_scrolls", "false"): {},
}
TAKEN = (
    ("oracle_scrolls", "locale <> ''"),
    ("oracle_scrolls", "created_at < now() + interval '1 minute'"),
    ("purchases", "refunded_at is null or refunded_at >= paid_at"),
    ("delivery_jobs", "not (status = 'done' and lease_until is not null)"),
    ("stripe_events", "jsonb_typeof(payload) = 'object'"),
)


@pytest.fixture
def connection(each_server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_database(each_server).admin_url, prepare_threshold=None) as connection:
        yield connection
        connection.rollback()


def look(connection: psycopg.Connection, table: str, check: str) -> Finding:
    with connection.transaction(force_rollback=True):
        connection.execute(f"alter table public.{table} add constraint further check ({check}) not valid".encode())
        (finding,) = check_connection(connection)[0]
    assert finding.key == f"constraint:public.{table}.further:extra"
    return finding


@pytest.mark.parametrize(("place", "row"), REFUSED.items(), ids=lambda place: str(place))
def test_a_promised_row_that_is_refused_is_shown(
    connection: psycopg.Connection, place: tuple[str, str], row: dict[str, Any]
) -> None:
    finding = look(connection, *place)
    assert finding.severity is Severity.HIGH
    assert "It refuses what the rules let through: a row with" in finding.why
    assert finding.counterexample
    assert row.items() <= finding.counterexample["row"].items()
    assert finding.proposal


@pytest.mark.parametrize("place", TAKEN)
def test_a_stricter_check_that_takes_all_of_them_is_only_mentioned(
    connection: psycopg.Connection, place: tuple[str, str]
) -> None:
    finding = look(connection, *place)
    assert (finding.severity, finding.repair, finding.counterexample) == (Severity.INFO, None, None)


def test_what_cannot_be_run_is_told_as_that(connection: psycopg.Connection) -> None:
    finding = look(connection, "oracle_scrolls", "xml_is_well_formed(question)")
    assert finding.severity is Severity.LOW
    assert finding.why.endswith("Whether it refuses rows that the product needs was not established.")


def test_no_word_of_the_check_is_shown(connection: psycopg.Connection) -> None:
    finding = look(connection, "oracle_scrolls", "answer = 'sesame-open' and locale = 'de'")
    assert finding.severity is Severity.HIGH
    assert "sesame" not in finding.model_dump_json().replace(finding.repair.sql if finding.repair else "", "")
