"""Statements that somebody might try who may write any SQL at all: a small grammar over everything in the database."""

import random
from collections.abc import Callable
from dataclasses import dataclass

SETTINGS = (
    *("lab.ai_run_token", "request.headers", "request.jwt.claims", "role", "session_replication_role"),
    *("row_security", "search_path", "lab.recent", "client_min_messages", "default_transaction_isolation"),
)
ROLES = ("none", "ai_worker", "service_role", "authenticated", "postgres", "supabase_admin", "oracle_operator", "anon")
# What tells its caller of every row that it is asked about; a barrier keeps it from rows that are not shown.
LEAK = (
    "create or replace function pg_temp.leak(value text) returns boolean language plpgsql cost 0.0000001 as"
    " $$ begin raise notice 'leaked %', value; return true; end $$"
)
COLUMNS = ("question", "answer", "output", "reply", "prompt", "summary", "subject_id", "token_sha256", "id", "run_id")


@dataclass(frozen=True)
class Ground:
    """What the grammar speaks of.

    Args:
        relations: Every table and view, with its schema.
        functions: Every function of ours, with the types of its arguments.
        tokens: Tokens and guesses at them.
        ids: Keys of rows, other people's included.
    """

    relations: tuple[str, ...]
    functions: tuple[tuple[str, tuple[str, ...]], ...]
    tokens: tuple[str, ...]
    ids: tuple[str, ...]


def make_statement(ground: Ground, dice: random.Random) -> str:
    """Return one statement."""
    return dice.choice(_FORMS)(ground, dice)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _value(ground: Ground, dice: random.Random, type: str = "") -> str:
    choices = {
        "uuid": [_literal(id) for id in ground.ids],
        "jsonb": ['\'{"reply": "words"}\'', "'{}'", "'null'"],
        "integer": ["1", "900", "-1"],
        "bigint": ["1", "-1"],
        "boolean": ["true", "false"],
        "bytea": ["sha256('x')", *(f"sha256({_literal(token)})" for token in ground.tokens)],
        "text": [_literal(dice.choice((ground.tokens[0], dice.choice((*ground.tokens, "given", "ai_processing")))))],
    }.get(type, [_literal(text) for text in (*ground.tokens, *ground.ids)])
    return dice.choice((*choices, *choices, "null")) + (f"::{type}" if type else "")


def _relation(ground: Ground, dice: random.Random) -> str:
    near = ("ai.briefs", "ai.briefs", "public.ai_runs", "public.oracle_scrolls")
    return dice.choice(dice.choice((near, ground.relations)))


def _condition(ground: Ground, dice: random.Random) -> str:
    column = dice.choice(COLUMNS)
    return dice.choice(
        (
            "true",
            f"t.{column} = {_value(ground, dice)}",
            f"t.{column}::text like '%canary%'",
            f"pg_temp.leak(t.{column}::text)",
            "pg_temp.leak(t::text)",
            "pg_temp.leak(to_jsonb(t)::text)",
            f"(t.{column}::text)::integer = 1",
            f"1 / (length(t.{column}::text) - length(t.{column}::text)) = 0",
            f"t.{column} in (select id from public.ai_runs)",
        )
    )


def _query(ground: Ground, dice: random.Random) -> str:
    shown = dice.choice(
        ("*", "t::text", "to_jsonb(t)::text", dice.choice(COLUMNS), "count(*)", "string_agg(t::text, '')")
    )
    relation = _relation(ground, dice)
    joined = dice.choice(
        ("", "", f" cross join {_relation(ground, dice)} u", f" natural join {_relation(ground, dice)} u")
    )
    return dice.choice(
        (
            f"select {shown} from {relation} t{joined} where {_condition(ground, dice)}",
            f"select * from (select * from {relation} t offset 0) t where {_condition(ground, dice)}",
            f"with t as materialized (select * from {relation}) select * from t where {_condition(ground, dice)}",
            f"with recursive t as (select * from {relation} union select * from {relation}) select t::text from t",
            f"select * from {relation} t for update",
            f"select jsonb_agg(t)::text from {relation} t where {_condition(ground, dice)}",
            f"select * from {relation} t tablesample system (100)",
            f"table {relation}",
        )
    )


