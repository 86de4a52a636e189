"""The Readiness page: its verdict, the findings with their repairs, the filters, the history and its links."""

import os
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lab.readiness.history import find_history, read_runs, record_run
from lab.ui.kit.reports import open_board, open_report_runs
from tests.ui.drawing import Open, list_rows, listed, press, words
from tests.ui.operating import answered, boards, execute, run_again, serve_on, wait_for

pytestmark = pytest.mark.usefixtures("own_home")


def read_repair(page: AppTest) -> str:
    """Return the SQL of the open finding; the command line repeats it."""
    return next(str(code.value) for code in page.code if code.language == "sql")


def test_a_sound_database_is_ready_by_itself(open_page: Open, wall: str) -> None:
    page = answered(open_page("readiness"))
    assert not page.exception
    text = words(page)
    assert "check_circle: Ready" in text
    assert "No finding in Schema, Access and Undeclared objects. Not run: Probes, " in text
    assert "findings" not in text
    assert "target" not in page.query_params


def test_a_broken_one_shows_the_finding_with_its_repair_and_is_ready_after_it(open_page: Open, wall: str) -> None:
    execute(wall, "alter table public.oracle_scrolls no force row level security")
    page = answered(open_page("readiness"))
    text = words(page)
    assert "error: Not ready" in text
    key = "row_security:public.oracle_scrolls:forced"
    page = page.button(key=f"readiness-open {key}").click().run()
    assert listed(page, "finding") == [key]
    repair = read_repair(page)
    assert "force row level security" in repair
    assert "### Repair" in words(page)
    execute(wall, repair)
    page = run_again(page)
    assert "check_circle: Ready" in words(page)
    page.query_params["finding"] = key
    page = page.run()
    assert "It is resolved since" in words(page)
    page.segmented_control(key="readiness-show").set_value("History").run()
    text = words(page)
    assert "resolved" in text
    assert "not ready" in text


def test_a_finding_that_another_window_resolved_stays_open_and_says_so(open_page: Open, wall: str) -> None:
    execute(wall, "alter table public.oracle_scrolls no force row level security")
    page, key = answered(open_page("readiness")), "row_security:public.oracle_scrolls:forced"
    page = page.button(key=f"readiness-open {key}").click().run()
    execute(wall, read_repair(page))
    run_again(open_page("readiness"))
    page = page.run()
    assert "It is resolved since" in words(page)
    assert listed(page, "finding") == [key]


def test_a_row_opens_in_place_and_closes_again(open_page: Open, wall: str) -> None:
    execute(wall, "grant select on public.oracle_scrolls to anon; drop index public.share_cards_slug")
    page, key = answered(open_page("readiness")), "privilege:table|public.oracle_scrolls|anon|SELECT:extra"
    labels = [button.label for button in page.button if "badge" in button.label]
    assert "**Anonymous visitors can read** `oracle_scrolls`" in labels[0]
    assert "critical" in labels[0]
    assert "share_cards_slug" in labels[1]
    page = page.button(key=f"readiness-open {key}").click().run()
    assert listed(page, "finding") == [key]
    assert "revoke select on table public.oracle_scrolls from anon" in read_repair(page)
    page = page.button(key=f"readiness-open {key}").click().run()
    assert listed(page, "finding") == []
    assert "### Repair" not in words(page)


def test_one_of_several_alike_opens_inside_their_row(open_page: Open, wall: str) -> None:
    execute(wall, "; ".join(f"create table public.stray_{number} (id integer)" for number in range(5)))
    page = answered(open_page("readiness"))
    (group,) = [button for button in page.button if "5 undeclared tables and views" in button.label]
    page = group.click().run()
    assert not page.exception
    (inside,) = [button for button in page.button if "stray_3" in button.label]
    page = inside.click().run()
    assert not page.exception
    assert {"Check these again", "Check this again"} <= {button.label for button in page.button}
    assert any("stray_4" in button.label for button in page.button)


