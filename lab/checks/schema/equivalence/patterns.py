"""Regular expressions of a simple kind: their normal form, and texts that they match.

Anything outside this small grammar (options, classes by name, back references, lazy repetition) is refused.
Source: Postgres' documentation, "POSIX Regular Expressions".
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from lab.checks.schema.equivalence.nodes import Unreadable

LONGEST = 5_000  # characters of a made-up text
LONGEST_PATTERN = 400
_REPEATED = re.compile(r"[*+?]|\{(\d{1,3})(,(\d{0,3}))?\}", re.ASCII)
_MOST = 255  # the highest count that is read
_CLASSES = {"\\d": "0", "\\s": " ", "\\w": "a"}
_ELSE = "aA0 _-.@/\n\u00e9"  # characters tried for a negated set
_SPECIAL = frozenset(".[]()*+?{}|^$\\")


class Piece(NamedTuple):
    r"""One part of a pattern and its repetition.

    Args:
        form: `set` of characters, `not` one, `group`, or `anchor`.
        items: Characters, ranges such as `a-z`, classes such as `\s`; of an anchor its sign.
        branches: The alternatives of a group.
        low: The least number of repetitions.
        high: The greatest number of repetitions; None when unlimited.
    """

    form: str
    items: frozenset[str] = frozenset()
    branches: frozenset[tuple["Piece", ...]] = frozenset()
    low: int = 1
    high: int | None = 1


def simplify_pattern(text: str) -> str:
    """Return the normal form of a pattern, which equivalent simple patterns share.

    Spelled-out repetitions are counted: `[a-z][a-z]*` is `[a-z]+`. A pattern that can't be read is returned unchanged.
    """
    try:
        return _write_branches(_read(text))
    except (Unreadable, RecursionError):
        return text


def match_pattern(text: str) -> tuple[str, ...]:
    """Return texts that a pattern matches or nearly matches: the shortest, and others with one difference."""
    try:
        branches = sorted(_read(text), key=_write_branch)
    except (Unreadable, RecursionError):
        return ()
    if max(map(_measure, branches)) > LONGEST:
        return ()
    return tuple(dict.fromkeys(sample for branch in branches for sample in _sample(branch)))


# Reading ----------------------------------------------------------------------------------------------


def _read(text: str) -> frozenset[tuple[Piece, ...]]:
    if len(text) > LONGEST_PATTERN:
        raise Unreadable("a pattern that is too long")
    branches, place = _read_branches(text, 0)
    if place != len(text):
        raise Unreadable("a bracket too many")
    return branches


def _read_branches(text: str, place: int) -> tuple[frozenset[tuple[Piece, ...]], int]:
    branches: list[list[Piece]] = [[]]
    while place < len(text) and text[place] != ")":
        if text[place] == "|":
            branches.append([])
            place += 1
            continue
        atom, place = _read_atom(text, place)
        piece, place = _read_repetition(text, place, atom)
        _add(branches[-1], piece)
    return frozenset(tuple(branch) for branch in branches), place


def _add(branch: list[Piece], piece: Piece) -> None:
    """Add a piece; equal neighbours become one repeated piece, and a group of one alternative is replaced by it."""
    if piece.form == "group" and (piece.low, piece.high, len(piece.branches)) == (1, 1, 1):
        for inner in next(iter(piece.branches)):
            _add(branch, inner)
    elif branch and piece.form in ("set", "not") and branch[-1][:2] == piece[:2]:
        last = branch.pop()
        high = None if last.high is None or piece.high is None else last.high + piece.high
        branch.append(last._replace(low=last.low + piece.low, high=high))
    else:
        branch.append(piece)


def _read_atom(text: str, place: int) -> tuple[Piece, int]:
    sign = text[place]
    if sign == "(":
        opening = "(?:" if text.startswith("(?:", place) else "("  # nothing here refers back to a group
        branches, end = _read_branches(text, place + len(opening))
        if text[end : end + 1] != ")":
            raise Unreadable("a bracket that is not closed")
        return Piece("group", branches=branches), end + 1
    if sign == "[":
        return _read_set(text, place + 1)
    if sign in "^$":
        return Piece("anchor", frozenset(sign)), place + 1
    if sign == ".":
        return Piece("not"), place + 1
    if sign in "*+?{":
        raise Unreadable("a repetition of nothing")
    whole = text[place : place + 2] if sign == "\\" else sign
    return Piece("set", frozenset({_read_sign(whole)})), place + len(whole)


def _read_sign(written: str) -> str:
    """Return a character, plain or escaped, or a class."""
    if written in _CLASSES or not written.startswith("\\"):
        return written
    if len(written) < 2 or written[1].isalnum() or written[1] == "_":
        raise Unreadable("an escape")
    return written[1]


def _read_set(text: str, place: int) -> tuple[Piece, int]:
    negated = text[place : place + 1] == "^"
    place += negated
    items: set[str] = set()
    while text[place : place + 1] != "]" or not items:
        item, place = _read_item(text, place, first=not items)
        items.add(item)
    return Piece("not" if negated else "set", frozenset(items)), place + 1


def _read_item(text: str, place: int, *, first: bool) -> tuple[str, int]:
    """Read a character, class or range of a set; a plain hyphen is a character only where it is first or last."""
    written = text[place : place + 2] if text[place : place + 1] == "\\" else text[place : place + 1]
    end = place + len(written)
    if written in ("", "[", "]") or (written == "-" and not first and text[end : end + 1] != "]"):
        raise Unreadable("a set")
    item = _read_sign(written)
    if text[end : end + 1] != "-" or text[end + 1 : end + 2] == "]":
        return item, end
    last = text[end + 1 : end + 2]
    if written == "-" or item in _CLASSES or last in ("", "[", "\\", "-") or last < item:
        raise Unreadable("a range")
    return f"{item}-{last}", end + 2


def _read_repetition(text: str, place: int, atom: Piece) -> tuple[Piece, int]:
    found = _REPEATED.match(text, place)
    if not found:
        if text[place : place + 1] == "{":
            raise Unreadable("a count")
        return atom, place
    if atom.form == "anchor" or text[found.end() : found.end() + 1] in tuple("*+?{"):
        raise Unreadable("a repetition of a repetition, or of a place")
    low, high = _count(found)
    return atom._replace(low=low, high=high), found.end()


def _count(found: re.Match[str]) -> tuple[int, int | None]:
    if found[0] in ("*", "+", "?"):
        return int(found[0] == "+"), 1 if found[0] == "?" else None
    low = int(found[1])
    high = low if found[2] is None else int(found[3]) if found[3] else None
    if max(low, high or 0) > _MOST or (high is not None and high < low):
        raise Unreadable("a count")
    return low, high


# Writing ----------------------------------------------------------------------------------------------


def _write_branches(branches: frozenset[tuple[Piece, ...]]) -> str:
    return "|".join(sorted(map(_write_branch, branches)))


def _write_branch(branch: tuple[Piece, ...]) -> str:
    return "".join(map(_write_piece, branch))


def _write_piece(piece: Piece) -> str:
    short = {(0, None): "*", (1, None): "+", (0, 1): "?", (1, 1): ""}
    exact = f"{{{piece.low}}}" if piece.low == piece.high else None
    long = f"{{{piece.low},{'' if piece.high is None else piece.high}}}"
    return _write_atom(piece) + short.get((piece.low, piece.high), exact or long)


def _write_atom(piece: Piece) -> str:
    if piece.form == "group":
        return f"({_write_branches(piece.branches)})"
    if piece.form == "anchor":
        return "".join(piece.items)
    if not piece.items:
        return "."
    if piece.form == "set" and len(piece.items) == 1:
        (item,) = piece.items
        if len(item) == 1 or item in _CLASSES:
            return f"\\{item}" if item in _SPECIAL else item
    inside = "".join(sorted(map(_write_item, piece.items)))
    return f"[{'^' if piece.form == 'not' else ''}{inside}]"


def _write_item(item: str) -> str:
    if item in _CLASSES:
        return item
    return f"\\{item}" if item in ("\\", "]", "[", "^", "-") else item


# Texts ------------------------------------------------------------------------------------------------


def _measure(branch: tuple[Piece, ...]) -> int:
    """Return the greatest length of a made-up text."""
    return sum(max(_most(piece), 1) * max(map(_measure, piece.branches), default=1) for piece in branch)


def _most(piece: Piece) -> int:
    """Return the greatest number of repetitions of a piece in a made-up text."""
    return piece.low + 2 if piece.high is None else piece.high


def _sample(branch: tuple[Piece, ...]) -> Iterator[str]:
    """Yield the shortest text, and those in which one piece is another alternative, or is repeated more often."""
    plain = [_repeat(piece) for piece in branch]
    yield "".join(plain)
    for place, piece in enumerate(branch):
        for other in _vary(piece):
            yield "".join([*plain[:place], other, *plain[place + 1 :]])


def _repeat(piece: Piece) -> str:
    return next(iter(_signs(piece)), "") * piece.low


def _vary(piece: Piece) -> Iterator[str]:
    signs = list(_signs(piece))
    yield from (sign * max(piece.low, 1) for sign in signs)
    if signs and _most(piece) > piece.low:
        yield signs[0] * _most(piece)


def _signs(piece: Piece) -> Iterator[str]:
    """Yield the texts of a piece without repetition."""
    if piece.form == "group":
        yield from (sample for branch in sorted(piece.branches, key=_write_branch) for sample in _sample(branch))
    elif piece.form == "not":
        yield from (sign for sign in _ELSE if not any(_holds(item, sign) for item in piece.items))
    elif piece.form == "set":
        for item in sorted(piece.items):
            yield from dict.fromkeys((item[0], item[2])) if len(item) == 3 else (_CLASSES.get(item, item),)


def _holds(item: str, sign: str) -> bool:
    if item in _CLASSES:
        return {"\\d": sign.isdigit(), "\\s": sign.isspace(), "\\w": sign.isalnum() or sign == "_"}[item]
    return item[0] <= sign <= item[2] if len(item) == 3 else item == sign
