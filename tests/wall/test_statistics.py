"""No statistics over secret and personal columns: pg_stats would show whole questions, names and addresses."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.schema.check import check_database
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.rules.derived import private_columns
from tests.readiness.reports import sql_of
from tests.wall.crowds import prepare

Databases = Callable[..., Database]
PRIVATE = sorted((table.id, column.name) for table in RULES.tables for column in private_columns(table))
SHOWN = """
select tablename::text, attname::text
  from pg_stats
 where schemaname = 'public' and (most_common_vals is not null or histogram_bounds is not null)
"""
FILL = """
insert into public.oracle_scrolls (subject_id, question, answer)
select %s, 'Will my mother survive ' || mod(i, 7), 'She will, says line ' || i from generate_series(1, 2000) i;
"""


def _fill(database: Database, *before: str) -> set[tuple[Any, ...]]:
    """Return the columns whose values pg_stats shows to the owner after many rows were analysed."""
    world = prepare(database)
    with psycopg.connect(database.url, autocommit=True) as connection:
        for statement in before:
            connection.execute(statement.encode())
        connection.execute(FILL, [world.subject])
        connection.execute("analyze")
        return set(connection.execute(SHOWN).fetchall())


def test_nothing_private_is_in_the_statistics(each_server: EmbeddedPostgres, database: Databases) -> None:
    shown = _fill(database(each_server))
    assert not shown & set(PRIVATE)
    assert ("oracle_scrolls", "created_at") in shown or ("oracle_scrolls", "locale") in shown


def test_every_private_column_is_left_out(server: EmbeddedPostgres, shared_database: Databases) -> None:
    query = """
    select c.relname::text, a.attname::text from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and a.attstattarget = 0
     order by 1, 2"""
    with psycopg.connect(shared_database(server).url) as connection:
        assert connection.execute(query).fetchall() == PRIVATE


def test_the_check_names_what_is_measured_again(each_server: EmbeddedPostgres, database: Databases) -> None:
    own = database(each_server)
    again = "alter table public.oracle_scrolls alter column question set statistics -1"
    assert ("oracle_scrolls", "question") in _fill(own, again)
    key = "column:public.oracle_scrolls.question"
    found = {finding.key: finding for finding in check_database(own.url).findings}
    _run(own.url, sql_of(found[f"{key}:unmeasured"]))
    found = {finding.key: finding for finding in check_database(own.url).findings}
    assert f"{key}:unmeasured" not in found
    left = found[f"{key}:remembered"]
    if each_server.major < 18:
        assert left.repair is None
        _run(own.admin_url, "delete from pg_statistic where starelid = 'public.oracle_scrolls'::regclass")
    else:
        _run(own.url, sql_of(left))
    assert not [finding for finding in check_database(own.url).findings if finding.key.startswith(key)]
    _run(own.url, "analyze public.oracle_scrolls")
    with psycopg.connect(own.url) as connection:
        assert ("oracle_scrolls", "question") not in connection.execute(SHOWN).fetchall()


def _run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.mark.parametrize("table", RULES.tables, ids=lambda table: table.id)
def test_no_index_is_built_over_private_text(table: Any) -> None:
    """An index over an expression would have statistics of its own; a hash alone may be looked up."""
    names = {column.name for column in private_columns(table)}
    assert not {c for index in table.indexes for c in index.columns if c in names and not c.endswith("_sha256")}
