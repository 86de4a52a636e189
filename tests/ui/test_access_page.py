"""The Access page: who reaches what, as the rules say it and as it was seen."""

from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from lab.ui.access import parts as access
from tests.ui.drawing import Open, drawn, list_rows, press, words
from tests.ui.operating import execute, let_answer, serve_on, wait_for

pytestmark = pytest.mark.usefixtures("own_home")


def tried(page: AppTest) -> AppTest:
    """Press the button, wait for the probes, and draw the page again."""
    press(page, "Run the probes")
    wait_for(access.PAGE.runs.find("embedded"))
    page.run()
    assert not page.exception
    return page


def test_access_shows_what_is_expected_and_then_what_was_seen(open_page: Open, wall: str) -> None:
    page = open_page("access")
    assert not page.exception
    assert "not run" in words(page)
    assert "held" not in words(page)
    assert "</span> as expected <b>0</b>" in drawn(page)
    page = tried(page)
    assert "check_circle: Holds" in words(page)
    assert "broken" not in words(page)
    assert "</span> differs <b>0</b>" in drawn(page)
    assert "</span> not run <b>0</b>" in drawn(page)
    page.selectbox(key="access-who").set_value("visitor").run()
    assert "public fields, by link" in drawn(page)


def test_access_shows_a_door_that_stands_open(open_page: Open, wall: str) -> None:
    execute(wall, "grant select on public.share_cards to anon")
    page = tried(open_page("access", who="visitor"))
    row = drawn(page).split("<code>share_cards</code>")[1].split("</tr>")[0]
    assert "differs: gets no row, but may also ask for id" in row
    assert "error: Broken" in words(page)
    execute(wall, "create policy door on public.share_cards to anon using (true)")
    row = drawn(tried(page)).split("<code>share_cards</code>")[1].split("</tr>")[0]
    assert "; reads also id" in row
    assert "may also ask" not in row


def test_access_says_everywhere_alike_that_a_privilege_gave_no_row_out(open_page: Open, wall: str) -> None:
    execute(wall, "grant select on public.oracle_scrolls to anon")
    page = tried(open_page("access"))
    told = "gets no row, but may also ask for id, subject_id, locale"
    cell = drawn(page).split("<code>oracle_scrolls</code>")[1].split("</td>")[0].replace("<wbr>", "")
    assert told in cell
    assert told in words(page).replace("\\", "")
    assert "reads also" not in words(page) + drawn(page)


def test_access_shows_no_other_target_than_the_link_names(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    serve_on(monkeypatch, "localhost")
    page = open_page("access", target="nosuch")
    assert "This link names a target that does not exist" in words(page)
    assert "Run the probes:" not in words(page)
    page = press(page, "Show embedded instead")
    assert "Run the probes:" in words(page)
    assert not page.warning


VIEW = "create view public.v as select id, question from public.oracle_scrolls; grant select on public.v to anon"
GATES = """
alter table public.share_cards disable trigger share_cards_need_consent;
alter table public.passport_records disable trigger passport_needs_consent;
alter table public.delivery_jobs disable trigger jobs_need_consent;
alter policy owner_writes_consent_events on public.consent_events with check (true);
alter table public.ai_runs disable trigger ai_runs_guard
"""
BROKEN = {
    VIEW: ["Only the owner can read a question and its answer."],
    GATES: [
        "Nothing is written to a Passport without explicit consent.",
        "No e-mail is queued without explicit consent.",
        "No public share without explicit consent, and none after it was withdrawn.",
        "People decide only for themselves, and the ledger decides which consent is valid.",
        "The AI reads only the brief of its own run, writes that run once, and writes nothing else.",
    ],
}


@pytest.mark.parametrize("weakening", BROKEN, ids=["a view", "the gates"])
def test_access_shows_a_broken_promise_as_broken(open_page: Open, wall: str, weakening: str) -> None:
    execute(wall, weakening)
    page = tried(open_page("access"))
    assert "error: Broken" in words(page)
    lines = [line for line in list_rows(page) if "broken" in line]
    assert all(any(sentence in line for line in lines) for sentence in BROKEN[weakening])
    assert "</span> differs <b>0</b>" not in drawn(page)
    link = page.get("page_link")[-1].proto
    assert link.label == "Findings and repairs"
    about = ["oracle_scrolls"] if weakening == VIEW else None
    assert parse_qs(link.query_string).get("about") == about


def test_access_leaves_open_what_a_strange_function_gives_out(open_page: Open, wall: str) -> None:
    execute(
        wall,
        "create function public.leak() returns setof text language sql security definer as"
        " 'select question from public.oracle_scrolls'; grant execute on function public.leak() to anon",
    )
    page = tried(open_page("access"))
    card = next(m.value for m in page.markdown if "Unknown" in m.value)
    assert "public.leak" in card
    row = drawn(page).split("<code>oracle_scrolls</code>")[1].split("</td>")[0]
    assert 'class="unknown none"' in row


def test_access_says_first_why_nothing_could_be_tried(
    open_page: Open, wall: str, bare: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_answer(monkeypatch, bare)
    page = tried(open_page("access"))
    card = next(m.value for m in page.markdown if "differ from the rules" in m.value)
    assert "None of the tables is here" in card
