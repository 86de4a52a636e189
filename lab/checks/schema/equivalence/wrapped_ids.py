"""Recognises ids inside texts, arrays and documents, and compares these as the ids that they hold. Pure.

Two ids are equal exactly if `upper(id::text)`, `array[id]` or `jsonb_build_object('id', id)` of both are equal. Some
of these write null as a value, such as `concat` and `array`; then two missing ids are equal, too.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from lab.checks.schema.equivalence.candidates import find_claim, find_string
from lab.checks.schema.equivalence.nodes import TRUE, Node
from lab.checks.schema.equivalence.terms import NULL, Term

_TEXT_TYPES = ("text", "character varying")
_COLLATIONS = ('"C"', '"POSIX"', '"default"')  # two texts are equal in these only if their bytes are
_NO_ID = re.compile(r"[a-z0-9]{0,31}", re.ASCII)  # shorter than an id; no function below changes it
_NULL_INSIDE = "\0"  # stands for a null inside an array or a document

# Wrappers that keep two different ids different, and null as null; further arguments are constants. An id as text has
# only hyphens at fixed places, digits and letters from a to f in lower case.
_KEEPS_NULL = frozenset(
    (
        *("upper", "lower", "initcap", "reverse", "btrim", "ltrim", "rtrim", "quote_literal", "quote_ident"),
        *("uuid_send", "encode", "convert_to", "to_json", "to_jsonb"),
    )
)
_WITHOUT_HYPHENS = frozenset(("replace", "translate"))
_WRITES_NULL = frozenset(("concat", "jsonb_build_array", "json_build_array"))
_BUILDS_OBJECT = frozenset(("jsonb_build_object", "json_build_object"))


class Held(NamedTuple):
    """An id inside an expression.

    Args:
        id: The id itself.
        null: The text that the expression has where the id is null; None where the expression is null, too.
    """

    id: Term
    null: str | None


def compare_ids(operator: str, one: Node, other: Node, read_id: Callable[[Node], Term | None]) -> Term | None:
    """Return a comparison of two expressions as one of the ids that they hold; None if they hold none.

    Args:
        operator: `=`, `<>`, or nothing for `is distinct from`.
        one: One side.
        other: The other side.
        read_id: Returns what an expression is, if it is an id without a wrapper.
    """
    if operator not in ("", "=", "<>"):
        return None
    bare, written = _strip_wrappers(one, other)
    held = [_find_held(side, read_id, wrapped=bare != (one, other)) for side in bare]
    sides = [side._replace(null=_NULL_INSIDE) if written and side.null is None else side for side in held if side]
    return _compare(operator, *sides) if len(sides) == len(held) else None


def find_id_of_text(node: Node, read_id: Callable[[Node], Term | None]) -> Term | None:
    """Return the id whose text an expression is; null where the id is null. None if it is anything else."""
    held = _find_held(node, read_id, wrapped=False)
    return held.id if held and held.null is None else None


def _compare(operator: str, one: Held, other: Held) -> Term:
    """Return the comparison of what two expressions say about their ids."""
    ids = (one.id, other.id)
    unlike = Term("distinct", "", ids, "boolean")
    if one.null is None and other.null is None:
        return Term("compare", operator, ids, "boolean") if operator else unlike
    if one.null != other.null:  # an id is never equal to what the other expression has in place of null
        both = tuple(Term("not", "", (_is_null(id_),), "boolean") for id_ in ids)
        unlike = Term("not", "", (Term("and", "", (*both, _negate(unlike)), "boolean"),), "boolean")
    if operator and None in (one.null, other.null):
        strict = one if one.null is None else other
        answer = unlike if operator == "<>" else _negate(unlike)
        return Term("case", "", (_is_null(strict.id), NULL, answer), "boolean")
    return _negate(unlike) if operator == "=" else unlike


def _negate(term: Term) -> Term:
    return Term("not", "", (term,), "boolean")


def _is_null(term: Term) -> Term:
    return Term("is", "null", (term,), "boolean")


def _find_held(node: Node, read_id: Callable[[Node], Term | None], *, wrapped: bool) -> Held | None:
    """Return the id whose own text an expression has."""
    null: str | None = None
    while True:
        inner = _find_text_of(node)
        if inner is None:
            break
        node, here = inner
        null, wrapped = here if here is not None else null, True
    found = read_id(node) if wrapped or find_claim(node) == "sub" else None
    return Held(found, null) if found else None


def _find_text_of(node: Node) -> tuple[Node, str | None] | None:
    """Return the part whose text an expression has, and what the expression has if that part is null."""
    match node:
        case Node("select", "", (inside, condition)) if condition == TRUE:
            return inside, None
        case Node("cast", kind, (inside,)) if kind in _TEXT_TYPES:
            return inside, None
        case Node("collate", name, (inside,)) if name in _COLLATIONS:
            return inside, None
        case Node("call", "lower" | "btrim" | "ltrim" | "rtrim", (inside,)):
            return inside, None
        case Node("operate", "||", (inside, end)) if find_string(end) == "":
            return inside, None
        case Node("operate", "||", (start, inside)) if find_string(start) == "":
            return inside, None
        case Node("call", "concat", (inside, *rest)) if all(find_string(part) == "" for part in rest):
            return inside, ""
        case Node("call", "concat_ws", (separator, inside)) if find_string(separator) is not None:
            return inside, ""
        case Node("call", "format", (template, inside)) if find_string(template) == "%s":
            return inside, ""
        case Node("call", "coalesce", (inside, otherwise)) if _is_no_id(otherwise):
            return inside, find_string(otherwise)
    return None


def _is_no_id(node: Node) -> bool:
    """Tell whether a constant is no id's text."""
    return _NO_ID.fullmatch(find_string(node) or "-") is not None or find_string(node) == ""


