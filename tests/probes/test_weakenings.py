"""Every weakening of the wall is noticed, by a finding that names it; the sound wall has none.

One in fifteen is tried, and one in 31 triggers is switched off; `--whole` tries all.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import pytest

from fixtures.servers import Database
from lab.access.matrix import COMMANDS, IDENTITIES, find_cell
from lab.checks.finding import SEVERITIES
from lab.checks.probes.attempts import LOGIN
from lab.checks.probes.promise_trials import TRIALS
from lab.checks.probes.report import ProbeRun
from lab.checks.probes.sample_people import People
from lab.checks.probes.session import Session
from lab.checks.probes.trial import STATEMENT_FOLDER, PromiseTrials, Refused, Trial, probe_promises, read_statements
from lab.database.connect import LimitedConnection, connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.rules.derived import all_triggers
from lab.rules.model import Table, Trigger
from tests.probes.weakenings import WEAKENINGS, Weakening


@pytest.fixture
def wall(server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[LimitedConnection]:
    """A connection as the owner of the tables; whatever a test does is rolled back."""
    with connect(shared_database(server).url) as connection:
        yield connection
        connection.rollback()


def probe(connection: LimitedConnection, *changes: str) -> ProbeRun:
    """Probe inside the transaction that is open, with what is changed in it first."""
    for change in changes:
        connection.execute(change.encode())
    session = Session(connection)
    session.run()
    return session.report(0)


@pytest.mark.sample(every=15)
@pytest.mark.parametrize("weakening", WEAKENINGS, ids=lambda one: one.id)
def test_a_weakening_is_noticed(wall: LimitedConnection, weakening: Weakening) -> None:
    findings = probe(wall, weakening.sql).findings
    named = [f for f in findings if f.subject == weakening.subject and weakening.seen in f.seen]
    assert named, [(f.subject, f.seen) for f in findings]
    assert all((f.decide or "").startswith("Run the schema, access and strangers checks: ") for f in named)
    assert SEVERITIES.index(min((f.severity for f in named), key=SEVERITIES.index)) <= SEVERITIES.index(
        weakening.severity
    )


ROW_TRIGGERS = [(table, t) for table in RULES.tables for t in all_triggers(table) if t.level == "row"]
IDS = {tried.promise.id for tried in TRIALS}
PROMISED = {(probe.subject, probe.rule) for probe in probe_promises(TRIALS, People())}


def guards_promise(table: Table, trigger: Trigger) -> bool:
    """Tell whether a promise's trial is about a trigger: it is stopped by its function there, or names it."""
    return bool({(table.qualified, trigger.function.id), (table.qualified, trigger.name)} & PROMISED)


@pytest.mark.sample(every=31)
@pytest.mark.parametrize(("table", "trigger"), ROW_TRIGGERS, ids=[trigger.name for _, trigger in ROW_TRIGGERS])
def test_a_trigger_that_is_off_is_blamed_on_its_own_table(
    wall: LimitedConnection, table: Table, trigger: Trigger
) -> None:
    report = probe(wall, f"alter table {table.qualified} disable trigger {trigger.name}")
    assert {finding.subject for finding in report.findings} <= {table.qualified}
    if guards_promise(table, trigger):
        broken = {finding.rule for finding in report.findings if finding.key.split(":")[1] in IDS}
        assert broken & {trigger.function.id, trigger.name}
    assert {r.subject for r in report.results if r.state == "differs"} <= {table.qualified}


def test_the_triggers_that_promises_are_about_are_known() -> None:
    """So that the test above is not about nothing: the gates of the consents, of the seals and of what is one's own."""
    named = {trigger.name for table, trigger in ROW_TRIGGERS if guards_promise(table, trigger)}
    required = {"require_own", "require_consent", "require_account", "require_job_consents", "seal_row"}
    assert named >= {trigger.name for _, trigger in ROW_TRIGGERS if trigger.function.id in required}
    assert named >= {"consents_follow_ledger", "consent_takes_effect", "share_cards_need_artifact"}


def test_what_a_trial_is_about_exists() -> None:
    known = {table.qualified for table in RULES.tables} | {view.qualified for view in RULES.views}
    known |= {function.signature for function in RULES.functions}
    assert {subject for subject, _ in PROMISED} <= known


