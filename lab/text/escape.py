"""Makes external text safe to show; every format, command and page uses it.

Characters that mislead a terminal, XML or a reader become visible. In commands for a CI's log, one character is written
as its code. In text that a page would turn into a link, a character without width is inserted.
"""

import json
import re
import unicodedata
from typing import Any

# Cc: control characters; Cf: invisible ones, such as those that turn the direction of writing; Cs: half of a pair;
# Zl and Zp: line ends that not every tool counts; Cn holds U+FFFE and U+FFFF, which XML refuses.
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"}
# GitHub's runner obeys `::name::` at the start of a line; it and Azure's obey `##[name]` and `##vso[name]` anywhere.
_COMMAND = re.compile(r"^([^\S\n]*):(?=:)|#(?=#\w*\[)", re.MULTILINE)
_LINK = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
_JOINER = "\u2060"  # has no width and allows no line break


def _spoil(found: re.Match[str]) -> str:
    return rf"{found[1]}\x3a" if found[1] is not None else r"\x23"


def show_output(text: str) -> str:
    """Return a command's output without control characters or CI commands; line breaks and tabs stay."""
    return _COMMAND.sub(_spoil, show_hidden(text, keep="\n\t"))


def write_json(value: Any, indent: int | None = 2) -> str:
    """Return a value as JSON in ASCII, without terminal sequences or CI commands."""
    told = json.dumps(value, indent=indent, ensure_ascii=True)
    return re.sub("#(?=#)", r"\\u0023", told.replace("\x7f", "\\u007f"))


def break_links(text: str) -> str:
    """Return text in which Markdown does not turn addresses into links."""
    return _LINK.sub(_JOINER, text)


def show_hidden(text: str, keep: str = "") -> str:
    """Return text with every invisible or control character written out, an escape as `x1b` after a backslash.

    Args:
        text: Anything.
        keep: Characters that may stay, such as a line feed.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _show(character) if _is_hidden(character) and character not in keep else character for character in text
    )


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN


def _show(character: str) -> str:
    code = ord(character)
    named = {9: "\\t", 10: "\\n", 13: "\\r"}.get(code)
    return named or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def show_line(text: str, limit: int = 400) -> str:
    """Return text as one line of at most `limit` characters, which says how much was left out."""
    line = show_output(" ".join(text[: 4 * limit].split()) if len(text) > 4 * limit else " ".join(text.split()))
    return line if len(line) <= limit and len(text) <= 4 * limit else f"{line[:limit]}… ({len(text)} characters)"


def show_block(text: str, limit: int = 20_000) -> str:
    """Return text of several lines, such as SQL, without anything hidden; text that is too long is cut, with a note."""
    shown = show_output(text[:limit].replace("\r\n", "\n"))
    return shown if len(text) <= limit else f"{shown}\n-- … cut here: {len(text)} characters in all"
