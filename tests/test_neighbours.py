"""Beside another application: what nobody declared is told, and no repair that is given touches it."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from lab.checks.finding import Repair
from lab.checks.schema.check import check_database
from lab.checks.schema.repairs import repair_script
from lab.checks.schema.repairs.proposals import HEAD, accept_proposal, propose
from lab.database.embedded.scratch import open_scratch
from lab.database.embedded.server import EmbeddedPostgres, binaries
from lab.migrations.apply import apply_migrations
from lab.readiness.formats import TEXT_FORMATS
from lab.readiness.request import Request
from lab.readiness.run import inspect_target
from tests.readiness.reports import finding as make_finding
from tests.readiness.reports import sql_of
from tests.test_repairs import EVIL

NEIGHBOUR = """
create table public.profiles (id uuid primary key, name text, shown boolean);
grant select, insert on public.profiles to anon, authenticated;
create table public.posts (id bigint generated always as identity primary key, author uuid, body text);
alter table public.posts enable row level security;
create policy everybody_reads on public.posts for select to anon using (true);
grant select on public.posts to anon;
grant select (body) on public.posts to authenticated;
create view public.feed as select p.body from public.posts p;
grant select on public.feed to anon;
create materialized view public.numbers as select count(*) from public.posts;
grant select on public.numbers to anon;
create sequence public.ticket;
grant usage on sequence public.ticket to authenticated;
create function public.greet(name text) returns text language sql security definer as 'select name';
grant execute on function public.greet(text) to anon;
create function public.note_post() returns trigger language plpgsql as 'begin return new; end';
create trigger note_post before insert on public.posts for each row execute function public.note_post();
create schema blog;
create table blog.drafts (id int);
grant usage on schema blog to anon;
grant select on blog.drafts to anon;
create function blog.count_drafts() returns bigint language sql security definer as 'select count(*) from blog.drafts';
create function public.watch() returns event_trigger language plpgsql as 'begin end';
alter function public.watch() owner to postgres;
create event trigger watch on ddl_command_end execute function public.watch();
create publication everything for all tables;
create publication whole_schema for tables in schema public;
create role blog_writer login bypassrls;
grant anon to blog_writer;
grant usage, create on schema public to blog_writer;
alter role authenticator set pgrst.db_schemas = 'public, graphql_public, blog';
alter role authenticated set search_path = blog, public;
alter default privileges for role postgres in schema public grant select on tables to anon, blog_writer;
"""
# Everything of the database that the wall does not declare, and whatever it shares with a neighbour.
PICTURE = """
select 'relation', c.oid::regclass::text,
       concat_ws(' ', c.relacl::text, c.relrowsecurity, c.relforcerowsecurity, c.relowner)
  from pg_class c where c.relnamespace in ('public'::regnamespace, 'blog'::regnamespace) and not c.oid = any (%(ours)s)
union all
select 'column', a.attrelid::regclass || '.' || a.attname, a.attacl::text from pg_attribute a
 where a.attacl is not null and not a.attrelid = any (%(ours)s)
union all
select 'policy', p.polrelid::regclass || '.' || p.polname, pg_get_expr(p.polqual, p.polrelid) from pg_policy p
 where not p.polrelid = any (%(ours)s)
union all
select 'trigger', g.tgrelid::regclass || '.' || g.tgname, g.tgenabled::text from pg_trigger g
 where not g.tgrelid = any (%(ours)s)
union all
select 'function', p.oid::regprocedure::text, concat_ws(' ', p.proacl::text, p.prosrc, p.proconfig::text) from pg_proc p
 where p.proname in ('greet', 'note_post', 'count_drafts', 'watch')
union all select 'event trigger', evtname::text, evtenabled::text from pg_event_trigger
union all select 'publication', pubname::text, concat_ws(' ', puballtables, pubinsert, pubupdate) from pg_publication
union all select 'published schema', pnpubid::text, pnnspid::regnamespace::text from pg_publication_namespace
union all select 'role', rolname::text, concat_ws(' ', rolbypassrls, rolcanlogin) from pg_roles
 where rolname like 'blog%%'
union all select 'member', m.member::regrole::text, m.roleid::regrole::text from pg_auth_members m
union all select 'setting', s.setrole::text, s.setconfig::text from pg_db_role_setting s
union all
select 'default', concat_ws(' ', d.defaclrole, d.defaclobjtype, d.defaclnamespace), d.defaclacl::text
  from pg_default_acl d
