"""Text from rules and databases as Markdown that means nothing but its own signs. Pure."""

import re
from collections.abc import Iterable

from lab.text.escape import break_links, show_line

ALL = "all"


def plain(text: str, limit: int = 400) -> str:
    """Make text from a database safe as Markdown: every sign is taken literally, and no link is made of it."""
    return _escape(show_line(text, limit))


def prose(text: str, limit: int = 400) -> str:
    """Make a sentence safe as Markdown, as `plain` does, with what stands between backticks as code."""
    parts = show_line(text, limit).split("`")
    if len(parts) % 2 == 0:  # a backtick without its second
        return plain(text, limit)
    return "".join(name(part) if place % 2 else _escape(part) for place, part in enumerate(parts))


def _escape(line: str) -> str:
    return break_links(re.sub(r"([\\`*_{}\[\]()<>#+!|~$&-]|:(?!//))", r"\\\1", line))


def name(text: str) -> str:
    """Set a name as code, on one line."""
    return f"`{show_line(text, 160).replace('`', '') or ' '}`"


def names(texts: Iterable[str]) -> str:
    """Set several names as code."""
    return " ".join(name(text) for text in texts)
