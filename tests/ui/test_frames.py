import csv
import io

import pytest

from lab import RULES, Scenario, make_plan
from lab.plan.make import Verdict
from lab.rules.model import Table
from lab.ui.chapters.shape import count_states, shape_promises, write_details, write_promise
from lab.ui.kit.tables import FRAMES, Frame, frame_consents, frame_risks, frame_standing_rules, say
from lab.ui.kit.verdicts import FACES, STATE_FACES, explain_verdict, label_change
from lab.ui.scenario.comparison import compare_plans, compare_sql, frame_difference
from lab.ui.scenario.flow import write_flow
from lab.ui.schema.dictionary import (
    find_columns,
    frame_access,
    frame_columns,
    frame_indexes,
    frame_triggers,
    search_tables,
    write_csv,
    write_markdown,
)

GOLDEN = make_plan(Scenario(layer="artifacts"))
GIFT = make_plan(Scenario(layer="artifacts", channels=("email", "gift"), consents=("email_delivery",)))
REFUSED = make_plan(Scenario(layer="stripe", channels=("pdf",)))


def test_every_verdict_and_state_has_a_word_an_icon_and_a_colour_of_its_own() -> None:
    assert set(FACES) == set(Verdict)
    assert set(STATE_FACES) == {"holds", "broken", "unknown"}
    for faces in (FACES, STATE_FACES):
        assert len({(face.word, face.icon, face.colour) for face in faces.values()}) == len(faces)


@pytest.mark.parametrize("name", FRAMES)
def test_every_row_of_a_frame_is_as_wide_as_its_headers(name: str) -> None:
    for plan in (GOLDEN, GIFT, REFUSED):
        frame = FRAMES[name](plan)
        assert all(len(row) == len(frame.headers) for row in frame.rows)
        assert frame.markdown()


def test_the_golden_case_says_that_there_is_nothing_to_do() -> None:
    assert "No job" in FRAMES["jobs"](GOLDEN).markdown()
    assert "No open risk" in FRAMES["risks"](GOLDEN).markdown()
    assert "missing" not in frame_consents(GOLDEN).markdown()
    assert explain_verdict(GOLDEN).startswith("Nothing that was chosen waits")


def test_missing_consents_come_first_with_the_sentence_that_asks() -> None:
    frame = frame_consents(GIFT)
    assert "gift_recipient" in frame.rows[0][0]
    assert "missing" in frame.rows[0][0]
    assert "May we use the address you enter" in frame.rows[0][1]
    assert any("given" in row[0] for row in frame.rows)


def test_a_risk_shows_severity_mitigation_and_check() -> None:
    head, why, mitigation, check = frame_risks(GIFT).rows[0]
    risk = GIFT.risks[0]
    assert risk.severity.value in head
    assert (why, mitigation, check) == (say(risk.why), say(risk.mitigation), say(risk.check))


def test_standing_rules_name_what_enforces_them() -> None:
    text = frame_standing_rules().markdown()
    for rule in RULES.standing_rules:
        assert rule.sentence in text
        assert all(name in text for name in rule.enforced_by)


def test_the_smallest_change_reads_as_buttons() -> None:
    plan = make_plan(Scenario(layer="artifacts", channels=("email",)))
    labels = [label_change(change, first=place == 0) for place, change in enumerate(plan.smallest_change)]
    assert labels == ["Give email_delivery", "or drop email"]


def test_a_refusal_says_what_is_offered() -> None:
    assert "Stripe does not come as PDF." in explain_verdict(REFUSED)
    assert "Receipt, Recovery" in explain_verdict(REFUSED)


def test_a_cell_can_hold_no_border_and_no_formula() -> None:
    frame = Frame(("A",), ((say("a|b $x$ <i> *y*"),),), "")
    assert frame.markdown().splitlines()[2] == "| a\\|b \\$x\\$ &lt;i> \\*y\\* |"


def test_two_plans_part_into_only_a_both_and_only_b() -> None:
    difference = compare_plans(GOLDEN, GIFT, "tables")
    assert [line.name for line in difference.both] == [line.name for line in GOLDEN.tables]
    assert "public.gift_recipients" in [line.name for line in difference.only_b]
    assert difference.only_a == ()
    assert "only B" in frame_difference(difference).rows[0][0]


def test_equal_sql_has_no_difference() -> None:
    assert compare_sql("a\nb", "a\nb") == ""
    assert "+c" in compare_sql("a\nb", "a\nc").splitlines()


def test_the_flow_in_words_names_what_leaves_and_the_gate() -> None:
    text = write_flow(GIFT)
    assert "no question, no answer" in text
    assert "`gift_recipient`" in text
    assert "no channel was chosen" in write_flow(GOLDEN)


SEARCHES = [
    ("share_cards", "share_cards"),
    ("one_line", "share_cards"),
    ("Bounced complained", "email_suppressions"),
    ("SECRET question", "oracle_scrolls"),
]


@pytest.mark.parametrize(("words", "table"), SEARCHES, ids=[words for words, _ in SEARCHES])
def test_a_search_finds_names_columns_and_descriptions(words: str, table: str) -> None:
    assert table in [found.id for found in search_tables(words)]


def test_a_search_for_nothing_that_exists_finds_nothing() -> None:
    assert search_tables("zeppelin") == ()
    assert find_columns(RULES.tables[0], "") == ()


@pytest.mark.parametrize("table", RULES.tables, ids=lambda table: table.id)
def test_a_table_s_frames_name_everything_inside_it(table: Table) -> None:
    columns = frame_columns(table).markdown()
    assert all(f"`{c.name}`" in columns and c.privacy.value in columns for c in table.columns)
    assert all(index.serves in frame_indexes(table).markdown() for index in table.indexes)
    access, triggers = frame_access(table).markdown(), frame_triggers(table).markdown()
    assert all(say(policy.why) in access for policy in table.policies)
    assert all(say(grant.why) in access for grant in table.grants)
    assert all(say(trigger.why) in triggers for trigger in table.triggers)
    assert all(say(check.why) in triggers for check in table.checks)


def test_the_dictionary_holds_every_column_as_csv_and_markdown() -> None:
    rows = list(csv.DictReader(io.StringIO(write_csv())))
    told = {(row["table"], row["column"], row["privacy"]) for row in rows}
    assert told == {(t.qualified, c.name, c.privacy.value) for t in RULES.tables for c in t.columns}
    text = write_markdown()
    assert all(f"## `{table.qualified}`" in text for table in RULES.tables)


def test_a_chapter_that_nobody_asked_about_is_unknown_and_says_why() -> None:
    promises = shape_promises(None, "No database could be asked.")
    assert len(promises) == len(RULES.chapters)
    assert count_states(promises) == {"holds": 0, "broken": 0, "unknown": len(RULES.chapters)}
    assert all("No database could be asked." in write_promise(promise) for promise in promises)


def test_a_chapter_s_details_name_rules_and_tables() -> None:
    promise = shape_promises(None, "x")[2]
    text = write_details(promise)
    assert all(f"`{name}`" in text for name in promise.chapter.carried_by)
    assert all(f"`{table.id}`" in text for table in promise.chapter.tables)
