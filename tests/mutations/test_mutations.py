"""Every weakening is found, named and repaired; nothing that means nothing is reported.

One in 64 of each family is tried here on every major, many at once; `--whole` tries all on every major;
`python -m tests.mutations` takes its time, tries each by itself and prints the table.
"""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from fixtures.mutations.disguises import disguises
from fixtures.mutations.harmless import HARMLESS
from fixtures.mutations.model import Mutant
from fixtures.mutations.sample import all_mutants, arrange, families, take_part
from fixtures.servers import Database
from lab.checks.schema.expected import load_expected
from lab.database.embedded.server import EmbeddedPostgres
from tests.mutations.trial import find_faults, names, try_mutant, weighing

Make = Callable[..., Database]
PARTS, DISGUISED = 64, 5


@pytest.fixture
def connection(each_server: EmbeddedPostgres, shared_database: Make) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_database(each_server).admin_url, prepare_threshold=None) as connection:
        yield connection


def test_a_sound_database_has_no_finding(connection: psycopg.Connection) -> None:
    assert weighing(connection) == ()


@pytest.mark.sample(every=PARTS, oldest=PARTS, between=PARTS)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_weakening_is_found_and_repaired(connection: psycopg.Connection, part: int) -> None:
    major = connection.info.server_version // 10000
    groups = arrange(take_part(all_mutants(major), part, PARTS), major)
    assert [fault for group in groups for fault in find_faults(connection, group)] == []


def test_a_group_leaves_nobody_out(connection: psycopg.Connection) -> None:
    major = connection.info.server_version // 10000
    arranged = [mutant.name for group in arrange(all_mutants(major), major) for mutant in group]
    assert sorted(arranged) == sorted(mutant.name for mutant in all_mutants(major))


def test_the_parts_leave_nobody_out_and_each_has_every_family() -> None:
    mutants = all_mutants(18)
    parts = [take_part(mutants, part, PARTS) for part in range(PARTS)]
    assert {mutant.name for part in parts for mutant in part} == {mutant.name for mutant in mutants}
    assert [sorted({mutant.family for mutant in part}) for part in parts] == [families()] * PARTS


def test_a_fault_in_a_group_is_named(connection: psycopg.Connection) -> None:
    """The way down to one mutant works: of these, one weakens nothing, and one says that another thing is weak."""
    sound = Mutant("a", "sound", "alter table public.purchases no force row level security", "public.purchases")
    idle = Mutant("b", "idle", "select", "public.consents")
    other = Mutant("c", "other", "alter table public.ai_runs no force row level security", "public.share_cards")
    faults = find_faults(connection, [sound, idle, sound, other])
    assert [fault.split(":")[0] for fault in faults] == ["idle", "other"]


@pytest.mark.sample(every=5, oldest=15, between=25)
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


@pytest.mark.sample(oldest=3, between=5)
@pytest.mark.parametrize("name", HIDDEN_DOORS)
def test_hidden_doors_are_found(connection: psycopg.Connection, name: str) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute(
            f"alter policy owner_reads_oracle_scrolls on public.oracle_scrolls using ({HIDDEN_DOORS[name]})"
        )
        found = [f for f in weighing(connection) if names(f, "public.oracle_scrolls.owner_reads_oracle_scrolls")]
    assert [finding.severity for finding in found] == ["critical"]


def test_a_view_that_shows_more_is_critical(connection: psycopg.Connection) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute(
            """
            do $$ begin execute 'create or replace view ai.briefs with (security_barrier = true) as ' || replace(
              pg_get_viewdef('ai.briefs'::regclass), '(r.lease_until > clock_timestamp())', '(r.lease_until <= clock_timestamp())'); end $$
            """
        )
        (found,) = weighing(connection)
    assert found.key == "view:ai.briefs:definition"
    assert found.severity == "critical"


SCOPE = "consent_events_scope_fits_purpose"
OWN_SCOPE = f"""
alter table public.consent_events drop constraint {SCOPE};
alter table public.consent_events add constraint {SCOPE}
  check ((wall.consent_scope(purpose, scope_id) is not null) = (scope_id is not null))
"""
LAX = """
create or replace function wall.consent_scope(purpose text, artifact_id uuid) returns uuid
  language sql immutable set search_path = '' as 'select artifact_id::uuid'
"""


def test_an_example_runs_the_rules_functions_and_is_a_row_that_the_other_checks_let_in(
    connection: psycopg.Connection,
) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute(OWN_SCOPE)
        (found,) = weighing(connection)
    assert found.counterexample == {"row": {"purpose": "public_share", "scope_id": None}}


@pytest.mark.parametrize("change", [LAX, LAX.replace("artifact_id uuid", "artifact_id text")])
def test_no_example_runs_a_function_that_is_not_as_the_rules_have_it(
    connection: psycopg.Connection, change: str
) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute(OWN_SCOPE)
        connection.execute(change)
        found = {finding.key: finding.counterexample for finding in weighing(connection)}
    assert found[f"constraint:public.consent_events.{SCOPE}:definition"] is None
    assert any(key.startswith("function:wall.consent_scope") for key in found)


@pytest.mark.sample(every=DISGUISED, oldest=0, between=0)
@pytest.mark.parametrize("part", range(DISGUISED))
def test_weakenings_in_disguise_are_found_and_repaired(connection: psycopg.Connection, part: int) -> None:
    disguised = [*disguises(load_expected(connection.info.server_version // 10000))][part::DISGUISED]
    outcomes = {mutant.name: try_mutant(connection, mutant) for mutant in disguised}
    assert {name: outcome.refused for name, outcome in outcomes.items() if outcome.refused} == {}
    assert [name for name, outcome in outcomes.items() if not outcome.found] == []
    assert {name: outcome.trouble for name, outcome in outcomes.items() if not outcome.repaired} == {}
