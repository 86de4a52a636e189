"""Views that nobody declared: what the check says of them is what somebody anonymous reaches through them."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.finding import Finding
from lab.checks.schema.check import check_connection
from lab.checks.schema.repairs.proposals import accept_proposal
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules.model import Severity
from tests.readiness.reports import sql_of

WORD = "will it rain in Bergen"
LOW = "create view below.low as select question from public.oracle_scrolls"
LOW_ASKS = "create view below.low with (security_invoker) as select question from public.oracle_scrolls"
MIDDLE_ASKS = "create view below.middle with (security_invoker = yes) as table below.low"
TOP = "create view public.top as table below."
TOP_ASKS = "create view public.top with (security_invoker = 1) as table below."
STORED = "create materialized view public.top as table below."
RULE = "create rule shown as on update to public.top do instead select question from public.oracle_scrolls"

# what stands upon what -> how it is made, below what anon may read, and whether anon reads a question through the top
VIEWS: dict[str, tuple[tuple[str, ...], bool]] = {
    "one of its owner's": (("create view public.top as select question from public.oracle_scrolls",), True),
    "one of its caller's": ((LOW_ASKS.replace("below.low", "public.top"),), False),
    "one of its caller's with a rule": (
        ("create view public.top with (security_invoker) as select 1 as x", RULE),
        True,
    ),
    "a whole row": (("create view public.top as select s from public.oracle_scrolls s where s.id is not null",), True),
    "a number of rows": (("create view public.top as select count(*) from public.oracle_scrolls",), False),
    "owner's upon owner's": ((LOW, f"{TOP}low"), True),
    "owner's upon caller's": ((LOW_ASKS, f"{TOP}low"), False),
    "caller's upon owner's": ((LOW, f"{TOP_ASKS}low"), False),
    "caller's upon owner's, granted": ((LOW, f"{TOP_ASKS}low", "grant select on below.low to anon"), True),
    "caller's upon owner's, granted by column": (
        (LOW, f"{TOP_ASKS}low", "grant select (question) on below.low to anon"),
        True,
    ),
    "caller's upon owner's, granted to the server": (
        (LOW, f"{TOP_ASKS}low", "grant select on below.low to service_role"),
        False,
    ),
    "owner's upon caller's upon owner's": ((LOW, MIDDLE_ASKS, f"{TOP}middle"), False),
    "owner's upon caller's upon owner's, granted": (
        (LOW, MIDDLE_ASKS, f"{TOP}middle", "grant select on below.low to anon"),
        True,
    ),
    "owner's upon owner's upon owner's": ((LOW, "create view below.middle as table below.low", f"{TOP}middle"), True),
    "stored upon caller's": ((LOW_ASKS, f"{STORED}low"), True),
    "stored upon caller's upon owner's": ((LOW, MIDDLE_ASKS, f"{STORED}middle"), True),
    "owner's upon stored": (("create materialized view below.low as table public.oracle_scrolls", f"{TOP}low"), True),
    "caller's upon stored": (
        ("create materialized view below.low as table public.oracle_scrolls", f"{TOP_ASKS}low"),
        False,
    ),
}


@pytest.fixture
def connection(each_server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[psycopg.Connection]:
    """As superuser, in a transaction that is rolled back, with one question of somebody's in it."""
    place = shared_database(each_server)
    with psycopg.connect(place.admin_url, prepare_threshold=None) as connection:
        connection.execute(
            "with person as (insert into auth.users (id, aud, role) values (gen_random_uuid(), %(role)s, %(role)s)"
            " returning id) insert into public.oracle_scrolls (subject_id, question) select id, %(word)s from person",
            {"role": "authenticated", "word": WORD},
        )
        connection.execute("create schema below")
        yield connection
        connection.rollback()


@pytest.mark.parametrize(("made", "reached"), VIEWS.values(), ids=VIEWS)
def test_a_view_is_graded_by_what_is_reached(
    connection: psycopg.Connection, made: tuple[str, ...], reached: bool
) -> None:
    for statement in made:
        connection.execute(statement.encode())
    connection.execute("grant select, update on public.top to anon")
    assert _is_reached(connection, "update public.top set x = 2" if RULE in made else "table public.top") == reached
    assert (_find(connection, "public.top").severity is Severity.CRITICAL) == reached


NOTES = "create table public.notes (id int); alter table public.notes enable row level security; "
_ASKS = "create view public.top with (security_invoker) as table public.notes"
SHOWN = {
    "with its caller's rights": (_ASKS, Severity.INFO),
    "with its owner's rights": ("create view public.top as table public.notes", Severity.MEDIUM),
    "with its caller's rights, and a rule": (
        f"{_ASKS}; create rule kept as on insert to public.top do instead insert into public.notes values (new.id)",
        Severity.MEDIUM,
    ),
}


@pytest.mark.parametrize(("made", "severity"), SHOWN.values(), ids=SHOWN)
def test_a_view_of_another_application_is_graded_by_its_rights(
    connection: psycopg.Connection, made: str, severity: Severity
) -> None:
    connection.execute(f"{NOTES}; {made}; grant select, insert on public.top to anon".encode())
    assert _find(connection, "public.top").severity is severity