def test_a_command_names_the_variable_of_a_target_and_no_password(
    open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(wall, "drop index public.share_cards_slug")
    monkeypatch.setenv("LAB_TARGET_STAGING", wall)
    serve_on(monkeypatch, "localhost")
    page = run_again(open_page("readiness", target="staging"))
    wait_for(boards()[1].find("staging"))
    page = page.run().button(key="readiness-open index:public.share_cards_slug:missing").click().run()
    (command,) = [str(code.value) for code in page.code if code.language == "bash"]
    assert command.splitlines()[0] == "psql -X -v ON_ERROR_STOP=1 \"$LAB_TARGET_STAGING\" <<'SQL'"
    assert command.splitlines()[-1] == "SQL"


def test_an_acceptance_is_written_for_review_and_read_by_the_next_check(
    open_page: Open, wall: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.ui.kit.reports.ACCEPTANCES", tmp_path / "acceptances.toml")
    serve_on(monkeypatch, "localhost")
    execute(wall, "drop index public.share_cards_slug")
    key = "index:public.share_cards_slug:missing"
    page = answered(open_page("readiness", finding=key))
    assert not [code for code in page.code if code.language == "toml"]
    page.text_input(key="readiness-reason").set_value('Rebuilt on "Friday", at night.')
    page = page.text_input(key="readiness-person").set_value("Ada Lovelace").run()
    (entry,) = [str(code.value) for code in page.code if code.language == "toml"]
    assert not (tmp_path / "acceptances.toml").exists()
    (tmp_path / "acceptances.toml").write_text(entry)
    assert "1 accepted" in words(run_again(page))


def test_check_this_again_leaves_the_finding_open_and_says_that_it_is_resolved(open_page: Open, wall: str) -> None:
    execute(wall, "drop index public.share_cards_slug")
    page = answered(open_page("readiness", finding="index:public.share_cards_slug:missing"))
    execute(wall, read_repair(page))
    page = answered(press(page, "Check this again"))
    assert "It is resolved since" in words(page)
    assert "check_circle: Ready" in words(page)


def test_filters_narrow_the_findings_and_stand_in_the_address(open_page: Open, wall: str) -> None:
    execute(wall, "alter table public.oracle_scrolls no force row level security; create table public.stray (id int)")
    page = answered(open_page("readiness", about="oracle_scrolls"))
    assert "1 of 2 findings" in words(page)
    page.selectbox(key="readiness-about").set_value("share_cards").run()
    assert "0 of 2 findings" in words(page)
    assert "No finding matches the filters." in words(page)
    assert listed(page, "about") == ["share_cards"]


def test_a_filter_leads_back_from_a_finding_to_all_that_fit(open_page: Open, wall: str) -> None:
    execute(wall, "alter table public.oracle_scrolls no force row level security")
    page = answered(open_page("readiness", finding="row_security:public.oracle_scrolls:forced"))
    assert "### Repair" in words(page)
    page = page.selectbox(key="readiness-about").set_value("share_cards").run()
    assert "No finding matches the filters." in words(page)
    assert listed(page, "finding") == []


def test_what_an_earlier_check_found_is_not_shown_as_the_newest(
    open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_TARGET_STAGING", wall)
    serve_on(monkeypatch, "localhost")
    page = open_page("readiness", target="staging")
    for url, shown in ((wall, False), ("postgresql://nobody@127.0.0.1:1/nowhere", True)):
        monkeypatch.setenv("LAB_TARGET_STAGING", url)
        run_again(page)
        wait_for(boards()[1].find("staging"))
        page = page.run()
        assert ("The results below are from the previous check." in words(page)) == shown
    assert "The check failed." in page.error[0].value


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
    assert "council_sessions" not in str(page.button)
    assert "1 of 1 findings" in text
    assert listed(page, "layer") == ["scroll"]
    page = page.multiselect(key="readiness-layer").set_value(["council"]).run()
    assert "The check covered other layers than those picked now." in words(page)
    page = run_again(page)
    assert "only for Council" in words(page)
    assert "council_sessions" in str(page.button)


def test_no_finding_is_hidden_by_their_number(open_page: Open, wall: str) -> None:
    count = 50
    execute(wall, "; ".join(f"create table public.stray_{number} (id int)" for number in range(count)))
    page = answered(open_page("readiness"))
    seen = [row for row in list_rows(page) if "stray" in row]
    assert len(set(seen)) == len(seen) == count
    (row,) = [button for button in page.button if "undeclared tables and views" in button.label]
    page = row.click().run()
    assert sum("stray" in button.label for button in page.button) == count


def test_two_checks_are_laid_side_by_side(open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(wall, "create table public.stray (id int)")
    serve_on(monkeypatch, "localhost")
    page = answered(open_page("readiness", show="History"))
    execute(wall, "drop table public.stray")
    kept = read_runs(find_history(os.environ))
    record_run(find_history(os.environ), kept[0].model_copy(update={"target": "harbour", "findings": ()}))
    page = page.run()
    names = page.selectbox(key="readiness-against").options
    assert any(name.startswith("harbour") for name in names)
    page = (
        page.selectbox(key="readiness-against")
        .set_value(next(name for name in names if name.startswith("harbour")))
        .run()
    )
    assert any("only harbour" not in row and "stranger:public.stray:extra" in row for row in list_rows(page))
    assert listed(page, "against")[0].startswith("harbour")
    assert not page.exception


@pytest.mark.usefixtures("wall")
def test_a_link_to_a_check_that_is_not_kept_says_so(open_page: Open) -> None:
    page = answered(open_page("readiness", show="History", check="harbour 2020-01-01T00:00:00"))
    assert "The history has no check `harbour 2020-01-01T00:00:00`, which this link names." in words(page)
    assert listed(page, "check") == []


def test_every_family_can_be_asked_and_what_is_unknown_says_why(
    open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_on(monkeypatch, "localhost")
    page = answered(open_page("readiness", ask=["environment", "data", "anchors", "operations", "stripe"], probe="on"))
    page = run_again(page)
    assert not page.exception
    frames = [frame.value for frame in page.dataframe]
    families = next(frame for frame in frames if "Holds when" in frame)
    assert ["not run"] not in list(families["State"])
    unknown = next(frame for frame in frames if "Not checked" in frame)
    assert all(unknown["Why"])


def test_what_was_not_asked_is_not_called_clean(open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = answered(open_page("readiness"))
    page = open_page("readiness", family="probes", ask="data", probe="on")
    text = words(page)
    assert "This check did not run Probes." in text
    assert "This check did not run Data and Probes. Run it again" in text
    page = run_again(page)
    assert "Run it again" not in words(page)
    assert "This check also ran Data and Probes." in words(open_page("readiness"))


def test_a_link_to_a_finding_is_answered_from_the_history_after_a_restart(
    open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_TARGET_STAGING", wall)
    serve_on(monkeypatch, "localhost")
    execute(wall, "create table public.stray (id int)")
    key = "stranger:public.stray:extra"
    page = open_page("readiness", target="staging", finding=key)
    assert f"The history has no finding `{key}`, which this link names." in words(page)
    run_again(page)
    wait_for(boards()[1].find("staging"))
    open_report_runs.clear()
    open_board.clear()
    page = open_page("readiness", target="staging", finding=key)
    assert "The last check, " in words(page)
    assert f"The finding `{key}`, which this link names, was last found" in words(page)
    page = open_page("readiness", target="staging", finding="another")
    assert "The history has no finding `another`" in words(page)


def test_a_link_to_what_does_not_exist_is_named(open_page: Open, wall: str) -> None:
    page = answered(open_page("readiness", target="production", severity="dreadful"))
    told = page.warning[0].value
    assert "target “production”" in told
    assert "severity “dreadful”" in told
    assert not page.exception
