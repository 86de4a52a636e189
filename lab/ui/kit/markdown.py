"""Text from rules and databases as Markdown that means nothing but its own signs. Pure."""

import re
from collections.abc import Iterable

from lab.text.escape import break_links, show_line

ALL = "all"


def plain(text: str, limit: int = 400) -> str:
    """Make text from a database safe as Markdown: every sign is taken literally, and no link is made of it."""
    return break_links(re.sub(r"([\\`*_{}\[\]()<>#+!|~$&-]|:(?!//))", r"\\\1", show_line(text, limit)))


def name(text: str) -> str:
    """Set a name as code, on one line."""
    return f"`{show_line(text, 160).replace('`', '') or ' '}`"


def names(texts: Iterable[str]) -> str:
    """Set several names as code."""
    return " ".join(name(text) for text in texts)
