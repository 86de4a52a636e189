"""The search for a witness: it finds one where a person would, runs nothing but Postgres's own, and never lies."""

import json
from typing import Any

import psycopg
import pytest

from fixtures.mutations.disguises import disguises
from fixtures.servers import Database
from lab.checks.schema.catalogue import Catalogue
from lab.checks.schema.equivalence.counterexample_search import list_callers, write_search
from lab.checks.schema.equivalence.grammar import read_expression
from lab.checks.schema.equivalence.nodes import Unreadable
from lab.checks.schema.equivalence.terms import Scope
from lab.checks.schema.expected import load_expected
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules.derived import quote

OWN = "((( SELECT auth.uid() AS uid) IS NOT NULL) AND (subject_id = ( SELECT auth.uid() AS uid)))"
FOUND: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a wider pattern": ("locale ~ '^[a-z]{2}$'", "locale ~ '^[a-z ]{2}$'", {"locale": "  "}),
    "another case": ("locale = 'de'", "lower(locale) = 'de'", {"locale": "DE"}),
    "a blank at the end": ("locale = 'de'", "(locale)::bpchar = 'de'::bpchar", {"locale": "de "}),
    "a longer text": ("char_length(locale) <= 40", "octet_length(locale) <= 40", {}),
    "a remainder": ("false", "(char_length(locale) % 7) = 3", {}),
    "a span": ("created_at < now()", "created_at < (now() + '1 day'::interval)", {}),
    "a range of texts": ("false", "(locale > 'de') and (locale < 'def')", {"locale": "de "}),
    "what is like it": ("locale = 'de'", "locale ~~ 'de%'", {}),
    "nothing at all": ("seal_hash is not null", "true", {"seal_hash": None}),
    "a claim": ("subject_id = auth.uid()", f"{OWN} or ((auth.jwt() ->> 'is_anonymous')::boolean)", {}),
    "a claim of one's own": (
        OWN,
        f"{OWN} or (((auth.jwt() -> 'app_metadata'::text) ->> 'role'::text) = 'admin'::text)",
        {},
    ),
    "a path to a claim": (OWN, f"{OWN} or (((select auth.jwt()) #>> '{{user_metadata,level}}') = '9')", {}),
    "a claim that is yes or no": (OWN, f"{OWN} or ((auth.jwt() -> 'app_metadata') ->> 'staff')::boolean", {}),
    "a claim that is a number": (OWN, f"{OWN} or ((auth.jwt() ->> 'level'::text))::integer >= 5", {}),
    "a claim that holds a word": (OWN, f"{OWN} or (((auth.jwt() -> 'app_metadata') -> 'roles') ? 'admin')", {}),
    "a claim's end": (OWN, f"{OWN} or ((auth.jwt() ->> 'email'::text) ~~ '%@oracle.shop'::text)", {}),
    "a claim of the setting": (
        OWN,
        f"{OWN} or (((current_setting('request.jwt.claims'::text, true))::jsonb ->> 'level'::text) = 'gold'::text)",
        {},
    ),
    "the role itself": (OWN, f"{OWN} or (CURRENT_USER = 'anon'::name)", {}),
    "trimmed": ("char_length(locale) >= 2", "length(TRIM(BOTH FROM locale)) >= 2", {}),
    "trimmed of signs": ("locale <> 'x'", "TRIM(LEADING 'x'::text FROM locale) <> ''", {}),
    "a place in a text": ("locale ~ '^de'", "POSITION(('de'::text) IN (locale)) > 0", {}),
    "a part of a text": ("locale = 'de'", "SUBSTRING(locale FROM 1 FOR 2) = 'de'", {}),
    "a part of a moment": ("false", "EXTRACT(month FROM created_at) = 7", {}),
    "a moment elsewhere": (
        "false",
        "(created_at AT TIME ZONE 'utc'::text) < '2020-01-01 00:00:00'::timestamp without time zone",
        {},
    ),
    "an order of letters": (
        "false",
        "((locale COLLATE \"C\") >= 'm'::text) and ((locale COLLATE \"C\") <= 'ma'::text)",
        {},
    ),
    "a sub-select": (OWN, f"{OWN} or exists (select 1 from public.products p where p.active)", {}),
}


def search(url: str, expected: str, live: str, table: str = "oracle_scrolls", roles: tuple[str, ...] = ()) -> Any:
    trees = read_expression(expected), read_expression(live)
    query = write_search(*trees, scope=Scope({table: table}), callers=list_callers(roles, *trees), null_passes=False)
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchone()


@pytest.fixture
def bare(server: EmbeddedPostgres, database: type[Database]) -> str:
    return database(server, "migrated").url


@pytest.mark.parametrize("name", FOUND)
def test_a_witness_is_found(bare: str, name: str) -> None:
    expected, live, row = FOUND[name]
    found = search(bare, expected, live)
    assert found is not None
    assert found[0] | row == found[0]


