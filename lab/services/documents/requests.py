"""What the rendering process is asked for: a template, a format, and the fields as plain values."""

import datetime
import re
import unicodedata
from typing import Any

from lab.services.documents.direction import find_direction
from lab.services.documents.fonts import order_families
from lab.services.documents.limits import check_texts
from lab.services.documents.values import Card, Reading
from lab.services.documents.words import words_in, write_date

NO_LANGUAGE = "und"
# Those that the engine takes for languages from right to left. Source: typst-library, `Lang::dir`.
FROM_THE_RIGHT = ("ar", "dv", "fa", "he", "ks", "pa", "ps", "sd", "ug", "ur", "yi")
_ITALICS = ("LATIN", "GREEK", "CYRILLIC")
_BLANK_LINES = re.compile(r"\n\s*\n")


def request_pdf(reading: Reading) -> dict[str, Any]:
    """Ask for the PDF of a reading."""
    midnight = datetime.datetime.combine(reading.made_on, datetime.time(), datetime.UTC)
    stamp = max(0, int(midnight.timestamp()))
    return {"template": "reading.typ", "format": "pdf", "timestamp": stamp, "data": _describe_reading(reading)}


def request_first_page(reading: Reading) -> dict[str, Any]:
    """Ask for a picture of the first page of a reading's PDF."""
    return request_pdf(reading) | {"format": "png"}


def request_print_view(reading: Reading) -> dict[str, Any]:
    """Ask for the page of a reading that is made for paper."""
    return {"template": "reading.html", "format": "html", "data": _describe_reading(reading)}


def request_card(card: Card) -> dict[str, Any]:
    """Ask for the picture of a share-card."""
    check_texts({"title": card.title, "line": card.line})
    data = {
        "title": " ".join(card.title.split()),
        "line": " ".join(card.line.split()),
        "symbol": card.symbol,
        "palette": card.palette,
        "direction": find_direction(card.line, card.title),
        **_describe_language(card.language),
    }
    return {"template": "card.typ", "format": "png", "timestamp": 0, "data": data}


def _describe_reading(reading: Reading) -> dict[str, Any]:
    title = (reading.title or "").strip()
    check_texts({"question": reading.question, "answer": reading.answer, "title": title})
    words = words_in(reading.language)
    return {
        "title": title or words.title,
        "title_language": reading.language if title else words.language,
        "question": _split(reading.question),
        "answer": _split(reading.answer),
        "date": write_date(reading.made_on, words),
        "day": reading.made_on.isoformat(),
        "reference": reading.reference,
        "direction": find_direction(reading.answer, reading.question),
        "question_direction": find_direction(reading.question, reading.answer),
        "slanted": _is_slanted(reading.question),
        "initial": reading.answer.lstrip()[:1].isupper(),
        "title_direction": find_direction(title or words.title),
        **_describe_language(reading.language),
        "file_language": _name_file_language(reading),
    }


def _describe_language(tag: str) -> dict[str, Any]:
    """Return a tag whole and in the parts that the engine takes."""
    region = next((part for part in tag.split("-")[1:] if len(part) == 2 and part.isupper()), None)
    return {"tag": tag, "language": _language_of(tag), "region": region, "families": order_families(tag)}


def _name_file_language(reading: Reading) -> str:
    """Return the language of the file, of which the engine takes the order of reading.

    A language that it knows from right to left, such as Punjabi, may be written from left to right.
    """
    language = _language_of(reading.language)
    leftwards = find_direction(reading.answer, reading.question) == "ltr"
    return NO_LANGUAGE if leftwards and language in FROM_THE_RIGHT else language


def _language_of(tag: str) -> str:
    """Return the part of a tag that the engine takes; a private tag has no language that it knows."""
    first = tag.split("-")[0]
    return NO_LANGUAGE if first == "x" else first


def _is_slanted(text: str) -> bool:
    """Tell whether a text is in a script that has italics; a browser would slant any other by force."""
    first = next((character for character in text if character.isalpha()), "")
    return bool(first) and unicodedata.name(first, "").startswith(_ITALICS)


def _split(text: str) -> list[list[str]]:
    """Split a text into paragraphs, and each paragraph into its lines."""
    plain = "\n".join(text.splitlines())
    paragraphs = ([line.strip() for line in part.split("\n")] for part in _BLANK_LINES.split(plain))
    return [lines for paragraph in paragraphs if (lines := [line for line in paragraph if line])]
