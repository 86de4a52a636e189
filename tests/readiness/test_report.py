"""The verdict, and the report's shape: what could not be checked never reads as ready."""

import pytest

from lab.checks.state import State
from lab.readiness import ReportVerdict, make_report
from lab.readiness.report import Answer, Report
from lab.rules.model import Severity
from tests.readiness.reports import NOW, UNASKED, UNKNOWN, acceptance, answer, finding, report

READY, NOT_READY, NOT_KNOWN = ReportVerdict
ACCEPT = (acceptance("a"),)

CASES = [
    ("nothing found", report(), READY, State.HOLDS),
    ("information only", report(finding(severity=Severity.INFO)), READY, State.HOLDS),
    ("low", report(finding(severity=Severity.LOW)), NOT_READY, State.BROKEN),
    ("critical", report(finding(severity=Severity.CRITICAL)), NOT_READY, State.BROKEN),
    ("unknown", report(unknown=(UNKNOWN,)), NOT_KNOWN, State.UNKNOWN),
    ("unknown and found", report(finding(), unknown=(UNKNOWN,)), NOT_READY, State.BROKEN),
    ("unknown and information", report(finding(severity="info"), unknown=(UNKNOWN,)), NOT_KNOWN, State.UNKNOWN),
    ("accepted", report(finding("a"), accept=ACCEPT), READY, State.HOLDS),
    ("accepted, unknown", report(finding("a"), unknown=(UNKNOWN,), accept=ACCEPT), NOT_KNOWN, State.UNKNOWN),
    ("one accepted of two", report(finding("a"), finding("b"), accept=ACCEPT), NOT_READY, State.BROKEN),
]  # fmt: skip


@pytest.mark.parametrize(("made", "verdict", "state"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_verdict(made: Report, verdict: ReportVerdict, state: State) -> None:
    assert made.verdict is verdict
    assert made.families[0].state is state
    assert made.families[1].state is State.NOT_RUN


def test_nothing_asked_is_unknown() -> None:
    assert make_report("x", [UNASKED], started_at=NOW).verdict is NOT_KNOWN
    assert make_report("x", [], started_at=NOW).verdict is NOT_KNOWN


def test_a_verdict_cannot_be_given() -> None:
    """It is derived, so that no report says another one than its findings do."""
    broken = report(finding())
    assert broken.model_copy(update={"findings": ()}).verdict is not broken.verdict
    assert type(broken).model_validate({**broken.model_dump(), "verdict": "ready"}).verdict is NOT_READY


def test_the_same_finding_of_two_families_counts_once() -> None:
    other = Answer(family="data", title="Data agree.", checked=("rows",), findings=(finding("a"),))
    made = make_report("x", [answer(finding("a")), other], started_at=NOW)
    assert [f.key for f in made.findings] == ["a"]
    assert [family.state for family in made.families] == [State.BROKEN] * 2


def test_the_worst_comes_first() -> None:
    made = report(finding("a", severity="low"), finding("b", severity="critical"), finding("c", severity="medium"))
    assert [f.key for f in made.findings] == ["b", "c", "a"]