union all select 'schema', nspname::text, nspacl::text from pg_namespace where nspname in ('public', 'blog')
order by 1, 2, 3
"""
WEAKENED = (
    "grant select on public.oracle_scrolls to anon",
    "alter table public.share_cards disable row level security",
    "create policy open_to_all on public.purchases for select to authenticated using (true)",
    "alter table public.consent_events disable trigger user",
    "alter function public.accept_gift(text) reset search_path",
    "create trigger copied after insert on public.oracle_scrolls for each row execute function public.note_post()",
    "create publication of_scrolls for table public.oracle_scrolls",
    "grant execute on function public.accept_gift(text) to anon",
    "alter role authenticated set row_security = off",
)


@pytest.fixture(scope="module")
def beside() -> Iterator[EmbeddedPostgres]:
    """A server of its own, for roles and settings belong to all of it, with another application and the wall."""
    with open_scratch() as server:
        with psycopg.connect(server.admin_url(), autocommit=True) as admin:
            for statement in NEIGHBOUR.split(";\n"):
                admin.execute(statement.encode())
        apply_migrations(server.url())
        yield server


def draw_picture(server: EmbeddedPostgres, ours: list[int]) -> list[tuple[object, ...]]:
    with psycopg.connect(server.admin_url()) as connection:
        return connection.execute(PICTURE.encode(), {"ours": ours}).fetchall()


def list_ours(server: EmbeddedPostgres) -> list[int]:
    """Return the wall's relations: those that were there when the migrations had run and are no neighbour's."""
    theirs = "('profiles', 'posts', 'feed', 'numbers', 'ticket', 'posts_id_seq', 'profiles_pkey', 'posts_pkey')"
    query = f"select oid::int8 from pg_class where relnamespace = 'public'::regnamespace and relname not in {theirs}"
    with psycopg.connect(server.admin_url()) as connection:
        return [int(row[0]) for row in connection.execute(query.encode())]


def run_psql(url: str, script: Path) -> str:
    command = [str(binaries() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", str(script)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    return told.stderr


def is_commented(repair: str) -> bool:
    return all(line.startswith("--") for line in repair.splitlines())


def test_a_repair_script_leaves_a_neighbour_as_it_was(
    beside: EmbeddedPostgres, run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    """As superuser, whom nothing is refused; and every rule of ours that was weakened is mended.

    What no rule declares is only proposed, also where it hangs on what is ours.
    """
    ours = list_ours(beside)
    with psycopg.connect(beside.admin_url(), autocommit=True) as admin:
        for statement in WEAKENED:
            admin.execute(statement.encode())
    before = draw_picture(beside, ours)
    script = tmp_path / "repairs.sql"
    assert run("check", "--database-url", beside.admin_url(), "--repair", script)[0] == 1
    assert run_psql(beside.admin_url(), script) == ""
    assert set(before) - set(draw_picture(beside, ours)) == set()
    left = [finding for finding in check_database(beside.url()).findings if finding.weighs]
    assert [finding.key for finding in left if not finding.proposal and not finding.decide] == []
    assert {
        "stranger:public.profiles:extra",
        "stranger:public.posts:extra",
        "stranger:public.feed:extra",
        "stranger_function:public.greet(text):extra",
        "event_trigger:watch:extra",
        "privilege:table|public.oracle_scrolls|anon|SELECT:extra",
        "policy:public.purchases.open_to_all:extra",
        "trigger:public.oracle_scrolls.copied:extra",
        "setting:authenticated|*|row_security:extra",
    } <= {finding.key for finding in left if finding.proposal}


def test_no_form_gives_a_neighbour_s_repair_as_sql(beside: EmbeddedPostgres) -> None:
    report = inspect_target(Request(target="beside", url=beside.url()))
    proposals = [finding for finding in report.findings if finding.proposal]
    assert proposals
    for finding in proposals:
        assert sql_of(finding).startswith(HEAD)
        assert is_commented(sql_of(finding))
    told = {entry["key"]: entry for entry in json.loads(TEXT_FORMATS["json"](report))["findings"]}
    assert all(told[finding.key]["proposal"] for finding in proposals)
    for form, write in TEXT_FORMATS.items():
        for line in write(report).replace("\\n", "\n").splitlines():
            bare = line.strip().strip('",')
            assert not bare.startswith(("revoke", "alter", "drop", "do $")) or "profiles" not in bare, (form, line)


def test_an_accepted_proposal_is_the_repair(beside: EmbeddedPostgres) -> None:
    findings = tuple(f for f in check_database(beside.url()).findings if f.proposal)
    with psycopg.connect(beside.admin_url()) as admin, admin.transaction(force_rollback=True):
        admin.execute(repair_script(map(accept_proposal, findings)).encode())
        seen = admin.execute("select relacl::text, relrowsecurity from pg_class where relname = 'profiles'").fetchone()
    assert seen is not None
    assert ("anon=" in str(seen[0]), seen[1]) == (False, True)


@pytest.mark.parametrize("name", EVIL.values(), ids=EVIL)
def test_no_name_breaks_out_of_a_proposal(server: EmbeddedPostgres, name: str) -> None:
    repair = f'revoke all on public."{name}" from anon;\nalter table public."{name}" enable row level security;'
    finding = make_finding(repair=propose(Repair(change=repair)))
    assert sql_of(accept_proposal(finding)) == repair
    with psycopg.connect(server.url()) as connection:
        for text in (sql_of(finding), repair_script([finding])):
            connection.execute(text.encode())  # nothing in it is run: no such table is there
    assert sql_of(accept_proposal(make_finding(repair="select 1;"))) == "select 1;"
