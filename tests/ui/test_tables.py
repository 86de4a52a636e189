"""Tables as data frames: their cells, their exports, and what a hostile cell cannot do."""

import csv
import io

import pandas as pd
import pytest

from lab.checks.finding import Unknown
from lab.ui.kit.badges import LOOKS, badge, headline
from lab.ui.kit.tables import (
    LOWEST_ROW,
    WRAPPING_ROW,
    _shape,
    defuse,
    frame_unknown,
    make_frame,
    measure_columns,
    write_cards,
    write_csv,
    write_parquet,
)
from tests.readiness.reports import UNKNOWN

FRAME = make_frame(("State", "Table", "Rows"), [(["holds"], "public.products", 3), (["broken", "new"], "public.v", 0)])


def test_a_frame_keeps_text_numbers_and_words() -> None:
    assert FRAME.to_dict("list") == {
        "State": [["holds"], ["broken", "new"]],
        "Table": ["public.products", "public.v"],
        "Rows": [3, 0],
    }
    assert list(make_frame(("A", "B"), []).columns) == ["A", "B"]


def test_a_cell_hides_nothing_and_stays_on_one_line() -> None:
    frame = make_frame(("A", "B"), [("a\x1b[31m\nb\u202ec", ["d\u200be"])])
    assert frame["A"][0] == "a\\x1b[31m b\\u202ec"
    assert frame["B"][0] == ["d\\u200be"]


def test_what_could_not_be_checked_says_why() -> None:
    assert frame_unknown((UNKNOWN,)).iloc[0].to_dict() == {"Not checked": UNKNOWN.what, "Why": UNKNOWN.why}
    assert frame_unknown(()).empty


FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "  =1", "\t=1", "\r=1", "\uff1dcmd", "\uff20x"]
HARMLESS = ["a=b", "public.v", "1 + 1", "", "'=1", "e-mail"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_export_and_no_grid_holds_a_formula(formula: str) -> None:
    frame = make_frame(("A", "B"), [(formula, "b")])
    exported = list(csv.reader(io.StringIO(write_csv(frame))))[1][0]
    assert exported.startswith("'")
    assert defuse(frame)["A"][0] == exported
    assert exported[1:] == frame["A"][0]


def test_a_list_of_words_is_no_formula_in_the_export() -> None:
    frame = make_frame(("A",), [(["=1", "b"],)])
    assert list(csv.reader(io.StringIO(write_csv(frame))))[1] == ["'=1, b"]


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_exported_as_it_is(text: str) -> None:
    frame = make_frame(("A", "B"), [(text, 7)])
    assert list(csv.reader(io.StringIO(write_csv(frame))))[1] == [text, "7"]


def test_parquet_brings_every_cell_back() -> None:
    frame = make_frame(("A", "B", "C"), [("=1", ["x", "y"], 2)])
    read = pd.read_parquet(io.BytesIO(write_parquet(frame)))
    assert (read["A"][0], list(read["B"][0]), read["C"][0]) == ("=1", ["x", "y"], 2)


def test_a_card_shows_each_cell_with_its_column_and_no_markup_of_a_database() -> None:
    hostile = "![x](https://evil.test/a.png) <img src=x> :red[r] $x$ `y` |z|\nnext"
    text = write_cards(frame_unknown((Unknown(what="a table", why=hostile),)))
    assert text.startswith("- :small[Not checked:] a table  \n  :small[Why:] ")
    why = text.partition("[Why:] ")[2]
    assert not any(mark in why.replace(f"\\{mark[0]}", "") for mark in ("![", "](", "<img", ":red[", "$x"))
    assert "\n" not in why
    assert write_cards(FRAME).count("\n- ") == 1
    assert f"{badge('broken')} {badge('new')}" in write_cards(FRAME)
    assert ":small[Rows:] 0" in write_cards(FRAME)
    assert ":red" not in write_cards(make_frame(("A",), [(["a] :red[b"],)])).replace("\\:red", "")


def test_names_get_their_width_and_sentences_wrap() -> None:
    sentence = "A sentence that is longer than any name in this table and has to be read in full. " * 3
    heads = ("Table", "State", "Why")
    frame = make_frame(heads, [("public.a_name_without_a_space_in_it", ["holds"], sentence)])
    widths, height = measure_columns(frame)
    assert set(widths) == set(heads)
    assert widths["State"] < widths["Table"]
    assert widths["Why"] > widths["Table"]
    assert height > WRAPPING_ROW
    assert measure_columns(FRAME)[1] == LOWEST_ROW
    short = [("a", ["holds"], "Two words")] * 5
    assert measure_columns(make_frame(heads, short))[1] == LOWEST_ROW
    one_long = make_frame(heads, [("a", ["holds"], sentence * 2), *short])
    assert (
        WRAPPING_ROW < measure_columns(one_long)[1] < measure_columns(make_frame(heads, [("a", [], sentence * 2)]))[1]
    )
    most = measure_columns(make_frame(heads, [("a", [], sentence * 9)]))
    assert most == measure_columns(make_frame(heads, [("a", [], sentence * 5)]))  # both have the most


def test_a_word_without_a_look_is_gray() -> None:
    assert badge("anything") == ":gray-badge[anything]"
    assert badge("holds") == ":green-badge[:material/check_circle: holds]"
    assert headline("not ready") == "## :red[:material/error: Not ready]"
    colours = {"red", "orange", "green", "blue", "violet", "gray"}
    assert {colour for _, colour in LOOKS.values()} <= colours


def test_the_same_cells_are_shaped_once_and_others_anew() -> None:
    made = _shape(make_frame(("A", "B"), [("x", ["y"])]))
    assert _shape(make_frame(("A", "B"), [("x", ["y"])])) is made
    for other in (make_frame(("A", "C"), [("x", ["y"])]), make_frame(("A", "B"), [("x", ["z"])])):
        assert _shape(other) is not made
    assert "Open" in _shape(make_frame(("A", "B"), [("x", ["y"])]), "Open").shown.column_names
    assert made.shown.column_names == ["A", "B"]


def test_text_beside_numbers_is_left_to_streamlit() -> None:
    assert list(_shape(make_frame(("A",), [("x",), (3,)])).shown["A"]) == ["x", 3]
