"""What a database lacks, and what is in the way, is told before a migration touches anything."""

import json
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from fixtures.servers import Database
from lab.database.connect import connect
from lab.database.embedded.scratch import open_scratch
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.apply import NotApplied, apply_migrations, read_states, run_preflight
from lab.migrations.files import read_migrations
from lab.migrations.preflight import NotReady, inspect_database, list_names
from lab.sql import Migration

Databases = Callable[..., Database]
Run = Callable[..., tuple[int, str, str]]

# Everything of a database that applying could leave behind.
PICTURE = """
select 'relation', c.oid::regclass::text, concat_ws(' ', c.relacl::text, c.relrowsecurity, c.relowner) from pg_class c
 where c.relnamespace >= 16384 or c.relnamespace = to_regnamespace('public')
union all select 'function', p.oid::regprocedure::text, concat_ws(' ', p.proacl::text, p.prosrc) from pg_proc p
 where p.oid >= 16384
union all select 'schema', n.nspname::text, n.nspacl::text from pg_namespace n
union all select 'default', d.oid::text, d.defaclacl::text from pg_default_acl d
union all select 'role', r.rolname::text, '' from pg_roles r
order by 1, 2, 3
"""

# What is taken from a bare database, by whom -> what is told. Roles belong to the whole server, and are elsewhere.
LACKING: dict[str, tuple[tuple[str, ...], str]] = {
    "auth.jwt()": (("drop function auth.jwt()",), "the function auth.jwt(), which returns jsonb, is missing"),
    "auth.uid()": (("drop function auth.uid()",), "the function auth.uid(), which returns uuid, is missing"),
    "auth.uid() of another type": (
        ("drop function auth.uid()", "create function auth.uid() returns text language sql as 'select null::text'"),
        "the function auth.uid(), which returns uuid, is missing",
    ),
    "auth.users": (("drop table auth.users",), "the table auth.users is missing"),
    "auth.users as a view": (
        ("drop table auth.users", "create view auth.users as select gen_random_uuid() as id"),
        "the table auth.users is missing",
    ),
    "its primary key": (
        ("alter table auth.users drop constraint users_pkey",),
        "the table auth.users has no primary key",
    ),
    "a key over two columns": (
        ("alter table auth.users drop constraint users_pkey, add primary key (id, is_anonymous)",),
        "the table auth.users has no primary key",
    ),
    "the type of its key": (
        ("alter table auth.users alter column id type text",),
        "the column auth.users.id of type uuid is missing",
    ),
    "auth": (("drop schema auth cascade",), "the schema auth is missing"),
    "public": (("drop schema public cascade",), "the schema public is missing"),
    "references": (("revoke references on auth.users from postgres",), "postgres may not refer to auth.users"),
    "create in public": (
        ("alter schema public owner to supabase_admin",),
        "postgres may not create anything in the schema public",
    ),
    "create in the database": (
        ("alter database {here} owner to supabase_admin", "revoke create on database {here} from postgres, public"),
        "postgres may not create schemas in the database",
    ),
    "the list of migrations": (
        (
            "create schema supabase_migrations",
            "create table supabase_migrations.schema_migrations"
            " (version text primary key, statements text[], name text)",
            "grant usage on schema supabase_migrations to postgres",
            "grant select on supabase_migrations.schema_migrations to postgres",
        ),
        "postgres may not write the list of applied migrations",
    ),
    "writes": (
        ("alter database {here} set default_transaction_read_only = on",),
        "nothing can be written here: default_transaction_read_only is on for this login or database",
    ),
    "plpgsql": (
        ("drop function storage.foldername, storage.filename, storage.extension, storage.operation",
         "drop function storage.protect_delete cascade", "drop extension plpgsql"),
        "the language plpgsql is missing",
    ),
}  # fmt: skip

