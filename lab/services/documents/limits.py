"""Limits of a text, checked before it is rendered, and limits of the process that renders it."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from lab.services.documents.fault import make_fault

CHARACTERS = {"question": 4_000, "answer": 40_000, "title": 140, "line": 140}
"""How long each field may be. Questions, titles and lines have the limits of their columns."""

LINES = 2_000
"""Line breaks in a field. More would make hundreds of nearly empty pages."""

MARKS = 8
"""Combining marks and invisible characters in a row. Written languages need up to five, a flag in tags six."""

_MARKS = {"Mn", "Me", "Cf"}
_SPACE = {"\t", "\n", "\r"}
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What the rendering process may use.

    Args:
        memory_bytes: Address space of the process. The program and its fonts take 300 MB of it.
        seconds: How long one rendering may take.
        start_seconds: How long the process may take to start.
        renderings: After so many the process is replaced, so that what its engine remembers stays bounded.
    """

    memory_bytes: int = 1 << 30
    seconds: float = 10.0
    start_seconds: float = 60.0
    renderings: int = 500


def check_texts(texts: Mapping[str, str]) -> None:
    """Refuse fields that are too long, or that hold what no font can show.

    Args:
        texts: The text of each field; the names are those of CHARACTERS.

    Raises:
        NotRendered: `render.too_large` or `render.missing_glyph`.
    """
    if any(_is_large(name, text) for name, text in texts.items()):
        raise make_fault("render.too_large")
    if any(is_unseen(character) for text in texts.values() for character in text):
        raise make_fault("render.missing_glyph")


def _is_large(name: str, text: str) -> bool:
    return len(text) > CHARACTERS[name] or len(text.splitlines()) > LINES or _longest_marks(text) > MARKS


def _longest_marks(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in _MARKS else 0
        longest = max(longest, run)
    return longest


def is_unseen(character: str) -> bool:
    """Tell whether a character is a control, half of a surrogate pair, private or no character at all."""
    if character in _SPACE:
        return False
    return character == _BYTE_ORDER_MARK or unicodedata.category(character) in {"Cc", "Cs", "Co"}