def test_it_says_whose_token_opens_a_door(bare: str) -> None:
    claim = f"{OWN} or (((auth.jwt() -> 'app_metadata'::text) ->> 'role'::text) = 'admin'::text)"
    found = search(bare, OWN, claim, roles=("authenticated",))
    assert found[2].startswith("a signed-in person whose token says app_metadata.role: admin")


@pytest.mark.parametrize(
    ("roles", "title"),
    [
        (("anon",), "an anonymous visitor"),
        (("public",), "an anonymous visitor"),
        (("ai_worker",), "everybody who acts as ai_worker"),
    ],
)
def test_it_says_for_whom(bare: str, roles: tuple[str, ...], title: str) -> None:
    assert search(bare, "false", "auth.uid() is null", roles=roles)[2] == title


def test_nobody_comes_as_a_role_that_a_policy_is_not_for(bare: str) -> None:
    assert search(bare, "false", "auth.role() = 'anon'", roles=("authenticated",)) is None
    assert {caller.role for caller in list_callers(("anon", "authenticated"))} == {"anon", "authenticated"}


REFUSED = (
    "pg_sleep(5) is null",
    "set_config('a.b', 'c', true) = 'c'",
    "pg_read_file('a') = 'b'",
    "nextval('public.a') = 1",
    "random() > 0.5",
    "public.verify_passport_record(id)",
    "wall.is_operational('{}'::jsonb)",
    "(locale)::regclass is null",
    "(locale)::public.mine is null",
    "current_setting('app.door') = 'a'",
    "query_to_xml('select 1', true, true, '') is null",
    "exists (select 1 from pg_catalog.pg_authid a)",
    "exists (select 1 from auth.users u)",
    "xmin = 9",
)


@pytest.mark.parametrize("expression", REFUSED)
def test_only_what_postgres_brings_and_what_changes_nothing_is_run(expression: str) -> None:
    with pytest.raises(Unreadable):
        write_search(
            *map(read_expression, ("true", expression)),
            scope=Scope({"oracle_scrolls": "oracle_scrolls"}),
            callers=(),
            null_passes=False,
        )


def _list_pairs(
    rules: Catalogue, connection: psycopg.Connection[Any]
) -> list[tuple[str, str, str, str, tuple[str, ...]]]:
    """Return expressions of the rules beside those of every disguise, as Postgres prints both, with table and roles."""
    pairs = []
    for mutant in disguises(rules):
        with connection.transaction(force_rollback=True):
            connection.execute(mutant.sql.encode())
            for kind, query in QUERIES.items():
                for key, live, roles in connection.execute(query.encode()).fetchall():
                    facts = rules.of(kind).get(key, {})
                    expected = facts.get("expression") or facts.get("using")
                    if expected and live and expected != live:
                        pairs.append((kind, facts["relation"].removeprefix("public."), expected, live, tuple(roles)))
    return pairs


QUERIES = {
    "constraint": "select format('%s.%I', k.conrelid::regclass, k.conname), pg_get_expr(k.conbin, k.conrelid),"
    " '{}'::text[] from pg_constraint k where k.contype = 'c' and k.connamespace = 'public'::regnamespace",
    "policy": "select format('%s.%I', p.polrelid::regclass, p.polname), pg_get_expr(p.polqual, p.polrelid),"
    " array(select coalesce(r.rolname, 'public') from unnest(p.polroles) as u (oid)"
    " left join pg_roles r on r.oid = u.oid) from pg_policy p",
}


def test_a_witness_is_one_to_postgres_as_well(server: EmbeddedPostgres, database: type[Database]) -> None:
    """What is found by expressions written anew is asked of Postgres with its own words, on a row of the table."""
    rules, confirmed = load_expected(18), 0
    with psycopg.connect(database(server, "migrated").admin_url) as connection:
        connection.execute("set search_path = ''")
        for kind, table, expected, live, roles in _list_pairs(rules, connection):
            passes = "true" if kind == "constraint" else "false"
            try:
                trees = read_expression(expected), read_expression(live)
                query = write_search(
                    *trees,
                    scope=Scope({table: table}),
                    callers=list_callers(roles, *trees),
                    null_passes=passes == "true",
                )
                with connection.transaction():
                    found = connection.execute(query.encode()).fetchone()
            except (Unreadable, psycopg.DataError):
                continue
            if not found or any(name.startswith(("any ", "a row of ")) for name in found[0]):
                continue
            callers = sorted(list_callers(roles, *trees), key=lambda one: -len(one.title))
            caller = next(one for one in callers if found[2].startswith(one.title))
            connection.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(caller.claims)])
            told = connection.execute(
                f"select coalesce(({expected}), {passes}), coalesce(({live}), {passes})"
                f" from jsonb_populate_record(null::public.{table}, {quote(json.dumps(found[0]))}) as {table}".encode()
            ).fetchone()
            assert told == (not found[1], found[1]), (expected, live, found[0])
            confirmed += 1
    assert confirmed > 30