# A stranger's thing, with a name of ours -> what is told.
STRANGERS: dict[str, tuple[str, str]] = {
    "a table": ("create table public.consents (subject text)", "the table public.consents is in the way"),
    "a partitioned table": (
        "create table public.purchases (id int) partition by list (id)",
        "the table public.purchases is in the way",
    ),
    "a view": ("create view public.gifts_view as select 1; create view public.products as select 1 as id",
               "the view public.products is in the way"),
    "a materialized view": (
        "create materialized view public.admin_audit_events as select 1",
        "the materialized view public.admin_audit_events is in the way",
    ),
    "a sequence": ("create sequence public.delivery_jobs", "the sequence public.delivery_jobs is in the way"),
    "an enumeration": ("create type public.share_cards as enum ('a')", "the type public.share_cards is in the way"),
    "a composite type": ("create type public.echoes_x as (a int); create type public.passport_records as (a int)",
                         "the type public.passport_records is in the way"),
    "a domain": ("create domain public.consent_events as text", "the type public.consent_events is in the way"),
    "an index of another table": (
        "create table public.notes (id int); create index consent_notices_wording on public.notes (id)",
        "the index public.consent_notices_wording is in the way",
    ),
    "a key of another table": (
        "create table public.notes (id int constraint consents_pkey primary key)",
        "the index public.consents_pkey is in the way",
    ),
    "a function": (
        "create function public.give_consent(text) returns text language sql as 'select $1'",
        "the function public.give_consent(text) is in the way",
    ),
    "a procedure": (
        "create procedure public.erase_subject(a int) language sql as 'select 1'",
        "the function public.erase_subject(IN a integer) is in the way",
    ),
    "a schema": ("create schema operations; create table operations.shifts (id int)",
                 "the schema operations is in the way"),
    "another schema": ("create schema ai", "the schema ai is in the way"),
    "a table whose comment is another's": (
        "create table public.consents (); comment on table public.consents is 'Of the shop.'",
        "the table public.consents is in the way",
    ),
}  # fmt: skip

# A stranger's thing that has no name of ours: nothing keeps the migrations from being applied beside it.
BESIDE = (
    "create table public.profiles (id uuid primary key, consents text)",
    "create schema blog; create table blog.consents (id int); create function blog.give_consent() returns int"
    " language sql as 'select 1'",
    "create type public.mood as enum ('a')",
    'create table public."Consents" (id int)',
    "create table public.profile (id int, constraint consents check (id > 0))",
)


def draw(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(PICTURE).fetchall()


def change(place: Database, *statements: str) -> None:
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.format(here=place.name).encode())


def refuse_both_ways(run: Run, place: Database, said: str) -> None:
    """Both commands name it, and leave no trace."""
    before = draw(place.admin_url)
    code, out, err = run("migrate", "--database-url", place.url)
    assert (code, err) == (1, "")
    assert f"refused  {said}" in out
    code, out, err = run("migrate", "--database-url", place.url, "--json")
    told = json.loads(out)
    assert any(sentence.startswith(said) for sentence in (*told["lacks"], *told["in_the_way"]))
    code, out, err = run("migrate", "--database-url", place.url, "--apply")
    assert (code, out) == (2, "")
    assert said in err
    assert "Nothing was touched" in err
    assert draw(place.admin_url) == before


def apply_without_looking(url: str) -> bool:
    """Tell whether the migrations' text is taken in one transaction, as it stands."""
    try:
        with connect(url) as connection:
            for migration in read_migrations():
                connection.execute(migration.text.encode())
            connection.execute(
                "create schema if not exists supabase_migrations;"
                "create table if not exists supabase_migrations.schema_migrations"
                " (version text primary key, statements text[], name text);"
                "insert into supabase_migrations.schema_migrations values ('1')"
            )
            connection.rollback()
    except psycopg.Error:
        return False
    return True


@pytest.mark.parametrize("lacking", LACKING)
def test_what_is_missing_is_told_first(run: Run, server: EmbeddedPostgres, database: Databases, lacking: str) -> None:
    place, (statements, said) = database(server, "bare"), LACKING[lacking]
    change(place, *statements)
    assert not apply_without_looking(place.url), "it is demanded, and not needed"
    refuse_both_ways(run, place, said)


