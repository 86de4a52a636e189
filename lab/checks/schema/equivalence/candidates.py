"""Guesses values near the constants of two expressions, where a difference between the expressions is likely.

Guesses prove nothing; they can only find an example. `samples.py` makes values that represent all others.
"""

import json
import re
import uuid
from collections.abc import Iterator
from itertools import combinations_with_replacement
from typing import NamedTuple

from lab.checks.schema.equivalence.grammar import LIKES, REGULAR
from lab.checks.schema.equivalence.nodes import Node, find_nodes, read_string
from lab.checks.schema.equivalence.patterns import match_pattern
from lab.checks.schema.equivalence.terms import LIMITS, Term, fits
from lab.rules.derived import quote

CALLER, STRANGER = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
_BIGINT = LIMITS["bigint"]
MOST = 160  # values of one variable
_LONGEST_TEXT, _LONGEST_NAMED = 10_000, 100  # characters: of a guess, and of a text from which other guesses are made
_LONGEST_DOCUMENT = 100_000
_MOST_CHANGED = 6  # texts for patterns that are changed as well
_MOST_SAID = 8  # values of one claim
_DAYS = ("now()", "'2026-01-31'::timestamptz", "'2026-07-15'::timestamptz", "'2001-01-01'::timestamptz")
_SPAN = re.compile(r"(-?\d+ (years?|mons?|days?|hours?) ?)*(-?\d{1,4}:\d\d:\d\d)?", re.ASCII)


class Clues(NamedTuple):
    """The constants of two expressions: texts, whole numbers, texts for patterns; and the kind of documents."""

    texts: tuple[str, ...]
    numbers: tuple[int, ...]
    matches: tuple[str, ...]
    documents: type = object


def find_clues(*trees: Node) -> Clues:
    """Return the constants of these trees."""
    nodes = [node for tree in trees for node in find_nodes(tree)]
    patterns = {_find_pattern(node) for node in nodes}
    written = (read_string(node.text) for node in nodes if node.form == "string")
    strings = dict.fromkeys(item for text in written for item in _list_items(text))
    texts = tuple(text for text in strings if text not in patterns)
    numbers = [int(node.text) for node in nodes if node.form == "number" and node.text.isdecimal()]
    numbers += [int(text) for text in texts if re.fullmatch(r"-?\d{1,9}", text)]
    matches = dict.fromkeys(match for node in nodes for match in _match(node))
    return Clues(texts, tuple(dict.fromkeys(numbers)), tuple(matches))


def _list_items(text: str) -> tuple[str, ...]:
    """Return the items of a list that is written as one text, such as '{draft,ready}'; or the text itself."""
    if re.fullmatch(r'\{("[^"\\]*"|[^{}",\\\s]+)(,("[^"\\]*"|[^{}",\\\s]+))*\}', text) is None:
        return (text,)
    return tuple(item.strip('"') for item in re.findall(r'"[^"]*"|[^,{}]+', text))


def _find_claims(*trees: Node) -> dict[tuple[str, ...], str]:
    """Return the paths of the claims that expressions read from the caller's token, with the type of each cast."""
    found: dict[tuple[str, ...], str] = {}
    for node in (node for tree in trees for node in find_nodes(tree)):
        if node.form == "cast" and (path := _trace(node)):
            found.setdefault(path, node.text)
        elif node.form == "operate" and (path := _trace(node)):
            found.setdefault(path, "text")
    steps = {path[:length] for path in found for length in range(len(path))}
    return {path: kind for path, kind in found.items() if path not in steps}


def guess_claims(*trees: Node) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield claims for a token, by their path, with values that the expressions may compare them with."""
    claims, clues = _find_claims(*trees), find_clues(*trees)
    texts = [text for text in clues.texts if not any(text in path for path in claims)]
    for path, kind in claims.items():
        numbers = [str(number) for number in _near(clues.numbers)]
        values = {"boolean": ["true", "false"], "text": [*texts, *clues.matches, "true"]}.get(kind, numbers)
        yield from ((path, value) for value in values[:_MOST_SAID])


def is_token(node: Node) -> bool:
    """Tell whether a call returns the caller's token, by Supabase's function or by PostgREST's setting behind it."""
    setting = node.text == "current_setting" and node.parts and find_string(node.parts[0]) == "request.jwt.claims"
    return node.form == "call" and (node.text == "auth.jwt" or bool(setting))


