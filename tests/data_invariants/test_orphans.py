"""Orphans: every reference of the rules is looked up, each in its parent's primary key, and null points nowhere."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from fixtures.servers import Database
from lab import RULES
from lab.checks.data.check import check_invariants
from lab.checks.data.orphans import count_orphans, walked_along
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules.invariants import INVARIANTS
from lab.rules.model import Table
from tests.data_invariants.cases import BY_ID

Databases = Callable[..., Database]
CHILDREN = tuple(table for table in RULES.tables if table.foreign_keys)


def test_every_reference_of_the_rules_is_asked_for() -> None:
    expected = {f"orphans_in_{table.id}" for table in RULES.tables if any(c.references for c in table.columns)}
    made = {invariant.id for invariant in INVARIANTS if invariant.derived}
    assert {id for id in made if id.startswith("orphans_in_")} == expected
    assert all(BY_ID[id].decide and not BY_ID[id].repairs for id in expected)


@pytest.fixture
def bones(server: EmbeddedPostgres, shared_database: Databases) -> Iterator[psycopg.Connection[Any]]:
    """A schema of tables with nothing but keys and references, into which any row may be written."""
    with psycopg.connect(shared_database(server).admin_url) as connection:
        connection.execute("create schema bones; create table bones.users (id uuid primary key)")
        for table in RULES.tables:
            written = ", ".join(f"{name} {table.column(name).type}" for name in _bones_of(table))
            connection.execute(
                f"create table bones.{table.id} ({written}, primary key ({table.primary_key[0]}))".encode()
            )
        yield connection
        connection.rollback()


def _bones_of(table: Table) -> list[str]:
    """Return the columns that lead somewhere or are led to: keys, references, and what must match along with them."""
    own = [name for column in table.foreign_keys if column.references
           for name in (column.name, *(own for own, _ in column.references.along))]  # fmt: skip
    met = [name for child in CHILDREN for column in child.foreign_keys
           if column.references and column.references.table is table
           for name in (column.references.target_key, *(other for _, other in column.references.along))]  # fmt: skip
    return list(dict.fromkeys([table.primary_key[0], *own, *met]))


VALUES = {"uuid": "md5('{}')::uuid", "bigint": "{}", "text": "'{}'", "bytea": "sha256('{}')"}


def _insert(connection: psycopg.Connection[Any], table: Table, number: int, pointing: dict[str, str]) -> None:
    """Write a row of that number, whose references hold these expressions; what matches along is the same in all."""
    led_to = {c.references.target_key for child in CHILDREN for c in child.foreign_keys
              if c.references and c.references.table is table} | {table.primary_key[0]}  # fmt: skip
    foreign_keys = {column.name for column in table.foreign_keys}
    values = [
        pointing.get(name, "null") if name in foreign_keys
        else VALUES[table.column(name).type].format(number if name in led_to else "same")
        for name in _bones_of(table)
    ]  # fmt: skip
    connection.execute(f"insert into bones.{table.id} values ({', '.join(values)})".encode())


def _query(table: Table) -> str:
    return re.sub(r"\b(public|auth)\.", "bones.", count_orphans(table))


@pytest.mark.parametrize("table", CHILDREN, ids=lambda table: table.id)
def test_each_reference_that_leads_nowhere_counts_once(table: Table, bones: psycopg.Connection[Any]) -> None:
    found = {column.name: VALUES[column.type].format(0) for column in table.foreign_keys}
    lost = {column.name: VALUES[column.type].format(404) for column in table.foreign_keys}
    query = _query(table)
    bones.execute("insert into bones.users values (md5('0')::uuid)")
    for parent in RULES.tables:
        _insert(bones, parent, 0, {})
    _insert(bones, table, 1, found)
    _insert(bones, table, 2, {})
    assert bones.execute(query.encode()).fetchone() == (0,)
    for number, name in enumerate(found, 3):
        _insert(bones, table, number, found | {name: lost[name]})
        assert bones.execute(query.encode()).fetchone() == (number - 2,)
    _insert(bones, table, 99, lost)
    assert bones.execute(query.encode()).fetchone() == (2 * len(found),)


@pytest.mark.parametrize("table", CHILDREN, ids=lambda table: table.id)
def test_each_reference_is_walked_along_an_index(table: Table) -> None:
    for column in table.foreign_keys:
        assert column.references
        along = walked_along(table, column.name, column.references)
        assert along in {table.primary_key[0], *(index.columns[0] for index in table.indexes if index.columns)}


LOW, HIGH = "'00000000-0000-4000-8000-000000000001'", "'f0000000-0000-4000-8000-000000000001'"


@pytest.mark.parametrize(
    ("key", "link", "found"),
    [(HIGH, LOW, 1), (LOW, HIGH, 0)],
    ids=["the walk comes by", "the walk does not come so far"],
)
def test_what_is_offered_to_all_does_not_hold_a_walk_up(
    key: str, link: str, found: int, bones: psycopg.Connection[Any]
) -> None:
    """Thousands have bought the same: a walk along the links would see the last of them and nothing else."""
    middle = "'a0000000-0000-4000-8000-000000000001'"
    bones.execute(f"insert into bones.purchase_links values ({middle})".encode())
    bones.execute(
        f"insert into bones.purchases (id, purchase_link_id) values ({middle}, {middle}), ({key}, {link})".encode()
    )
    bones.execute("select set_config('lab.recent', '1', true)")
    assert bones.execute(_query(RULES.table("purchases")).encode()).fetchone() == (found,)


def test_rows_that_outlive_their_artifact_and_their_person_are_found(
    world: Callable[[str], psycopg.Connection[Any]],
) -> None:
    """With the foreign keys' triggers switched off, as somebody who mends data by hand would."""
    connection = world("select 1")
    connection.execute("alter table public.oracle_artifacts disable trigger all")
    connection.execute("alter table auth.users disable trigger all")
    connection.execute("delete from public.oracle_artifacts where kind = 'pdf'")
    connection.execute("alter table public.oracle_artifacts enable trigger all")
    connection.execute("delete from auth.users where id in (select subject_id from public.consents)")
    findings = {finding.key: finding for finding in check_invariants(connection).findings}
    assert findings["orphans_in_delivery_jobs:public.delivery_jobs"].seen.startswith("2 references of which")
    assert findings["orphans_in_consents:public.consents"].seen.startswith("6 references of which")


@pytest.mark.parametrize(
    ("id", "said", "left"),
    [
        ("orphans_in_oracle_artifacts", "For each, 2 of about 4 rows were checked", "other rows"),
        ("consents_unlike_ledger", "The newest 2 of about 6 rows were checked", "rows before"),
    ],
)
def test_a_walk_along_random_keys_is_not_said_to_be_of_the_newest(
    id: str, said: str, left: str, world: Callable[[str], psycopg.Connection[Any]]
) -> None:
    connection = world("select 1")
    walked = BY_ID[id].walks
    assert walked
    connection.execute(f"analyze {walked.qualified}".encode())
    (unknown,) = check_invariants(connection, [BY_ID[id]], recent=2).unknowns
    assert unknown.why.startswith(said)
    assert unknown.what.endswith(f"in the {left}.")
