"""Plans, the schema and chapters, shaped for people."""

import csv
import io

import pytest

from lab import RULES, Scenario, make_plan
from lab.plan.make import Verdict
from lab.rules.model import PrivacyClass, Table
from lab.ui.chapters.shape import STATES, count_states, frame_proofs, shape_promises, write_details, write_promise
from lab.ui.kit.badges import LOOKS, look
from lab.ui.kit.tables import write_csv
from lab.ui.scenario.frames import (
    KINDS,
    compare_plans,
    compare_sql,
    count_sides,
    frame_consents,
    frame_risks,
    frame_standing_rules,
    frame_summary,
)
from lab.ui.scenario.tabs import write_flow
from lab.ui.scenario.verdict import explain_verdict, label_change
from lab.ui.schema.dictionary import (
    find_columns,
    frame_access,
    frame_columns,
    frame_dictionary,
    frame_found,
    frame_indexes,
    frame_tables,
    frame_triggers,
    search_tables,
    write_markdown,
)

GOLDEN = make_plan(Scenario(layer="artifacts"))
GIFT = make_plan(Scenario(layer="artifacts", channels=("email", "gift"), consents=("email_delivery",)))
REFUSED = make_plan(Scenario(layer="stripe", channels=("pdf",)))


def test_every_verdict_and_state_has_an_icon_and_a_colour_of_its_own() -> None:
    for words in ({verdict.value for verdict in Verdict}, set(STATES), {privacy.value for privacy in PrivacyClass}):
        assert len({LOOKS[word] for word in words}) == len(words)


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_of_a_plan_has_its_row(kind: str) -> None:
    for plan in (GOLDEN, GIFT, REFUSED):
        named = set(KINDS[kind].shape(plan).map(str).to_numpy().flatten())
        assert {line.name if kind != "Risks" else line.title for line in getattr(plan, KINDS[kind].lines)} <= named


def test_the_golden_case_has_no_job_no_risk_and_no_missing_consent() -> None:
    assert KINDS["Jobs"].shape(GOLDEN).empty
    assert KINDS["Risks"].shape(GOLDEN).empty
    assert ["missing"] not in list(frame_consents(GOLDEN)["State"])
    assert explain_verdict(GOLDEN) == "No consent is missing, and every chosen channel is offered."


def test_missing_consents_come_first_with_the_sentence_that_asks() -> None:
    frame = frame_consents(GIFT)
    first = frame.iloc[0]
    assert (first["Consent"], first["Id"], first["State"]) == ("Gift recipient", "gift_recipient", ["missing"])
    assert "May we use the address you enter" in first["The sentence that asks for it"]
    assert first["Needed by"] == ["Gift"]
    assert ["given"] in list(frame["State"])


def test_a_risk_shows_severity_mitigation_and_check() -> None:
    row, risk = frame_risks(GIFT).iloc[0], GIFT.risks[0]
    assert row["Severity"] == [risk.severity.value]
    assert list(row[["Why", "Mitigation", "The check that shows it"]]) == [risk.why, risk.mitigation, risk.check]


def test_attempts_are_numbers_that_sort() -> None:
    assert list(KINDS["Jobs"].shape(GIFT)["Attempts"]) == [job.max_attempts for job in GIFT.jobs]


def test_standing_rules_name_what_enforces_them() -> None:
    frame = frame_standing_rules()
    assert list(frame["Rule"]) == [rule.sentence for rule in RULES.standing_rules]
    assert list(frame["Enforced by"]) == [", ".join(rule.enforced_by) for rule in RULES.standing_rules]


def test_the_smallest_change_reads_as_buttons() -> None:
    plan = make_plan(Scenario(layer="artifacts", channels=("email",)))
    labels = [label_change(change, first=place == 0) for place, change in enumerate(plan.smallest_change)]
    assert labels == ["Give E-mail consent", "or drop E-mail"]


def test_a_refusal_says_what_is_offered() -> None:
    assert "Stripe does not come as PDF." in explain_verdict(REFUSED)
    assert "Receipt, Recovery" in explain_verdict(REFUSED)


def test_the_reason_names_a_missing_consent_in_words_and_by_its_id() -> None:
    assert "Missing: Gift recipient consent (`gift_recipient`) for Gift." in explain_verdict(GIFT)


