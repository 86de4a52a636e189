"""The tour page: its steps as they were played, the way through them, and what it shows where it is not played."""

import pytest
from streamlit.testing.v1 import AppTest

from lab.checks.tour.step import TourStep, Try
from lab.checks.tour.steps import STEPS
from lab.ui.tour import shape
from lab.ui.tour.parts import PAGES, read_tour
from tests.ui.drawing import Open, listed, press, words
from tests.ui.operating import execute

pytestmark = pytest.mark.usefixtures("own_home")
IDS = [step.id for step in STEPS]


@pytest.fixture(autouse=True)
def _afresh() -> None:
    read_tour.clear()


def tables(page: AppTest) -> str:
    """Return what stands in the page's tables."""
    return "\n".join(table.value.to_csv() for table in page.table)


@pytest.mark.parametrize("step", STEPS, ids=IDS)
@pytest.mark.usefixtures("wall")
def test_every_step_is_drawn_with_its_promise_and_its_tries(open_page: Open, step: TourStep) -> None:
    page = open_page("tour", step=step.id)
    told = words(page)
    assert not page.exception
    assert "10 of 10 steps hold" in told
    assert step.promise.title in told
    assert tables(page).count("as expected") == len(step.tries)


@pytest.mark.usefixtures("wall")
def test_next_and_back_walk_through_and_the_address_follows(open_page: Open) -> None:
    page = open_page("tour")
    walked = []
    for _ in STEPS[1:]:
        press(page, "Next")
        walked += listed(page, "step")
    assert walked == IDS[1:]
    assert next(button for button in page.button if button.label == "Next").disabled
    press(page, "Back")
    assert listed(page, "step") == [IDS[-2]]
    press(page, "Start again")
    assert "step" not in page.query_params


def test_a_wall_that_breaks_is_shown_after_a_new_start(open_page: Open, wall: str) -> None:
    page = open_page("tour")
    assert "10 of 10 steps hold" in words(page)
    execute(wall, "alter table public.oracle_scrolls disable row level security")
    press(page, "Start again")
    assert "9 of 10 steps hold" in words(page)
    assert "broken" in tables(page)
    assert "1 row instead of 0" in tables(page)


def test_on_another_database_it_is_not_played_and_says_so(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@db.example/shop")
    page = open_page("tour", step="share")
    assert "played only on the embedded database" in words(page)
    assert "hunter2" not in words(page)
    assert tables(page).count("not run") == len(next(step for step in STEPS if step.id == "share").tries)


def test_without_a_database_the_page_says_why(open_page: Open) -> None:
    page = open_page("tour")  # the database behind it is nobody's
    assert not page.exception
    assert "The tour could not be played." in words(page)


def test_a_step_that_does_not_exist_is_named(open_page: Open) -> None:
    assert "step “launch”" in open_page("tour", step="launch").warning[0].value


@pytest.mark.parametrize("step", STEPS, ids=IDS)
def test_every_link_leads_to_a_page_that_knows_its_choices(step: TourStep, open_page: Open) -> None:
    for link in step.links:
        assert link.page in PAGES
        page = open_page(link.page, **dict(link.query))
        assert not page.exception
        assert not [one.value for one in page.warning if "in the link" in one.value]


def test_a_value_is_short_and_takes_every_sign_literally() -> None:
    assert shape.write_value(None) == ":gray[empty]"
    assert shape.write_value("\\x" + "ab" * 32) == "`ababababab…`"
    assert shape.write_value("**bold** [x](y)") == "\\*\\*bold\\*\\* \\[x\\]\\(y\\)"
    assert shape.write_value("2026-11-30T14:10:17.1+00:00") == "2026-11-30 14:10:17 UTC"
    assert shape.write_value(True) == "yes"
    assert shape.write_value({"rows": 22}) == "rows: 22"


def test_what_was_not_played_shows_what_the_rules_let_them_get() -> None:
    tries = [one for step in STEPS for one in step.tries]
    assert all(isinstance(one, Try) for one in tries)
    shown = shape.list_tries(tries)
    assert set(shown["Result"]) == {":gray-badge[:material/remove: not run]"}
    assert "a refusal by `require_consent`" in shown["and gets"]
