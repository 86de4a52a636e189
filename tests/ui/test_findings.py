"""Findings shaped for people."""

from datetime import timedelta

import pytest

from lab.checks.finding import SEVERITIES
from lab.checks.state import State
from lab.readiness.changes import Changes, Difference, list_changes, make_trend
from lab.readiness.history import keep_run
from lab.readiness.report import Answer, Report, ReportVerdict, make_report
from lab.rules.model import Severity
from lab.ui.kit.badges import LOOKS
from lab.ui.kit.markdown import name, plain, prose
from lab.ui.readiness import findings as shaped
from lab.ui.readiness import frames, past
from lab.ui.readiness.findings import Filter, pick_findings
from lab.ui.readiness.frames import CHECKED, COLOURS, frame_bars, pick_scope, write_trend
from tests.readiness.reports import NOW, UNKNOWN, acceptance, answer, finding, report

A = finding("a", family="wall", severity=Severity.CRITICAL, chapter=11)
B = finding("b", family="wall", severity=Severity.LOW, chapter=3, subject="public.consents.state")
REPORT = report(A, B, unknown=(UNKNOWN,))
FILTERS = [
    (Filter(), ["a", "b"]),
    (Filter(severities=("low",)), ["b"]),
    (Filter(severities=("low", "critical")), ["a", "b"]),
    (Filter(chapter="11"), ["a"]),
    (Filter(table="consents"), ["b"]),
    (Filter(family="wall"), ["a", "b"]),
    (Filter(family="stripe"), []),
    (Filter(severities=("low",), chapter="11"), []),
]


@pytest.mark.parametrize(("picked", "keys"), FILTERS, ids=[str(number) for number in range(len(FILTERS))])
def test_a_filter_lets_through_what_it_names(picked: Filter, keys: list[str]) -> None:
    assert [found.key for found in pick_findings(REPORT, picked)] == keys


def test_every_state_has_a_look() -> None:
    states = {state.word for state in State} | {verdict.value for verdict in ReportVerdict}
    assert states | set(shaped.SEVERITY_WORDS) | set(frames.CHANGE_WORDS.values()) <= set(LOOKS)
    assert set(frames.CHANGE_WORDS) == set(Changes.model_fields) - {"staying"}


def test_the_families_table_says_not_run_of_a_family_that_did_not_run() -> None:
    made = make_report(
        "x", [answer(A), Answer("stripe", "The account agrees.", asked=False)], started_at=NOW, seconds=2
    )
    frame = frames.frame_families(made)
    assert list(frame["Family"]) == ["Wall", "Stripe"]
    assert list(frame["State"]) == [["broken"], ["not run"]]
    assert frame["Time"][1] == ""


def test_the_verdict_says_what_it_rests_on() -> None:
    text = shaped.write_verdict(REPORT)
    assert "error: Not ready" in text
    assert "1 critical, 1 low, 1 not checked in Wall." in text
    assert "18.4" in text
    assert "check_circle: Ready" in shaped.write_verdict(report())
    limited = REPORT.model_copy(update={"layers": ("scroll",)})
    assert "only for Scroll" in shaped.write_verdict(limited)
    assert "help: Unknown" in shaped.write_verdict(report(unknown=(UNKNOWN,)))


def test_text_from_a_database_is_neither_link_nor_picture_nor_colour() -> None:
    hostile = "![x](https://evil.test/a.png) <img src=x> :red[r] $x$ `y` |z|\nnext"
    for text in (
        plain(hostile),
        prose(hostile),
        shaped.write_detail(finding("k", why=hostile, family="wall"), "").split("\n\n")[0],
    ):
        assert "![" not in text.replace("\\!\\[", "")
        assert "](" not in text.replace("\\]\\(", "")
        assert "<img" not in text.replace("\\<img", "")
        assert "\n" not in text
    assert name("a`b\nc") == "`ab c`"
    assert prose("Run `lab check`, and *see*.") == "Run `lab check`, and \\*see\\*."
    assert prose("One ` alone") == "One \\` alone"


