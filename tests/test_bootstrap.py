"""The bootstrap makes what a Supabase project has; each fact on every major."""

import json
from collections.abc import Callable

import psycopg
import pytest
from psycopg import errors

from fixtures.servers import Database, People
from lab.database.connect import connect
from lab.database.embedded.server import BOOTSTRAP, EmbeddedPostgres
from lab.rules import RULES

Make = Callable[..., Database]

# role: super, create role, create db, login, inherit, replication, bypass RLS.
# Source: github.com/supabase/postgres, nix/tests/expected/roles.out
ROLES = {
    "anon": (False, False, False, False, True, False, False),
    "authenticated": (False, False, False, False, True, False, False),
    "service_role": (False, False, False, False, True, False, True),
    "authenticator": (False, False, False, True, False, False, False),
    "postgres": (False, True, True, True, True, True, True),
    "supabase_admin": (True, True, True, True, True, True, True),
    "supabase_auth_admin": (False, False, False, True, False, False, False),
    "supabase_storage_admin": (False, True, False, True, False, False, False),
    "dashboard_user": (False, True, True, False, True, True, False),
}

# What `postgres` is refused, with the SQLSTATE.
REFUSED = {
    "become the auth admin": ("set role supabase_auth_admin", "42501"),
    "become superuser": ("alter role postgres superuser", "42501"),
    "alter auth.users": ("alter table auth.users add column note text", "42501"),
    "create in auth": ("create table auth.mine (id int)", "42501"),
    "switch off RLS on storage": ("alter table storage.objects disable row level security", "42501"),
    "change the platform's defaults": (
        "alter default privileges for role supabase_admin in schema public revoke all on tables from anon",
        "42501",
    ),
    "delete stored objects": ("delete from storage.objects", "42501"),
    "run programs": ("copy (select 1) to program 'true'", "42501"),
}

ALLOWED = {
    "foreign key to auth.users": "create table public.t (id uuid primary key references auth.users (id))",
    "trigger on auth.users": """
        create function public.f() returns trigger language plpgsql as 'begin return new; end';
        create trigger t after insert on auth.users for each row execute function public.f()""",
    "create a role": "create role worker_probe nologin",
    "act as the API roles": "set local role authenticated; set local role service_role; set local role anon",
    "replica mode": "set local session_replication_role = 'replica'",
    "read people": "select id, email from auth.users",
}


@pytest.fixture
def bare(each_server: EmbeddedPostgres, shared_database: Make) -> Database:
    return shared_database(each_server, "bare")


def test_roles_have_supabases_attributes(bare: Database) -> None:
    with connect(bare.url) as connection:
        rows = connection.execute(
            "select rolname, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolinherit, rolreplication,"
            " rolbypassrls from pg_roles where rolname = any(%s)",
            [list(ROLES)],
        ).fetchall()
    assert {name: tuple(attributes) for name, *attributes in rows} == ROLES


def test_memberships(bare: Database) -> None:
    with connect(bare.url) as connection:
        rows = connection.execute(
            "select roleid::regrole::text, member::regrole::text, bool_or(admin_option) from pg_auth_members"
            " where member::regrole::text in ('postgres', 'authenticator') group by 1, 2"
        ).fetchall()
        newer = connection.info.server_version >= 160000
    admins = {role for role, member, admin in rows if member == "postgres" and admin}
    of = {(role, member) for role, member, _ in rows}
    api = {"anon", "authenticated", "service_role"}
    ours = {role.id for role in RULES.roles if role.owned}  # roles are shared: other databases may have been migrated
    assert {role for role, member in of if member == "authenticator"} - ours == api
    assert api | {"pg_read_all_data", "pg_monitor", "pg_signal_backend"} <= {r for r, m in of if m == "postgres"}
    assert ("supabase_auth_admin", "postgres") not in of
    assert api <= admins if newer else not admins


def test_role_settings(bare: Database) -> None:
    with connect(bare.url) as connection:
        rows = connection.execute("select rolname, rolconfig from pg_roles where rolconfig is not null")
        settings = {name: set(lines) for name, lines in rows.fetchall()}
    assert settings["anon"] == {"statement_timeout=3s"}
    assert settings["authenticated"] == {"statement_timeout=8s"}
    assert settings["authenticator"] == {"statement_timeout=8s", "lock_timeout=8s"}


@pytest.mark.parametrize("name", REFUSED)
def test_postgres_is_refused(bare: Database, name: str) -> None:
    statement, state = REFUSED[name]
    with connect(bare.url) as connection:
        with pytest.raises(psycopg.Error) as refusal:
            connection.execute(statement)
        connection.rollback()
    assert refusal.value.sqlstate == state


@pytest.mark.parametrize("name", ALLOWED)
def test_postgres_may(bare: Database, name: str) -> None:
    with connect(bare.url) as connection:
        connection.execute(ALLOWED[name])
        connection.rollback()


def test_role_outside_rls_needs_16(bare: Database) -> None:
    with connect(bare.url) as connection:
        if connection.info.server_version >= 160000:
            connection.execute("create role worker_probe nologin bypassrls")
        else:
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute("create role worker_probe nologin bypassrls")
        connection.rollback()


def test_foreign_key_to_people_holds(
    each_server: EmbeddedPostgres, database: Make, people: Callable[[Database], People]
) -> None:
    own = database(each_server, "bare")
    known = people(own)
    with connect(own.url) as connection:
        connection.execute(ALLOWED["foreign key to auth.users"])
        connection.execute("insert into public.t values (%s)", [known.owner])
        with pytest.raises(errors.ForeignKeyViolation):
            connection.execute("insert into public.t values (gen_random_uuid())")
        connection.rollback()