def _trace(node: Node) -> tuple[str, ...] | None:
    """Return a path into the caller's token; empty for all of it, none for anything else."""
    node = _unwrap(node, casts=True)
    if is_token(node):
        return ()
    if node.form != "operate" or node.text not in ("->", "->>", "#>", "#>>") or len(node.parts) != 2:
        return None
    before, steps = _trace(node.parts[0]), _find_steps(node.text, node.parts[1])
    return None if before is None or steps is None else (*before, *steps)


def _find_steps(operator: str, node: Node) -> tuple[str, ...] | None:
    """Return the steps of a path into a document; none when they are no constants."""
    if node.form == "array" and operator.startswith("#"):
        steps = tuple(find_string(part) for part in node.parts)
        return None if None in steps else tuple(step for step in steps if step is not None)
    step = find_string(node)
    if step is None or not operator.startswith("#"):
        return None if step is None else (step,)
    return tuple(part for part in step.strip("{}").split(",") if part)


def _unwrap(node: Node, *, casts: bool = False) -> Node:
    """Return the expression inside a one-row query, a nullif with an empty text, and casts if requested."""
    while True:
        match node:
            case Node("select", "", (inside, Node("constant", "true"))):
                node = inside
            case Node("call", "nullif", (inside, empty)) if find_string(empty) == "":
                node = inside
            case Node("cast", _, (inside,)) if casts:
                node = inside
            case _:
                return node


def find_claim(node: Node) -> str | None:
    """Return the claim of the caller's token that a node reads as text; None when it is another expression."""
    node = _unwrap(node)
    path = _trace(node) if node.form == "operate" and node.text in ("->>", "#>>") else None
    return path[0] if path and len(path) == 1 else None


def _find_pattern(node: Node) -> str | None:
    """Return the pattern of an operation."""
    matches = node.form == "operate" and len(node.parts) == 2 and node.text.removeprefix("!") in REGULAR + LIKES
    return find_string(node.parts[1]) if matches else None


def _match(node: Node) -> Iterator[str]:
    """Yield texts for the pattern of an operation."""
    pattern = _find_pattern(node)
    if pattern is not None and node.text.removeprefix("!") in REGULAR:
        yield from match_pattern(pattern)
    elif pattern is not None:
        yield from (pattern.replace("%", some).replace("_", "x") for some in ("", "x"))


def find_string(node: Node) -> str | None:
    """Return the text of a string constant without its cast; None for another expression."""
    while node.form == "cast":
        node = node.parts[0]
    return read_string(node.text) if node.form == "string" else None


def guess_values(term: Term, clues: Clues, limits: tuple[int, int] | None) -> list[str]:
    """Return a variable's values as SQL, the likeliest to differ first, without null; none for a sort without guesses.

    Args:
        term: The variable.
        clues: The constants of the expressions.
        limits: The least and the greatest whole number that it holds.
    """
    ways = {
        "text": _guess_texts,
        "uuid": _guess_ids,
        "boolean": lambda clues: iter(("true", "false")),
        "number": lambda clues: (f"({n})::bigint" for n in _near(clues.numbers) if fits(n, limits or _BIGINT)),
        "moment": _guess_moments,
        "bytes": _guess_bytes,
        "document": _guess_documents,
        "list": _guess_lists,
    }
    return list(dict.fromkeys(ways[term.sort](clues)))[:MOST] if term.sort in ways else []


def _near(numbers: tuple[int, ...]) -> list[int]:
    """Return numbers, their sums and products, and the neighbours of each."""
    pairs = [(a, b) for a, b in combinations_with_replacement(numbers[:8], 2)]
    named = [*numbers, 0, 9, *(a + b for a, b in pairs), *(a * b for a, b in pairs), 1 << 24]
    return list(dict.fromkeys(near for number in named for near in (number, number + 1, number - 1)))