def test_two_plans_part_into_only_a_both_and_only_b() -> None:
    frame = compare_plans(GOLDEN, GIFT, "Tables")
    both = [line.name for line in GOLDEN.tables]
    names, (only_a, shared, only_b) = list(frame["Name"]), count_sides(frame)
    assert names[only_b:] == both
    assert "public.gift_recipients" in names[:only_b]
    assert (only_a, shared) == (0, len(both))
    assert list(frame["Where"]) == [["only B"]] * only_b + [["both"]] * shared
    assert list(frame_summary(GOLDEN, GIFT).iloc[0]) == ["Tables", 0, shared, only_b]


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
    columns = frame_columns(table)
    assert list(columns["Column"]) == [c.name for c in table.columns]
    assert list(columns["Privacy class"]) == [[c.privacy.value] for c in table.columns]
    assert set(columns["Column"][columns["Type"].str.endswith(" primary key")]) == set(table.primary_key)
    points = [f" References {c.references.table.qualified}." if c.references else "" for c in table.columns]
    assert list(columns["Why"]) == [f"{c.why}{point}" for c, point in zip(table.columns, points, strict=True)]
    assert list(frame_indexes(table)["The query it serves"]) == [index.serves for index in table.indexes]
    assert list(frame_access(table)["Why"]) == [p.why for p in table.policies] + [g.why for g in table.grants]
    assert list(frame_triggers(table)["Why"]) == [t.why for t in table.triggers] + [c.why for c in table.checks]


def test_the_list_of_tables_has_what_each_keeps_and_references() -> None:
    frame = frame_tables(RULES.tables)
    assert list(frame["What it keeps"]) == [table.description for table in RULES.tables]
    cards = frame[frame["Table"] == "share_cards"].iloc[0]
    assert cards["Privacy classes"] == ["operational", "public"]
    assert cards["References"] == "oracle_artifacts, card_phrases"


def test_found_columns_are_those_that_hold_a_word() -> None:
    frame = frame_found(RULES.tables, "bounced")
    assert {*frame["Table"]} == {table.id for table in RULES.tables if find_columns(table, "bounced")}
    assert all("bounced" in f"{row.Column} {row.Why}".lower() for row in frame.itertuples())


def test_the_dictionary_holds_every_column_as_csv_and_markdown() -> None:
    rows = list(csv.DictReader(io.StringIO(write_csv(frame_dictionary()))))
    told = {(row["table"], row["column"], row["privacy"]) for row in rows}
    assert told == {(t.qualified, c.name, c.privacy.value) for t in RULES.tables for c in t.columns}
    text = write_markdown()
    assert all(f"## `{table.qualified}`" in text for table in RULES.tables)


def test_a_chapter_without_a_check_is_unknown_and_says_why() -> None:
    promises = shape_promises((), "No database could be asked.")
    assert len(promises) == len(RULES.chapters)
    assert count_states(promises) == {"holds": 0, "broken": 0, "unknown": len(RULES.chapters)}
    assert all("No database could be asked." in write_promise(promise) for promise in promises)


def test_a_chapter_s_details_name_rules_and_tables() -> None:
    promise = shape_promises((), "x")[2]
    chapter, text = promise.chapter, write_details(promise)
    assert all(f"`{name}`" in text for name in chapter.carried_by)
    assert all(f"`{table.id}`" in text for table in chapter.tables)
    frame = frame_proofs([promise])
    assert list(frame["Proof"]) == [proof.title for proof in chapter.proofs]
    assert {state for [state] in frame["State"]} == {"unknown"}
    assert set(frame["Chapter"]) == {chapter.number}


def test_a_chapter_is_never_shown_as_not_run() -> None:
    assert STATES == ("holds", "broken", "unknown")
    assert all(look(state) != look("") for state in STATES)


@pytest.mark.parametrize(
    ("one", "other"),
    [("email", "e-mail"), ("E-Mail", "email"), ("delivery_jobs", "deliveryjobs"), ("share-card", "share_card")],
)
def test_a_search_finds_the_same_with_and_without_a_hyphen(one: str, other: str) -> None:
    found = search_tables(one)
    assert found == search_tables(other)
    assert found
    assert [find_columns(table, one) for table in found] == [find_columns(table, other) for table in found]


def test_a_search_finds_words_of_titles_and_descriptions() -> None:
    assert "email_suppressions" in [table.id for table in search_tables("e-mail suppressions")]
    assert [table.id for table in search_tables("no such words anywhere")] == []