def test_a_finding_keeps_its_key_when_a_trial_is_added() -> None:
    def keys(tried: PromiseTrials) -> set[str]:
        return {one.name for one in probe_promises([tried], People())}

    for tried in TRIALS:
        promise = tried.promise
        added = Trial((LOGIN,), tried.trials[0].statement, Refused("another"))
        longer = replace(tried, trials=(added, *tried.trials))
        assert keys(longer) - keys(tried) == {f"{promise.id}:{promise.subject.replace(' ', '_')}:another"}
        assert keys(tried) < keys(longer)
        assert not re.search(r"trial|:\d+(:|$)", "".join(keys(tried)))


def test_each_promise_is_tried_by_the_statements_of_its_file() -> None:
    files = {path.stem for path in STATEMENT_FOLDER.glob("*.sql")}
    assert [tried.promise for tried in TRIALS if tried.promise not in RULES.promises] == []
    assert {tried.promise.id for tried in TRIALS} == files
    for tried in TRIALS:
        named = {name for trial in tried.trials for name in (trial.statement, *(name for _, name in trial.first))}
        assert read_statements(tried.promise.id).keys() == named


def test_names_in_a_statement_are_bound_and_never_written_into_it() -> None:
    people = People()
    statement, values = people.bind("select ${a.token} || ${b.subject} where ${a.token} <> ''")
    assert statement == "select $1 || $2 where $1 <> ''"
    assert values == (people["a.token"], people["b.subject"])
    steps = [step for tried in probe_promises(TRIALS, EverythingMade()) for a in tried.attempts for step in a.steps]
    assert {len(step.values) for step in steps} >= {0, 1, 2, 3}
    assert [step.sql for step in steps if "${" in step.sql or any(value in step.sql for value in step.values)] == []


class EverythingMade(People):
    """People whose rows could all be made."""

    def has(self, block: str) -> bool:
        return True


def test_trials_of_one_rule_on_one_thing_are_one_finding(wall: LimitedConnection) -> None:
    gates = [(t, g) for t, g in ROW_TRIGGERS if g.function.id in ("require_own", "seal_row", "require_job_consents")]
    findings = probe(wall, *(f"alter table {t.qualified} disable trigger {g.name}" for t, g in gates)).findings
    keys = [finding.key for finding in findings]
    assert len(keys) == len(set(keys))
    promised = [(f.key.split(":")[1], f.subject, f.rule) for f in findings if f.key.split(":")[1] in IDS]
    assert len(promised) == len(set(promised))
    told = next(f.seen for f in findings if f.subject == "public.delivery_jobs")
    for trial in ("insert of an e-mail", "insert of a gift", "insert of an Echo", "Owner of the tables, insert"):
        assert f"{trial}: was let through" in told


HARMLESS = {
    "a table of somebody else": "create table public.notes (id int); grant select on public.notes to anon",
    "an index": "create index extra on public.purchases (created_at)",
    "a stricter check": "alter table public.purchases add constraint sane check (amount_minor < 100000000)",
    "an index of what is unique anyway": "create unique index twice on public.purchases (id, status)",
    "a nullable column": "alter table public.products add column note text",
    "a request of nobody, which a constraint refuses": "alter policy owner_writes_privacy_requests"
    " on public.privacy_requests with check (subject_id = (select auth.uid()) or subject_id is null)",
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


@pytest.mark.sample(every=4)
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
    assert report.state == "unknown"
    assert [unknown.what.partition(": ")[2].split(" ", 2)[2] for unknown in report.unknown] == [subject]
    assert "it is undeclared" in report.unknown[0].why


def test_every_row_is_tried_by_everybody_with_every_command(wall: LimitedConnection) -> None:
    """What the rules say of a row's owner agrees with what Postgres makes of the same policies."""
    results = {(r.identity, r.subject, r.command, r.owner): r for r in probe(wall).results if r.owner}
    for identity, table, command in product(IDENTITIES, RULES.tables, COMMANDS):
        cell = find_cell(identity.id, table.qualified, command)
        for owner, share in cell.shares.items():
            if table.id == "erased_subjects" and owner != "nobodys":
                continue  # who has a tombstone that names them cannot try anything any more
            seen = results[identity.id, table.qualified, command, owner].seen
            if counted := re.fullmatch(r"(\d+) of (\d+) made-up rows?", seen):
                extent = {counted[2]: "all", "0": "none"}.get(counted[1], "some")
                assert extent == share.extent, (identity.id, table.id, command, owner)
            else:
                assert ("refused" in seen) is (share.extent == "none"), (identity.id, table.id, command, owner, seen)


def test_everything_is_tried_on_a_sound_wall(wall: LimitedConnection) -> None:
    report = probe(wall)
    assert {result.state for result in report.results} == {"holds"}
    assert (report.state, report.unknown) == ("holds", ())
