"""The pages for operators, as Streamlit draws them, without a browser."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from lab.database import DatabaseUnavailable
from lab.embedded import EmbeddedPostgres
from lab.readiness.history import history_path, read_runs, record_run
from lab.readiness.report import Report
from lab.ui import access, places, promises, readiness
from lab.ui.house import House
from lab.ui.runs import Board
from tests.servers import Database
from tests.ui.conftest import tell_house
from tests.ui.test_pages import listed, metrics, words

Open = Callable[..., AppTest]
LIVE = "postgresql://me:hunter2@db.example:5432/shop"
ENOUGH_SECONDS = 60


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep histories apart, and let no real target in."""
    monkeypatch.setenv("PERSISTENCE_LAB_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def wall(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, server: EmbeddedPostgres, database: Callable[..., Database]
) -> Iterator[str]:
    """Put a migrated database behind the pages."""
    url = database(server).url
    monkeypatch.setattr(House, "_open", lambda house: tell_house(house, url=url))
    yield url
    for board in (*boards(), access.open_probe_board(), promises.open_chapter_board()):
        wait_for(board.find("embedded"))


def boards() -> tuple[Board[Report], Board[Report]]:
    """Return the boards of checks: of everybody, and of whoever may operate."""
    return readiness.open_board(False), readiness.open_board(True)


def wait_for(run: object) -> None:
    end = time.monotonic() + ENOUGH_SECONDS
    while run is not None and run.running:  # type: ignore[attr-defined]
        assert time.monotonic() < end
        time.sleep(0.05)


def answered(page: AppTest) -> AppTest:
    """Wait for what is asked of the embedded database, and draw the page again."""
    for board in (*boards(), promises.open_chapter_board()):
        wait_for(board.find("embedded"))
    return page.run()


def run_again(page: AppTest) -> AppTest:
    next(button for button in page.button if button.label == "Run the check").click().run()
    return answered(page)


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def test_a_sound_database_is_ready_by_itself(open_page: Open, wall: str) -> None:
    page = answered(open_page("readiness"))
    assert not page.exception
    text = words(page)
    assert "check_circle: Ready" in text
    assert "Nothing was found in schema, access and strangers; not asked: probes, " in text
    assert "findings" not in text.replace("Findings", "")
    assert set(metrics(page).values()) == {"0"}
    assert "target" not in page.query_params


def test_a_broken_one_shows_the_finding_with_its_repair_and_is_ready_after_it(open_page: Open, wall: str) -> None:
    execute(wall, "alter table public.oracle_scrolls no force row level security")
    page = answered(open_page("readiness"))
    text = words(page)
    assert "error: Not ready" in text
    opening = next(button for button in page.button if "public.oracle_scrolls" in button.label.replace("\\", ""))
    page = opening.click().run()
    key = listed(page, "finding")[0]
    repair = page.code[-1].value
    assert "force row level security" in repair
    assert "### Repair" in words(page)
    execute(wall, repair)
    page = run_again(page)
    assert "check_circle: Ready" in words(page)
    page.query_params["finding"] = key
    page = page.run()
    assert "did not find" in words(page)
    page.segmented_control(key="show").set_value("History").run()
    text = words(page)
    assert "resolved" in text
    assert "not ready" in text


def test_filters_narrow_the_findings_and_stand_in_the_address(open_page: Open, wall: str) -> None:
    execute(wall, "alter table public.oracle_scrolls no force row level security; create table public.stray (id int)")
    page = answered(open_page("readiness", about="oracle_scrolls"))
    assert "1 of 2 findings" in words(page)
    page.selectbox(key="about").set_value("share_cards").run()
    assert "0 of 2 findings" in words(page)
    assert "No finding fits the filters." in words(page)
    assert listed(page, "about") == ["share_cards"]


def test_all_filters_hold_together(open_page: Open, wall: str) -> None:
    execute(wall, "alter table public.oracle_scrolls no force row level security; create table public.stray (id int)")
    held = {"severity": "high", "family": "access", "chapter": "11", "about": "oracle_scrolls"}
    page = answered(open_page("readiness", **held))
    assert "1 of 2 findings" in words(page)
    for name, other in (("severity", "low"), ("family", "stripe"), ("chapter", "3"), ("about", "share_cards")):
        page = open_page("readiness", **held | {name: other})
        assert "0 of 2 findings" in words(answered(page)), name
        assert listed(page, name) == [other]


