"""The tree of an expression."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

_AGGREGATES = ("max", "min", "any_value", "bool_and", "bool_or", "every")  # of one row: its own value


class Unreadable(Exception):
    """The expression is outside the grammar."""


class Node(NamedTuple):
    """One part of an expression: its form, its own text, and its parts."""

    form: str
    text: str = ""
    parts: tuple["Node", ...] = ()


TRUE = Node("constant", "true")


def find_nodes(node: Node) -> Iterator[Node]:
    """Yield a tree and every part of it."""
    yield node
    for part in node.parts:
        yield from find_nodes(part)


def read_string(text: str) -> str:
    """Return the content of a plainly quoted string; Postgres prints no other kind."""
    return text[1:-1].replace("''", "'")


def replace_names(node: Node, meanings: Mapping[str, Node]) -> Node:
    """Return a tree with the columns of a query in FROM replaced by what they mean."""
    if node.form == "name":
        return meanings.get(node.text, node)
    return node._replace(parts=tuple(replace_names(part, meanings) for part in node.parts)) if meanings else node


def fold_aggregate(*parts: Node) -> tuple[Node, ...]:
    """Return the parts of a query of one row, without its only aggregate; with one it has a row in any case."""
    match parts:
        case Node("call", "count", ()), condition:
            return Node("case", "", (condition, Node("number", "1"), Node("number", "0"))), TRUE
        case Node("call", name, (inside,)), condition if name in _AGGREGATES:
            if condition == TRUE:
                return inside, TRUE
            return Node("case", "", (condition, inside, Node("constant", "null"))), TRUE
    return parts