def test_everything_that_is_missing_is_told_at_once(run: Run, server: EmbeddedPostgres, database: Databases) -> None:
    place = database(server, "bare")
    change(
        place, "drop function auth.jwt()", "alter table auth.users drop constraint users_pkey", STRANGERS["a table"][0]
    )
    code, out, err = run("migrate", "--database-url", place.url, "--apply")
    assert (code, out) == (2, "")
    assert [part in err for part in ("auth.jwt()", "no primary key", "public.consents", "Nothing was touched.")] == [
        True
    ] * 4


@pytest.mark.sample(every=2)
@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_stranger_s_thing_is_not_taken_over(
    run: Run, server: EmbeddedPostgres, database: Databases, stranger: str
) -> None:
    place, (statement, said) = database(server, "bare"), STRANGERS[stranger]
    change(place, statement)
    refuse_both_ways(run, place, said)


def test_what_only_stands_beside_is_not_in_the_way(run: Run, server: EmbeddedPostgres, database: Databases) -> None:
    place = database(server, "bare")
    change(place, *BESIDE)
    assert run_preflight(place.url).refusals == ()
    assert run("migrate", "--database-url", place.url, "--apply")[0] == 0


def test_every_name_that_the_migrations_give_is_looked_for(
    server: EmbeddedPostgres, shared_database: Databases
) -> None:
    """What the migrated database has more than a bare one."""
    query = """
      select 'relation', n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('public', 'wall', 'operations', 'ai') and c.relkind <> 'S'
      union select 'function', n.nspname, p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname in ('public', 'wall', 'operations', 'ai')
      union select 'schema', n.nspname, '' from pg_namespace n where n.nspname in ('wall', 'operations', 'ai')"""
    with psycopg.connect(shared_database(server).url) as connection:
        made = {tuple(row) for row in connection.execute(query).fetchall()}
    assert {tuple(name) for name in list_names(read_migrations())} == made


def test_our_own_things_are_not_in_the_way_when_the_list_is_lost(
    run: Run, server: EmbeddedPostgres, database: Databases
) -> None:
    place = database(server)
    change(place, "drop schema supabase_migrations cascade")
    assert run_preflight(place.url).refusals == ()
    assert run("migrate", "--database-url", place.url, "--apply")[0] == 0


@pytest.mark.parametrize("spoil", [0, 3, 6])
def test_the_first_migrations_are_all_applied_or_none(
    server: EmbeddedPostgres, database: Databases, spoil: int
) -> None:
    place = database(server, "bare")
    files = list(read_migrations())
    files[spoil] = files[spoil].model_copy(update={"text": files[spoil].text + "\nselect 1 / 0;"})
    before = draw(place.admin_url)
    with pytest.raises(NotApplied, match="a value does not fit") as told:
        apply_migrations(place.url, tuple(files))
    assert "Nothing was touched" in str(told.value)
    assert draw(place.admin_url) == before


def test_what_is_applied_and_what_is_not_is_said_exactly(server: EmbeddedPostgres, database: Databases) -> None:
    place = database(server)
    later = [("20990101000000", "good", "create table public.good ()"), ("20990101000001", "bad", "select 'k'::int"),
             ("20990101000002", "after", "select 1")]  # fmt: skip
    new = tuple(Migration(version=version, name=name, text=text) for version, name, text in later)
    with pytest.raises(NotApplied) as told:
        apply_migrations(place.url, (*read_migrations(), *new))
    assert told.value.faults == (
        "applied: 20990101000000_good.sql",
        "not applied: 20990101000001_bad.sql",
        "not applied: 20990101000002_after.sql",
    )
    assert "'k'" not in str(told.value)
    with connect(place.url, read_only=True) as connection:
        assert inspect_database(connection, new[1:], (*read_migrations(), *new)).refusals == ()
    assert [state.version for state in read_states(place.url) if not state.name] == ["20990101000000"]


