"""Repairs hold against names that were made to break out of them, and one script brings back all that SQL can."""

import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from fixtures.mutations.model import Mutant
from fixtures.mutations.sample import all_mutants
from fixtures.servers import Database
from lab.checks.finding import Finding
from lab.checks.schema.check import check_database
from lab.checks.schema.repairs import repair_script, write_remark
from lab.checks.schema.repairs.proposals import accept_proposal
from lab.database.embedded.server import EmbeddedPostgres, binaries
from lab.sql.tokens import split_name
from tests.readiness.reports import finding as make_finding

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
        connection.execute(repair_script(map(accept_proposal, findings)).encode())
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


# Run as an operator does ---------------------------------------------------------------------------

FUNCTION = "public.accept_gift(text)"
ORPHAN = """
alter table public.privacy_requests drop constraint privacy_requests_subject_id_fkey;
insert into public.privacy_requests (kind, subject_id) values ('export', '00000000-0000-0000-0000-00000000dead');
alter table public.privacy_requests add constraint privacy_requests_subject_id_fkey foreign key (subject_id)
  references auth.users (id) on delete set null not valid
"""


UNDECLARED = (
    "grant select on public.oracle_scrolls to anon",
    "create policy open_to_all on public.purchases for select to authenticated using (true)",
    "create trigger second before insert on public.products for each row execute function wall.refuse_change()",
    "create rule quiet as on delete to public.products do instead nothing",
    "alter table public.products add constraint odd check (title <> 'odd')",
    "create unique index once on public.products (title)",
    "alter table public.products add column odd text",
    "create table public.child () inherits (public.products)",
    "create view operations.odd as select 1 as one; grant select on operations.odd to anon",
)