def test_a_check_can_be_limited_to_layers_and_the_link_says_so(open_page: Open, wall: str) -> None:
    for table in ("oracle_scrolls", "council_sessions"):
        execute(wall, f"alter table public.{table} no force row level security")
    page = answered(open_page("readiness", layer="scroll"))
    text = words(page).replace("\\", "")
    assert "only for Scroll" in text
    assert "public.council_sessions" not in str([button.label for button in page.button]).replace("\\", "")
    assert "1 of 1 findings" in text
    assert listed(page, "layer") == ["scroll"]
    page = page.multiselect(key="layer").set_value(["council"]).run()
    assert "Other layers are picked now than were checked." in words(page)
    page = run_again(page)
    assert "only for Council" in words(page)
    assert "public.council_sessions" in str([button.label for button in page.button]).replace("\\", "")


def test_no_finding_is_hidden_by_their_number(open_page: Open, wall: str) -> None:
    count = 2 * readiness.SHOWN + 1
    execute(wall, "; ".join(f"create table public.stray_{number} (id int)" for number in range(count)))
    page = answered(open_page("readiness"))
    seen: list[str] = []
    for sheet in (1, 2, 3):
        page = answered(open_page("readiness", sheet=str(sheet)))
        assert f"Sheet {sheet} of 3" in words(page)
        seen += [button.label for button in page.button if "stray" in button.label]
    assert len(set(seen)) == len(seen) == count
    page = answered(open_page("readiness", sheet="99"))
    assert "Sheet 3 of 3" in words(page)
    page.selectbox(key="about").set_value("share_cards").run()
    assert listed(page, "sheet") == []


