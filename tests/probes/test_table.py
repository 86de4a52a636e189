"""The access matrix in words: from the rules alone, and with what was seen."""

from lab.access.matrix import IDENTITIES, find_cell, make_matrix
from lab.checks.probes import ProbeResult, ProbeRun, matrix_rows, matrix_text
from lab.rules import RULES

WORDS = {
    ("oracle_scrolls", "visitor"): "nothing",
    ("oracle_scrolls", "subject_a"): "own rows",
    ("oracle_scrolls", "server"): "every row, may add and change",
    ("oracle_scrolls", "ai"): "the leased brief",
    ("oracle_scrolls", "operator"): "operational fields",
    ("share_cards", "visitor"): "public fields, by link",
    ("ai_runs", "ai"): "the leased brief",
    ("purchases", "operator"): "operational and financial fields",
    ("consent_events", "server"): "every row, may add",
    ("ledger_seals", "server"): "every row",
    ("delivery_jobs", "subject_b"): "nothing",
    ("passport_records", "subject_a"): "own rows",
    ("passport_records", "anonymous_sign_in"): "nothing",
    ("ai_runs", "subject_a"): "own rows, once promoted",
    ("consent_notices", "subject_a"): "every row",
}


def words(report: ProbeRun | None = None) -> dict[tuple[str, str], str]:
    rows = [row for row in matrix_rows(report) if row.kind == "table"]
    return {(row.object.removeprefix("public."), cell.identity): cell.word for row in rows for cell in row.cells}


def test_the_words_follow_from_the_rules() -> None:
    assert {place: words()[place] for place in WORDS} == WORDS


def test_a_reason_is_about_its_own_cell() -> None:
    assert find_cell("anonymous_sign_in", "public.passport_records", "select").why == "The policy leaves the guest out."
    assert find_cell("subject_a", "public.products", "select").why == "Only the site server reads here."
    assert find_cell("server", "public.purchases", "delete").why == "No role deletes here with a command of its own."
    for cell in (cell for cell in make_matrix() if cell.kind == "view" and cell.object.startswith("operations.")):
        assert cell.outcome != "rows" or cell.word in cell.why


def test_every_cell_has_a_reason() -> None:
    assert all(cell.word and cell.rule and cell.why for cell in make_matrix())
    commands = 4 * len(RULES.tables)
    assert len(make_matrix()) == len(IDENTITIES) * (
        commands + len(RULES.tables) + len(RULES.views) + len(RULES.functions)
    )


def test_what_was_seen_is_marked() -> None:
    cell = find_cell("visitor", "public.oracle_scrolls", "select")
    seen = ProbeResult(
        id="access", title="", identity="visitor", subject=cell.object, command="select", expected=cell.word,
        seen="reads also question", state="differs", rule=cell.rule, why=cell.why,
    )  # fmt: skip
    report = ProbeRun(results=(seen,), findings=(), unknown=(), attempts=1, seconds=0)
    row = next(row for row in matrix_rows(report) if row.object == "public.oracle_scrolls")
    assert (row.cells[0].state, row.cells[0].seen) == ("differs", ("reads also question",))
    line = next(line for line in matrix_text(report).splitlines() if line.startswith("oracle_scrolls"))
    assert line.split()[1] == "!nothing"
