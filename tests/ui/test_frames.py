"""Plans, the schema and chapters, shaped for people."""

import csv
import io

import pytest

from lab import RULES, Scenario, make_plan
from lab.plan.difference import compare_plans, list_entries
from lab.plan.make import Verdict
from lab.readiness.reports.schema import dictionary_markdown
from lab.rules.model import PrivacyClass, Table
from lab.ui.chapters.shape import STATES, count_states, frame_proofs, shape_promises, write_details, write_promise
from lab.ui.kit.badges import LOOKS, look
from lab.ui.kit.tables import write_csv
from lab.ui.scenario.frames import KINDS, compare_sql, frame_consents, frame_difference, frame_risks
from lab.ui.scenario.tabs import write_flow, write_tables
from lab.ui.scenario.verdict import explain_verdict, label_change, write_last_change, write_side, write_verdict
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
)

GOLDEN = make_plan(Scenario(layer="artifacts"))
GIFT = make_plan(Scenario(layer="artifacts", channels=("email", "gift"), consents=("email_delivery",)))
REFUSED = make_plan(Scenario(layer="stripe", channels=("pdf",)))


def test_every_verdict_and_state_has_an_icon_and_a_colour_of_its_own() -> None:
    for words in ({verdict.value for verdict in Verdict}, set(STATES), {privacy.value for privacy in PrivacyClass}):
        assert len({LOOKS[word] for word in words}) == len(words)


def test_every_kind_of_line_is_compared_in_one_view() -> None:
    kinds = {entry.kind for plan in (GOLDEN, GIFT) for entry in list_entries(plan)} | {"what if"}
    assert sorted(kinds) == sorted(kind for shown in KINDS.values() for kind in shown)


def test_the_golden_case_has_no_risk_and_no_missing_consent_but_is_not_called_done() -> None:
    assert frame_risks(GOLDEN).empty
    assert ["missing"] not in list(frame_consents(GOLDEN)["State"])
    assert write_verdict(GOLDEN) == "ready, and nothing is delivered yet"
    assert explain_verdict(GOLDEN).startswith("Artifacts can be kept. It needs no consent. Choose a channel")


def test_a_ready_scenario_says_what_it_delivers_and_rests_on() -> None:
    plan = make_plan(Scenario(layer="artifacts", channels=("email", "pdf"), consents=("email_delivery",)))
    assert write_verdict(plan) == "ready"
    told = "Artifacts can be sold and delivered: E-mail and PDF. The consent that it needs is given: E-mail."
    assert explain_verdict(plan) == told


def test_tables_have_their_name_first_and_what_needs_them() -> None:
    assert "**Oracle artifacts** :gray[`public.oracle_artifacts`]" in write_tables(GOLDEN)
    assert "Needed by every scenario." in write_tables(GOLDEN)


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


def test_the_ways_to_ready_read_as_buttons() -> None:
    for channels, labels in (
        (("email",), ["Add the E-mail consent", "or leave out E-mail"]),
        (("gift",), ["Add the E-mail and Gift recipient consents", "or leave out Gift"]),
    ):
        plan = make_plan(Scenario(layer="artifacts", channels=channels))
        assert [label_change(way, first=place == 0) for place, way in enumerate(plan.ways_to_ready)] == labels


def test_a_refusal_says_what_is_offered() -> None:
    assert "Stripe does not come as PDF." in explain_verdict(REFUSED)
    assert "Receipt, Recovery" in explain_verdict(REFUSED)


def test_a_refusal_without_a_remedy_says_so() -> None:
    told = explain_verdict(make_plan(Scenario(layer="echo", what_if=("minor",))))
    assert "Echo is ruled out by “Minor”." in told
    assert "No consent and no other channel makes this ready." in told


def test_the_reason_names_a_missing_consent_in_words_and_by_its_id() -> None:
    assert "Gift recipient consent :gray[`gift_recipient`] is missing. Gift waits for it." in explain_verdict(GIFT)


def test_two_plans_part_into_only_a_both_and_only_b() -> None:
    told = compare_plans(GOLDEN, GIFT)
    frame = frame_difference(told, ("table",))
    both = [line.name for line in GOLDEN.tables]
    assert list(frame["Id"])[-len(both) :] == both
    assert ["public.gift_recipients", ["only B"]] in [list(row) for row in frame[["Id", "Where"]].to_numpy()]
    assert ["only A"] not in list(frame["Where"])
    assert set(map(tuple, frame_difference(compare_plans(GOLDEN, GOLDEN), ("table",))["Where"])) == {("both",)}


def test_a_side_names_what_only_it_has() -> None:
    told = write_side("B", compare_plans(GOLDEN, GIFT).only_b)
    assert "**Table:** Consents :gray[`consents`]" in told
    assert "**Missing consent:** Gift recipient :gray[`gift_recipient`]" in told
    assert write_side("A", ()) == "Only in A\n- Nothing"


def test_the_last_change_says_what_it_added_and_removed() -> None:
    shared = make_plan(Scenario(layer="artifacts", channels=("share_card",)))
    told = write_last_change(GOLDEN, shared)
    assert told.startswith(
        "**Last change:** ready → missing consent. + Public share-card consent :gray[`public_share`]"
    )
    assert "+ Share-cards table :gray[`share_cards`]" in told
    assert "missing consent :gray" not in told
    given = make_plan(Scenario(layer="artifacts", channels=("share_card",), consents=("public_share",)))
    assert "- Public share-card missing consent" in write_last_change(shared, given)
    assert "nothing was added or removed" in write_last_change(GOLDEN, GOLDEN)


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
    text = dictionary_markdown(RULES)
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
