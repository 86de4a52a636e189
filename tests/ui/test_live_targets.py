"""Who may see live data: whoever may operate, and nobody else, on any page and through any link."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from lab.database.connect import DatabaseUnavailable
from lab.ui.kit import reports as readiness
from lab.ui.kit import targets as places
from lab.ui.kit.server_database import ServerDatabase
from tests.ui.drawing import Open, all_of, metrics, press, words
from tests.ui.operating import LIVE, answered, boards, let_refuse, report_of, run_again, serve_on

pytestmark = pytest.mark.usefixtures("own_home")


def test_an_empty_address_is_not_taken_for_the_embedded_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    database = ServerDatabase()
    database._bring_up()
    assert (database.state, database.url) == ("unavailable", "")
    assert database.reason.startswith("DATABASE_URL: is set, but empty.")
    assert not places.holds_made_up_data()


@pytest.mark.parametrize("name", ["readiness", "access"])
def test_whoever_may_not_operate_sees_no_live_data(open_page: Open, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("DATABASE_URL", LIVE)
    serve_on(monkeypatch, "shop.example")
    page = open_page(name)
    assert not page.exception
    assert "Live data is not shown." in page.warning[0].value
    assert "sign in" in page.warning[0].value
    page = press(page, "Run the check", "Run the probes")
    assert [board.find("embedded") for board in boards()] == [None, None]
    assert "hunter2" not in words(page)
    assert "Not checked" not in words(page)


def test_the_chapters_of_a_live_database_are_not_shown_either(
    open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", wall)
    serve_on(monkeypatch, "shop.example")
    page = open_page("chapters")
    assert "Live data is not shown." in page.warning[0].value
    counts = {label.split("] ")[-1]: value for label, value in metrics(page).items()}
    assert counts == {"Holds": "0", "Broken": "0", "Unknown": "16"}


@pytest.mark.parametrize("name", ["lab", "schema", "chapters"])
@pytest.mark.parametrize(("address", "told"), [("shop.example", False), ("localhost", True)])
def test_where_the_live_database_is_stays_with_whoever_may_operate(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, name: str, address: str, told: bool
) -> None:
    let_refuse(monkeypatch, DatabaseUnavailable("db.example:5432/shop", "nothing listens there", "Check the port"))
    monkeypatch.setenv("DATABASE_URL", LIVE)
    serve_on(monkeypatch, address)
    page = open_page(name)
    assert not page.exception
    assert ("db.example" in words(page)) is told


def test_live_targets_are_offered_to_whoever_may_operate_and_are_not_asked_by_themselves(
    open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_TARGET_STAGING", LIVE)
    serve_on(monkeypatch, "localhost")
    page = open_page("readiness", target="staging")
    assert not page.exception
    assert page.selectbox(key="readiness-target").options == ["Embedded", "Staging"]
    assert "Not run on this target yet" in words(page)
    assert [board.find("staging") for board in boards()] == [None, None]
    serve_on(monkeypatch, "0.0.0.0")
    page = answered(open_page("readiness", target="staging"))
    assert page.selectbox(key="readiness-target").options == ["Embedded"]
    assert "Live targets are closed." in words(page)


@pytest.mark.parametrize("name", ["readiness", "chapters"])
@pytest.mark.parametrize(
    ("address", "told"), [("shop.example", "Live data is not shown."), ("localhost", "does not exist")]
)
def test_a_link_to_another_target_shows_no_verdict_of_this_one(
    open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch, name: str, address: str, told: str
) -> None:
    serve_on(monkeypatch, address)
    page = answered(open_page(name, target="prod"))
    assert "target “prod”" in page.warning[0].value
    assert told in page.warning[1].value
    assert "Ready" not in words(page)
    assert set(metrics(page).values()) <= {"0", "16"}
    page = answered(press(page, "Show embedded instead"))
    assert not page.warning
    assert "check_circle: Ready" in words(page) or "9" in metrics(page).values()


def test_a_target_that_was_withdrawn_meanwhile_is_not_replaced_in_silence(
    open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A login expires on an open page: what it had picked is no longer offered."""
    monkeypatch.setenv("LAB_TARGET_STAGING", LIVE)
    serve_on(monkeypatch, "localhost")
    page = open_page("readiness", target="staging", ask="stripe")
    assert "Not run on this target yet" in words(page)
    serve_on(monkeypatch, "shop.example")
    page = answered(page.run())
    assert not page.exception
    assert "Live data is not shown." in page.warning[0].value
    assert "Ready" not in words(page)
    assert page.session_state["readiness-ask"] == []


SITE = {"SUPABASE_SERVICE_ROLE_KEY": "sb_publishable_made_up_for_this_test", "STRIPE_WEBHOOK_SECRET": "made_up"}
ACCEPTED = """
[[acceptance]]
key = "policy:public.oracle_scrolls.live_secret:missing"
reason = "It is being repaired in this sprint."
accepted_by = "Ada Lovelace"
expires = {expires}
"""


def test_the_site_and_what_operators_found_of_it_are_for_operators_alone(
    open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable, value in SITE.items():
        monkeypatch.setenv(variable, value)
    accepted = tmp_path / "acceptances.toml"
    accepted.write_text(ACCEPTED.format(expires=date.today() + timedelta(days=20)))
    monkeypatch.setattr(readiness, "ACCEPTANCES", accepted)
    serve_on(monkeypatch, "localhost")
    asked = {"ask": ["environment", "stripe"]}
    page = answered(open_page("readiness", **asked))
    found = next(f for f in report_of(boards()[1]).findings if "SUPABASE_SERVICE" in f.subject)
    assert "live_secret" in words(page).replace("\\", "")
    assert "SUPABASE_SERVICE" in all_of(page)

    serve_on(monkeypatch, "shop.example")
    for query in (asked, {"show": "History"}, {"family": "environment"}, {"check": "embedded"}):
        page = answered(open_page("readiness", **query))
        assert not page.exception
        assert "SUPABASE" not in all_of(page)
        assert "live_secret" not in all_of(page)
    page = answered(open_page("readiness", finding=found.key))
    assert "did not find" in words(page)
    assert found.why not in words(page)
    assert "No check of this target is kept yet" not in words(answered(open_page("readiness", show="History")))
    page.session_state["readiness-ask"] = ["environment", "stripe"]
    run_again(page)
    assert {
        family.id: family.state.value for family in report_of(boards()[0]).families if family.id in asked["ask"]
    } == {
        "environment": "not asked",
        "stripe": "not asked",
    }
    assert "SUPABASE" not in all_of(page)
