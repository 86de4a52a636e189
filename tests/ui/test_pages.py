"""Each page as Streamlit draws it, without a browser."""

from typing import Any, cast

import pytest

import lab.pictures
from lab import RULES
from lab.database.connect import DatabaseUnavailable
from lab.ui.kit.caches import draw_flow, draw_schema
from lab.ui.scenario.inputs import VIEWS
from tests.ui.drawing import Open, listed, metrics, words
from tests.ui.operating import let_refuse


def test_the_lab_opens_on_the_golden_case(open_page: Open) -> None:
    page = open_page("lab")
    text = words(page)
    assert not page.exception
    assert "check_circle: Ready, and nothing is delivered yet" in text
    assert "beautiful but lives like stained glass without a wall" in text
    assert "PDF and share-card separate private and public fields." in text
    for name in ("public.oracle_artifacts", "public.delivery_jobs", "public.admin_audit_events"):
        assert name in text
    assert "PDF, share-card, gift artifact, and print-view as separate deliverable entities." in text
    assert "Email, PDF, gift, receipt, Echo, and recovery are sent as tracked jobs." in text
    for variable in RULES.env_always:
        assert variable.id in text
    assert "No job." in text
    for rule in RULES.standing_rules:
        assert rule.sentence in text
    assert "3 tables" in text
    assert page.button == []
    assert "No open risk." in words(open_page("lab", view="Risks"))


def test_a_missing_consent_is_given_with_one_click(open_page: Open) -> None:
    page = open_page("lab", channel="email")
    assert "Missing consent" in words(page)
    assert [button.label for button in page.button] == ["Add the E-mail consent", "or leave out E-mail"]
    page.button[0].click().run()
    assert "check_circle: Ready" in words(page)
    assert listed(page, "consent") == ["email_delivery"]
    assert listed(page, "channel") == ["email"]


def test_dropping_the_channel_is_the_other_way(open_page: Open) -> None:
    page = open_page("lab", channel="email")
    page.button[1].click().run()
    assert "check_circle: Ready" in words(page)
    assert "- E-mail consent" in words(page)
    assert "channel" not in page.query_params


def test_a_channel_that_is_not_offered_is_seen(open_page: Open) -> None:
    page = open_page("lab", layer="stripe", channel="pdf")
    text = words(page)
    assert "Not offered" in text
    assert "Stripe is offered as Receipt, Recovery." in text
    assert [button.label for button in page.button] == ["Leave out PDF"]


@pytest.mark.parametrize("view", VIEWS)
def test_every_tab_draws_for_one_and_for_two_scenarios(open_page: Open, view: str) -> None:
    for compare in ("off", "on"):
        page = open_page("lab", channel=["email", "gift"], view=view, compare=compare, b_layer="shop", what_if="minor")
        assert not page.exception
        assert len(words(page)) > 200


def test_what_a_link_says_wrong_is_named(open_page: Open) -> None:
    page = open_page("lab", layer="temple", channel=["fax", "pdf"], tower="1")
    told = page.warning[0].value
    assert "layer “temple”" in told
    assert "channel “fax”" in told
    assert "“tower”" in told
    assert "Artifacts, through PDF" in words(page)


def test_a_comparison_shows_two_verdicts_and_what_differs(open_page: Open) -> None:
    page = open_page("lab", channel="pdf", compare="on", b_layer="artifacts", b_channel="email")
    text = words(page)
    assert "Scenario A" in text
    assert "Scenario B" in text
    assert "**Job:** E-mail notice" in text
    assert "check_circle: Ready" in text
    assert "Missing consent" in text
    assert "only B" in text
    assert "public.email_suppressions" in text


def test_a_comparison_begins_with_a_copy(open_page: Open) -> None:
    page = open_page("lab", layer="scroll", channel="email")
    page.toggle[0].set_value(True).run()
    assert listed(page, "b_layer") == ["scroll"]
    assert listed(page, "b_channel") == ["email"]


def test_the_schema_shows_every_table_and_opens_one(open_page: Open) -> None:
    page = open_page("schema")
    assert not page.exception
    assert all(table.description in words(page) for table in RULES.tables)
    page.selectbox(key="schema-table").set_value("share_cards").run()
    text = words(page)
    assert "`public.share_cards`" in text
    assert "create table" in text
    assert listed(page, "table") == ["share_cards"]


@pytest.mark.sample(every=6)
@pytest.mark.parametrize("table", [table.id for table in RULES.tables])
def test_every_table_has_its_page(open_page: Open, table: str) -> None:
    page = open_page("schema", table=table)
    assert not page.exception
    assert RULES.table(table).loss in words(page)


def test_a_table_that_does_not_exist_is_named(open_page: Open) -> None:
    page = open_page("schema", table="users")
    assert "table “users”" in page.warning[0].value
    assert "oracle_scrolls" in page.warning[0].value


def test_a_search_without_a_find_says_so(open_page: Open) -> None:
    assert "No table or column matches" in words(open_page("schema", q="zeppelin"))


def test_without_a_database_chapters_are_unknown_and_the_lab_works(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_refuse(monkeypatch, DatabaseUnavailable("the embedded Postgres", "its package is missing", "Set DATABASE_URL"))
    page = open_page("chapters")
    assert not page.exception
    assert "Set DATABASE_URL" in page.warning[0].value
    assert list(metrics(page).values()) == ["0", "0", "16"]
    for name in ("lab", "schema"):
        page = open_page(name)
        assert not page.exception
        assert "This page needs no database" in words(page)
        assert "Set DATABASE_URL" in words(page)


@pytest.mark.usefixtures("own_home")
@pytest.mark.parametrize("name", ["readiness", "access"])
def test_without_a_database_the_page_says_why(open_page: Open, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    let_refuse(monkeypatch, DatabaseUnavailable("the embedded Postgres", "its package is missing", "Set DATABASE_URL"))
    page = open_page(name)
    assert not page.exception
    assert "The check cannot run. the embedded Postgres: its package is missing" in page.warning[0].value


def test_an_unforeseen_fault_shows_its_kind_and_no_secret(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    let_refuse(monkeypatch, ValueError("postgresql://me:hunter2@host/db"))
    text = words(open_page("chapters"))
    assert "ValueError" in text
    assert "hunter2" not in text


def test_without_a_renderer_the_words_and_the_graphviz_text_remain(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise lab.pictures.PictureUnavailable("no Graphviz was found")

    monkeypatch.setattr(lab.pictures, "flow_svg", refuse)
    monkeypatch.setattr(lab.pictures, "schema_svg", refuse)
    draw_flow.clear()
    draw_schema.clear()
    page = open_page("lab", channel="pdf", view="Flow")
    assert not page.exception
    assert "no Graphviz was found" in words(page)
    assert "The full reading, to its owner's account alone." in words(page)
    assert "Graphviz text" in [cast("Any", button).label for button in page.get("download_button")]
