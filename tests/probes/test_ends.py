"""Every trial has three ends: let through, refused for the reason expected, refused for another reason."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from fixtures.servers import Database
from lab.checks.probes import list_promise_results, matrix_rows
from lab.checks.probes.attempts import Outcome
from lab.checks.probes.guards import probe_guards
from lab.checks.probes.probe import Probe, judge_end
from lab.checks.probes.promise_trials import TRIALS
from lab.checks.probes.reach import probe_reach
from lab.checks.probes.report import ProbeResult, ProbeRun
from lab.checks.probes.sample_people import PEOPLE, People
from lab.checks.probes.session import Session
from lab.checks.probes.trial import probe_promises
from lab.database.connect import LimitedConnection, connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.rules.promises import passport_waits_for_consent

STRANGE = "P0001"  # raised by somebody's own code, which no rule expects


class Made(People):
    """People of whom everybody has a row in every table."""

    def __init__(self) -> None:
        rows = {table.qualified: {person: [self.key()] for person in PEOPLE} for table in RULES.tables}
        super().__init__(rows=rows)

    def key(self) -> str:
        return "00000000-0000-4000-8000-000000000001"

    def has(self, block: str) -> bool:
        return True


def list_probes() -> list[Probe]:
    people = Made()
    return [*probe_reach(people), *probe_promises(TRIALS, people), *probe_guards(people)]


def end(probe: Probe, state: str, by: str = "") -> list[Outcome]:
    """End each attempt of a probe at its last step."""
    steps = [len(attempt.steps) for attempt in probe.attempts]
    return [Outcome(steps=n, passed=n - 1, rows=0, answers=([],) * n, state=state, by=by) for n in steps]


REFUSING = "refused"  # how what is to be refused is expected


def test_a_refusal_for_another_reason_is_neither_held_nor_let_through() -> None:
    """Whatever is to be refused: a SQLSTATE that no rule gives says nothing of the rule, and is named."""
    tried = [probe for probe in list_probes() if probe.attempts and probe.expected.startswith(REFUSING)]
    assert len({probe.subject for probe in tried}) > 50
    for probe in tried:
        verdict = probe.judge(end(probe, STRANGE))
        assert (verdict.state, verdict.refused) == ("unknown", False), (probe.id, probe.subject, verdict)
        assert STRANGE in verdict.seen


def test_what_is_to_get_in_and_is_refused_differs_or_is_unknown() -> None:
    for probe in (probe for probe in list_probes() if probe.attempts and not probe.expected.startswith(REFUSING)):
        verdict = probe.judge(end(probe, STRANGE))
        assert verdict.state in ("differs", "unknown"), (probe.id, probe.subject, verdict)
        assert STRANGE in verdict.seen


def test_another_rule_of_the_wall_shows_that_the_one_that_should_did_not() -> None:
    outcome = Outcome(steps=1, passed=0, rows=0, state="42501", by="require_consent")
    assert judge_end(outcome, expected=False).state == "differs"
    assert judge_end(replace(outcome, by="somebody_elses"), expected=False).state == "unknown"


@pytest.mark.parametrize(
    ("outcome", "expected", "state", "refused"),
    [
        (Outcome(steps=1, passed=1, rows=1), False, "differs", False),
        (Outcome(steps=1, passed=0, rows=0, state="42501"), True, "holds", True),
        (Outcome(steps=1, passed=0, rows=0, state="22012"), False, "unknown", False),
        (Outcome(steps=1, passed=0, rows=0, state="42703"), False, "unknown", False),
        (Outcome(steps=2, passed=0, rows=0, state="42501"), True, "unknown", False),
    ],
)
def test_the_three_ends(outcome: Outcome, expected: bool, state: str, refused: bool) -> None:
    verdict = judge_end(outcome, expected=expected)
    assert (verdict.state, verdict.refused) == (state, refused)


def test_refusals_are_counted_by_how_they_ended_and_not_by_words() -> None:
    def result(seen: str, *, refused: bool) -> ProbeResult:
        promise = passport_waits_for_consent
        return ProbeResult(
            id=promise.id, title=promise.title, identity="server", subject=promise.subject, command="insert",
            expected="refused", seen=seen, state="holds", refused=refused, rule=promise.rule, why=promise.why,
        )  # fmt: skip

    results = (result("stopped", refused=True), result("refused is the title of a row", refused=False))
    told = list_promise_results(ProbeRun(results=results, findings=(), unknown=(), attempts=2, seconds=0))[0]
    assert told.seen == "2 tries: 1 refused, 1 accepted as expected"


# On a database ------------------------------------------------------------------------------------------


@pytest.fixture
def wall(server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[LimitedConnection]:
    with connect(shared_database(server).url) as connection:
        yield connection
        connection.rollback()


def probe(connection: LimitedConnection, change: str) -> ProbeRun:
    connection.execute(change.encode())
    session = Session(connection)
    session.run()
    return session.report(0)


# change -> what is unknown, and the code that is told
ELSEWHERE = {
    "a column that is gone": (
        "alter table public.stripe_events drop column created_at cascade",
        "public: write in a GET",
        "42703",
    ),
    "a table that is gone": (
        "alter table public.email_suppressions rename to gone",
        "public: write in a GET",
        "42P01",
    ),
    "a schema that is closed": (
        "revoke usage on schema public from anon, public",
        "public: write in a GET",
        "42501",
    ),
    "a view that fails": (
        "create view public.leak as select question, 1 / 0 as id from public.oracle_scrolls; "
        "grant select on public.leak to authenticated",
        "public.oracle_scrolls: search",
        "public.leak: refused (22012)",
    ),
    "a policy that fails": (
        "create policy boom on public.oracle_scrolls to authenticated "
        "using (1 / (char_length(question) - char_length(question)) = 1)",
        "public.oracle_scrolls: search",
        "22012",
    ),
    "a view that fails when it is written": (
        "create function wall.boom() returns trigger language plpgsql as 'begin raise exception using errcode = "
        "$e$P0001$e$; end'; grant delete on operations.products to oracle_operator; create trigger boom "
        "instead of delete on operations.products for each row execute function wall.boom(); create trigger stop "
        "before delete on operations.products for each statement execute function wall.boom()",
        "operations.products: delete",
        "P0001",
    ),
}


@pytest.mark.sample(every=2)
@pytest.mark.parametrize(("change", "what", "code"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_another_reason_is_unknown_with_its_code(wall: LimitedConnection, change: str, what: str, code: str) -> None:
    report = probe(wall, change)
    told = {unknown.what: unknown.why for unknown in report.unknown}
    assert code in told[what], told
    assert not [finding for finding in report.findings if "was let through" in finding.seen]
    assert not any("writes were let through" in result.seen for result in report.results)
    cells = [cell for row in matrix_rows(report) for cell in row.cells if cell.state in ("unknown", "differs")]
    assert what.startswith("public: ") or any(code in seen for cell in cells for seen in cell.seen)


def test_a_promise_that_was_stopped_otherwise_is_unknown_on_the_page(wall: LimitedConnection) -> None:
    report = probe(wall, ELSEWHERE["a column that is gone"][0])
    told = next(one for one in list_promise_results(report) if one.id == "get_writes_nothing")
    assert told.state == "unknown"
    assert "refused (42703)" in told.seen
