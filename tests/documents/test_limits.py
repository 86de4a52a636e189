# ruff: noqa: RUF001 (letters of other scripts look like Latin ones)
"""Limits of the input, the base direction, and the values."""

import datetime
import pickle
from typing import Any

import pytest

from lab.services.documents import CODES, Card, NotRendered, Renderer
from lab.services.documents.direction import Direction, find_direction
from lab.services.documents.fault import make_fault
from lab.services.documents.words import words_in, write_date
from tests.documents.samples import make_reading

LARGE = {
    "1 MB": {"question": "why " * 250_000},
    "one too many": {"question": "x" * 4_001},
    "an answer": {"answer": "x" * 40_001},
    "a title": {"title": "x" * 141},
    "10,000 marks": {"question": "e" + "\u0301" * 3_000},
    "marks in the answer": {"answer": "e" + "\u0301" * 10_000},
    "zalgo": {"question": "z\u0310\u0311\u0312\u0313\u0314\u0315\u031a\u031b\u0323 a"},
    "invisible": {"question": "a" + "\u200d" * 9},
    "empty lines": {"answer": "x\n" * 2_001},
}
JUST_FITS = {
    "question": {"question": "x" * 4_000},
    "answer": {"answer": "x " * 20_000},
    "marks": {"question": "e" + "\u0301" * 8},
    "flag": {"question": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"},
}


@pytest.mark.parametrize("fields", LARGE.values(), ids=LARGE)
def test_a_large_text_is_refused_before_it_is_sent(fields: dict[str, Any]) -> None:
    """No child runs: the answer rests on the text alone."""
    renderer = Renderer()
    for render in (renderer.render_pdf, renderer.render_print_view):
        with pytest.raises(NotRendered) as caught:
            render(make_reading(**fields))
        assert caught.value.code == "render.too_large"
    assert renderer.pid is None


@pytest.mark.parametrize("fields", JUST_FITS.values(), ids=JUST_FITS)
def test_what_just_fits_is_rendered(renderer: Renderer, fields: dict[str, Any]) -> None:
    assert renderer.render_pdf(make_reading(**fields)).content.startswith(b"%PDF-1.7")


def test_a_card_has_the_lengths_of_its_columns() -> None:
    with pytest.raises(NotRendered) as caught:
        Renderer().render_card(Card(title="x", symbol="moon", palette="night", line="x" * 141))
    assert caught.value.code == "render.too_large"


DIRECTIONS: dict[str, tuple[str, Direction]] = {
    "latin": ("abc", "ltr"),
    "hebrew": ("שלום abc", "rtl"),
    "arabic": ("7 (سلام)", "rtl"),
    "digits alone": ("12:30", "ltr"),
    "an isolate is passed over": ("\u2067שלום\u2069 abc", "ltr"),
    "isolates in isolates": ("\u2066a \u2067b\u2069 c\u2069 שלום", "rtl"),
    "a stray end": ("\u2069שלום", "rtl"),
    "a mark alone": ("\u200f!", "rtl"),
    "empty": ("", "ltr"),
}


@pytest.mark.parametrize(("text", "direction"), DIRECTIONS.values(), ids=DIRECTIONS)
def test_the_first_strong_character_decides(text: str, direction: Direction) -> None:
    assert find_direction(text) == direction


def test_a_text_without_a_direction_takes_that_of_the_next() -> None:
    assert find_direction("7!", "שלום", "abc") == "rtl"


@pytest.mark.parametrize("fields", [{"language": "English"}, {"reference": "a b"}, {"reference": "x" * 41}], ids=str)
def test_values_of_another_form_are_refused_and_not_quoted(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        make_reading(**fields)
    assert not any(value in str(caught.value) for value in fields.values() if " " in value)


def test_a_reading_shows_no_private_word() -> None:
    told = repr(make_reading("hunter2", "hunter2", title="hunter2"))
    assert "hunter2" not in told
    assert "7F3A-91C2" in told


@pytest.mark.parametrize("code", CODES)
def test_an_error_is_its_code(code: str) -> None:
    error = make_fault(code)
    assert error.code == code
    assert str(error).startswith(f"{code}: ")
    assert pickle.loads(pickle.dumps(error)).code == code


def test_another_word_is_no_code() -> None:
    assert make_fault("hunter2").code == "render.failed"


@pytest.mark.parametrize(
    ("language", "date"), [("en", "1 May 2026"), ("de-CH", "1. Mai 2026"), ("ar", "2026-05-01")], ids=str
)
def test_a_date_is_written_in_its_language(language: str, date: str) -> None:
    assert write_date(datetime.date(2026, 5, 1), words_in(language)) == date