def _guess_texts(clues: Clues) -> Iterator[str]:
    named = [text for text in clues.texts if len(text) <= _LONGEST_NAMED]
    yield from map(quote, (*named, *clues.matches))
    for text in (*named, *clues.matches[:_MOST_CHANGED]):
        yield from map(quote, _change(text))
    yield from map(quote, ("", "x", " ", "A b@c"))
    for length in _near(clues.numbers):
        if 0 < length <= _LONGEST_TEXT:
            yield from (f"repeat('{sign}', {length})" for sign in ("x", " ", "\u00e9", "\U0001f319"))


def _change(text: str) -> Iterator[str]:
    """Yield variants of a text: a little longer or shorter, in another case, and on a line of its own."""
    yield from (f"{text} ", f"{text}x", text[:-1], text.upper(), text.lower(), f" {text}", f"{text}\nA", f"A\n{text}")


def _guess_ids(clues: Clues) -> Iterator[str]:
    ids = [CALLER, STRANGER]
    ids += [text.ljust(8, "0") + STRANGER[8:] for text in clues.texts if re.fullmatch("[0-9a-f]{1,8}", text)]
    ids += [text for text in clues.texts if re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text)]
    for one in ids:
        number = uuid.UUID(one).int
        yield from (f"'{uuid.UUID(int=(number + step) % (1 << 128))}'::uuid" for step in (0, 1, -1))


def _guess_moments(clues: Clues) -> Iterator[str]:
    dates = [f"{quote(text)}::timestamptz" for text in clues.texts if re.match(r"\d{4}-\d\d-\d\d", text)]
    spans = [quote(text) for text in clues.texts if 0 < len(text) <= _LONGEST_NAMED and _SPAN.fullmatch(text)]
    steps = [f" {sign} interval {span}" for span in spans for sign in "+-"]
    for day in (*dates, *_DAYS, "date_trunc('day', now())"):
        for step in ("", *steps):
            for near in ("", " + interval '1 microsecond'", " - interval '1 microsecond'"):
                yield f"{day}{step}{near}"


def _guess_bytes(clues: Clues) -> Iterator[str]:
    for length in _near((*clues.numbers, *(number // 8 for number in clues.numbers))):
        if 0 <= length <= _LONGEST_TEXT:
            yield f"decode(repeat('ab', {length}), 'hex')"


def _guess_documents(clues: Clues) -> Iterator[str]:
    """Yield lists, and objects with the named keys, of many kinds of value; some have a named length."""
    names = [text for text in clues.texts if re.fullmatch(r"\w{1,63}", text)] or ["a"]
    names += [name for text in clues.texts for name in re.findall(r'[.]"?(\w+)"?', text)]
    values = ("x", "a b@c", True, False, 1, None, ["a b@c"], {"a": "a b@c"}, {"a": {"b": "a b@c"}})
    plain: list[object] = [{}, [], ["a b@c"], [["a b@c"]], "a b@c", None]
    made = [*plain, *({name: value} for name in dict.fromkeys(names) for value in values)]
    yield from (f"{quote(json.dumps(one))}::jsonb" for one in made if isinstance(one, clues.documents))
    for number in _near(clues.numbers):
        if 0 < number <= 100 and issubclass(list, clues.documents):
            yield f"(select jsonb_agg(n) from generate_series(1, {number}) as g (n))"
        elif 100 < number <= _LONGEST_DOCUMENT and issubclass(dict, clues.documents):
            yield from (f"jsonb_build_object('a', repeat('{sign}', {number}))" for sign in ("x", "\u00e9"))
            yield f"jsonb_build_object('a', repeat('\u00e9', {number * 2 // 3}))"


def _guess_lists(clues: Clues) -> Iterator[str]:
    yield "'{}'::text[]"
    for text in (*clues.texts, *clues.matches, "A b@c"):
        if len(text) <= _LONGEST_NAMED:
            yield from (f"array[{quote(text)}]", f"array[{quote(text)}, 'x']", f"array['x', {quote(text)}]")
