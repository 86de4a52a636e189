"""The SQL: committed, deterministic, locked, and applied to real servers twice and by many at once."""

import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.servers import Database
from lab import RULES, Scenario, all_scenarios, make_plan
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.apply import State, apply_migrations, read_states
from lab.migrations.demo import prepare_demo
from lab.migrations.files import MIGRATION_FOLDER, EditedMigration, forward_names, read_migrations, write_migrations
from lab.migrations.preflight import NotReady
from lab.rules.laws import object_names
from lab.rules.model import Layer
from lab.sql import make_migrations, scenario_sql, table_sql, whole_sql
from lab.text.product_files import SQL

Databases = Callable[..., Database]

QUERIES = sorted(
    path
    for folder in ("catalogue", "operations", "probes", "questions", "repairs", "stripe")
    for path in (SQL / folder).rglob("*.sql")
)


@pytest.mark.parametrize("path", QUERIES, ids=[path.relative_to(SQL).as_posix() for path in QUERIES])
def test_a_query_says_first_what_it_answers(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert re.match(r"-- [A-Z]\S* \S+", first), first


SHAPE = """
select md5(string_agg(line, chr(10) order by line)) from (
  select format('%s %s %s', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod)) as line
    from pg_attribute a join pg_class c on c.oid = a.attrelid
   where c.relnamespace in ('public'::regnamespace, 'wall'::regnamespace) and a.attnum > 0
  union all select pg_get_functiondef(p.oid) || coalesce(
    (select string_agg(a::text, ' ' order by a::text) from unnest(p.proacl) a), '') from pg_proc p
   where p.pronamespace in ('public'::regnamespace, 'wall'::regnamespace)
  union all select pg_get_triggerdef(t.oid) || t.tgenabled::text from pg_trigger t where not t.tgisinternal
  union all select pg_get_constraintdef(k.oid) from pg_constraint k
  union all select pg_get_indexdef(i.indexrelid) from pg_index i
  union all select format('%s %s %s', p.polrelid::regclass, p.polname, pg_get_expr(p.polqual, p.polrelid))
    from pg_policy p
  union all select format('%s %s %s', c.oid::regclass, (c.relrowsecurity, c.relforcerowsecurity),
    (select string_agg(a::text, ' ' order by a::text) from unnest(c.relacl) a))
    from pg_class c
   where c.relnamespace = 'public'::regnamespace
  union all select purpose || version || body from public.consent_notices
) as shape
"""


def read_shape(url: str) -> str:
    with connect(url, read_only=True) as connection:
        row = connection.execute(SHAPE).fetchone()
    assert row
    return str(row[0])


before_the_first_forward_migration = pytest.mark.skipif(
    bool(forward_names()), reason="the baseline is not written any more: forward migrations stand on it"
)


@before_the_first_forward_migration
def test_committed_migrations_are_those_of_the_rules() -> None:
    assert [(m.file_name, m.text) for m in read_migrations()] == [(m.file_name, m.text) for m in make_migrations()]


def test_names_are_ordered_as_the_supabase_command_line_reads_them() -> None:
    names = [migration.file_name for migration in make_migrations()]
    assert names == sorted(names)
    assert all(name[:14].isdigit() and name[14] == "_" for name in names)


@before_the_first_forward_migration
def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in write_migrations(tmp_path)]
    assert [path.read_bytes() for path in write_migrations(tmp_path)] == first


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda folder: next(folder.glob("*_tables.sql")).write_text("-- edited"), "was edited"),
        (lambda folder: next(folder.glob("*_views.sql")).unlink(), "not in"),
        (lambda folder: (folder / "20990101000000_late.sql").write_text("select 1;"), "is not in migrations.lock"),
    ],
    ids=["edited", "removed", "unlocked"],
)
def test_lock_notices(tmp_path: Path, harm: Callable[[Path], object], said: str) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATION_FOLDER, folder)
    harm(folder)
    with pytest.raises(EditedMigration, match=said):
        read_migrations(folder)


def test_applies_twice_on_every_major(each_server: EmbeddedPostgres, database: Databases) -> None:
    """As the non-superuser postgres: the second time changes nothing, and neither does the raw script."""
    url = database(each_server, "bare").url
    assert apply_migrations(url) == [migration.file_name for migration in read_migrations()]
    shape = read_shape(url)
    assert apply_migrations(url) == []
    assert {state.state for state in read_states(url)} == {State.APPLIED}
    with connect(url) as connection:
        assert connection.execute(
            "select current_user, rolsuper from pg_roles where rolname = current_user"
        ).fetchone() == (
            "postgres",
            False,
        )
        connection.execute(whole_sql().encode())
    if not forward_names():  # the text of changed rules knows nothing of a table that is there in its old form
        assert read_shape(url) == shape


