"""Writes HTML-like labels safely: every text from a rule is escaped."""

import html
import textwrap
from collections.abc import Iterable

from lab.pictures.palette import Tone

FONT = "Arial"


def text(words: str) -> str:
    """Return words for an HTML-like label: escaped, on one line, without control characters, never empty."""
    printable = "".join(letter if letter.isprintable() else " " for letter in words)
    return html.escape(" ".join(printable.split()), quote=True) or "&#160;"


def wrapped(words: str, width: int) -> str:
    """Return words on lines of at most so many characters, each aligned left."""
    lines = textwrap.wrap(" ".join(words.split()), width) or [" "]
    return "".join(f'{text(line)}<BR ALIGN="LEFT"/>' for line in lines)


def bold(words: str) -> str:
    """Return words in bold."""
    return f"<B>{text(words)}</B>"


def struck(words: str) -> str:
    """Return words with a line through them."""
    return f"<S>{text(words)}</S>"


def font(markup: str, colour: str, size: float) -> str:
    """Return markup in a colour and a size in points."""
    return f'<FONT COLOR="{colour}" POINT-SIZE="{size:g}">{markup}</FONT>'


def cell(markup: str, **attributes: str) -> str:
    """Return one table cell; attribute names in lower case, values escaped."""
    return f"<TD{_attributes(attributes)}>{markup}</TD>"


def row(*cells: str) -> str:
    """Return one table row."""
    return f"<TR>{''.join(cells)}</TR>"


def table(rows: Iterable[str], **attributes: str) -> str:
    """Return a table; attribute names in lower case, values escaped."""
    return f"<TABLE{_attributes(attributes)}>{''.join(rows)}</TABLE>"


def chip(word: str, tone: Tone, size: float = 9) -> str:
    """Return a small rounded label: a word on its tone."""
    words = font(bold(word), tone.ink, size)
    inner = cell(words, bgcolor=tone.fill, style="rounded", cellpadding="3")
    return table([row(inner)], border="0", cellborder="0", cellspacing="0", align="left")


def label(markup: str) -> str:
    """Return markup as the HTML-like label of a node or a cluster."""
    return f"<{markup}>"


def _attributes(attributes: dict[str, str]) -> str:
    return "".join(f' {name.upper()}="{text(value)}"' for name, value in attributes.items())