def test_each_finding_has_its_row_in_their_order() -> None:
    frame = frames.frame_findings((A, B))
    assert list(frame["Severity"]) == [["critical"], ["low"]]
    assert list(frame["Finding"]) == [A.heading, B.heading]
    assert list(frame["Why"]) == [A.why, B.why]
    assert list(frame["Family"]) == ["Wall", "Wall"]
    assert list(frame["Chapter"]) == [11, 3]


def test_what_changed_stands_on_one_line_where_it_parts() -> None:
    assert shaped.write_change(finding(expected="yes", seen="no")) == "yes → no"
    long = "subject_id = auth.uid() and " * 9
    told = shaped.write_change(finding(expected=f"{long} true", seen=f"{long} false"))
    assert told.count("…") == 2
    assert "true → …" in told
    assert told.endswith("false")
    assert len(shaped.write_change(finding(expected="a" * 999, seen="b" * 999))) < 250


def test_an_accepted_finding_is_found_and_named_with_who_and_until_when() -> None:
    made = report(A, B, accept=(acceptance("b"),))
    assert shaped.find_finding(made, "b") == B
    assert shaped.find_finding(made, "z") is None
    assert shaped.write_remark(made, "b") == plain("Accepted by Ada until 2026-12-01: known, and being mended")
    assert shaped.write_remark(made, "a") == ""
    assert [entry.finding for entry in shaped.pick_accepted(made, Filter(chapter="3"))] == [B]
    assert shaped.pick_accepted(made, Filter(chapter="11")) == ()


# what the newest check was like -> what is said of a finding that it does not have
ABSENCES = {
    "all seen": (report(), "did not find `a`. It is resolved since 2026-11-22 12:00:00 UTC."),
    "not all seen": (report(unknown=(UNKNOWN,)), "did not find `a`: it could not check all of Wall."),
    "other layers": (
        report().model_copy(update={"layers": ("scroll",)}),
        "did not find `a`: it covered only Scroll.",
    ),
    "not asked": (report().model_copy(update={"families": ()}), "did not find `a`: it did not run Wall."),
}


@pytest.mark.parametrize(("newest", "said"), ABSENCES.values(), ids=ABSENCES)
def test_a_finding_is_called_resolved_only_where_that_was_seen(newest: Report, said: str) -> None:
    runs = [keep_run(made) for made in (report(A), report(A, B), newest)]
    told = past.write_absence(newest, runs, "a")
    assert said in told
    assert told.endswith("It was last found 2026-11-22 12:00:00 UTC.")
    assert past.write_absence(newest, runs, "z").endswith("No check in the history has it.")


def test_a_later_check_by_another_hand_is_told() -> None:
    shown, later = report(), report(A, B).model_copy(update={"started_at": NOW + timedelta(minutes=3)})
    runs = [keep_run(shown), keep_run(later)]
    assert past.write_later(shown, runs[:1]) == past.write_later(later, runs) == ""
    assert "a later check, 2026-11-22 12:03:00 UTC: not ready." in past.write_later(shown, runs)
    part = later.model_copy(update={"layers": ("scroll",)})
    assert "a later check of Scroll, 2026" in past.write_later(shown, [keep_run(shown), keep_run(part)])
    assert "A later check found it 2026-11-22 12:03:00 UTC" in past.write_absence(shown, runs, "a")


def test_a_counterexample_is_json() -> None:
    assert shaped.write_counterexample(A) == ""
    assert '"role": "anon"' in shaped.write_counterexample(finding("k", counterexample={"role": "anon"}))


def test_the_history_has_a_row_for_each_check_and_the_newest_is_first() -> None:
    runs = [keep_run(made) for made in (report(), REPORT, report(B))]
    frame = frames.frame_trend(make_trend(runs), list_changes(runs))
    assert list(frame["Found"]) == ["1 low", "1 critical, 1 low, 1 not checked", "nothing found"]
    assert list(frame["Changed"]) == ["1 resolved", "2 new", "no change"]
    assert frame["Verdict"][0] == ["not ready"]


