"""What is rendered, and what comes of it."""

import datetime
import re
from dataclasses import dataclass, field

from lab.rules.forms import LOCALE

_REFERENCE = re.compile("^[0-9A-Za-z-]{1,40}$")
_LANGUAGE = re.compile(LOCALE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A reading as its owner gets it.

    Args:
        question: The visitor's question. A blank line begins a paragraph.
        answer: The full reading.
        language: Language of the answer as a BCP 47 code; it chooses hyphenation and the shapes of Chinese characters.
        made_on: The date on the document. It is also the only time in the file.
        reference: Short id of the artifact, 1 to 40 letters, digits and hyphens.
        title: The heading; without one it is the word for a reading.

    Raises:
        ValueError: The language or the reference has another form.
    """

    question: str = field(repr=False)
    answer: str = field(repr=False)
    language: str
    made_on: datetime.date
    reference: str
    title: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse a language or a reference of another form; neither is quoted."""
        _check_language(self.language)
        if not _REFERENCE.fullmatch(self.reference):
            raise ValueError("reference: expected 1 to 40 letters, digits and hyphens")


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """The public fields of a share-card, all from `card_phrases`.

    Args:
        title: The card's title.
        symbol: Name of the symbol.
        palette: Name of the colours.
        line: The one line.
        language: Language of the phrases as a BCP 47 code.

    Raises:
        ValueError: The language has another form.
    """

    title: str
    symbol: str
    palette: str
    line: str
    language: str = "en"

    def __post_init__(self) -> None:
        """Refuse a language of another form."""
        _check_language(self.language)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """A rendered document.

    Args:
        content: The file.
        media_type: Its media type.
        sha256: SHA-256 of the content, 32 bytes.
    """

    content: bytes = field(repr=False)
    media_type: str
    sha256: bytes


def _check_language(language: str) -> None:
    if not _LANGUAGE.fullmatch(language):
        raise ValueError("language: expected a BCP 47 code")
