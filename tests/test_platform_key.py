"""The key of the platform's accounts: what went with it is told by its cause, and comes back after it."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.finding import Finding
from lab.checks.schema.check import check_connection
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.rules.model import Severity
from tests.mutations.trial import mend

GONE = "alter table auth.users drop constraint users_pkey cascade"
BACK = "alter table auth.users add constraint users_pkey primary key (id)"


@pytest.fixture
def connection(each_server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_database(each_server).admin_url, prepare_threshold=None) as connection:
        yield connection
        connection.rollback()


def look(connection: psycopg.Connection) -> tuple[Finding, ...]:
    return tuple(finding for finding in check_connection(connection)[0] if finding.weighs)


def test_a_missing_key_of_the_accounts_is_told_as_the_cause(connection: psycopg.Connection) -> None:
    connection.execute(GONE)
    (finding,) = look(connection)
    assert (finding.key, finding.severity) == ("platform_key:auth.users.id:missing", Severity.HIGH)
    assert finding.title == "auth.users has no primary key"
    assert f"{BACK};" in (finding.decide or "")


def test_what_went_with_it_is_found_and_repaired_afterwards(connection: psycopg.Connection) -> None:
    connection.execute(GONE)
    connection.execute(BACK)
    findings = look(connection)
    pointers = [c for table in RULES.tables for c in table.foreign_keys if c.names_subject]
    assert len(findings) == len(pointers)
    assert {finding.aspect for finding in findings} == {"missing"}
    assert mend(connection, findings, needs_admin=False) == ""


def test_a_key_of_ours_that_is_gone_beside_it_is_found(connection: psycopg.Connection) -> None:
    connection.execute(GONE)
    connection.execute("alter table public.share_cards drop constraint share_cards_artifact_id_fkey")
    assert {finding.kind for finding in look(connection)} == {"platform_key", "constraint"}
