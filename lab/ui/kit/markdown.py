"""Text from a database as Markdown that means nothing but its own signs. Pure."""

import re

from lab.text.escape import show_line
from lab.ui.kit.tables import code

ALL, NO_BREAK = "all", "\u00a0"


def plain(text: str, limit: int = 400) -> str:
    """Make text from a database safe as Markdown: every sign is taken literally, and no link is made of it."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~$:&-])", r"\\\1", show_line(text, limit))


def name(text: str) -> str:
    """Set a name from a database as code, on one line."""
    return f"`{show_line(text, 160).replace('`', '') or ' '}`"


def cell(text: str) -> str:
    """Set a name from a database as code inside a table."""
    return code(show_line(text, 160)) or "` `"
