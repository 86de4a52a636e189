"""The record of the last rehearsal: it counts for the code that was rehearsed alone, and chapter 13 says the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from lab.checks.state import State
from lab.readiness.chapters import judge_chapters
from lab.rehearsal import record
from lab.rehearsal.record import FILE, Recorded, read_code_version, read_recorded
from lab.rules import RULES

HELD: dict[str, Any] = {
    "at": "2026-11-30T14:00:00+00:00", "code": read_code_version(), "rules": "x", "holds": True, "crash_points": 162,
    "pairs": 0, "plays": 524, "bugs": {}, "failures": [],
}  # fmt: skip
BROKE = {**HELD, "holds": False, "failures": [{"schedule": "blind crash@a/b/1/after", "broken": ["message_once"]}]}
MISSED = {**HELD, "holds": False, "bugs": {"no_receipt": True, "stop_ignored": False}}
STEP = "Run `python -m lab rehearse`."
CASES: dict[str, tuple[str | None, State, str, str]] = {
    "none": (None, State.UNKNOWN, "not rehearsed here", STEP),
    "no JSON": ("{", State.UNKNOWN, "cannot be read", STEP),
    "no record": ("[]", State.UNKNOWN, "cannot be read", STEP),
    "of another version of the lab": (
        json.dumps({k: v for k, v in HELD.items() if k != "code"}), State.UNKNOWN, "older than the code", STEP,
    ),
    "older": (json.dumps({**HELD, "code": "0" * 12}), State.UNKNOWN, "older than the code: rehearsed on 30", STEP),
    "older and broken": (json.dumps({**BROKE, "code": "0" * 12}), State.UNKNOWN, "older than the code", STEP),
    "holds": (
        json.dumps(HELD), State.HOLDS, "rehearsed on 30 November 2026 at 14:00 UTC: 162 crash points, 524 plays", "",
    ),
    "whole": (
        json.dumps({**HELD, "pairs": 9000, "bugs": {"a": True}}), State.HOLDS, "9,000 pairs, 524 plays, 1 of 1", "",
    ),
    "broken": (json.dumps(BROKE), State.BROKEN, "1 failure, rehearsed", "--play \"blind crash@a/b/1/after\"` tells"),
    "a bug was missed": (json.dumps(MISSED), State.BROKEN, "1 of 2 planted bugs found", "not found: stop_ignored"),
}  # fmt: skip


def write(folder: Path, text: str | None) -> Recorded:
    if text is not None:
        (folder / FILE).write_text(text)
    return read_recorded(folder)


@pytest.mark.parametrize("case", CASES)
def test_what_a_record_says(tmp_path: Path, case: str) -> None:
    text, state, seen, why = CASES[case]
    told = write(tmp_path, text)
    assert told.state is state
    assert seen in told.seen
    assert why in told.why


@pytest.mark.parametrize("case", CASES)
def test_chapter_13_says_what_the_record_says(tmp_path: Path, case: str) -> None:
    text, state, _, _ = CASES[case]
    told = write(tmp_path, text)
    chapter = judge_chapters(None, None, None, told)[12]
    proof = next(one for one in chapter.proofs if one.id == "failures_rehearsed")
    assert (proof.state, proof.seen, proof.why) == (state, told.seen, told.why)
    assert chapter.state is (State.BROKEN if state is State.BROKEN else State.UNKNOWN)


def test_without_a_record_the_proof_is_unknown() -> None:
    proof = next(one for one in judge_chapters(None, None, None)[12].proofs if one.id == "failures_rehearsed")
    assert proof.state is State.UNKNOWN


@pytest.mark.parametrize(
    "changed",
    [
        "services/delivery/sending.py",
        "rehearsal/promises.py",
        "sql/functions.py",
        "plan/make.py",
        "SQL/migrations/1.sql",
    ],
)
def test_a_change_of_what_is_rehearsed_makes_the_record_older(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    monkeypatch.setattr(record, "PACKAGE", tmp_path)
    monkeypatch.setattr(record, "SQL", tmp_path / "SQL")
    before = _read_anew()
    (tmp_path / changed).parent.mkdir(parents=True)
    (tmp_path / changed).write_text("-- changed")
    after = _read_anew()
    assert before != after
    (tmp_path / changed).write_text("-- changed again")
    assert _read_anew() != after


def test_other_files_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "PACKAGE", tmp_path)
    monkeypatch.setattr(record, "SQL", tmp_path / "SQL")
    before = _read_anew()
    for name in ("ui/page.py", "services/__pycache__/a.pyc"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("changed")
    assert _read_anew() == before


def test_the_rules_are_part_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _read_anew()
    monkeypatch.setattr(record, "RULES", RULES.model_copy(update={"jobs": RULES.jobs[:1]}))
    assert _read_anew() != before


def _read_anew() -> str:
    read_code_version.cache_clear()
    try:
        return read_code_version()
    finally:
        read_code_version.cache_clear()