def test_what_is_revoked_by_default_is_said_beforehand(run: Run, server: EmbeddedPostgres, database: Databases) -> None:
    place = database(server, "bare_legacy")
    change(place, "grant create on schema public to public")
    code, out, _ = run("migrate", "--database-url", place.url)
    assert code == 1
    revoked = [line for line in out.splitlines() if line.startswith("revokes  ")]
    assert [line.partition("new ")[2].partition(":")[0] for line in revoked] == [
        "functions in every schema",
        "functions in the schema public",
        "objects of any role in the schema public",
        "sequences in the schema public",
        "tables in the schema public",
    ]
    code, out, err = run("migrate", "--database-url", place.url, "--apply")
    assert code == 0
    assert [line.partition("for new ")[2] for line in err.splitlines()] == [
        line.partition("for new ")[2] for line in revoked
    ]
    assert run_preflight(place.url).revokes == ()
    with connect(place.url, read_only=True) as connection:  # all of it is true afterwards
        assert inspect_database(connection, read_migrations(), read_migrations()).revokes == ()


# Roles, which belong to the whole server -------------------------------------------------------------

ROLES: dict[str, tuple[str, str]] = {
    "anon": ("alter role anon rename to visitor", "the role anon is missing"),
    "authenticated": ("alter role authenticated rename to customer", "the role authenticated is missing"),
    "service_role": ("alter role service_role rename to server", "the role service_role is missing"),
    "authenticator": ("alter role authenticator rename to door", "the role authenticator is missing"),
    "createrole": ("alter role postgres nocreaterole", "postgres may not create roles"),
    "bypassrls": ("alter role postgres nobypassrls", "postgres does not bypass row-level security"),
    "the option to grant": (
        "create role ai_worker nologin; create role oracle_operator nologin",
        "postgres may not grant the role ai_worker to authenticator",
    ),
}


@pytest.fixture(scope="module")
def own_server() -> Iterator[EmbeddedPostgres]:
    with open_scratch() as server:
        yield server


@pytest.mark.sample(every=2)
@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_lacks_is_told_first(run: Run, own_server: EmbeddedPostgres, role: str) -> None:
    (statements, said), place = ROLES[role], Database(own_server, "postgres")
    with psycopg.connect(own_server.admin_url(), autocommit=True) as admin:
        admin.execute(statements.encode())
        try:
            assert not apply_without_looking(place.url), "it is demanded, and not needed"
            refuse_both_ways(run, place, said)
        finally:
            for statement in statements.split("; "):
                admin.execute(undo(statement))


def undo(statement: str) -> sql.SQL:
    words = statement.split()
    if words[0] == "create":
        return sql.SQL(f"drop role {words[2]}")
    if words[3] == "rename":
        return sql.SQL(f"alter role {words[5]} rename to {words[2]}")
    return sql.SQL(f"alter role {words[2]} {words[3].removeprefix('no')}")


def test_a_login_of_few_rights_is_told_all_that_it_lacks(run: Run, own_server: EmbeddedPostgres) -> None:
    with psycopg.connect(own_server.admin_url(), autocommit=True) as admin:
        admin.execute("create role deployer login")
        try:
            code, out, err = run("migrate", "--database-url", own_server.url(user="deployer"), "--apply")
        finally:
            admin.execute("drop role deployer")
    lacks = ("use the schema auth", "refer to auth.users", "create anything in the schema public",
             "create schemas in the database postgres", "create roles")  # fmt: skip
    assert (code, out) == (2, "")
    assert [lack for lack in lacks if f"deployer may not {lack}. Run: " not in err] == []
    assert "deployer does not bypass row-level security" in err


def test_a_bare_database_is_ready(each_server: EmbeddedPostgres, database: Databases) -> None:
    """As the platform's `postgres`, on every major; and as a superuser."""
    place = database(each_server, "bare")
    assert run_preflight(place.url).refusals == ()
    assert run_preflight(place.admin_url).refusals == ()
    change(place, "create table public.consents ()")
    with pytest.raises(NotReady, match=r"public\.consents"):
        apply_migrations(place.url)
