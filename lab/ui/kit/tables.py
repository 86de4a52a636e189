"""Tables: shaped as data frames, drawn with Streamlit's grid, and exported as CSV and Parquet."""

import contextlib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from statistics import median_high
from typing import TYPE_CHECKING, Any
from uuid import UUID

import streamlit as st

from lab.checks.finding import Unknown
from lab.text.escape import show_line
from lab.ui.kit.badges import badge, look
from lab.ui.kit.markdown import plain
from lab.ui.kit.parts import offer_download
from lab.ui.kit.url_widgets import PageMemory

if TYPE_CHECKING:
    from pandas import DataFrame as DataFrame
    from pandas import Series
    from streamlit.elements.lib.column_types import ButtonColumnResult, ColumnConfig
else:  # slow to import: pages without a table must not wait for it
    DataFrame = Any

Cell = str | int | datetime | UUID | None | Sequence[str]  # a sequence is words that are drawn as badges
Clean = str | int | list[str]  # as it is in a frame
LONGEST_CELL = 2000  # characters
FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")  # the wide forms are formulas, too
MOST_ROWS = 20  # of a grid that shows all its rows; a longer one scrolls
NARROW = 26  # characters of a cell that is not wrapped
# Pixels. Streamlit measures only the first rows, which is enough only for badges and numbers.
PAGE_WIDTH, BUTTON, LEAST, LINE = 830, 70, 130, 20
LETTER, LETTER_IN_SENTENCES, BESIDE_A_WORD, TWO_WORDS = 6.4, 5.6, 24, 200
LOST = 3  # letters of a line that ends before a word
HEADER, LOWEST_ROW, WRAPPING_ROW = 36, 34, 61  # Streamlit wraps text from the second on
SHAPES_KEPT = 128  # tables
MOST_LINES = 6  # in one row; a double click on a cell shows the rest


def make_frame(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> DataFrame:
    """Return a table whose text holds no control characters and no line ends; times are in UTC, to the second."""
    import pandas

    return pandas.DataFrame([[_clean(cell) for cell in row] for row in rows], columns=list(columns), dtype=object)


def _clean(cell: Cell) -> Clean:
    if isinstance(cell, int):
        return cell
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, Sequence) and not isinstance(cell, str):
        return [show_line(word, 80) for word in cell]
    return "" if cell is None else show_line(str(cell), LONGEST_CELL)


def frame_unknown(unknown: Iterable[Unknown]) -> DataFrame:
    """Shape what could not be checked, each with its reason."""
    return make_frame(("Not checked", "Why"), ((entry.what, entry.why) for entry in unknown))


def draw_table(
    memory: PageMemory,
    name: str,
    frame: DataFrame,
    *,
    empty: str,
    open_row: Callable[[int], None] | None = None,
    verb: str = "Open",
) -> None:
    """Draw a table with its heading and its export; on a phone each row is a card, unless a row can be opened.

    Args:
        memory: Of the page that it stands on.
        name: Names the table, its files and the grid for screen readers.
        frame: Made by `make_frame`.
        empty: Stands in place of a table without rows.
        open_row: Called with the number of the row that was opened.
        verb: What the button of a row says.
    """
    key = re.sub(r"\W+", "-", name.lower())
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        st.markdown(f"### {name}", width="stretch")
        if not frame.empty:
            with st.popover("Export", icon=":material/download:", type="tertiary", key=memory.key(f"export {key}")):
                offer_exports(memory, key, lambda: frame)
    if frame.empty:
        st.markdown(empty)
        return
    if open_row:
        _draw_grid(name, len(frame), _shape(frame, verb), _make_button(memory, f"open {key}", open_row))
        return
    shape = _shape(frame)
    with st.container(key=f"wide-{key}"):
        _draw_grid(name, len(frame), shape)
    with st.container(key=f"narrow-{key}"):
        st.markdown(shape.cards)


def offer_exports(memory: PageMemory, key: str, make: Callable[[], DataFrame]) -> None:
    """Offer a table as files, which are made on request."""
    offer_download(memory, "CSV", lambda: write_csv(make()), f"{key}.csv", "text/csv")
    parquet = "application/vnd.apache.parquet"
    offer_download(memory, "Parquet", lambda: write_parquet(make()), f"{key}.parquet", parquet)


def _make_button(memory: PageMemory, key: str, open_row: Callable[[int], None]) -> "ButtonColumnResult":
    """Return a column whose buttons open their row."""
    return st.column_config.ButtonColumn(
        "", width=BUTTON, key=memory.key(key), on_click=lambda: open_row(memory[key].row)
    )


@dataclass(frozen=True, kw_only=True)
class _Content:
    """What a table holds; two tables with the same cells are equal.

    Args:
        columns: Their names.
        cells: Of each column; words as a tuple.
        verb: What the button of a row says; empty when no row can be opened.
        frame: The table.
    """

    columns: tuple[str, ...]
    cells: tuple[tuple[Any, ...], ...]
    verb: str
    frame: DataFrame = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class _Shape:
    """A table as it is drawn.

    Args:
        shown: The cells that the grid shows.
        row_height: Of all rows, in pixels.
        config: Of each column.
        cards: The rows as Markdown, for a narrow screen.
    """

    shown: Any
    row_height: int
    config: "dict[str, ColumnConfig]"
    cards: str


