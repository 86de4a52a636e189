"""The files of the Lab page, the matrix as HTML, and two pictures at one scale."""

import json
import re

import pytest

from lab import Scenario, make_plan
from lab.plan.difference import compare_plans
from lab.plan.matrix import make_matrix
from lab.readiness.reports.plans import DIFFERENCE_FORMS, PLAN_FORMS
from lab.ui.kit.url import read_query
from lab.ui.scenario.comparison import _scale
from lab.ui.scenario.inputs import FIELDS
from lab.ui.scenario.matrix import write_matrix
from tests.ui.drawing import Open, list_downloads

A, B = make_plan(Scenario(layer="scroll", channels=("pdf",))), make_plan(Scenario(layer="shop", what_if=("minor",)))


def test_the_files_of_a_comparison_hold_both_scenarios() -> None:
    told = json.loads(DIFFERENCE_FORMS["json"](compare_plans(A, B)))
    assert told["a"] == json.loads(A.model_dump_json())
    assert told["b"] == json.loads(B.model_dump_json())
    assert "pdf" in [entry["name"] for entry in told["only_a"] if entry["kind"] == "job"]
    text = str(DIFFERENCE_FORMS["markdown"](compare_plans(A, B)))
    assert "## A: Scroll, through PDF" in text
    assert "## B: Shop, through no channel, with no consent; what if: Minor" in text


def test_the_file_of_one_scenario_is_its_plan() -> None:
    assert json.loads(PLAN_FORMS["json"](A)) == json.loads(A.model_dump_json())
    assert "what if" not in str(PLAN_FORMS["markdown"](A)).splitlines()[0]


def test_two_pictures_have_one_scale() -> None:
    assert _scale(1000.0, 500.0) == (830, 415)
    assert _scale(300.0, 300.0) == (830, 830)


def test_both_pictures_are_drawn_at_that_scale(open_page: Open) -> None:
    page = open_page("lab", channel="pdf", compare="on", b_layer="shop", b_channel="gift", view="Flow")
    assert not page.exception
    assert len(page.get("image")) == 2


def test_each_cell_is_a_link_to_its_own_scenario() -> None:
    rows = make_matrix(("email_delivery",), ("minor",))
    html = write_matrix(rows, Scenario(layer="artifacts", channels=("email", "pdf")))
    links = re.findall(r'href="\?([^"]*)"', html)
    scenarios = [cell.scenario for row in rows for cell in row]
    for link, scenario in zip(links, scenarios, strict=True):
        query: dict[str, list[str]] = {}
        for name, _, value in (part.partition("=") for part in link.replace("&amp;", "&").split("&")):
            query.setdefault(name, []).append(value)
        values, notices = read_query(query, FIELDS)
        assert notices == ()
        assert values["layer"] == scenario.layer
        assert values["channel"] == list(scenario.channels)
        assert (values["consent"], values["what_if"]) == (["email_delivery"], ["minor"])
    assert re.findall(r'data-pick="(\S+ \S*)"[^>]*aria-current', html) == ["artifacts email", "artifacts pdf"]


@pytest.mark.parametrize("pick", ["temple email", "artifacts fax", "", "artifacts <b>"])
def test_a_pick_that_the_rules_do_not_know_opens_nothing(pick: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from lab.ui.scenario import matrix

    def refuse(*_: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(matrix, "put_scenario", refuse)
    monkeypatch.setattr(matrix, "MEMORY", {"matrix": {"pick": pick}})
    matrix._open_cell()


@pytest.mark.parametrize("name", ["lab", "access", "schema"])
def test_a_page_offers_its_report_to_take_home(open_page: Open, name: str) -> None:
    """Chapters and Readiness offer theirs once they were checked; see `test_personas.py`."""
    assert {"JSON", "Markdown", "PDF"} <= list_downloads(open_page(name))


def test_two_scenarios_can_be_taken_home(open_page: Open) -> None:
    assert {"JSON", "Markdown", "PDF"} <= list_downloads(open_page("lab", compare="on", b_layer="shop"))
