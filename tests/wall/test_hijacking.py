"""No function of the wall can be misled by its caller: nothing of a caller's ever runs as another role.

Whoever may log in can make types, tables and functions of their own in pg_temp. Here somebody makes one of every name
that a body in the wall uses, each of which calls a function that tells as whom it runs, and then has every function run
that they can have run: by calling it, and by writing what fires it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
import pytest
from psycopg import sql

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.sql.functions import create_function, function_body
from tests.wall.scenes import Scene
from tests.wall.seeds import World, make_world

ROLES = ("anon", "authenticated", "service_role", "ai_worker", "oracle_operator")
TYPES = (
    *("text", "uuid", "jsonb", "json", "bigint", "int8", "integer", "int4", "smallint", "bytea", "timestamptz", "date"),
    *("timestamp", "interval", "boolean", "bool", "record", "regclass", "regrole", "name", "oid", "numeric", "varchar"),
    *("pg_class", "pg_proc", "pg_roles", "pg_type", "information_schema"),
)
EVIL = """
create function pg_temp.evil(word pg_catalog.text) returns pg_catalog.bool language plpgsql as $evil$
begin raise notice 'evil ran as %', current_user; return true; end $evil$
"""
Made = Callable[..., Database]


def list_names() -> tuple[str, ...]:
    """Return every word that a body uses as a name, every relation's, and the usual types."""
    words = {word for function in RULES.functions for word in re.findall(r"[a-z_][a-z0-9_]*", _read_code(function))}
    relations = {table.id for table in RULES.tables} | {view.name for view in RULES.views}
    return tuple(sorted(words | relations | set(TYPES)))


def _read_code(function: object) -> str:
    return re.sub(r"--[^\n]*", "", create_function(function)).lower()  # type: ignore[arg-type]


NAMES = list_names()


