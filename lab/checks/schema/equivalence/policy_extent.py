"""Finds how many rows policies allow a caller to reach who owns none of them: all, some, or none. Pure.

A condition is evaluated to the set of results that it can have. The caller's id equals no value in any row, and a
visitor has no id. An expression outside the grammar can have any result.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from itertools import product
from typing import Any, NamedTuple

from lab.checks.schema.equivalence.candidates import find_claim, find_string
from lab.checks.schema.equivalence.grammar import read_expression
from lab.checks.schema.equivalence.nodes import Node, Unreadable


class Extent(IntEnum):
    """How many rows a caller can reach."""

    NONE = 0
    SOME = 1
    ALL = 2


Answers = frozenset[bool | None]
_ANY: Answers = frozenset({True, False, None})
_CODES = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}
_ID = object()  # stands for the caller's id


def find_extent(policies: Iterable[Mapping[str, Any]], role: str, privilege: str) -> Extent:
    """Return how many rows policies allow a role to reach. A condition without an answer allows none.

    Args:
        policies: The policies of a table: roles, command (as in pg_policy), permissive, using, with_check.
        role: A role of the Data API.
        privilege: SELECT, INSERT, UPDATE or DELETE.
    """
    opened: list[Answers] = []
    closed: list[Answers] = []
    for policy in policies:
        code = _CODES.get(str(policy["command"]), privilege)
        if code == privilege and {role, "public"} & set(policy["roles"]):
            condition = policy["with_check"] or policy["using"] if privilege == "INSERT" else policy["using"]
            (opened if policy["permissive"] else closed).append(
                _answer(condition, role) if condition else frozenset({False})
            )
    found = [frozenset({False}), *opened]
    gate = _join(found, _either)
    results = _join([gate, *closed], _both)
    if True not in results:
        return Extent.NONE
    # For a visitor, who has no id, a comparison with it has no result. For a person, only a null in the row has none.
    every = results == {True} if role != "authenticated" else False not in results
    return Extent.ALL if every else Extent.SOME


def _answer(text: str, role: str) -> Answers:
    try:
        return _Reader(role).read(read_expression(text))
    except (Unreadable, RecursionError):
        return _ANY


def _join(parts: list[Answers], join: Any) -> Answers:
    found = parts[0]
    for part in parts[1:]:
        found = frozenset(join(one, other) for one, other in product(found, part))
    return found


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one or other:
        return True
    return None if one is None or other is None else False


class _Reader:
    """Evaluates conditions for a caller with a role."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.signed_in = role == "authenticated"

    def read(self, node: Node) -> Answers:
        """Return the results that a condition can have."""
        match node:
            case Node("constant", text):
                return frozenset({{"true": True, "false": False}.get(text)})
            case Node("and" | "or", _, parts):
                return _join([self.read(part) for part in parts], _both if node.form == "and" else _either)
            case Node("not", _, (inside,)):
                return frozenset(None if one is None else not one for one in self.read(inside))
            case Node("is", "null", (inside,)):
                return frozenset({not self.signed_in}) if self._value(inside) is _ID else frozenset({True, False})
            case Node("is", text, (inside,)):
                wanted = {"true": True, "false": False, "unknown": None}[text]
                return frozenset(one is wanted for one in self.read(inside))
            case Node("cast", "boolean", (inside,)) | Node("select", "", (inside, Node("constant", "true"))):
                return self.read(inside)
            case Node("exists", _, (query,)):
                return self._read_rows(self.read(query.parts[-1]), query)
            case Node("within", _, (one, query)) if len(query.parts) == 2:
                equal = self._compare("=", one, query.parts[0])
                return self._read_rows(_join([self.read(query.parts[-1]), equal], _both), query)
            case Node("compare", operator, (one, other)):
                return self._compare(operator, one, other)
            case Node("quantified", "= any", (one, other)) if _ID in (self._value(one), self._value(other)):
                return self._compare("=", one, other)
        return _ANY

    def _read_rows(self, answers: Answers, query: Node) -> Answers:
        """Return whether a query can return a row, from the results of its condition."""
        if True not in answers:
            return frozenset({False})
        return frozenset({True}) if answers == {True} and not query.text else frozenset({True, False})

    def _compare(self, operator: str, one: Node, other: Node) -> Answers:
        values = (self._value(one), self._value(other))
        if _ID in values:
            if not self.signed_in:
                return frozenset({None})
            same = values[0] is values[1]
            return _compare_equality(operator, frozenset({same, None}) if not same else frozenset({True}))
        if None not in values:
            return _compare_equality(operator, frozenset({values[0] == values[1]}))
        return _ANY

    def _value(self, node: Node) -> object | None:
        """Return the value of a node: the caller's id, or a constant; None when it is unknown."""
        if find_claim(node) == "sub":
            return _ID
        if find_claim(node) == "role":
            return self.role
        match node:
            case Node("cast", _, (inside,)) | Node("select", "", (inside, Node("constant", "true"))):
                return self._value(inside)
            case Node("array", "", (inside,)):
                return self._value(inside)
            case Node("call", "auth.uid"):
                return _ID
            case Node("call", "auth.role"):
                return self.role
            case Node("number", text):
                return float(text) if text.replace(".", "", 1).isdecimal() else None
        return find_string(node)


def _compare_equality(operator: str, equal: Answers) -> Answers:
    """Return the results of a comparison from those of equality; the order of unequal values is unknown."""
    if operator in ("=", "<>"):
        return frozenset(None if one is None else one is (operator == "=") for one in equal)
    return frozenset({operator in ("<=", ">=")}) if equal == {True} else _ANY


class Reach(NamedTuple):
    """How far a grant on a table with row-level security reaches for one role; a grant to public is for both."""

    grant: str
    role: str
    privilege: str
    extent: Extent


def list_extents(facts: Mapping[str, Any]) -> Iterator[Reach]:
    """Yield how far each grant reaches, for each role of the Data API that holds it."""
    for grant in facts["grants"]:
        holder, _, privilege = grant.rpartition(" ")
        if privilege.upper() in _CODES.values():
            for role in ("anon", "authenticated") if holder == "public" else (holder,):
                extent = find_extent(facts.get("policies") or (), role, privilege.upper())
                yield Reach(grant, role, privilege, extent)