def _is_reached(connection: psycopg.Connection, statement: str) -> bool:
    """Try as somebody who is not signed in."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("set local role anon")
            return WORD in str(connection.execute(statement.encode()).fetchall())
    except psycopg.errors.InsufficientPrivilege:
        return False


def _find(connection: psycopg.Connection, subject: str) -> Finding:
    findings, _ = check_connection(connection)
    (finding,) = [one for one in findings if one.key == f"stranger:{subject}:extra"]
    return finding


def test_what_is_read_below_is_named(connection: psycopg.Connection) -> None:
    connection.execute("create view operations.low as select question from public.oracle_scrolls")
    connection.execute("create view below.middle as select m.question, u.email from operations.low m, auth.users u")
    connection.execute("create view public.top as select email from below.middle")
    seen = _find(connection, "public.top").seen
    assert seen == (
        "view, reads auth.users.email, operations.low.question, public.oracle_scrolls.question, closed to the API roles"
    )


CLOSED = "create table public.{name} (id int, word text); alter table public.{name} enable row level security"


def test_closed_ones_are_told_all_at_once(connection: psycopg.Connection) -> None:
    for name in ("second", "First"):
        connection.execute(CLOSED.format(name=f'"{name}"').encode())
    connection.execute("create view public.third as select 1 as x")
    connection.execute("create sequence public.fourth")
    for name in ("sixth", "fifth"):
        connection.execute(f"create function public.{name}() returns int language sql as 'select 1'".encode())
        connection.execute(f"revoke all on function public.{name} from public".encode())
    findings, _ = check_connection(connection)
    assert [(one.key, one.severity, one.seen) for one in findings] == [
        (
            "closed_functions:exposed schemas:extra",
            Severity.INFO,
            "2, closed to the API roles: public.fifth, public.sixth",
        ),
        (
            "closed_strangers:exposed schemas:extra",
            Severity.INFO,
            '3, closed to the API roles: public."First", public.second, public.third',
        ),
    ]


def test_many_closed_ones_are_counted_to_a_limit(connection: psycopg.Connection) -> None:
    for number in range(101):
        connection.execute(CLOSED.format(name=f"other_{number:03}").encode())
    (finding,) = check_connection(connection)[0]
    assert finding.seen.startswith("more than 100, closed to the API roles: public.other_000, public.other_001, ")


GRANTS = {
    "to a role": ("create table public.top (id int, word text)", "anon"),
    "to everybody": ("create view public.top as select 1 as id", "public"),
}


@pytest.mark.parametrize(("made", "who"), GRANTS.values(), ids=GRANTS)
def test_a_grant_by_column_opens(connection: psycopg.Connection, made: str, who: str) -> None:
    connection.execute(made.encode())
    connection.execute(f"grant select (id) on public.top to {who}".encode())
    if "table" in made:
        connection.execute("alter table public.top enable row level security")
        connection.execute("create policy every_row on public.top using (true)")
    shown = " every row" if "table" in made else ""
    finding = _find(connection, "public.top")
    assert (finding.severity, finding.seen.rpartition(", ")[2]) == (Severity.MEDIUM, f"{who} select{shown}")
    assert finding.proposal
    connection.execute(sql_of(accept_proposal(finding)).encode())
    (closed,) = check_connection(connection)[0]
    assert closed.key == "closed_strangers:exposed schemas:extra"


def _bring(connection: psycopg.Connection, schema: str) -> set[str]:
    """Make a table and a function, and return what is found once they belong to an extension."""
    connection.execute(f"create table {schema}.first (id int)".encode())
    made = f"create function {schema}.second() returns int language sql security definer as 'select 1'"
    connection.execute(made.encode())
    assert len(check_connection(connection)[0]) >= 2
    connection.execute(f"alter extension plpgsql add table {schema}.first".encode())
    connection.execute(f"alter extension plpgsql add function {schema}.second()".encode())
    return {finding.key for finding in check_connection(connection)[0] if finding.weighs}


def test_what_an_extension_brings_into_its_own_schema_is_usual(connection: psycopg.Connection) -> None:
    connection.execute("alter role authenticator set pgrst.db_schemas = 'public, below'")
    connection.execute("alter extension plpgsql add schema below")
    assert _bring(connection, "below") == {"setting:authenticator|*|pgrst.db_schemas:extra"}


def test_what_is_hidden_in_an_extension_is_found_as_ever(connection: psycopg.Connection) -> None:
    assert _bring(connection, "public") == {
        "extension_member:plpgsql|public.first:extra",
        "extension_member:plpgsql|public.second():extra",
        "stranger:public.first:extra",
        "stranger_function:public.second():extra",
    }


@pytest.mark.parametrize(
    "condition", ["auth.uid() is not null", "auth.role() = 'authenticated'", "author <> auth.uid()"]
)
def test_a_grant_to_public_counts_for_people_who_are_signed_in(connection: psycopg.Connection, condition: str) -> None:
    for statement in (
        "create table public.notes (author uuid)",
        "alter table public.notes enable row level security",
        f"create policy signed_in on public.notes using ({condition})",
        "grant delete on public.notes to public",
    ):
        connection.execute(statement.encode())
    finding = _find(connection, "public.notes")
    assert (finding.severity, finding.seen.rpartition(", ")[2]) == (Severity.MEDIUM, "public delete every row")


def test_a_condition_that_may_give_no_answer_lets_some_rows_through(connection: psycopg.Connection) -> None:
    """One policy names the row's owner, who is nobody for a visitor; the other knows what nobody can read here."""
    for statement in (
        "create table public.notes (author uuid)",
        "alter table public.notes enable row level security",
        "create function public.may(act text) returns boolean language sql stable as 'select act = ''read'''",
        "create policy own on public.notes using (author = auth.uid())",
        "create policy permitted on public.notes using (public.may('delete'))",
        "grant delete on public.notes to anon",
    ):
        connection.execute(statement.encode())
    finding = _find(connection, "public.notes")
    assert (finding.severity, finding.seen.rpartition(", ")[2]) == (Severity.LOW, "anon delete some rows")
