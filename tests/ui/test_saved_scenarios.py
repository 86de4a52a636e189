"""The list of saved scenarios: read only when it is opened, and closed to whoever may not operate."""

import os

import pytest
from streamlit.testing.v1 import AppTest

from lab.readiness.history import find_history, read_scenarios
from tests.ui.drawing import Open, listed, press, words
from tests.ui.operating import serve_on

pytestmark = pytest.mark.usefixtures("own_home")


def open_list(page: AppTest) -> AppTest:
    page.session_state["lab-saved"] = True
    return page.run()


def test_a_page_that_is_only_looked_at_reads_no_history(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr("lab.readiness.history.read_scenarios", refuse)
    assert not open_page("lab").exception


def test_what_is_saved_is_listed_and_opened(open_page: Open) -> None:
    page = open_list(open_page("lab", layer="echo", what_if="minor"))
    assert "No scenario is saved yet." in words(page)
    page.text_input(key="lab-name").set_value("  Echo of   a minor ")
    press(page, "Save")
    assert "Saved as Echo of a minor." in words(page)
    page.button_group(key="lab-layer").set_value("shop").run()
    press(open_list(page), "Echo of a minor")
    assert listed(page, "layer") == ["echo"]
    assert listed(page, "what_if") == ["minor"]


def test_without_a_name_nothing_is_saved(open_page: Open) -> None:
    page = press(open_list(open_page("lab")), "Save")
    assert "Give the scenario a name." in words(page)
    assert read_scenarios(find_history(os.environ)) == ()


def test_whoever_may_not_operate_sees_no_list_and_saves_nothing(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_list(open_page("lab"))
    page.text_input(key="lab-name").set_value("Planted")
    serve_on(monkeypatch, "0.0.0.0")  # between the drawing and the click
    press(page, "Save")
    assert "Saved scenarios are closed." in words(page)
    assert "Planted" not in words(page)
    assert read_scenarios(find_history(os.environ)) == ()