def test_two_checks_are_laid_side_by_side(open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(wall, "create table public.stray (id int)")
    serve_on(monkeypatch, "localhost")
    page = answered(open_page("readiness", show="History"))
    execute(wall, "drop table public.stray")
    kept = read_runs(history_path(os.environ))
    record_run(history_path(os.environ), kept[0].model_copy(update={"target": "harbour", "findings": ()}))
    page = page.run()
    names = page.selectbox(key="against").options
    assert any(name.startswith("harbour") for name in names)
    page = page.selectbox(key="against").set_value(next(name for name in names if name.startswith("harbour"))).run()
    assert "stranger:public.stray:extra" in words(page).split("| Where |")[1]
    assert listed(page, "against")[0].startswith("harbour")
    assert not page.exception


def test_every_family_can_be_asked_and_what_is_unknown_says_why(
    open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_on(monkeypatch, "localhost")
    page = answered(open_page("readiness", ask=["environment", "data", "operations", "stripe"], probe="on"))
    page = run_again(page)
    assert not page.exception
    families = next(m.value for m in page.markdown if "### Families" in m.value)
    assert "not asked" not in families
    unknown = next(m.value for m in page.markdown if "### Not checked" in m.value)
    assert "| Not checked | Why |" in unknown


def test_what_was_not_asked_is_not_called_clean(open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = answered(open_page("readiness"))
    page = open_page("readiness", family="probes", ask="data", probe="on")
    text = words(page)
    assert "This check did not ask `probes`, so nothing is known of it." in text
    assert "It did not ask data, probes, picked now." in text
    page = run_again(page)
    assert "picked now" not in words(page)
    assert "This check also asked data, probes." in words(open_page("readiness"))


def test_a_link_to_a_finding_is_answered_from_the_history_after_a_restart(
    open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_TARGET_STAGING", wall)
    serve_on(monkeypatch, "localhost")
    execute(wall, "create table public.stray (id int)")
    key = "stranger:public.stray:extra"
    page = open_page("readiness", target="staging", finding=key)
    assert f"Nothing is known of `{key}`, which the link is about." in words(page)
    run_again(page)
    wait_for(boards()[1].find("staging"))
    readiness.open_board.clear()
    page = open_page("readiness", target="staging", finding=key)
    assert "It was last checked" in words(page)
    assert f"`{key}`, which the link is about, was last found" in words(page)
    page = open_page("readiness", target="staging", finding="another")
    assert "`another`, which the link is about, is in none of the checks" in words(page)


def test_a_link_to_what_does_not_exist_is_named(open_page: Open, wall: str) -> None:
    page = answered(open_page("readiness", target="production", severity="dreadful"))
    told = page.warning[0].value
    assert "target “production”" in told
    assert "severity “dreadful”" in told
    assert not page.exception


@pytest.mark.parametrize("name", ["readiness", "access"])
def test_without_a_database_the_page_says_why(open_page: Open, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def refuse(house: House) -> None:
        raise DatabaseUnavailable("the embedded Postgres", "its package is missing", "Set DATABASE_URL")

    monkeypatch.setattr(House, "_open", refuse)
    page = open_page(name)
    assert not page.exception
    assert "Nothing can be asked. the embedded Postgres: its package is missing" in page.warning[0].value


def test_an_empty_address_is_not_taken_for_the_embedded_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    house = House()
    house._bring_up()
    assert (house.state, house.url) == ("unavailable", "")
    assert house.reason.startswith("DATABASE_URL: is there, but empty.")
    assert not places.holds_made_up_data()


def serve_on(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Let the pages believe that the app listens there; a test has no request and so no headers."""
    context = SimpleNamespace(headers={"Host": f"{address}:8501"})
    monkeypatch.setattr(places, "st", Listening(get_option=lambda name: address, context=context))


class Listening(SimpleNamespace):
    """Streamlit, but for what is given."""

    def __getattr__(self, name: str) -> object:
        return getattr(streamlit, name)


@pytest.mark.parametrize("name", ["readiness", "access"])
def test_whoever_may_not_operate_sees_no_live_data(open_page: Open, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("DATABASE_URL", LIVE)
    serve_on(monkeypatch, "shop.example")
    page = open_page(name)
    assert not page.exception
    assert "Live data is not shown." in page.warning[0].value
    assert "sign in" in page.warning[0].value
    button = next(button for button in page.button if button.label in ("Run the check", "Try it"))
    page = button.click().run()
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
    def refuse(house: House) -> None:
        raise DatabaseUnavailable("db.example:5432/shop", "nothing listens there", "Check the port")

    monkeypatch.setattr(House, "_open", refuse)
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
    assert page.selectbox(key="target").options == ["Embedded", "Staging"]
    assert "Nobody has asked this target yet" in words(page)
    assert [board.find("staging") for board in boards()] == [None, None]
    serve_on(monkeypatch, "0.0.0.0")
    page = answered(open_page("readiness", target="staging"))
    assert page.selectbox(key="target").options == ["Embedded"]
    assert "Live targets are closed." in words(page)


def drawn(page: AppTest) -> str:
    """Return what stands in the page's own HTML."""
    return "".join(str(element.proto.body) for element in page.get("html"))


def tried(page: AppTest) -> AppTest:
    """Press the button, wait for the probes, and draw the page again."""
    next(button for button in page.button if button.label == "Try it").click().run()
    wait_for(access.open_probe_board().find("embedded"))
    page.run()
    assert not page.exception
    return page


def test_access_shows_what_is_expected_and_then_what_was_seen(open_page: Open, wall: str) -> None:
    page = open_page("access")
    assert not page.exception
    assert "not tried" in words(page)
    assert "held" not in words(page)
    assert "</span> as expected <b>0</b>" in drawn(page)
    page = tried(page)
    assert "check_circle: Holds" in words(page)
    assert "broken" not in words(page)
    assert "</span> differs <b>0</b>" in drawn(page)
    assert "</span> not tried <b>0</b>" in drawn(page)
    page.selectbox(key="who").set_value("visitor").run()
    assert "public fields, by link" in drawn(page)


def test_access_shows_a_door_that_stands_open(open_page: Open, wall: str) -> None:
    execute(wall, "grant select on public.share_cards to anon")
    page = tried(open_page("access", who="visitor"))
    row = drawn(page).split("<code>share_cards</code>")[1].split("</tr>")[0]
    assert "differs: reads also id" in row
    assert "error: Broken" in words(page)


VIEW = "create view public.v as select id, question from public.oracle_scrolls; grant select on public.v to anon"
GATES = """
alter table public.share_cards disable trigger share_cards_need_consent;
alter table public.passport_records disable trigger passport_needs_consent;
alter table public.delivery_jobs disable trigger jobs_need_consent;
alter policy owner_writes_consent_events on public.consent_events with check (true);
alter policy ai_writes_open_runs on public.ai_runs using (true)
"""
BROKEN = {
    VIEW: ["A question and its answer are reached by nobody but their owner."],
    GATES: [
        "Nothing is written to a Passport without explicit consent.",
        "No e\\-mail is queued without explicit consent.",
        "No public share without explicit consent, and none after it was withdrawn.",
        "A person decides for themselves alone, and what stands is what the ledger says.",
        "The AI reads the brief of an open run, writes it once, and writes nothing else.",
    ],
}


@pytest.mark.parametrize("weakening", BROKEN, ids=["a view", "the gates"])
def test_access_shows_a_broken_promise_as_broken(open_page: Open, wall: str, weakening: str) -> None:
    execute(wall, weakening)
    page = tried(open_page("access"))
    assert "error: Broken" in words(page)
    lines = [line for line in words(page).splitlines() if "broken]" in line]
    assert all(any(sentence in line for line in lines) for sentence in BROKEN[weakening])
    assert "</span> differs <b>0</b>" not in drawn(page)
    assert page.get("page_link")


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
    open_page: Open,
    wall: str,
    monkeypatch: pytest.MonkeyPatch,
    database: Callable[..., Database],
    server: EmbeddedPostgres,
) -> None:
    url = database(server, "bare").url
    monkeypatch.setattr(House, "_open", lambda house: tell_house(house, url=url))
    page = tried(open_page("access"))
    card = next(m.value for m in page.markdown if "Unknown" in m.value)
    assert "None of the wall's tables is here" in card


def test_chapters_can_be_asked_of_another_target(
    open_page: Open,
    wall: str,
    monkeypatch: pytest.MonkeyPatch,
    database: Callable[..., Database],
    server: EmbeddedPostgres,
) -> None:
    monkeypatch.setenv("LAB_TARGET_STAGING", database(server, "bare").url)
    serve_on(monkeypatch, "localhost")
    holding = next(iter(metrics(answered(open_page("chapters"))).values()))
    page = open_page("chapters", target="staging")
    assert not page.exception
    assert listed(page, "target") == ["staging"]
    assert promises.open_chapter_board().find("staging") is None
    assert "Nobody has asked this target yet" in words(page)
    assert list(metrics(page).values()) == ["0", "0", "16"]
    page = press(page, "Ask the database")
    wait_for(promises.open_chapter_board().find("staging"))
    page = page.run()
    assert int(holding) == 13
    assert next(iter(metrics(page).values())) == "0"
    assert "staging, asked" in words(page)
    serve_on(monkeypatch, "shop.example")
    page = open_page("chapters", target="staging")
    assert "target “staging”" in page.warning[0].value
    assert "Live data is not shown." in page.warning[1].value
    assert list(metrics(page).values()) == ["0", "0", "16"]


@pytest.mark.parametrize("name", ["readiness", "chapters"])
@pytest.mark.parametrize(("address", "told"), [("shop.example", "Live data is not shown."), ("localhost", "no target")])
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
    assert "check_circle: Ready" in words(page) or "13" in metrics(page).values()


def test_a_target_that_was_withdrawn_meanwhile_is_not_replaced_in_silence(
    open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A login expires on an open page: what it had picked is no longer offered."""
    monkeypatch.setenv("LAB_TARGET_STAGING", LIVE)
    serve_on(monkeypatch, "localhost")
    page = open_page("readiness", target="staging", ask="stripe")
    assert "Nobody has asked this target yet" in words(page)
    serve_on(monkeypatch, "shop.example")
    page = answered(page.run())
    assert not page.exception
    assert "Live data is not shown." in page.warning[0].value
    assert "Ready" not in words(page)
    assert page.session_state["ask"] == []


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
    found = next(f for f in boards()[1].find("embedded").result.findings if "SUPABASE_SERVICE" in f.subject)
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
    page.session_state["ask"] = ["environment", "stripe"]
    press(page, "Run the check")
    answered(page)
    run = boards()[0].find("embedded")
    assert {family.id: family.state.value for family in run.result.families if family.id in asked["ask"]} == {
        "environment": "not asked",
        "stripe": "not asked",
    }
    assert "SUPABASE" not in all_of(page)


def all_of(page: AppTest) -> str:
    """Return all that stands on a page, also on its buttons and in what can be chosen."""
    return (words(page) + str(page.button) + str(page.selectbox)).replace("\\", "")


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()
