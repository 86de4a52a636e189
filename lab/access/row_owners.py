"""Whose rows a condition lets through: a policy's expression read for one identity. Pure."""

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lab.rules.model import Table

Owner = Literal["own", "others", "nobodys"]
OWNERS: tuple[Owner, ...] = ("own", "others", "nobodys")


class Share(BaseModel):
    """Whether a condition lets all, some or none of an owner's rows through."""

    model_config = ConfigDict(frozen=True)

    extent: Literal["all", "some", "none"]
    rest: str = Field(default="", description="With `some`: the further condition on a row, as SQL over its columns.")


ALL, NONE = Share(extent="all"), Share(extent="none")


def has_owner(table: Table) -> bool:
    """Tell whether a table's rows belong to people: a row names a person, or another row that does."""
    named = [column for column in table.columns if column.references and not column.nullable]
    above = [column.references.table for column in named if column.references]
    return any(column.names_subject for column in table.columns) or any(
        isinstance(one, Table) and has_owner(one) for one in above
    )


def may_lack_owner(table: Table) -> bool:
    """Tell whether a table may have rows without an owner: its rows name no person, or the person may be null."""
    naming = [column for column in table.columns if column.names_subject]
    return not has_owner(table) or (bool(naming) and all(c.nullable and not c.shared for c in naming))


def list_owners(table: Table, *, signed_in: bool) -> tuple[Owner, ...]:
    """Return the owners that a table's rows can have, for a reader who is signed in or not."""
    owned = has_owner(table)
    there = {"own": owned and signed_in, "others": owned, "nobodys": may_lack_owner(table)}
    return tuple(owner for owner in OWNERS if there[owner])


def read_share(expression: str, owner: Owner, *, signed_in: bool, anonymous: bool) -> Share:
    """Return which of an owner's rows a policy's expression lets through, for a reader.

    Args:
        expression: SQL as the rules write it: conditions joined by `and`, alternatives by `or`.
        owner: Whose rows.
        signed_in: Whether the reader has a session.
        anonymous: Whether they signed in anonymously.
    """
    whole = _strip(expression)
    for word, deciding, otherwise in (("or", ALL, NONE), ("and", NONE, ALL)):
        parts = _split(whole, word)
        if len(parts) > 1:
            shares = [read_share(part, owner, signed_in=signed_in, anonymous=anonymous) for part in parts]
            rests = [share.rest for share in shares if share.extent == "some"]
            if deciding in shares or not rests:
                return deciding if deciding in shares else otherwise
            return Share(extent="some", rest=rests[0] if len(rests) == 1 else f" {word} ".join(map(_bracket, rests)))
    return _read_one(whole, owner, signed_in, anonymous)


def _bracket(condition: str) -> str:
    """Put brackets around a condition that consists of several."""
    return f"({condition})" if len(_split(condition, "or")) > 1 else condition


def _read_one(condition: str, owner: Owner, signed_in: bool, anonymous: bool) -> Share:
    if condition in ("true", "false"):
        return ALL if condition == "true" else NONE
    if condition == "(select auth.uid()) is not null":
        return ALL if signed_in else NONE
    about_anonymous = re.search(r"is_anonymous.* is (true|false)$", condition)
    if about_anonymous:
        return ALL if anonymous is (about_anonymous[1] == "true") else NONE
    if "auth.uid()" in condition:
        return ALL if owner == "own" else NONE
    return Share(extent="some", rest=condition)


def _strip(expression: str) -> str:
    """Take away the brackets around a whole expression."""
    while expression.startswith("(") and _closes(expression) == len(expression) - 1:
        expression = expression[1:-1]
    return expression


def _closes(expression: str) -> int:
    depth = 0
    for place, sign in enumerate(expression):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return place
    return len(expression)


def _split(expression: str, word: str) -> list[str]:
    """Split an expression at a word outside all brackets."""
    parts, depth, start = [], 0, 0
    for match in re.finditer(rf"[()]| {word} ", expression):
        depth += (match[0] == "(") - (match[0] == ")")
        if match[0] not in "()" and depth == 0:
            parts.append(expression[start : match.start()])
            start = match.end()
    return [*parts, expression[start:]]