def test_the_trend_says_in_words_what_its_chart_shows() -> None:
    points = make_trend([keep_run(made) for made in (report(A, B), report(B), report(B))])
    assert write_trend(points[:1]).startswith("The only check so far found 1 critical, 1 low.")
    assert "1 fewer than in the previous check" in write_trend(points[:2])
    assert "The previous check found as many." in write_trend(points)
    assert "1 more than" in write_trend((points[1], points[0]))
    assert "The highest count was 2, on 2026-11-22 at 12:00 UTC." in write_trend(points)


def test_what_was_not_looked_at_is_not_called_better() -> None:
    more = make_report("x", [answer(A), answer(B)._replace(family="data")], started_at=NOW)
    made = (report(A, B), report(unknown=(UNKNOWN,)), report(), more, report(B))
    points = make_trend([keep_run(one) for one in made])
    said = "It could not check everything, so the counts are not compared."
    assert write_trend(points[:2]) == f"The newest of 2 checks found 1 not checked. {said}"
    assert "The previous check could not check everything" in write_trend(points[:3])
    assert "The previous check ran other families" in write_trend(points[:4])
    assert "fewer" not in write_trend(points[:4])
    assert write_trend(points).endswith("The highest count was 2, on 2026-11-22 at 12:00 UTC.")


def test_the_trend_is_of_checks_of_the_same_layers() -> None:
    whole, part = report(A, B), make_report("x", [answer(B)], started_at=NOW, layers=("echo",))
    points = make_trend([keep_run(made) for made in (whole, part)])
    assert write_trend(points) == "The only check of the same layers found 1 low."
    points = make_trend([keep_run(made) for made in (part, whole, part)])
    assert write_trend(points).startswith(
        "The newest of 2 checks of the same layers found 1 low. The previous check found as many."
    )
    assert pick_scope(points) == (points[0], points[2])
    assert write_trend(points[:2]).startswith("The only check of all layers found")


def test_the_chart_has_a_bar_for_each_check_in_their_order() -> None:
    points = make_trend([keep_run(made) for made in (report(), REPORT)] * 6)
    frame = frame_bars(points)
    assert list(frame.columns) == [CHECKED, *(severity.value for severity in SEVERITIES)]
    assert list(frame[CHECKED]) == sorted(frame[CHECKED])
    assert list(frame["critical"]) == [0, 1] * 6
    for colours in COLOURS.values():
        assert len(set(colours)) == len(SEVERITIES)


def test_changes_and_differences_name_their_findings() -> None:
    changes = Changes(new=("n", "m"), resolved=("r",), staying=("s",))
    frame = frames.frame_changes(changes, {"m": "low", "n": "critical", "r": "high"})
    assert list(frame["Finding"]) == ["n", "m", "r"]
    assert list(frame["Severity"]) == [["critical"], ["low"], ["high"]]
    assert list(frame["Change"]) == [["new"], ["new"], ["resolved"]]
    difference = Difference(only_left=("l",), only_right=("r",), both=("b",), not_comparable=("stripe",))
    frame = frames.frame_difference(difference, "staging", "embedded")
    assert list(frame["Where"]) == [["only staging"], ["only embedded"], ["both"], ["not comparable"]]
    assert list(frame["Finding or family"]) == ["l", "r", "b", "stripe"]


def test_the_reason_names_the_families_that_ran_and_those_that_did_not() -> None:
    none = Answer("strangers", "None.", asked=False)
    made = make_report("x", [answer()._replace(family="schema"), none], started_at=NOW)
    assert "\nNo finding in Schema. Not run: Undeclared objects." in shaped.write_verdict(made)
    assert "\nNothing was checked. Not run: Undeclared objects." in shaped.write_verdict(
        make_report("x", [none], started_at=NOW)
    )


def test_a_chart_of_nothing_has_no_highest_count() -> None:
    points = make_trend([keep_run(report()), keep_run(report())])
    assert write_trend(points) == "The newest of 2 checks found nothing. The previous check found as many."