def _shape(frame: DataFrame, verb: str = "") -> _Shape:
    """Return a table as it is drawn; the same cells are shaped once."""
    columns = [frame[column].tolist() for column in frame.columns]
    cells = tuple(tuple(tuple(one) if isinstance(one, list) else one for one in column) for column in columns)
    return _shape_once(_Content(columns=tuple(map(str, frame.columns)), cells=cells, verb=verb, frame=frame))


@lru_cache(maxsize=SHAPES_KEPT)
def _shape_once(content: _Content) -> _Shape:
    import pyarrow

    frame = content.frame
    widths, row_height = measure_columns(frame)
    shown = defuse(frame)
    if content.verb:
        shown.insert(0, "Open", content.verb)
    mixed = (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError)  # text beside numbers, which Streamlit converts
    with contextlib.suppress(*mixed):
        shown = pyarrow.Table.from_pandas(shown)
    config = {str(column): _configure(cells, widths.get(str(column))) for column, cells in frame.items()}
    return _Shape(shown=shown, row_height=row_height, config=config, cards="" if content.verb else write_cards(frame))


def _draw_grid(name: str, rows: int, shape: _Shape, button: "ButtonColumnResult | None" = None) -> None:
    st.dataframe(
        shape.shown,
        hide_index=True,
        height=HEADER + min(rows, MOST_ROWS) * shape.row_height,  # in pixels, so that its placeholder is as high
        row_height=shape.row_height,
        column_config={**shape.config, **({"Open": button} if button else {})},
        alt=name,
    )


def _configure(cells: "Series[Any]", width: int | None) -> "ColumnConfig":
    words = list(dict.fromkeys(word for cell in cells if isinstance(cell, list) for word in cell))
    if not words:
        return st.column_config.Column(width=width)
    return st.column_config.MultiselectColumn(width=width, options=words, color=[look(word)[1] for word in words])


def measure_columns(frame: DataFrame) -> tuple[dict[str, int], int]:
    """Return the widths of columns of text, and the height of all rows.

    Names get what they need, and sentences share the rest by their length. One long cell does not stretch all rows.
    """
    cells = {str(column): frame[column].tolist() for column in frame.columns}  # pandas is slow on few cells
    lengths = {c: [len(one) if isinstance(one, str) else 0 for one in all_] for c, all_ in cells.items()}
    longest = {c: max(len(c), *most) for c, most in lengths.items() if any(most)}
    wrapped = [
        c
        for c, most in longest.items()
        if most > NARROW and any(isinstance(one, str) and " " in one for one in cells[c])
    ]
    widths = {c: 28 + round(LETTER * most) for c, most in longest.items()}
    if not wrapped:
        return widths, LOWEST_ROW
    widths |= {c: _measure_words(c, all_) for c, all_ in cells.items() if c not in widths}
    taken = sum(most for c, most in widths.items() if c not in wrapped)
    wanted = {c: min(longest[c], 120) for c in wrapped}
    widths |= {c: max(LEAST, (PAGE_WIDTH - taken) * part // sum(wanted.values())) for c, part in wanted.items()}
    letters = {c: (widths[c] - 16) / LETTER_IN_SENTENCES - LOST for c in wrapped}
    lines = [math.ceil(max(lengths[c][row] / letters[c] for c in wrapped)) for row in range(len(frame))]
    shown = min(max(lines), max(median_high(lines) + 1, 3), MOST_LINES)
    height = max(WRAPPING_ROW, shown * LINE + 6) if shown > 1 else LOWEST_ROW
    return widths, height


def _measure_words(column: str, cells: Sequence[Clean]) -> int:
    """Return the width of a column of badges or numbers: badges stand side by side, up to two."""
    words = [sum(LETTER * len(word) + BESIDE_A_WORD for word in cell) for cell in cells if isinstance(cell, list)]
    return 28 + round(max(LETTER * len(column), min(max(words, default=0), TWO_WORDS)))


def _change_cells(frame: DataFrame, change: Callable[[Clean], Clean]) -> DataFrame:
    """Return a table with every cell changed; for few cells it is faster than pandas' own way."""
    import pandas

    changed = {column: [change(cell) for cell in frame[column].tolist()] for column in frame.columns}
    return pandas.DataFrame(changed, columns=frame.columns, dtype=object)


def defuse(frame: DataFrame) -> DataFrame:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    return _change_cells(frame, lambda cell: f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell)


def write_csv(frame: DataFrame) -> str:
    """Write a table as CSV that a spreadsheet can open: no cell is a formula."""
    told = _change_cells(frame, lambda cell: ", ".join(cell) if isinstance(cell, list) else cell)
    return str(defuse(told).to_csv(index=False, lineterminator="\n"))


def write_parquet(frame: DataFrame) -> bytes:
    """Write a table as Parquet, each cell as it is."""
    return bytes(frame.to_parquet(index=False))


def write_cards(frame: DataFrame) -> str:
    """Write each row as a card of Markdown, which a narrow screen shows: there Streamlit's grid hides most columns."""
    rows = zip(*(frame[column].tolist() for column in frame.columns), strict=True)
    told = (zip(frame.columns, row, strict=True) for row in rows)
    cards = ([f":small[{column}:] {_write(cell)}" for column, cell in row if cell not in ("", [])] for row in told)
    return "\n".join("- " + "  \n  ".join(card) for card in cards)


def _write(cell: Clean) -> str:
    if isinstance(cell, list):
        return " ".join(badge(plain(word)) for word in cell)
    return plain(str(cell), LONGEST_CELL)