@dataclass
class Attack:
    """One login's attack in a session of its own.

    Args:
        connection: Of the superuser, acting as the role.
        role: The attacker.
        world: Somebody's rows, whose ids make arguments that lead far into a body.
        ran: As whom evil ran.
        calls: Which functions and statements got beyond a missing right.
    """

    connection: psycopg.Connection
    role: str
    world: World
    ran: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    routines: list[tuple[str, str, list[str], list[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read what there is before names mean something else, and listen to evil, also where it is rolled back."""
        self.routines = self.connection.execute(CALLABLE).fetchall()
        self.connection.add_notice_handler(self._listen)
        database = sql.Identifier(self.connection.info.dbname)
        self.connection.execute(sql.SQL("grant temporary on database {} to public").format(database))
        claims = json.dumps({"sub": str(self.world.subject), "role": self.role})
        self.connection.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        self.connection.execute(sql.SQL("set local role {}").format(sql.Identifier(self.role)))
        self.connection.execute(EVIL)

    def _listen(self, notice: psycopg.errors.Diagnostic) -> None:
        found = re.match(r"evil ran as (\S+)", notice.message_primary or "")
        if found:
            self.ran.add(found[1])

    def attempt(self, statement: sql.Composed, what: str = "") -> None:
        """Try a statement; what is refused is no matter, as long as nothing of ours ran as somebody else."""
        try:
            with self.connection.transaction():
                self.connection.execute(statement)
                self.calls.add(what)
        except psycopg.Error as error:
            if error.sqlstate != "42501":
                self.calls.add(what)


# Objects of every name ------------------------------------------------------------------------------


def make_domains(attack: Attack) -> None:
    """Make a type of every name, whose check calls evil; of the real one's kind, where there is one."""
    for name in NAMES:
        real = sql.SQL("pg_catalog.{}").format(sql.Identifier(REAL.get(name, name)))
        for base in (real, sql.SQL("pg_catalog.text")):
            made = sql.SQL("create domain pg_temp.{} as {} check (pg_temp.evil(value::pg_catalog.text))")
            if _make(attack, made.format(sql.Identifier(name), base)):
                break


REAL = {"bigint": "int8", "integer": "int4", "smallint": "int2", "boolean": "bool"}


def make_relations(attack: Attack) -> None:
    """Make a view of every name, whose rows call evil; with the columns of the real one, where there is one."""
    columns = {table.id: [column.name for column in table.columns] for table in RULES.tables}
    for name in NAMES:
        listed = [
            sql.SQL("null::pg_catalog.text as {}").format(sql.Identifier(c)) for c in columns.get(name, ["id", "oid"])
        ]
        made = sql.SQL("create temp view {} as select {} where pg_temp.evil('')")
        _make(attack, made.format(sql.Identifier(name), sql.SQL(", ").join(listed)))


def make_routines(attack: Attack) -> None:
    """Make functions of every name, and operators, casts and collations over the usual types."""
    evil = "language plpgsql as $e$ begin perform pg_temp.evil(''); return {}; end $e$"
    for name in NAMES:
        for arguments, back, value in (
            ("", "pg_catalog.text", "null"),
            ("anyelement", "anyelement", "$1"),
            ("variadic pg_catalog.text[]", "pg_catalog.text", "null"),
        ):
            head = sql.SQL("create function pg_temp.{} ({}) returns {} ").format(
                sql.Identifier(name), sql.SQL(arguments), sql.SQL(back)
            )
            _make(attack, head + sql.SQL(evil.format(value)))
    for kind in ("text", "uuid", "int8", "jsonb", "timestamptz", "bytea"):
        same = sql.SQL("create function pg_temp.same (pg_catalog.{0}, pg_catalog.{0}) returns pg_catalog.bool ").format(
            sql.SQL(kind)
        )
        _make(attack, same + sql.SQL(evil.format("true")))
        for sign in ("=", "<>", "<", "||", "->>", "?", "-", "+"):
            made = (
                "create operator pg_temp.{0}"
                " (function = pg_temp.same, leftarg = pg_catalog.{1}, rightarg = pg_catalog.{1})"
            )
            _make(attack, sql.SQL(made.format(sign, kind)))
    for name in ("C", "default", "POSIX"):
        _make(attack, sql.SQL('create collation pg_temp.{} from pg_catalog."C"').format(sql.Identifier(name)))


def _make(attack: Attack, statement: sql.Composed | sql.SQL) -> bool:
    try:
        with attack.connection.transaction():
            attack.connection.execute(statement)
    except psycopg.Error:
        return False
    return True


ROUNDS: dict[str, Callable[[Attack], None]] = {
    "types": make_domains,
    "relations": make_relations,
    "routines": make_routines,
}


# Everything that can be had run ---------------------------------------------------------------------

CALLABLE = """
select n.nspname, p.proname,
       array(select t.typname from unnest(p.proargtypes) with ordinality as a (oid, place)
               join pg_catalog.pg_type t on t.oid = a.oid order by a.place)::text[],
       coalesce(p.proargnames[1:p.pronargs], '{}')::text[]
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
 where n.nspname in ('public', 'wall', 'ai', 'operations') and p.prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype
"""
WORDS = {
    "purpose": "email_delivery",
    "kind": "export",
    "action": "given",
    "channel": "email",
    "ledger": "consent_events",
}


def run_everything(attack: Attack) -> None:
    """Call every function, whether or not the role may, and write to every table."""
    for schema, name, kinds, names in attack.routines:
        for pick in (_pick, lambda *_: None):
            values = [sql.SQL("{}::pg_catalog.{}").format(sql.Literal(pick(attack.world, k, n)), sql.Identifier(k))
                      for k, n in zip(kinds, names or kinds, strict=False)]  # fmt: skip
            called = sql.SQL("select * from {}({})").format(sql.Identifier(schema, name), sql.SQL(", ").join(values))
            attack.attempt(called, f"{schema}.{name}")
    for table in RULES.tables:
        place = sql.Identifier("public", table.id)
        attack.attempt(sql.SQL("insert into {} default values").format(place), f"insert {table.id}")
        attack.attempt(sql.SQL("delete from {}").format(place), f"delete {table.id}")
        attack.attempt(sql.SQL("select * from {}").format(place), f"select {table.id}")
        for column in table.columns:
            changed = sql.SQL("update {0} set {1} = {1}").format(place, sql.Identifier(column.name))
            attack.attempt(changed, f"update {table.id}")
    for view in RULES.views:
        schema, name = view.qualified.split(".")
        attack.attempt(sql.SQL("select * from {}").format(sql.Identifier(schema, name)), f"select {name}")
    attack.attempt(sql.SQL("set constraints all immediate").format(), "deferred triggers")


def _pick(world: World, kind: str, name: str) -> object:
    ids = {key.removesuffix("_id"): value for key, value in world.ids.items()} | {"subject": world.subject}
    found = ids.get(name.removesuffix("_id"))
    plain = {"uuid": world.subject, "int8": 1, "int4": 1, "text": WORDS.get(name, "x"), "jsonb": "{}", "bool": True}
    plain |= {"bytea": b"x", "timestamptz": "2026-01-01", "interval": "1 minute"}
    fits = found is not None and (kind == "uuid") == (len(str(found)) == 36)
    return found if fits and kind in ("uuid", "int8") else plain.get(kind)


# The tests ------------------------------------------------------------------------------------------


@pytest.fixture
def lived_in(each_server: EmbeddedPostgres, database: Made) -> tuple[Database, World]:
    """A database of its own with somebody's rows in it."""
    place = database(each_server)
    with psycopg.connect(place.admin_url, prepare_threshold=None) as connection:
        world = make_world(Scene(connection))
    return place, world


def attack_as(place: Database, world: World, role: str, make: Callable[[Attack], None], *before: str) -> Attack:
    """Attack in a session of its own, for a session remembers what a body's names meant; nothing stays."""
    with psycopg.connect(place.admin_url, prepare_threshold=None) as connection:
        for statement in before:
            connection.execute(statement.encode())
        attack = Attack(connection, role, world)
        make(attack)
        run_everything(attack)
        connection.rollback()
    return attack


@pytest.mark.sample(oldest=0, between=0)
def test_nothing_of_a_caller_s_runs_as_somebody_else(lived_in: tuple[Database, World]) -> None:
    outcomes = {(role, name): attack_as(*lived_in, role, make) for role in ROLES for name, make in ROUNDS.items()}
    assert {who: attack.ran - {who[0]} for who, attack in outcomes.items() if attack.ran - {who[0]}} == {}
    called = {what for attack in outcomes.values() for what in attack.calls}
    reached = {f.qualified for f in RULES.functions if {role.id for role in f.execute} & set(ROLES)}
    viewed = {f.qualified for f in RULES.functions for view in RULES.views if f.qualified in view.body}
    assert reached - called - viewed == set()


HIJACKED = ("oracle_operator", "authenticated")


@pytest.mark.sample(oldest=0, between=0)
@pytest.mark.parametrize("role", HIJACKED)
def test_the_attack_succeeds_where_the_path_is_empty(lived_in: tuple[Database, World], role: str) -> None:
    """Or else the test above could not fail."""
    place, world = lived_in
    with psycopg.connect(place.admin_url) as connection:
        found = connection.execute(
            "select p.oid::pg_catalog.regprocedure::text from pg_catalog.pg_proc p"
            " where p.prosecdef and p.pronamespace in ('wall'::regnamespace, 'public'::regnamespace)"
        ).fetchall()
    emptied = [f"alter function {signature} set search_path = ''" for (signature,) in found]
    assert "postgres" in attack_as(place, world, role, make_domains, *emptied).ran


def test_every_function_pins_where_it_looks() -> None:
    for function in RULES.functions:
        head = create_function(function).partition("as $wall$")[0]
        assert re.findall(r"^set search_path = (.*)$", head, re.MULTILINE) == ["pg_catalog, pg_temp"]


ELSEWHERE = r"search_path|set_config\s*\(\s*(?!')"  # or a setting whose name only the run knows


def test_no_body_looks_elsewhere() -> None:
    bodies = {function.qualified: function_body(function) for function in RULES.functions}
    assert [name for name, body in bodies.items() if re.search(ELSEWHERE, body, re.IGNORECASE)] == []
