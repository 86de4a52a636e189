"""Reports as PDF: from the Markdown of a report, with pictures, by the engine that makes the readings."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lab.services.documents.blocks import Block, read_blocks
from lab.services.documents.fault import make_fault
from lab.services.documents.fonts import order_families
from lab.services.documents.limits import is_unseen
from lab.text.secret_patterns import hide_secrets

Tone = Literal["good", "bad", "unknown", "plain"]
LONGEST = 600_000
"""Characters of a report. The dictionary of all tables has 55,000."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A picture of a report.

    Args:
        svg: The picture.
        title: Its heading.
        words: What it shows, as sentences, for people who do not see it.
    """

    svg: str = field(repr=False)
    title: str
    words: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """What a report's PDF is made of.

    Args:
        markdown: The report. Its first heading is the title.
        about: What kind of report it is, such as Plan; at the head of each page.
        tone: How its verdict is coloured; the words say the same.
        made_at: When the report was made; None for one that has no time, such as a plan.
        pictures: After the text, each on a page of its own.
    """

    markdown: str = field(repr=False)
    about: str
    tone: Tone = "plain"
    made_at: datetime.datetime | None = None
    pictures: Sequence[Picture] = ()


def request_report(paper: Paper, *, plain: bool = False) -> dict[str, Any]:
    """Return what the rendering process is asked for.

    Args:
        paper: The report.
        plain: Whether every letter that is not Latin is written as its code. Then a report can be written although an
            object in the database has a name in a script without a font.

    Raises:
        NotRendered: The report is too long.
    """
    text = _WIDTHLESS.sub("", hide_secrets(paper.markdown))
    if len(text) > LONGEST:
        raise make_fault("render.too_large")
    text = "".join(_show(character, plain=plain) for character in text)
    title, blocks = _take_title(read_blocks(text), paper.about)
    moment = paper.made_at.astimezone(datetime.UTC) if paper.made_at else None
    data = {
        "title": title,
        "about": paper.about,
        "tone": paper.tone,
        "made_at": f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "",
        "blocks": blocks,
        "pictures": [_describe_picture(one) for one in paper.pictures],
        "language": "en",
        "families": order_families("en"),
    }
    return {
        "template": "report.typ",
        "format": "pdf",
        "timestamp": int(moment.timestamp()) if moment else 0,
        "data": data,
    }


def _show(character: str, *, plain: bool) -> str:
    """Return a character, or its code when no font shows it."""
    hidden = is_unseen(character) or (plain and ord(character) > _LAST_LATIN and character not in _SIGNS)
    return f"U+{ord(character):04X}" if hidden else character


_LAST_LATIN, _SIGNS = 0x24F, "\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u2192\u2264\u2265"
_WIDTHLESS = re.compile("\u2060")  # keeps addresses from becoming links; paper has none


def _take_title(blocks: list[Block], about: str) -> tuple[str, list[Block]]:
    """Return the first heading as text, and the other blocks with headings that begin at the first level."""
    first = next((one for one in blocks if one["kind"] == "heading"), None)
    title = "".join(span["text"] for span in first["spans"]) if first else about
    rest = [one for one in blocks if one is not first]
    levels = [one["level"] for one in rest if one["kind"] == "heading"]
    for one in rest:
        if one["kind"] == "heading":
            one["level"] = min(one["level"] - min(levels) + 2, _next_level(one, rest))
    return title, rest


def _next_level(heading: Block, blocks: list[Block]) -> int:
    """Return the deepest level that a heading may have: one more than the one before it, as PDF/UA asks."""
    before = 1
    for one in blocks:
        if one is heading:
            break
        if one["kind"] == "heading":
            before = one["level"]
    return before + 1


def _describe_picture(picture: Picture) -> dict[str, Any]:
    width, height = map(float, _SIZE.findall(picture.svg)[0])
    return {"svg": picture.svg, "title": picture.title, "words": picture.words, "wide": width > 1.1 * height}


_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
