"""Acceptances: the file's grammar with its faults, and what each does to a finding."""

import contextlib
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.readiness import Acceptance, AcceptancesFault, ReportVerdict, make_report, read_acceptances
from lab.readiness.acceptances import parse_acceptances
from tests.readiness.reports import NOW, TODAY, UNKNOWN, acceptance, answer, finding, report

GOOD = """
[[acceptance]]
key = "policy:x"
reason = "The table is empty until spring."
accepted_by = "Ada Lovelace"
expires = 2027-03-01

[[acceptance]]
rule = "oracle_scrolls"
subject = "public.oracle_scrolls"
reason = "Being repaired in this sprint."
accepted_by = "ada@shop.example"
expires = 2026-11-22
"""


def test_a_good_file() -> None:
    first, second = parse_acceptances(GOOD, TODAY)
    assert (first.about, first.expires) == ("policy:x", date(2027, 3, 1))
    assert second.about == "oracle_scrolls on public.oracle_scrolls"
    assert parse_acceptances("", TODAY) == ()
    assert parse_acceptances("# nothing is accepted\n", TODAY) == ()


def entry(**changes: str) -> str:
    fields = {
        "key": '"k"',
        "reason": '"long enough a reason"',
        "accepted_by": '"Ada"',
        "expires": "2026-12-24",
    } | changes
    return "[[acceptance]]\n" + "\n".join(f"{name} = {value}" for name, value in fields.items() if value)


FAULTS = [
    ("no reason", entry(reason=""), "entry 1 (line 1): reason is missing"),
    ("no person", entry(accepted_by=""), "accepted_by is missing"),
    ("no expiry", entry(expires=""), "expires is missing"),
    ("blank target", entry(target='" "'), "target must be text that is not empty"),
    ("short reason", entry(reason='"ok"'), "reason must say why, in 10 characters or more"),
    ("blank reason", entry(reason='"              "'), "reason must be text that is not empty"),
    ("number", entry(accepted_by="7"), "accepted_by must be text"),
    ("quoted date", entry(expires='"2026-12-24"'), "must be a date without quotes"),
    ("date with a time", entry(expires="2026-12-24T00:00:00"), "must be a date without quotes or time"),
    ("too far", entry(expires="2027-11-24"), "more than a year ahead. Choose 2027-11-22 or earlier"),
    ("unknown field", entry(severity='"low"'), "'severity' is not known. Use one of key, rule"),
    ("no subject", entry(key="", rule='"r"'), "give either key, or rule and subject together; found rule"),
    ("all three", entry(rule='"r"', subject='"s"'), "found key, rule, subject"),
    ("none of them", entry(key=""), "found none of them"),
    ("double", entry() + "\n\n" + entry(), "entry 2 (line 7): accepts the same as entry 1 (line 1)"),
    ("a table", "[acceptance]\nkey = 'k'", "with two brackets"),
    ("another table", "[[accepted]]\nkey = 'k'", "'accepted' is not known"),
    ("no TOML", "[[acceptance]]\nkey = ", "is not TOML"),
    ("two keys", "[[acceptance]]\nkey = 'a'\nkey = 'b'", "is not TOML: Cannot overwrite"),
    ("no such day", entry(expires="2026-02-30"), "is not TOML"),
]


