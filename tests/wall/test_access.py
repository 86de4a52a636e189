"""The access matrix: every role, table, command, function and view, as the Data API would act, refusals included."""

import functools
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import psycopg
import pytest

from fixtures.servers import Database, People
from lab.access.matrix import VIEWS, called, may_call, policy_expression, reach, table_privileges
from lab.database.connect import as_data_api, connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.rules.model import Column, Command, Table
from lab.rules.views import briefs
from lab.sql.access import SCHEMA_USERS
from tests.wall.actors import ACTOR_IDS, Actor, choose_actor, person
from tests.wall.scenes import Scene
from tests.wall.seeds import add_run, begin_world, give_all, make_world

Outcome = int | str
FLAVOURS = ("migrated", "migrated_legacy")
ROLES = [role.id for role in RULES.roles]


@functools.cache
def seed(url: str) -> People:
    """Put two people with everything and one anonymous sign-in into a database, for good."""
    with psycopg.connect(url, prepare_threshold=None) as connection:
        scene = Scene(connection)
        owner, stranger = make_world(scene), make_world(scene)
        anonymous = begin_world(scene, anonymous=True)
        give_all(scene, anonymous)
        for world in (owner, stranger, anonymous):
            add_run(scene, world)
        scene.connection.execute("update public.ai_runs set status = 'promoted' where status = 'written'")
    return People(owner.subject, stranger.subject, anonymous.subject)


@pytest.fixture(params=FLAVOURS)
def populated(
    request: pytest.FixtureRequest, each_server: EmbeddedPostgres, populated_database: Callable[..., Database]
) -> Database:
    """A database with people in it, on each major and with both flavours of default privileges."""
    return populated_database(each_server, request.param)