def test_two_people_at_once(server: EmbeddedPostgres, database: Databases) -> None:
    url = database(server, "bare").url
    applied: list[list[str]] = []
    threads = [threading.Thread(target=lambda: applied.append(apply_migrations(url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [migration.file_name for migration in read_migrations()]
    assert len(applied) == 4
    assert sorted(name for one in applied for name in one) == names


def test_a_failing_migration_leaves_nothing_behind(server: EmbeddedPostgres, database: Databases) -> None:
    url = database(server, "bare").url
    with connect(url) as connection:
        connection.execute("create table public.oracle_scrolls (id text)")
    with pytest.raises(NotReady, match=re.escape("the table public.oracle_scrolls is in the way")):
        apply_migrations(url)
    assert {state.state for state in read_states(url)} == {State.MISSING}
    with connect(url, read_only=True) as connection:
        assert connection.execute("select to_regclass('public.products')").fetchone() == (None,)


def test_another_text_under_the_same_version_is_noticed(server: EmbeddedPostgres, database: Databases) -> None:
    url = database(server).url
    with connect(url) as connection:
        connection.execute(
            "update supabase_migrations.schema_migrations set statements = '{select 1}' where name = 'views'"
        )
    assert {s.name: s.state for s in read_states(url)}["views"] is State.EDITED
    with pytest.raises(EditedMigration, match="views"):
        apply_migrations(url)
    with pytest.raises(EditedMigration, match="demo --fresh"):  # of the embedded database nothing is restored
        prepare_demo(url)


def test_an_unknown_migration_is_shown(server: EmbeddedPostgres, database: Databases) -> None:
    url = database(server).url
    with connect(url) as connection:
        connection.execute("insert into supabase_migrations.schema_migrations (version) values ('20300101000000')")
    assert read_states(url)[-1].state is State.UNKNOWN


def test_everything_that_the_rules_name_is_in_the_database(
    server: EmbeddedPostgres, shared_database: Databases
) -> None:
    found = set()
    with connect(shared_database(server).url, read_only=True) as connection:
        for catalogue, name in [
            ("pg_class", "relname"), ("pg_trigger", "tgname"), ("pg_policy", "polname"), ("pg_proc", "proname"),
            ("pg_constraint", "conname"),
        ]:  # fmt: skip
            found |= {row[0] for row in connection.execute(f"select {name} from pg_catalog.{catalogue}").fetchall()}
    checks = {check.name for table in RULES.tables for check in table.checks}
    assert object_names(RULES) - checks <= found


def test_comments_carry_the_privacy_class(server: EmbeddedPostgres, shared_database: Databases) -> None:
    with connect(shared_database(server).url, read_only=True) as connection:
        rows = connection.execute(
            "select c.relname, a.attname, col_description(c.oid, a.attnum) from pg_attribute a"
            " join pg_class c on c.oid = a.attrelid"
            " where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0"
        ).fetchall()
    comments = {(table, column): comment for table, column, comment in rows}
    for table in RULES.tables:
        for column in table.columns:
            assert f"[{column.privacy.value}; on erasure: {column.erase.value}]" in comments[table.id, column.name]


@pytest.mark.parametrize("layer", RULES.layers, ids=lambda layer: layer.id)
def test_scenario_sql_stands_on_the_foundation(layer: Layer, server: EmbeddedPostgres, database: Databases) -> None:
    """The tables of a scenario, with those they point at, apply on the foundation and the functions alone."""
    plan = make_plan(Scenario(layer=layer.id, channels=[channel.id for channel in layer.channels]))
    text = scenario_sql(plan)
    for line in plan.tables:
        assert f"create table if not exists {line.name} (" in text
    foundation, _, functions = (migration.text for migration in make_migrations()[:3])
    with connect(database(server, "bare").url) as connection, connection.transaction():
        connection.execute(foundation.encode())
        connection.execute("set local check_function_bodies = off")
        connection.execute(functions.encode())
        connection.execute(text.encode())


def test_scenario_sql_differs_between_scenarios() -> None:
    texts = {
        scenario_sql(make_plan(scenario))
        for scenario in all_scenarios()
        if scenario.channels == scenario.consents == ()
    }
    assert len(texts) == len(RULES.layers)


def test_table_sql_is_whole() -> None:
    text = table_sql(RULES.table("delivery_jobs"))
    for part in (
        "create table",
        "force row level security",
        "jobs_need_consent",
        "delivery_jobs_ready",
        "grant select",
    ):
        assert part in text
