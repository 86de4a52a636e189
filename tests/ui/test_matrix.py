"""The access matrix shaped for people."""

from lab.checks.probes import ProbeResult, ProbeRun, list_promise_results
from lab.checks.probes.matrix_view import MatrixCell, MatrixRow, Part, matrix_columns, matrix_rows
from lab.checks.state import State
from lab.readiness.reports.access import Access, describe_access, judge_access
from lab.rules import RULES
from lab.ui.access.matrix import (
    CELL_WORDS,
    MARKS,
    count_cells,
    frame_sentences,
    shorten,
    sort_rows,
    write_identity,
    write_legend,
    write_matrix,
)

ROWS = matrix_rows()
VISITOR = matrix_columns()[0][0]
HOSTILE = MatrixRow(
    kind="table",
    object="public.<script>",
    title="",
    cells=(
        MatrixCell(
            identity=VISITOR,
            word="nothing",
            why="<b>why",
            state="differs",
            seen=("<img src=x>",),
            parts=(Part(command="select", owner="others", word="no", state="differs", seen="<img src=y>"),),
        ),
    ),
    broken=("<i>promise",),
)


def see(**changes: str) -> ProbeRun:
    """A report of one thing that was tried, and differs."""
    told = {
        "id": "access", "title": "A promise.", "identity": VISITOR, "subject": "public.products", "command": "select",
        "expected": "", "seen": "reads also id", "state": "differs", "rule": "", "why": "",
    }  # fmt: skip
    result = ProbeResult.model_validate(told | changes)
    return ProbeRun(results=(result,), findings=(), unknown=(), attempts=1, seconds=0)


def test_the_matrix_names_every_table_and_everybody_in_each_cell() -> None:
    text = write_matrix(ROWS, "Everything")
    assert all(f"<code>{table.id}</code>" in text for table in RULES.tables)
    for _, title in matrix_columns():
        assert text.count(f"{title}: </span>") == len(ROWS)


def test_what_a_database_says_is_no_markup() -> None:
    for text in (write_matrix((HOSTILE,), "One"), write_identity((HOSTILE,), VISITOR, "One")):
        assert not any(tag in text for tag in ("<script>", "<img", "<b>why", "<i>promise"))
        assert "differs: &lt;img" in text
    assert "&lt;i&gt;promise" in write_matrix((HOSTILE,), "One")


MANY = ("reads also id, subject_id, locale, question, answer, sealed_at, seal_hash and updated_at", "may truncate", "b")


def test_a_cell_of_everybodys_matrix_says_the_first_thing_alone_and_how_many_more_there_are() -> None:
    cell = HOSTILE.cells[0].model_copy(update={"seen": MANY})
    row = HOSTILE.model_copy(update={"cells": (cell,)})
    text = write_matrix((row,), "Everything").replace("<wbr>", "")
    assert "differs: reads also id, subject_id, locale, question, answer, …, and 2 more</strong>" in text
    assert "truncate" not in text
    alone = write_identity((row,), VISITOR, "One").replace("<wbr>", "")
    assert f"differs: {'; '.join(MANY)}</strong>" in alone
    one = write_matrix((HOSTILE,), "Everything")
    assert "more" not in one


def test_only_a_name_that_is_too_long_for_its_cell_breaks_and_only_between_its_words() -> None:
    rows = matrix_rows(see(seen="held only by passport_records_once, of share_cards"))
    told = "held only by passport_records_once, of share_cards"
    assert told.replace("passport_records_", "passport_<wbr>records_<wbr>") in write_matrix(rows, "Everything")
    assert told in write_identity(rows, VISITOR, "One")


def test_what_nobody_tried_is_not_said_to_hold() -> None:
    counts = count_cells(ROWS)
    assert set(counts) == set(CELL_WORDS)
    assert counts["holds"] == counts["differs"] == 0
    for text in (write_matrix(ROWS, "Everything"), write_identity(ROWS, "subject_a", "One")):
        assert "as expected" not in text
        assert 'class="mark holds"' not in text
    assert {sentence.state for sentence in list_promise_results()} == {"not tried"}
    assert {state for [state] in frame_sentences(list_promise_results(), Access("a"))["State"]} == {"not run"}


def test_one_difference_makes_the_verdict_broken_and_comes_first() -> None:
    report = see()
    rows = matrix_rows(report)
    assert judge_access(Access("a", report)) is State.BROKEN
    assert "1 cell differs" in describe_access(Access("a", report))
    first = sort_rows(rows)[0]
    assert (first.object, first.cells[0].state) == ("public.products", "differs")
    assert f"{MARKS['differs']}</span> differs <b>1</b>" in write_legend(rows)
    assert f"{MARKS['differs']}</span> differs <b>0</b>" in write_legend(rows, "server")


def test_a_verdict_that_holds_names_whom_it_was_tried_as() -> None:
    report = see(state="holds")
    told = describe_access(Access("a", report))
    assert judge_access(Access("a", report)) is State.HOLDS
    assert f"Probed roles: {', '.join(title for _, title in matrix_columns())}." in told


def test_a_broken_promise_is_broken_in_its_table_and_in_the_cell_of_whoever_broke_it() -> None:
    report = see(id="passport_waits_for_consent", identity="server", subject="public.passport_records", seen="1 row")
    assert frame_sentences(list_promise_results(report), Access("a", report)).iloc[0]["State"] == ["broken"]
    row = sort_rows(matrix_rows(report))[0]
    assert row.broken == ("A promise.",)
    assert {cell.identity for cell in row.cells if cell.state == "differs"} == {"server"}
    text = write_matrix((row,), "One")
    assert "broken: A promise." in text
    assert "breaks a promise: 1 row" in text


def test_a_promise_that_only_the_owner_of_the_tables_broke_is_not_hidden() -> None:
    report = see(id="sealed_never_changes", identity="login", subject="public.oracle_scrolls", command="delete")
    first = sort_rows(matrix_rows(report))[0]
    assert first.object == "public.oracle_scrolls"
    assert first.differs
    assert judge_access(Access("a", report)) is State.BROKEN


def test_a_door_that_nobody_tried_is_not_green() -> None:
    report = see(subject="public.share_cards", seen="refused", state="holds")
    row = next(row for row in matrix_rows(report) if row.object == "public.share_cards")
    assert (row.cells[0].word, row.cells[0].state) == ("public fields, by link", "unknown")


def test_privileges_alone_make_no_cell_green() -> None:
    report = see(identity="server", subject="public.purchases", seen="as granted", state="holds")
    row = next(row for row in matrix_rows(report) if row.object == "public.purchases")
    server = next(cell for cell in row.cells if cell.identity == "server")
    assert server.state == "unknown"
    assert {part.state for part in server.parts} == {""}


def test_one_identity_is_shown_by_command_and_by_owner() -> None:
    text = write_identity(ROWS, "subject_a", "One")
    assert all(f">{word}</th>" in text for word in ("Read", "Add", "Change", "Delete"))
    ledger = text.split("<code>consent_events</code>")[1].split("</tr>")[0]
    assert ledger.count("own: yes") == 2
    assert ledger.count("other people&#x27;s and without an owner: no") == 2


def test_names_are_shown_without_schema_and_arguments() -> None:
    assert shorten("public.open_share_card(text)") == "open_share_card"
    assert shorten("ai.briefs") == "ai.briefs"
