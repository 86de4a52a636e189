"""Splits SQL text into tokens as Postgres does, to compare texts without their spacing, and to read them.

A difference would stay hidden if spaces or comments ended elsewhere than for the server. So both follow its lexer:
block comments nest, a line comment ends at a carriage return as well, and only ASCII has spaces and capitals.
Source: Postgres' documentation, "Lexical Structure", and src/backend/parser/scan.l.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_LETTER = r"A-Za-z_\x80-\U0010ffff"
_TOKEN = re.compile(
    rf"""(?P<space>[ \t\n\r\f\v]+|--[^\n\r]*)
      |(?P<comment>/\*)
      |(?P<string>[eE]'(?:[^'\\]|''|\\.)*'|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'
         |\$(?P<tag>(?:[{_LETTER}][{_LETTER}0-9]*)?)\$.*?\$(?P=tag)\$)
      |(?P<quoted>(?:[uU]&)?"(?:[^"]|"")*")
      |(?P<number>[0-9][A-Za-z0-9_]*(?:\.[0-9][A-Za-z0-9_]*)?)
      |(?P<word>[{_LETTER}][{_LETTER}0-9$]*)
      |(?P<operator>::|(?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?])+)
      |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"/\*|\*/")
_SMALL = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}


_LAST_PART = re.compile(r"""(?:"(?:[^"]|"")*"|[^."]+)$""")


class Token(NamedTuple):
    """One piece of SQL text."""

    form: str
    text: str


@lru_cache(maxsize=4096)
def take_apart(text: str) -> tuple[Token, ...]:
    """Return a text's tokens, without space and comments; words in lower case."""
    return tuple(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    place = 0
    while found := _TOKEN.match(text, place):
        form = "string" if found.lastgroup == "tag" else str(found.lastgroup)
        place = _end_of_comment(text, found.start()) if form == "comment" else found.end()
        if form == "word":
            yield Token("word", found.group().translate(_SMALL))
        elif form not in ("space", "comment"):
            yield Token(form, found.group())


def _end_of_comment(text: str, start: int) -> int:
    """Return where a block comment ends; the end of the text when it is never closed."""
    depth = 0
    for found in _COMMENT.finditer(text, start):
        depth += 1 if found.group() == "/*" else -1
        if depth == 0:
            return found.end()
    return len(text)


def same_text(one: str, other: str) -> bool:
    """Tell whether two texts differ only in spacing, comments and the case of words."""
    return take_apart(one) == take_apart(other)


def split_name(name: str) -> tuple[str, str]:
    """Return the first parts of a qualified name, and its last part, each quoted as given; a dot may be quoted."""
    found = _LAST_PART.search(name)
    last = found.group() if found else name
    return name.removesuffix(last).removesuffix("."), last


def write_name(name: str) -> str:
    """Write an identifier, quoted when it must be; PUBLIC stays the keyword that it is in a grant."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_$]*", name) else '"' + name.replace('"', '""') + '"'
