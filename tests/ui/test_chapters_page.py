"""The Chapters page: what each promise's state is, in the database behind it and in another target."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import pytest

import lab.readiness.chapters
from lab import RULES
from lab.checks.schema.check import check_database
from lab.checks.state import State
from lab.database.connect import DatabaseUnavailable
from lab.readiness.chapters import ChapterState, ProofResult, Proofs
from lab.rehearsal.record import FILE, read_code_version
from lab.services.anchor import anchor_once, draw_key
from lab.ui.chapters import parts as promises
from lab.ui.readiness.findings import Filter
from tests.ui.drawing import Open, listed, metrics, press, words
from tests.ui.operating import answered, execute, serve_on, wait_for

pytestmark = pytest.mark.usefixtures("own_home")


def test_chapters_show_what_the_database_says(open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        lab.readiness.chapters, "read_proofs", lambda url, anchors, watch: Proofs(check_database(wall), {}, {})
    )
    monkeypatch.setattr(promises, "judge_chapters", lambda *proofs: _states())
    page = answered(open_page("chapters"))
    assert not page.exception
    text = words(page)
    assert all(chapter.promise in text for chapter in RULES.chapters)
    assert "because the test says so" in text
    values = list(metrics(page).values())
    assert values == ["14", "1", "1"]


def _states() -> tuple[ChapterState, ...]:
    states = {6: State.BROKEN, 12: State.UNKNOWN}
    return tuple(
        ChapterState(
            number=chapter.number,
            id=chapter.id,
            promise=chapter.promise,
            state=states.get(chapter.number, State.HOLDS),
            proofs=(
                ProofResult(
                    id="a",
                    title="A question.",
                    state=states.get(chapter.number, State.HOLDS),
                    seen="2 found",
                    why="because the test says so",
                ),
            ),
        )
        for chapter in RULES.chapters
    )


def test_a_broken_chapter_leads_to_its_findings(open_page: Open, wall: str) -> None:
    execute(wall, "alter table public.oracle_scrolls disable row level security")
    page = answered(open_page("chapters"))
    assert not page.exception
    assert "The readiness check shows why, with the SQL" in words(page)
    links = [
        one.proto for one in page.get("page_link") if one.proto.label.startswith("Findings and repairs of chapter")
    ]
    asked = [parse_qs(link.query_string) for link in links]
    assert {link.page for link in links} == {"readiness"}
    assert {one["target"][0] for one in asked} == {"embedded"}
    numbers = [one["chapter"][0] for one in asked]
    assert "11" in numbers
    findings = check_database(wall).findings
    for chapter in RULES.chapters:
        shown = [f for f in findings if f.weighs and Filter(chapter=str(chapter.number)).shows(f)]
        assert (str(chapter.number) in numbers) == bool(shown)


def test_a_database_that_goes_away_leaves_chapters_unknown(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(url: str, anchors: object, watch: object) -> None:
        raise DatabaseUnavailable("host:5432/db", "nothing listens there", "Check host and port")

    monkeypatch.setattr(lab.readiness.chapters, "read_proofs", refuse)
    page = answered(open_page("chapters"))
    assert not page.exception
    assert "nothing listens there" in words(page)
    assert list(metrics(page).values()) == ["0", "0", "16"]


def test_a_ledger_that_fits_its_anchors_proves_its_chapters(
    open_page: Open, wall: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = draw_key("test.example/ledgers")
    anchor_once(tmp_path / "anchors", signer, wall, datetime.now(UTC))
    monkeypatch.setenv("LAB_ANCHOR", str(tmp_path / "anchors"))
    monkeypatch.setenv("LAB_ANCHOR_VKEY", signer.verifier.text)
    assert next(iter(metrics(answered(open_page("chapters"))).values())) == "12"


@pytest.mark.parametrize(
    ("vkey", "told"), [("", "no verifier key"), ("test.example/ledgers+1+none", "the verifier key is mistyped")]
)
def test_anchors_without_their_key_are_told_apart_from_no_anchors(
    open_page: Open, wall: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vkey: str, told: str
) -> None:
    monkeypatch.setenv("LAB_ANCHOR", str(tmp_path / "anchors"))
    monkeypatch.setenv("LAB_ANCHOR_VKEY", vkey)
    page = answered(open_page("chapters"))
    assert told in words(page).replace("\\", "")
    assert "No anchor was named" not in words(page)
    assert next(iter(metrics(page).values())) == "9"


@pytest.mark.parametrize(("code", "holding", "told"), [("", "10", ""), ("older", "9", "older than the code")])
def test_chapter_13_rests_on_the_last_rehearsal(
    open_page: Open, wall: str, tmp_path: Path, code: str, holding: str, told: str
) -> None:
    record = {
        "at": "2026-11-30T14:00:00+00:00", "code": code or read_code_version(), "holds": True, "crash_points": 162,
        "pairs": 0, "plays": 524, "bugs": {}, "failures": [],
    }  # fmt: skip
    (tmp_path / FILE).write_text(json.dumps(record))
    page = answered(open_page("chapters"))
    assert next(iter(metrics(page).values())) == holding
    assert told in words(page)
    assert "rehearsed on 30 November 2026 at 14:00 UTC: 162 crash points" in words(page)


def test_chapters_can_be_asked_of_another_target(
    open_page: Open, wall: str, bare: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_TARGET_STAGING", bare)
    serve_on(monkeypatch, "localhost")
    holding = next(iter(metrics(answered(open_page("chapters"))).values()))
    page = open_page("chapters", target="staging")
    assert not page.exception
    assert listed(page, "target") == ["staging"]
    assert promises.PAGE.runs.find("staging") is None
    assert "Not run on this target yet" in words(page)
    assert list(metrics(page).values()) == ["0", "0", "16"]
    page = press(page, "Run the check")
    wait_for(promises.PAGE.runs.find("staging"))
    page = page.run()
    assert int(holding) == 9  # without anchors three chapters are unknown, and one without a rehearsal
    assert next(iter(metrics(page).values())) == "0"
    assert re.search(r"\*\*staging\*\* :small\[:gray\[checked \d+ s ago", words(page))
    serve_on(monkeypatch, "shop.example")
    page = open_page("chapters", target="staging")
    assert "target “staging”" in page.warning[0].value
    assert "Live data is not shown." in page.warning[1].value
    assert list(metrics(page).values()) == ["0", "0", "16"]


def test_what_blocks_a_launch_comes_first_in_the_order_of_harm(open_page: Open, wall: str) -> None:
    execute(wall, "drop index public.share_cards_slug; alter table public.oracle_scrolls disable row level security")
    page = answered(open_page("chapters"))
    heads = [str(one.value) for one in page.markdown if str(one.value).startswith("#### ")]
    states = ["broken" if "broken" in head else "unknown" if "unknown" in head else "holds" for head in heads]
    assert states == sorted(states)
    assert "holds" not in states
    links = [one.proto for one in page.get("page_link") if one.proto.label.startswith("Begin here: ")]
    assert [link.label for link in links] == ["Begin here: Row-level security is off on oracle_scrolls"]
    assert parse_qs(links[0].query_string)["finding"] == ["row_security:public.oracle_scrolls:enabled"]
    last = [head for head in heads if "broken" in head][-1]
    assert last.startswith("#### 16.")