@pytest.fixture
def api(populated: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection as the Data API's own login."""
    with connect(populated.api_url) as connection:
        yield connection


def attempt(api: psycopg.Connection[Any], actor: Actor, statement: str, *, read_only: bool = False) -> Outcome:
    """Return the number of rows, or the SQLSTATE of the refusal."""
    try:
        with as_data_api(api, role=actor.role, claims=actor.claims, read_only=read_only) as connection:
            return connection.execute(statement).rowcount
    except psycopg.Error as error:
        return str(error.sqlstate)


def attempt_all(
    api: psycopg.Connection[Any], actor: Actor, statements: Iterable[str], **how: Any
) -> dict[str, Outcome]:
    """Attempt each statement on its own inside one request; nothing that one does is seen by the next."""
    outcomes: dict[str, Outcome] = {}
    with as_data_api(api, role=actor.role, claims=actor.claims, **how) as connection:
        for statement in statements:
            try:
                with connection.transaction(force_rollback=True):
                    outcomes[statement] = connection.execute(statement).rowcount
            except psycopg.Error as error:
                outcomes[statement] = str(error.sqlstate)
    return outcomes


def read_cases(actor: Actor, table: Table, seen: int) -> Iterator[tuple[str, Outcome]]:
    """Yield a read of all columns, of the granted ones, and of each that is not."""
    select = reach(actor.role, table, Command.SELECT)
    names = [column.name for column in table.columns]
    yield f"select {', '.join(names)} from {table.qualified}", seen if select.whole else "42501"
    if select.columns:
        yield f"select {', '.join(select.columns)} from {table.qualified}", seen
    for name in names:
        if name not in select.columns:
            yield f"select {name} from {table.qualified}", "42501"


def write_cases(actor: Actor, table: Table) -> Iterator[tuple[str, Outcome]]:
    """Yield writes that touch no row, and so show the privilege alone; nobody deletes.

    All granted columns at once, each other column where some are granted, and the key where none is.
    """
    settable = [column for column in table.columns if not (column.identity or column.generated)]
    for command in (Command.INSERT, Command.UPDATE):
        granted = reach(actor.role, table, command).columns
        given = [column for column in settable if column.name in granted]
        if given:
            yield write_statement(table, command, given), 0
        others = [column for column in settable if column.name not in granted]
        for column in others if given else others[:1]:
            yield write_statement(table, command, [column]), "42501"
    yield f"delete from {table.qualified}", "42501"
    yield f"truncate {table.qualified} cascade", "42501"


def write_statement(table: Table, command: Command, columns: list[Column]) -> str:
    """Return an insert or update of no row."""
    if command is Command.UPDATE:
        return f"update {table.qualified} set {', '.join(f'{column.name} = null' for column in columns)} where false"
    values = ", ".join(f"null::{column.type}" for column in columns)
    return f"insert into {table.qualified} ({', '.join(column.name for column in columns)}) select {values} where false"


def table_cases(actor: Actor, count: Callable[[str], int]) -> Iterator[tuple[str, Outcome]]:
    """Yield each statement on a table with the outcome that the rules expect."""
    for table in RULES.tables:
        visible = policy_expression(actor.role, table, Command.SELECT)
        yield from read_cases(actor, table, count(f"select count(*) from {table.qualified} where {visible}"))
        yield from write_cases(actor, table)


@pytest.mark.parametrize("actor_id", ACTOR_IDS)
def test_tables(populated: Database, api: psycopg.Connection[Any], actor_id: str) -> None:
    actor = choose_actor(actor_id, seed(populated.admin_url))
    with connect(populated.url) as past_policies:
        past_policies.execute("select set_config('request.jwt.claims', %s, false)", [json.dumps(actor.claims)])

        def count(statement: str) -> int:
            row = past_policies.execute(statement).fetchone()
            assert row
            return int(row[0])

        cases = dict(table_cases(actor, count))
    outcomes = attempt_all(api, actor, cases)
    assert {s: (outcomes[s], cases[s]) for s in cases if outcomes[s] != cases[s]} == {}


@pytest.mark.parametrize("actor_id", ACTOR_IDS)
def test_functions(populated: Database, api: psycopg.Connection[Any], actor_id: str) -> None:
    """Whoever may not call a function is refused before it runs; whoever may gets as far as its body."""
    actor = choose_actor(actor_id, seed(populated.admin_url))
    wrong = {}
    for function in RULES.functions:
        try:
            with as_data_api(api, role=actor.role, claims=actor.claims) as connection:
                connection.execute(called(function))
            denied = False
        except psycopg.Error as error:
            denied = error.sqlstate == "42501" and str(error).startswith("permission denied for")
        if denied == may_call(actor.role, function):
            wrong[function.signature] = "denied" if denied else "open"
    assert wrong == {}


@pytest.mark.parametrize("actor_id", ACTOR_IDS)
def test_views(populated: Database, api: psycopg.Connection[Any], actor_id: str) -> None:
    """A view answers its own role, with every row of its table, and nobody else."""
    actor = choose_actor(actor_id, seed(populated.admin_url))
    with psycopg.connect(populated.admin_url) as admin:
        expected: dict[str, Outcome] = {
            view.qualified: admin.execute(view.body).rowcount if view.role.id == actor.role else "42501"
            for view in VIEWS
        }
    reads = {f"select * from {name}": outcome for name, outcome in expected.items()}
    assert attempt_all(api, actor, reads) == reads
    writes = attempt_all(api, actor, [f"{verb} {name}" for name in expected for verb in ("delete from", "truncate")])
    assert {statement for statement, outcome in writes.items() if outcome not in ("42501", "42809", "55000")} == set()


def test_the_brief_shows_nothing_without_a_token(populated: Database, api: psycopg.Connection[Any]) -> None:
    """Three people have an open run, and none of it is seen; what a token shows stands in test_ai.py."""
    seed(populated.admin_url)
    with as_data_api(api, role="ai_worker") as connection:
        assert connection.execute(f"select question from {briefs.qualified}").fetchall() == []


@pytest.mark.parametrize("actor_id", ACTOR_IDS)
def test_reading_requests_write_nothing(populated: Database, api: psycopg.Connection[Any], actor_id: str) -> None:
    """A GET is a read-only transaction: every write is refused as such, also where it is granted."""
    actor = choose_actor(actor_id, seed(populated.admin_url))
    statements = [
        statement
        for table in RULES.tables
        for statement in (
            f"insert into {table.qualified} default values",
            f"update {table.qualified} set created_at = now()",
            f"delete from {table.qualified}",
            f"truncate {table.qualified} cascade",
        )
    ]
    outcomes = attempt_all(api, actor, statements, read_only=True)
    assert set(outcomes.values()) == {"25006"}


DOORS_OF_A_GET = {
    "give": ("owner", "select public.request_privacy('export')"),
    "server": ("service_role", "select public.seal_ledgers()"),
    "claim": ("service_role", "select public.claim_delivery_jobs('worker')"),
    "audit": ("service_role", "select public.record_audit_event('system', 'a.b', 'products', '1')"),
}


@pytest.mark.parametrize("door", DOORS_OF_A_GET)
def test_reading_requests_open_no_writing_door(populated: Database, api: psycopg.Connection[Any], door: str) -> None:
    actor_id, statement = DOORS_OF_A_GET[door]
    actor = choose_actor(actor_id, seed(populated.admin_url))
    if door == "claim":  # with nothing to claim, nothing is written: so something is due
        with psycopg.connect(populated.admin_url) as admin:
            admin.execute(
                "update public.delivery_jobs set next_run_at = now() - interval '1 second' where status = 'pending'"
            )
    assert attempt(api, actor, statement, read_only=True) == "25006"
    assert attempt(api, actor, statement) != "25006"


@pytest.mark.parametrize("role", ["postgres", "supabase_admin", "authenticator_admin", "pg_read_all_data"])
def test_tokens_of_other_roles_are_denied(populated: Database, api: psycopg.Connection[Any], role: str) -> None:
    assert attempt(api, Actor("forged", role), "select 1") in ("42501", "22023")


def test_strangers_see_what_is_theirs_alone(populated: Database, api: psycopg.Connection[Any]) -> None:
    """Whatever a policy says: no row with somebody else's subject, and of what hangs on one, only their own."""
    people = seed(populated.admin_url)
    foreign = {}
    for table in RULES.tables:
        subjects = [column.name for column in table.columns if column.names_subject]
        if not subjects or not reach("authenticated", table, Command.SELECT).columns:
            continue
        for subject in (people.owner, people.stranger, people.anonymous):
            theirs = " or ".join(f"{name} = '{subject}'" for name in subjects)
            found = attempt(api, person(subject), f"select 1 from {table.qualified} where ({theirs}) is not true")
            if found:
                foreign[table.id, subject] = found
    assert foreign == {}


def test_an_anonymous_sign_in_sees_no_passport(populated: Database, api: psycopg.Connection[Any]) -> None:
    """The claim decides, not the row: also the owner of a Passport sees none while signed in anonymously."""
    people = seed(populated.admin_url)
    count = "select 1 from public.passport_records"
    assert attempt(api, person(people.owner), count) == 1
    assert attempt(api, Actor("guest", "authenticated", people.owner, anonymous=True), count) == 0


# The whole catalogue ---------------------------------------------------------------------------------

GRANTED_TABLES = """
select n.nspname || '.' || c.relname, case when c.relkind = 'v' then '*' else a.attname end, lower(p.privilege)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname in ('public', 'wall', 'operations', 'ai')
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) as p (privilege)
 where c.relkind in ('r', 'v', 'm', 'p', 'f') and has_column_privilege(%(role)s, c.oid, a.attnum, p.privilege)
union
select n.nspname || '.' || c.relname, 'the table', lower(p.privilege)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname in ('public', 'wall', 'operations', 'ai')
 cross join unnest(%(table_privileges)s::text[]) as p (privilege)
 where c.relkind in ('r', 'v', 'm', 'p', 'f') and has_table_privilege(%(role)s, c.oid, p.privilege)
"""

GRANTED_FUNCTIONS = """
select p.oid::regprocedure::text
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace and n.nspname in ('public', 'wall', 'operations', 'ai')
 where has_function_privilege(%s, p.oid, 'execute')
"""

GRANTED_SEQUENCES = """
select c.oid::regclass::text
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname in ('public', 'wall', 'operations', 'ai')
 where c.relkind = 'S'
   and (has_sequence_privilege(%(role)s, c.oid, 'usage') or has_sequence_privilege(%(role)s, c.oid, 'select')
        or has_sequence_privilege(%(role)s, c.oid, 'update'))
"""

GRANTED_SCHEMAS = """
select n.nspname, has_schema_privilege(%(role)s, n.oid, 'create')
  from pg_catalog.pg_namespace n
 where n.nspname in ('public', 'wall', 'operations', 'ai') and has_schema_privilege(%(role)s, n.oid, 'usage')
"""


@pytest.fixture
def catalogue(populated: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection that may look at everything."""
    with psycopg.connect(populated.admin_url) as connection:
        yield connection


@pytest.mark.parametrize("role_id", ROLES)
def test_nothing_undeclared_is_granted_on_tables(catalogue: psycopg.Connection[Any], role_id: str) -> None:
    role = next(role for role in RULES.roles if role.id == role_id)
    beyond_columns = [
        "DELETE",
        "TRUNCATE",
        "TRIGGER",
        *(["MAINTAIN"] if catalogue.info.server_version >= 170000 else []),
    ]
    values = {"role": role_id, "table_privileges": beyond_columns}
    assert set(catalogue.execute(GRANTED_TABLES, values).fetchall()) == set(table_privileges(role))


@pytest.mark.parametrize("role_id", [*ROLES, "authenticator"])
def test_nothing_undeclared_may_be_called(catalogue: psycopg.Connection[Any], role_id: str) -> None:
    """Granted are the declared functions, and the functions of no extension or stranger."""
    types = {"int": "integer"}
    declared = {f.signature for f in RULES.functions if role_id in {role.id for role in f.execute}}
    found = {name for (name,) in catalogue.execute(GRANTED_FUNCTIONS, [role_id]).fetchall()}
    assert {_plain(name) for name in found} == {_plain(types.get(name, name)) for name in declared}


def _plain(signature: str) -> str:
    return signature.removeprefix("public.").replace("timestamptz", "timestamp with time zone").replace(" ", "")


@pytest.mark.parametrize("role_id", [*ROLES, "authenticator"])
def test_no_sequence_is_granted(catalogue: psycopg.Connection[Any], role_id: str) -> None:
    assert catalogue.execute(GRANTED_SEQUENCES, {"role": role_id}).fetchall() == []


@pytest.mark.parametrize("role_id", ROLES)
def test_schemas(catalogue: psycopg.Connection[Any], role_id: str) -> None:
    expected = {(schema, False) for schema, roles in SCHEMA_USERS.items() if role_id in roles}
    assert set(catalogue.execute(GRANTED_SCHEMAS, {"role": role_id}).fetchall()) == expected


def test_the_login_of_the_data_api_has_nothing_of_its_own(catalogue: psycopg.Connection[Any]) -> None:
    values = {"role": "authenticator", "table_privileges": ["DELETE", "TRUNCATE", "TRIGGER"]}
    assert catalogue.execute(GRANTED_TABLES, values).fetchall() == []


def test_what_is_made_later_is_closed_too(populated: Database) -> None:
    """The default privileges are gone, also those that an older project came with."""
    with connect(populated.url) as connection:
        connection.execute("create table public.later (id bigint generated always as identity)")
        connection.execute("create function public.later() returns int language sql as 'select 1'")
        open_to = connection.execute(
            "select r.role from unnest(%s::text[]) as r (role)"
            " where has_table_privilege(r.role, 'public.later', 'select, insert, update, delete, truncate, trigger')"
            " or has_sequence_privilege(r.role, 'public.later_id_seq', 'usage, select, update')"
            " or has_function_privilege(r.role, 'public.later()', 'execute')",
            [ROLES],
        ).fetchall()
        connection.rollback()
    assert open_to == []


def test_policies_ask_once_and_use_an_index(populated: Database) -> None:
    """With many rows, an owner's read is an index scan whose auth.uid() is asked once, before the rows."""
    people = seed(populated.admin_url)
    slow = {}
    with psycopg.connect(populated.admin_url) as admin:
        admin.execute("set local enable_seqscan = off")
        admin.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(person(people.owner).claims)])
        admin.execute("set local role authenticated")
        for table in RULES.tables:
            mine = [p for p in table.policies if p.role.id == "authenticated" and p.using and "auth." in p.using]
            columns = reach("authenticated", table, Command.SELECT).columns
            if not any(p.command is Command.SELECT for p in mine):
                continue
            plan = "\n".join(
                line
                for (line,) in admin.execute(f"explain (verbose) select {', '.join(columns)} from {table.qualified}")
            )
            rows = [line for line in plan.splitlines() if "Filter:" in line or "Cond:" in line]
            if "Index" not in plan or "InitPlan" not in plan or any("current_setting" in line for line in rows):
                slow[table.id] = plan
        admin.rollback()
    assert slow == {}
