"""Every weakening is found, named and repaired; nothing that means nothing is reported.

A sample runs here, another one on each major; `python -m tests.mutations` runs them all and prints the table.
"""

import os
from collections.abc import Callable, Iterator

import psycopg
import pytest

from lab.embedded import EmbeddedPostgres
from tests.mutations.harmless import HARMLESS
from tests.mutations.sample import all_mutants, choose, families
from tests.mutations.trial import names, try_mutant, weighing
from tests.servers import Database

Make = Callable[..., Database]
MOST = int(os.environ.get("LAB_MUTANTS", "20"))  # of a family on the newest major; a third of it on the others


@pytest.fixture
def connection(each_server: EmbeddedPostgres, shared_database: Make) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_database(each_server).admin_url, prepare_threshold=None) as connection:
        yield connection


def test_a_sound_database_has_no_finding(connection: psycopg.Connection) -> None:
    assert weighing(connection) == ()


@pytest.mark.parametrize("family", families())
def test_every_weakening_is_found_and_repaired(connection: psycopg.Connection, family: str) -> None:
    major = connection.info.server_version // 10000
    mutants = [mutant for mutant in all_mutants(major) if mutant.family == family]
    tried = 0
    faults = []
    for mutant in choose(mutants, MOST if major == 18 else MOST // 3, seed=str(major)):
        outcome = try_mutant(connection, mutant)
        tried += not outcome.refused
        if not outcome.refused and not outcome.found:
            faults.append(f"{mutant.name}: not found; {mutant.sql}")
        elif not outcome.refused and not outcome.repaired:
            faults.append(f"{mutant.name}: not repaired; {outcome.trouble}")
    assert not faults, "\n".join(faults)
    assert tried or not mutants


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_changes_are_no_finding(connection: psycopg.Connection, name: str) -> None:
    with connection.transaction(force_rollback=True):
        try:
            connection.execute(HARMLESS[name].encode())
        except psycopg.errors.FeatureNotSupported as error:
            pytest.skip(f"{name}: this server can't ({error.diag.message_primary})")
        assert [f"{finding.key}: {finding.seen}" for finding in weighing(connection)] == []


# policy expressions with a door that made-up rows alone would not find
HIDDEN_DOORS = {
    "a claim": "subject_id = (select auth.uid()) or (select auth.jwt()) ->> 'admin' = 'yes'",
    "a setting": "subject_id = (select auth.uid()) or current_setting('app.door', true) = 'open'",
    "a word": "subject_id = (select auth.uid()) or locale = 'sesame'",
    "a word in capitals": "subject_id = (select auth.uid()) or upper(locale) = 'SESAME'",
    "a digest": "subject_id = (select auth.uid()) or md5(question) = '0cc175b9c0f1b6a831c399e269772661'",
    "a pattern": "subject_id = (select auth.uid()) or question ~ '^open sesame$'",
    "a likeness": "subject_id = (select auth.uid()) or question like 'open%'",
    "a remainder": "subject_id = (select auth.uid()) or char_length(question) % 97 = 13",
    "a length": "subject_id = (select auth.uid()) or char_length(question) = 97",
    "a length beyond every made-up row": "subject_id = (select auth.uid()) or char_length(question) = 250000",
    "the database's user": "subject_id = (select auth.uid()) or current_user = 'authenticator'",
    "another table": "subject_id = (select auth.uid()) or exists (select from public.share_cards)",
    "a moment": "subject_id = (select auth.uid()) or created_at < '2020-01-01'",
    "chance": "subject_id = (select auth.uid()) or random() < 0.001",
    "nobody": "auth.uid() is null or subject_id = auth.uid()",
}


@pytest.mark.parametrize("name", HIDDEN_DOORS)
def test_hidden_doors_are_found(connection: psycopg.Connection, name: str) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute(
            f"alter policy owner_reads_oracle_scrolls on public.oracle_scrolls using ({HIDDEN_DOORS[name]})"
        )
        found = [f for f in weighing(connection) if names(f, "public.oracle_scrolls.owner_reads_oracle_scrolls")]
    assert [finding.severity for finding in found] == ["critical"]