def _strip_wrappers(one: Node, other: Node) -> tuple[tuple[Node, Node], bool]:
    """Return two expressions without the wrappers that both have, and whether a wrapper writes null as a value."""
    written = False
    while (stripped := _strip_wrapper(one, other)) is not None:
        one, other, writes = stripped
        written = written or writes
    return (one, other), written


def _strip_wrapper(one: Node, other: Node) -> tuple[Node, Node, bool] | None:
    """Return the only different parts of two expressions with the same wrapper, if that keeps different ids apart."""
    if (one.form, one.text, len(one.parts)) != (other.form, other.text, len(other.parts)):
        return None
    places = [place for place, pair in enumerate(zip(one.parts, other.parts, strict=True)) if pair[0] != pair[1]]
    rest = [part for place, part in enumerate(one.parts) if place not in places]
    if len(places) != 1 or None in map(find_string, rest):
        return None
    writes = _writes_null(one, places[0])
    return None if writes is None else (one.parts[places[0]], other.parts[places[0]], writes)


def _writes_null(node: Node, place: int) -> bool | None:
    """Tell whether a wrapper of the part at a place writes null as a value; None if it may make two ids equal."""
    match node.form:
        case "array":
            return True
        case "collate":
            return False if node.text in _COLLATIONS else None
        case "cast":
            return False if node.text in _TEXT_TYPES else None
        case "operate":
            return False if node.text == "||" and _is_text(node.parts[1 - place]) else None
        case "call":
            return _call_writes_null(node, place)
    return None


def _is_text(node: Node) -> bool:
    """Tell whether a constant is a text, and no document or array, of which a part could hide the id."""
    return node.form == "string" or (node.form == "cast" and node.text in _TEXT_TYPES)


def _call_writes_null(node: Node, place: int) -> bool | None:
    constants = [find_string(part) for index, part in enumerate(node.parts) if index != place]
    if node.text in _WITHOUT_HYPHENS:
        return False if place == 0 and constants[:1] == ["-"] else None
    if node.text in _KEEPS_NULL:
        plain = not constants or node.text in ("encode", "convert_to")
        return False if place == 0 and plain else None
    if node.text in _WRITES_NULL:
        return True
    if node.text == "coalesce":
        return True if place == 0 and _is_no_id(node.parts[1]) else None
    if node.text in _BUILDS_OBJECT:  # of two equal keys, the last one counts
        return True if place == 1 and len(node.parts) == 2 else None
    if node.text == "format":
        template = constants[0] or ""
        return True if place == 1 and not constants[1:] and template.count("%") == template.count("%s") == 1 else None
    return True if node.text == "concat_ws" and place else None