def run_script(url: str, findings: tuple[Finding, ...], tmp_path: Path) -> str:
    """Run the repairs with psql, which stops at the first error; return what it told."""
    script = tmp_path / "repair.sql"
    script.write_text(repair_script(findings))
    command = [str(binaries() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", str(script)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    return told.stderr


def weaken(place: Database, *statements: str) -> tuple[Finding, ...]:
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.encode())
            admin.execute("reset role")
    return check_database(place.url).findings


def weighing(place: Database) -> list[str]:
    return [finding.key for finding in check_database(place.url).findings if finding.weighs]


def test_rows_that_break_a_rule_stop_nothing_else(
    server: EmbeddedPostgres, database: Callable[..., Database], tmp_path: Path
) -> None:
    """An orphan stays for a person, who is told where it is; what comes before and after it is repaired."""
    place = database(server)
    findings = weaken(place, ORPHAN, "grant select on public.oracle_scrolls to anon", "drop view operations.products")
    told = run_script(place.url, tuple(map(accept_proposal, findings)), tmp_path)
    assert "WARNING:  public.privacy_requests.privacy_requests_subject_id_fkey: insert or update on table" in told
    key = "constraint:public.privacy_requests.privacy_requests_subject_id_fkey:validated"
    (left,) = [finding for finding in check_database(place.url).findings if finding.weighs]
    assert left.key == key
    assert left.decide is not None
    select = left.decide.rpartition(". ")[2]
    with psycopg.connect(place.url) as connection:
        assert len(connection.execute(select.encode()).fetchall()) == 1
    assert "00000000-0000" not in told


def test_a_superuser_s_repairs_belong_to_the_owner(
    server: EmbeddedPostgres, database: Callable[..., Database], tmp_path: Path
) -> None:
    place = database(server)
    findings = weaken(
        place,
        "drop schema ai cascade",
        "drop table public.share_cards cascade",
        "drop view operations.purchases",
        f"drop function {FUNCTION}",
        "alter table public.purchases owner to supabase_admin",
    )
    run_script(place.admin_url, findings, tmp_path)
    assert weighing(place) == []


def test_what_no_rule_declares_is_only_proposed(
    server: EmbeddedPostgres, database: Callable[..., Database], tmp_path: Path
) -> None:
    """Wherever it stands: a grant, trigger, policy, column, constraint, rule or child of a table of ours, too."""
    place = database(server)
    findings = weaken(place, *UNDECLARED)
    assert {finding.key.rpartition(":")[2] for finding in findings} <= {"extra", "children"}
    repairs = [finding for finding in findings if finding.repair]
    assert len(repairs) >= len(UNDECLARED) - 1  # an added column holds data, so no repair is offered for it
    assert [finding.key for finding in repairs if not finding.proposal] == []
    before = check_database(place.url).findings
    run_script(place.url, findings, tmp_path)
    assert check_database(place.url).findings == before


def test_what_stood_in_the_place_is_kept_and_closed(
    server: EmbeddedPostgres, database: Callable[..., Database], tmp_path: Path
) -> None:
    place = database(server)
    findings = weaken(
        place,
        "set role postgres; drop view operations.oracle_artifacts; "
        "create table operations.oracle_artifacts (note text); "
        "insert into operations.oracle_artifacts values ('kept'); grant select on operations.oracle_artifacts to anon",
    )
    run_script(place.url, findings, tmp_path)
    with psycopg.connect(place.url) as connection:
        assert connection.execute("select note from operations.oracle_artifacts").fetchall() == [("kept",)]
    run_script(place.url, tuple(map(accept_proposal, findings)), tmp_path)
    assert weighing(place) == []
    with psycopg.connect(place.url) as connection:
        assert connection.execute("select note from operations.oracle_artifacts_aside").fetchall() == [("kept",)]
        open_to = "select has_table_privilege('anon', 'operations.oracle_artifacts_aside', 'select')"
        assert connection.execute(open_to).fetchone() == (False,)


def test_a_view_is_not_opened_as_if_it_were_its_table(
    server: EmbeddedPostgres, database: Callable[..., Database], tmp_path: Path
) -> None:
    """The rules' grants on a table rest on its row-level security, which a view in its place has none of."""
    place = database(server)
    findings = weaken(
        place,
        "set role postgres; alter table public.share_cards rename to cards; "
        "alter index public.share_cards_pkey rename to cards_key; "
        "create view public.share_cards as select * from public.cards; "
        "grant all on public.share_cards to authenticated",
    )
    (table,) = [finding for finding in findings if finding.key == "table:public.share_cards:missing"]
    assert (table.repair, "A view has this name" in str(table.decide)) == (None, True)
    run_script(place.url, tuple(map(accept_proposal, findings)), tmp_path)
    with psycopg.connect(place.url) as connection:
        for privilege in ("select", "insert", "update"):
            held = f"select has_table_privilege('authenticated', 'public.share_cards', '{privilege}')"
            assert connection.execute(held.encode()).fetchone() == (False,)
    assert set(weighing(place)) == {"table:public.share_cards:missing"}


def test_a_quotation_ends_where_it_should() -> None:
    """A name may hold the sign that ends a quotation, so another one is chosen then."""
    text = 'drop policy "$sql$; $repair$; $sql1$" on public.products;'
    script = repair_script([make_finding(repair=text)])
    assert f"execute $sql2$\n{text}\n$sql2$" in script
    assert script.rstrip().endswith("end $repair2$;")


@pytest.mark.parametrize("seed", range(10))
def test_one_run_repairs_everything_that_sql_can(
    server: EmbeddedPostgres, database: Callable[..., Database], tmp_path: Path, seed: int
) -> None:
    """Fifteen weakenings at once, whatever they hide of each other; what is left waits for a person."""
    place = database(server)
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        applied = sum(try_statement(admin, mutant.sql) for mutant in draw_mutants(server.major, seed))
    findings = check_database(place.url).findings
    assert applied > 10
    assert len([finding for finding in findings if finding.weighs]) > 5
    run_script(place.url, tuple(map(accept_proposal, findings)), tmp_path)
    left = [finding for finding in check_database(place.url).findings if finding.weighs]
    assert [finding.key for finding in left if not finding.decide] == []
    told = run_script(place.url, tuple(left), tmp_path)
    assert weighing(place) == [finding.key for finding in left], told


def draw_mutants(major: int, seed: int) -> list[Mutant]:
    """Draw from every family alike: there are more grants than all else. A renamed table needs a second run."""
    second = ("rename", "move", "view for")
    known = [m for m in all_mutants(major) if not m.needs_admin and not m.name.startswith(second)]
    shared = ("create role", "alter role", "create subscription")  # of the whole server, or in the way of its databases
    known = [m for m in known if m.family not in ("roles", "settings") and not any(word in m.sql for word in shared)]
    families = {family: [m for m in known if m.family == family] for family in sorted({m.family for m in known})}
    chance = random.Random(seed)
    return [chance.choice(families[chance.choice(list(families))]) for _ in range(15)]


def try_statement(admin: psycopg.Connection, statement: str) -> bool:
    try:
        with admin.transaction():
            admin.execute(statement.encode())
            admin.execute("reset role")
    except psycopg.Error:  # what another one has dropped can't be weakened any more
        return False
    return True
