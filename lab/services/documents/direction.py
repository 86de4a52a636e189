"""The base direction of a text."""

import unicodedata
from typing import Literal

Direction = Literal["ltr", "rtl"]

_OPENS = {"LRI", "RLI", "FSI"}
_STRONG: dict[str, Direction] = {"L": "ltr", "R": "rtl", "AL": "rtl"}


def find_direction(*texts: str) -> Direction:
    """Return the direction of the first strong character outside of isolates; left to right without one.

    Args:
        texts: They are looked at in their order.

    Source: Unicode Standard Annex 9, rules P2 and P3.
    """
    return next((found for text in texts if (found := _first_strong(text))), "ltr")


def _first_strong(text: str) -> Direction | None:
    depth = 0
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in _OPENS:
            depth += 1
        elif kind == "PDI":
            depth = max(0, depth - 1)
        elif kind in _STRONG and not depth:
            return _STRONG[kind]
    return None
