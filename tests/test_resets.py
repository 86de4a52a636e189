"""After a reset that leaves the list of migrations: nothing says "applied", and one step brings everything back.

The resets are what people run by hand, what Prisma and Drizzle run, and what the Supabase command line leaves.
"""

from collections.abc import Callable

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.schema.check import check_database
from lab.checks.schema.repairs import repair_script
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.apply import State, apply_migrations, read_states
from lab.migrations.missing_objects import ObjectsMissing
from lab.sql import whole_sql

Make = Callable[..., Database]
_EACH = (
    "do $$ declare t text; begin for t in select tablename from pg_tables where schemaname = 'public' loop "
    "execute format('drop table if exists public.%I cascade', t); end loop; end $$"
)
# who resets -> the SQL, and the proposals that are left after the repairs
RESETS: dict[str, tuple[str, set[str]]] = {
    "by hand": ("drop schema public cascade; create schema public", set()),
    "a schema and its grants": (
        "drop schema public cascade; create schema public; grant all on schema public to postgres; "
        "grant all on schema public to public",
        {"privilege:schema|public|public|CREATE:extra"},
    ),
    "Prisma": ('DROP SCHEMA "public" CASCADE; CREATE SCHEMA "public"', set()),
    "Drizzle": (
        'drop schema if exists "public" cascade; create schema "public"; '
        'drop schema if exists "drizzle" cascade; create schema "drizzle"',
        set(),
    ),
    "everything of ours": (
        "drop schema public, wall, operations, ai cascade; create schema public authorization postgres",
        set(),
    ),
    "table by table": (_EACH, set()),
    "one table": ("drop table public.share_cards cascade", set()),
    "one view": ("drop view operations.purchases", set()),
}
# The Supabase command line drops schemas and tables, and empties its own list.
SUPABASE = (
    "drop schema wall, operations, ai cascade; "
    + RESETS["table by table"][0]
    + (
        "; do $$ declare f text; begin for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = "
        "'public'::regnamespace loop execute 'drop routine if exists ' || f || ' cascade'; end loop; end $$; "
        "truncate supabase_migrations.schema_migrations"
    )
)


def reset(url: str, statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements.encode())


def weighing(place: Database) -> set[str]:
    return {finding.key for finding in check_database(place.url).findings if finding.weighs}


def read_rows(place: Database) -> list[str]:
    """Return what the migrations wrote into tables: sentences, and that there is a key of erasures."""
    query = (
        "select body from public.consent_notices union all select words from public.card_phrases "
        "union all select id::text from public.erasure_keys order by 1"
    )
    with psycopg.connect(place.url) as connection:
        return [str(row[0]) for row in connection.execute(query.encode())]


@pytest.mark.sample(every=3, oldest=len(RESETS), between=0)
@pytest.mark.parametrize("name", RESETS)
def test_a_reset_is_noticed_and_one_step_brings_all_back(
    each_server: EmbeddedPostgres, database: Make, name: str
) -> None:
    place = database(each_server)
    reset(place.url, RESETS[name][0])
    assert State.GONE in {state.state for state in read_states(place.url)}
    with pytest.raises(ObjectsMissing, match=r"python -m lab sql \| psql"):
        apply_migrations(place.url)
    reset(place.url, whole_sql())
    assert weighing(place) == set()
    assert {state.state for state in read_states(place.url)} == {State.APPLIED}
    assert apply_migrations(place.url) == []


@pytest.mark.sample(every=3, oldest=len(RESETS), between=0)
@pytest.mark.parametrize("name", RESETS)
def test_the_repairs_bring_all_back_and_take_nothing_from_the_owner(
    each_server: EmbeddedPostgres, database: Make, name: str
) -> None:
    place = database(each_server)
    rows = read_rows(place)
    reset(place.url, RESETS[name][0])
    findings = check_database(place.url).findings
    assert [f.key for f in findings if f.kind == "privilege" and f.name.endswith("postgres|CREATE")] == []
    reset(place.url, repair_script(findings))
    assert weighing(place) == RESETS[name][1]
    assert read_rows(place) == rows


def test_a_schema_that_nobody_made_again_comes_back(server: EmbeddedPostgres, database: Make) -> None:
    place = database(server)
    reset(place.url, "drop schema public cascade")
    with pytest.raises(ObjectsMissing, match="create schema public"):
        apply_migrations(place.url)
    for _ in range(2):  # what is granted on it is only seen once it is there
        reset(place.url, repair_script(check_database(place.url).findings))
    assert weighing(place) == set()


def test_a_schema_that_the_platform_made_says_who_must_run_the_repairs(
    server: EmbeddedPostgres, database: Make
) -> None:
    place = database(server)
    reset(place.admin_url, RESETS["by hand"][0])
    (owner,) = [f for f in check_database(place.url).findings if f.key == "schema:public:owner"]
    assert (owner.severity, str(owner.decide).startswith("supabase_admin owns this schema")) == ("high", True)
    reset(place.admin_url, repair_script(check_database(place.url).findings))
    assert weighing(place) == set()


def test_what_the_command_line_resets_is_migrated_again(server: EmbeddedPostgres, database: Make) -> None:
    place = database(server)
    reset(place.admin_url, SUPABASE)
    assert {state.state for state in read_states(place.url)} == {State.MISSING}
    apply_migrations(place.url)
    assert weighing(place) == set()


def test_a_table_that_a_later_migration_drops_is_not_missed(server: EmbeddedPostgres, database: Make) -> None:
    from lab.migrations.files import read_migrations
    from lab.migrations.missing_objects import find_missing_objects
    from lab.sql import Migration

    place = database(server)
    reset(place.url, "drop table public.share_cards cascade; create table public.cards (id int)")
    later = Migration(
        version="20991231000000", name="later", text="drop view operations.share_cards;\ndrop table public.share_cards;"
    )
    renamed = Migration(version="20991231000001", name="cards", text="create table public.old (id int);")
    again = Migration(version="20991231000002", name="names", text="alter table public.old rename to cards;")
    ours = (*read_migrations(), later, renamed, again)
    with psycopg.connect(place.url) as connection:
        assert find_missing_objects(connection, ours, [migration.version for migration in ours]) == {}


def test_the_command_says_what_is_gone(
    server: EmbeddedPostgres, database: Make, run: Callable[..., tuple[int, str, str]]
) -> None:
    place = database(server)
    reset(place.url, RESETS["one table"][0])
    code, told, _ = run("migrate", "--database-url", place.url)
    assert (code, "gone     20261122000102 tables: It is listed as applied, but public.share_cards" in told) == (
        1,
        True,
    )
    code, _, warned = run("migrate", "--database-url", place.url, "--apply")
    assert (code, "Nothing was changed" in warned) == (2, True)
