"""Makes text from outside safe to show: characters that mislead a terminal, XML or a reader become visible."""

import unicodedata

# Cc: control characters; Cf: invisible ones, such as those that turn the direction of writing; Cs: half of a pair;
# Zl and Zp: line ends that not every tool counts; Cn holds U+FFFE and U+FFFF, which XML refuses.
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"}


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
    line = show_hidden(" ".join(text[: 4 * limit].split()) if len(text) > 4 * limit else " ".join(text.split()))
    return line if len(line) <= limit and len(text) <= 4 * limit else f"{line[:limit]}… ({len(text)} characters)"


def show_block(text: str, limit: int = 20_000) -> str:
    """Return text of several lines, such as SQL, without anything hidden; text that is too long is cut, with a note."""
    shown = show_hidden(text[:limit].replace("\r\n", "\n"), keep="\n\t")
    return shown if len(text) <= limit else f"{shown}\n-- … cut here: {len(text)} characters in all"
