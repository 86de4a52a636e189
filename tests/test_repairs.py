"""Repairs hold against names that were made to break out of them."""

from collections.abc import Callable

import psycopg
import pytest
from psycopg import sql

from lab.check import check_database
from lab.embedded import EmbeddedPostgres
from lab.meaning.tokens import split_name
from lab.repairs import repair_script, write_remark
from tests.servers import Database

BOMB = "drop table public.email_suppressions; --"
EVIL = {
    "a line feed": f"x\n{BOMB}",
    "a carriage return": f"x\r{BOMB}",
    "a dot": f"x.y; {BOMB}",
    "a quote and a dot": f'x".y; {BOMB}',
    "a semicolon": f"x; {BOMB}",
}
THINGS = {
    "policy": "create policy {} on public.products for select to anon using (true)",
    "trigger": "create trigger {} before insert on public.products execute function wall.refuse_change()",
    "constraint": "alter table public.products add constraint {} foreign key (id) references public.oracle_scrolls",
    "column": "alter table public.products add column {} text; grant select ({}) on public.products to anon",
    "table": "create table public.{} (id int); grant select on public.{} to anon",
}


@pytest.mark.parametrize("name", EVIL.values(), ids=EVIL)
@pytest.mark.parametrize("thing", THINGS)
def test_a_name_stays_a_name(
    server: EmbeddedPostgres, database: Callable[..., Database], thing: str, name: str
) -> None:
    place = database(server)
    statement = THINGS[thing]
    quoted = [sql.Identifier(name)] * statement.count("{}")
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*quoted))
        findings = check_database(place.url).findings
        assert any(finding.repair for finding in findings)
        connection.execute(repair_script(findings).encode())
        assert connection.execute("select to_regclass('public.email_suppressions') is not null").fetchone() == (True,)
    assert not [
        finding.key for finding in check_database(place.url).findings if finding.severity in ("critical", "high")
    ]


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\rb", "a\u2028b", "a\x0bb", "a\x00b", "a\x85b"], ids=ascii)
def test_a_remark_is_one_line(text: str) -> None:
    remark = write_remark(text)
    assert remark.startswith("-- a")
    assert len(remark.splitlines()) == 1
    assert remark.isprintable()


NAMES = {
    "public.products.title": ("public.products", "title"),
    'public.products."a.b"': ("public.products", '"a.b"'),
    'public."a.b".c': ('public."a.b"', "c"),
    'public.t."x"".y; drop"': ("public.t", '"x"".y; drop"'),
    "alone": ("", "alone"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_dot_inside_quotes_divides_nothing(name: str) -> None:
    assert split_name(name) == NAMES[name]
