"""Every weakening of the wall is noticed, by a finding that names it; the sound wall has none."""

import re
from collections.abc import Callable, Iterator
from itertools import product

import pytest

from lab.access import COMMANDS, IDENTITIES, find_cell
from lab.database import LimitedConnection, connect
from lab.embedded import EmbeddedPostgres
from lab.findings import SEVERITIES
from lab.probes.report import ProbeReport
from lab.probes.session import Session
from lab.rules import RULES
from tests.probes.weakenings import WEAKENINGS, Weakening
from tests.servers import Database


@pytest.fixture
def wall(server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[LimitedConnection]:
    """A connection as the owner of the tables; whatever a test does is rolled back."""
    with connect(shared_database(server).url) as connection:
        yield connection
        connection.rollback()


def probe(connection: LimitedConnection, *changes: str) -> ProbeReport:
    """Probe inside the transaction that is open, with what is changed in it first."""
    for change in changes:
        connection.execute(change.encode())
    session = Session(connection)
    session.run()
    return session.report(0)


@pytest.mark.parametrize("weakening", WEAKENINGS, ids=lambda one: one.id)
def test_a_weakening_is_noticed(wall: LimitedConnection, weakening: Weakening) -> None:
    findings = probe(wall, weakening.sql).findings
    named = [f for f in findings if f.subject == weakening.subject and weakening.seen in f.seen]
    assert named, [(f.subject, f.seen) for f in findings]
    assert SEVERITIES.index(min((f.severity for f in named), key=SEVERITIES.index)) <= SEVERITIES.index(
        weakening.severity
    )


HARMLESS = {
    "a table of somebody else": "create table public.notes (id int); grant select on public.notes to anon",
    "an index": "create index extra on public.purchases (created_at)",
    "a nullable column": "alter table public.products add column note text",
    "a policy reworded": "alter policy owner_reads_consents on public.consents using"
    " (subject_id = (select auth.uid()) and (select auth.uid()) is not null)",
    "a view that keeps to its reader": "create view public.mine with (security_invoker = true) as"
    " select * from public.oracle_scrolls; grant select on public.mine to authenticated",
    "a function that keeps to its caller": "create function public.mine() returns setof text language sql as"
    " 'select question from public.oracle_scrolls'; grant execute on function public.mine() to anon, authenticated",
    "a function of the server's": "create function public.report() returns setof text language sql security definer"
    " as 'select question from public.oracle_scrolls'; revoke all on function public.report() from public, anon,"
    " authenticated; grant execute on function public.report() to service_role",
    "a trigger's function": "create function public.touch() returns trigger language plpgsql security definer"
    " as 'begin return new; end'; grant execute on function public.touch() to anon",
}


@pytest.mark.parametrize("change", HARMLESS)
def test_what_opens_nothing_is_no_finding(wall: LimitedConnection, change: str) -> None:
    report = probe(wall, HARMLESS[change])
    assert [(f.subject, f.seen) for f in report.findings] == []
    assert report.unknown == ()


OUT_OF_REACH = {
    "public.leak()": "create function public.leak() returns setof text language sql security definer as"
    " 'select question from public.oracle_scrolls'; grant execute on function public.leak() to anon",
    "public.open_share_card(slug text, lang text)": "create function public.open_share_card(slug text, lang text)"
    " returns text language sql security definer as 'select max(question) from public.oracle_scrolls';"
    " grant execute on function public.open_share_card(text, text) to authenticated",
    "public.old_words": "create materialized view public.old_words as select question from public.oracle_scrolls;"
    " grant select on public.old_words to anon",
}


@pytest.mark.parametrize("subject", OUT_OF_REACH)
def test_what_nobody_can_try_is_unknown_and_named(wall: LimitedConnection, subject: str) -> None:
    report = probe(wall, OUT_OF_REACH[subject])
    assert report.verdict == "unknown"
    assert [unknown.what.partition(": ")[2].split(" ", 2)[2] for unknown in report.unknown] == [subject]
    assert "the rules do not know it" in report.unknown[0].why


def test_every_row_is_tried_by_everybody_with_every_command(wall: LimitedConnection) -> None:
    """What the rules say of a row's owner agrees with what Postgres makes of the same policies."""
    results = {(r.identity, r.subject, r.command, r.owner): r for r in probe(wall).results if r.owner}
    for identity, table, command in product(IDENTITIES, RULES.tables, COMMANDS):
        cell = find_cell(identity.id, table.qualified, command)
        for owner, share in cell.shares.items():
            seen = results[identity.id, table.qualified, command, owner].seen
            if counted := re.fullmatch(r"(\d+) of (\d+) made-up rows?", seen):
                extent = {counted[2]: "all", "0": "none"}.get(counted[1], "some")
                assert extent == share.extent, (identity.id, table.id, command, owner)
            else:
                assert ("refused" in seen) is (share.extent == "none"), (identity.id, table.id, command, owner, seen)


def test_everything_is_tried_on_a_sound_wall(wall: LimitedConnection) -> None:
    report = probe(wall)
    assert {result.state for result in report.results} == {"holds"}
    assert (report.verdict, report.unknown) == ("holds", ())