@pytest.mark.parametrize(("text", "said"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
def test_faults(text: str, said: str) -> None:
    with pytest.raises(AcceptancesFault) as told:
        parse_acceptances(text, TODAY)
    assert said in str(told.value)
    assert str(told.value).startswith("acceptances.toml")


def test_all_faults_together() -> None:
    with pytest.raises(AcceptancesFault) as told:
        parse_acceptances("\n\n".join(case[1] for case in FAULTS[:11]), TODAY)
    assert {f"entry {number} " in str(told.value) for number in range(1, 12)} == {True}


def test_a_header_inside_a_text_does_not_mislead() -> None:
    text = entry(reason='"""\n[[acceptance]]\nlong enough"""') + "\n\n" + entry(key='"l"', expires="")
    with pytest.raises(AcceptancesFault, match=r"entry 2: expires is missing"):
        parse_acceptances(text, TODAY)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes("reason = 'für später'".encode("latin-1"))
    for name, said in (("none", "No such file"), (".", "Is a directory"), ("latin", "not UTF-8")):
        with pytest.raises(AcceptancesFault, match=said):
            read_acceptances(tmp_path / name, TODAY)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "acceptances.toml"
    path.write_text(GOOD.lstrip(), encoding="utf-8-sig")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf[[acceptance]]")
    assert read_acceptances(path, TODAY) == parse_acceptances(GOOD, TODAY)
    path.write_text(GOOD, encoding="utf-16")
    with pytest.raises(AcceptancesFault, match="not UTF-8 text"):
        read_acceptances(path, TODAY)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(AcceptancesFault):
        assert parse_acceptances(text, TODAY) == ()


def test_an_accepted_finding_is_shown_apart() -> None:
    made = report(finding("a"), finding("b", severity="info"), accept=(acceptance("a"),))
    assert [entry.finding.key for entry in made.accepted] == ["a"]
    assert [f.key for f in made.findings] == ["b"]
    assert made.verdict is ReportVerdict.READY


def test_an_expired_acceptance_brings_its_finding_back() -> None:
    last = report(finding("a"), accept=(acceptance("a", TODAY),))
    assert last.accepted  # its last day counts
    made = report(finding("a"), accept=(acceptance("a", date(2026, 11, 21)),))
    assert made.verdict is ReportVerdict.NOT_READY
    assert made.remarks["a"].startswith("acceptance expired on 2026-11-21 (accepted by Ada")


def test_a_critical_finding_is_accepted_for_a_month_only() -> None:
    critical = finding("a", severity="critical")
    assert report(critical, accept=(acceptance("a", date(2026, 12, 22)),)).accepted
    made = report(critical, accept=(acceptance("a", date(2026, 12, 23)),))
    assert made.verdict is ReportVerdict.NOT_READY
    assert "30 days at most" in made.remarks["a"]


def test_rule_and_subject_accept_what_they_name_alone() -> None:
    by_rule = acceptance(key=None, rule="oracle_scrolls", subject="public.oracle_scrolls")
    assert len(report(finding("a"), finding("b"), accept=(by_rule,)).accepted) == 2
    near = acceptance(key=None, rule="oracle_scrolls", subject="public.oracle_scroll")
    assert not report(finding("a"), accept=(near,)).accepted


def test_of_two_that_cover_the_valid_one_counts() -> None:
    expired = acceptance("a", date(2026, 11, 1))
    valid = acceptance(key=None, rule="oracle_scrolls", subject="public.oracle_scrolls")
    assert report(finding("a"), accept=(expired, valid)).accepted[0].acceptance == valid
    assert report(finding("a"), accept=(expired, valid)).remarks == {}


@pytest.mark.parametrize("turn", [1, -1])
def test_each_of_two_on_one_key_is_judged_by_itself(turn: int) -> None:
    expired, valid = acceptance("a", date(2026, 11, 1)), acceptance("a", target=report().target)
    made = report(finding("a"), accept=(expired, valid)[::turn])
    assert [entry.acceptance for entry in made.accepted] == [valid]


def test_what_matches_nothing_is_reported() -> None:
    made = report(accept=(acceptance("gone"),))
    assert made.notes == ("The acceptance of gone matches no finding here, but this check was without stripe.",)
    assert made.verdict is ReportVerdict.READY


def test_what_could_not_be_looked_for_is_not_called_gone() -> None:
    (note,) = make_report("x", [answer(unknown=(UNKNOWN,))], acceptances=(acceptance("gone"),), started_at=NOW).notes
    assert note == "The acceptance of gone matches no finding here, but this check was incomplete in wall."


def test_an_acceptance_may_be_for_one_target() -> None:
    here, there = acceptance("a", target=report().target), acceptance("a", target="staging")
    assert report(finding("a"), accept=(here,)).accepted
    made = report(finding("a"), accept=(there,))
    assert made.verdict is ReportVerdict.NOT_READY
    assert made.notes == ()


def test_an_acceptance_that_may_match_on_another_target_is_not_called_useless() -> None:
    def notes(entry: Acceptance) -> tuple[str, ...]:
        return make_report("staging", [answer(finding("a"))], acceptances=[entry], started_at=NOW).notes

    assert notes(acceptance("gone")) == (
        "The acceptance of gone matches no finding on this target. Remove it if it matches none on any other.",
    )
    assert notes(acceptance("gone", target="staging")) == (
        "The acceptance of gone no longer matches a finding. Remove it from the file.",
    )


def test_a_moment_is_no_day() -> None:
    assert isinstance(datetime(2026, 1, 1), date)  # which is why the parser looks at the exact type