def test_bootstrap_twice_changes_nothing(bare: Database) -> None:
    with psycopg.connect(bare.admin_url) as admin:
        before = _snapshot(admin)
        admin.execute(BOOTSTRAP.read_text())
        assert _snapshot(admin) == before
        admin.rollback()


def test_bootstrap_refuses_a_superuser_postgres(bare: Database) -> None:
    script = BOOTSTRAP.read_text().replace("rolname = 'postgres') = 10", "rolname = 'supabase_admin') = 10")
    with (
        psycopg.connect(bare.admin_url) as admin,
        pytest.raises(errors.RaiseException, match="first superuser"),
    ):
        admin.execute(script)


@pytest.mark.parametrize(("template", "granted"), [("bare", False), ("bare_legacy", True)])
def test_automatic_grants(each_server: EmbeddedPostgres, shared_database: Make, template: str, granted: bool) -> None:
    with connect(shared_database(each_server, template).url) as connection:
        connection.execute("create table public.fresh (id int)")
        row = connection.execute(
            "select has_table_privilege('anon', 'public.fresh', 'select'),"
            " has_table_privilege('service_role', 'public.fresh', 'truncate')"
        ).fetchone()
        connection.rollback()
    assert row == (granted, granted)


def test_public_belongs_to_the_databases_owner(bare: Database) -> None:
    with connect(bare.url) as connection:
        row = connection.execute(
            "select nspowner::regrole::text, has_schema_privilege('postgres', 'public', 'create'),"
            " has_schema_privilege('anon', 'public', 'create'),"
            " has_schema_privilege('anon', 'public', 'usage'),"
            " (select datdba::regrole::text from pg_database where datname = current_database())"
            " from pg_namespace where nspname = 'public'"
        ).fetchone()
    assert row == ("pg_database_owner", True, False, True, "postgres")


PLATFORM_TABLES = {
    "auth.users": "supabase_auth_admin",
    "storage.buckets": "supabase_storage_admin",
    "storage.objects": "supabase_storage_admin",
}


def test_platform_tables_are_the_platforms_and_have_rls(bare: Database) -> None:
    with connect(bare.url) as connection:
        rows = connection.execute(
            "select oid::regclass::text, relowner::regrole::text, relrowsecurity from pg_class"
            " where oid::regclass::text = any(%s)",
            [list(PLATFORM_TABLES)],
        ).fetchall()
    assert set(rows) == {(table, owner, True) for table, owner in PLATFORM_TABLES.items()}


@pytest.mark.parametrize("privilege", ["select", "insert", "update", "delete", "truncate"])
def test_stored_objects_are_granted_to_the_api_and_people_are_not(bare: Database, privilege: str) -> None:
    query = (
        "select has_table_privilege(r, 'storage.objects', %s), has_table_privilege(r, 'auth.users', %s)"
        " from unnest(array['anon', 'authenticated', 'service_role']) as r"
    )
    with connect(bare.url) as connection:
        assert connection.execute(query, [privilege, privilege]).fetchall() == [(True, False)] * 3


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {"request.jwt.claims": json.dumps({"sub": "11111111-1111-4111-8111-111111111111", "role": "a"})},
            "new",
        ),
        ({"request.jwt.claim.sub": "11111111-1111-4111-8111-111111111111"}, "old"),
        ({"request.jwt.claims": ""}, None),
        ({}, None),
    ],
    ids=["claims as json", "one setting a claim", "emptied by a pooler", "never set"],
)
def test_uid_reads_the_token(bare: Database, settings: dict[str, str], expected: str | None) -> None:
    with connect(bare.url) as connection:
        for name, value in settings.items():
            connection.execute("select set_config(%s, %s, true)", [name, value])
        row = connection.execute("select auth.uid()::text, auth.role()").fetchone()
    assert row == (
        "11111111-1111-4111-8111-111111111111" if expected else None,
        "a" if expected == "new" else None,
    )


def test_clone_keeps_the_templates_database_settings(each_server: EmbeddedPostgres, database: Make) -> None:
    one = database(each_server, "bare")
    with psycopg.connect(one.admin_url) as admin:
        row = admin.execute("select datacl::text from pg_database where datname = current_database()").fetchone()
    assert row is not None
    assert "supabase_auth_admin=C" in row[0]


def _snapshot(admin: psycopg.Connection) -> list[tuple[object, ...]]:
    """Read everything that grants or restricts, as the catalogue has it."""
    rows: list[tuple[object, ...]] = []
    for query in (
        "select rolname, rolconfig::text, rolbypassrls, rolinherit, rolcanlogin from pg_roles",
        "select roleid::regrole::text, member::regrole::text, grantor::regrole::text, admin_option"
        " from pg_auth_members",
        "select oid::regclass::text, relowner::regrole::text, relacl::text, relrowsecurity from pg_class"
        " where relnamespace in ('auth'::regnamespace, 'storage'::regnamespace)",
        "select oid::regprocedure::text, proowner::regrole::text, proacl::text, prosrc from pg_proc"
        " where pronamespace in ('auth'::regnamespace, 'storage'::regnamespace)",
        "select nspname, nspowner::regrole::text, nspacl::text from pg_namespace",
        "select datname, datacl::text, datdba from pg_database where datname = current_database()",
        "select tgname, tgenabled, tgrelid::regclass::text from pg_trigger",
        "select parname, paracl::text from pg_parameter_acl",
        "select defaclrole::regrole::text, defaclacl::text from pg_default_acl",
        "select pubname, pubowner::regrole::text from pg_publication",
    ):
        rows += sorted(admin.execute(query).fetchall(), key=repr)
    return rows
