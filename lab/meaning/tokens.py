"""SQL text taken apart into tokens: to compare texts without their spacing, and to know an expression's vocabulary."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
      |(?P<string>[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
      |(?P<quoted>"(?:[^"]|"")*")
      |(?P<number>\d+(?:\.\d+)?)
      |(?P<word>[a-zA-Z_][\w$]*)
      |(?P<operator>::|[-+*/<>=~!@\#%^&|`?]+)
      |(?P<mark>[^\s])""",
    re.VERBOSE | re.DOTALL,
)


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
    for found in _TOKEN.finditer(text):
        form = found.lastgroup if found.lastgroup != "tag" else "string"
        if form == "word":
            yield Token("word", found.group().lower())
        elif form and form != "space":
            yield Token(form, found.group())


def same_text(one: str, other: str) -> bool:
    """Tell whether two texts differ in nothing but spacing, comments and the case of words."""
    return take_apart(one) == take_apart(other)


def split_name(name: str) -> tuple[str, str]:
    """Return what a qualified name begins with, and its last part, each quoted as it came; a dot may be quoted."""
    found = _LAST_PART.search(name)
    last = found.group() if found else name
    return name.removesuffix(last).removesuffix("."), last


def write_name(name: str) -> str:
    """Write an identifier, quoted when it must be; PUBLIC stays the keyword that it is in a grant."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_$]*", name) else '"' + name.replace('"', '""') + '"'
