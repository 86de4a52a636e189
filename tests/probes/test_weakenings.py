"""Every weakening of the wall is noticed, by a finding that names it; the sound wall has none."""

from collections.abc import Callable, Iterator

import pytest

from lab.database import LimitedConnection, connect
from lab.embedded import EmbeddedPostgres
from lab.findings import SEVERITIES
from lab.probes.report import ProbeReport
from lab.probes.session import Session
from tests.probes.weakenings import WEAKENINGS, Weakening
from tests.servers import Database


@pytest.fixture
def wall(server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[LimitedConnection]:
    """A connection as the owner of the tables; whatever a test does is rolled back."""
    with connect(shared_database(server).url) as connection:
        yield connection
        connection.rollback()


def probe(connection: LimitedConnection) -> ProbeReport:
    """Probe inside the transaction that is open, with what was weakened in it."""
    session = Session(connection)
    session.run()
    return session.report(0)


@pytest.mark.parametrize("weakening", WEAKENINGS, ids=lambda one: one.id)
def test_a_weakening_is_noticed(wall: LimitedConnection, weakening: Weakening) -> None:
    wall.execute(weakening.sql.encode())
    findings = probe(wall).findings
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
}


@pytest.mark.parametrize("change", HARMLESS)
def test_what_opens_nothing_is_no_finding(wall: LimitedConnection, change: str) -> None:
    wall.execute(HARMLESS[change].encode())
    report = probe(wall)
    assert [(f.subject, f.seen) for f in report.findings] == []
    assert report.unknown == ()


def test_everything_is_tried_on_a_sound_wall(wall: LimitedConnection) -> None:
    report = probe(wall)
    assert {result.state for result in report.results} == {"holds"}
    assert (report.verdict, report.unknown) == ("holds", ())