def _call(ground: Ground, dice: random.Random) -> str:
    doors = [function for function in ground.functions if "ai_run" in function[0]]
    name, types = dice.choice(dice.choice((ground.functions, doors)))
    return f"select * from {name}({', '.join(_value(ground, dice, type) for type in types)})"


def _write(ground: Ground, dice: random.Random) -> str:
    relation, column = _relation(ground, dice), dice.choice(COLUMNS)
    return dice.choice(
        (
            f"insert into {relation} default values",
            f"insert into {relation} select * from {relation}",
            f"update {relation} set {column} = {_value(ground, dice)}",
            f"update {relation} t set {column} = {column} where {_condition(ground, dice)} returning *",
            f"delete from {relation}",
            f"with w as (delete from {relation} returning *) select * from w",
            f"with w as (update {relation} set {column} = null returning *) select * from w",
            f"truncate {relation} cascade",
            f"merge into {relation} t using ai.briefs b on true when matched then delete",
            f"lock table {relation}",
        )
    )


def _setting(ground: Ground, dice: random.Random) -> str:
    name = dice.choice((*SETTINGS, *("lab.ai_run_token",) * 5))
    token = dice.choice((ground.tokens[0], dice.choice((*ground.tokens, *ROLES))))
    headers = f'{{"x-ai-run-token": "{token}"}}'
    text = dice.choice(
        (token, token, token, token, headers, f'{{"sub": "{dice.choice(ground.ids)}"}}', "off", "replica", "pg_temp")
    )
    return dice.choice(
        (
            f"select set_config({_literal(name)}, {_literal(text)}, {dice.choice(('true', 'false'))})",
            f"set local {name} = {_literal(text)}",
            f"set {name} = {_literal(text)}",
            f"reset {name}",
            f"set role {dice.choice(ROLES)}",
            f"select current_setting({_literal(name)}, true)",
        )
    )


def _wrapped(ground: Ground, dice: random.Random) -> str:
    inner = dice.choice((_query, _query, _write, _call))(ground, dice)
    name = f"n{dice.getrandbits(32)}"
    return dice.choice(
        (
            f"declare {name} cursor with hold for {inner}; fetch all from {name}",
            f"declare {name} cursor for {inner}; reset lab.ai_run_token; fetch all from {name}",
            f"prepare {name} as {inner}; execute {name}",
            f"explain {inner}",
            f"explain (analyze, verbose) {inner}",
            f"create temp table {name} as {inner}; select * from {name}",
            f"create temp view {name} as {inner}; select * from {name}",
            f"do $do$ declare r record; begin for r in {inner} loop raise notice 'leaked %', r; end loop; end $do$",
            f"copy ({inner}) to program 'cat'",
            f"copy ({inner}) to '/tmp/{name}'",
        )
    )


def _definition(ground: Ground, dice: random.Random) -> str:
    relation, name = _relation(ground, dice), f"n{dice.getrandbits(32)}"
    return dice.choice(
        (
            LEAK,
            f"create function pg_temp.{name}() returns setof {relation} language sql security definer as"
            f" $$ select * from {relation} $$; select * from pg_temp.{name}()",
            f"create view public.{name} as select * from {relation}",
            f"create table public.{name} as select * from {relation}",
            f"create rule {name} as on insert to {relation} do instead select 1",
            f"create policy {name} on {relation} using (true)",
            f"grant select on {relation} to ai_worker",
            f"alter table {relation} disable row level security",
            f"alter view ai.briefs set (security_barrier = {dice.choice(('true', 'false'))})",
            "create or replace function wall.presented_token() returns bytea language sql as $$ select sha256('x') $$",
            "create operator pg_temp.=~ (leftarg = text, rightarg = text, procedure = textregexeq)",
            f"analyze {relation}",
            "select * from pg_catalog.pg_stats t where t::text like '%canary%'",
            "select lo_import('/etc/passwd')",
            "select pg_read_file('/etc/passwd')",
        )
    )


Form = Callable[[Ground, random.Random], str]
_FORMS: tuple[Form, ...] = (
    _query,
    _query,
    _query,
    _call,
    _call,
    _write,
    _setting,
    _setting,
    _wrapped,
    _wrapped,
    _definition,
)
