"""Reads form-encoded parameters: nested names, their types, and what an operation accepts.

A reader takes a value and the name of its parameter; it returns the value in its type, or refuses it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from lab.services.local_stripe.errors import (
    NOTICE,
    ApiError,
    Thing,
    invalid_parameter,
    missing_parameter,
    unknown_parameter,
)

Reader = Callable[[Any, str], Any]

_MOST_DEPTH = 8  # of nested names
# Source: docs.stripe.com/metadata
_MOST_KEYS, _KEY_LENGTH, _VALUE_LENGTH = 50, 40, 500
_TEXT_LENGTH = 5000


def decode(pairs: Iterable[tuple[str, str]]) -> Thing:
    """Return the tree of parameters: `line_items[0][price]` is three levels. Lists are still numbered keys."""
    tree: Thing = {}
    for name, value in pairs:
        _put(tree, name.replace("]", "").split("["), value, name)
    return tree


def _put(tree: Thing, path: list[str], value: str, name: str) -> None:
    """Write a value at its path; an empty step, as in `expand[]`, is the next number."""
    if len(path) > _MOST_DEPTH:
        raise invalid_parameter(name[:100], "The parameter is nested too deeply")
    *steps, last = path
    for step in steps:
        tree = tree.setdefault(step or str(len(tree)), {})
        if not isinstance(tree, dict):
            raise invalid_parameter(name, f"Invalid object: {name}")
    tree[last or str(len(tree))] = value


def text(value: Any, name: str) -> str | None:
    """Read text; an empty one unsets."""
    if not isinstance(value, str):
        raise invalid_parameter(name, "Invalid string: a plain value is needed")
    if len(value) > _TEXT_LENGTH:
        raise invalid_parameter(name, f"Invalid string: must be at most {_TEXT_LENGTH} characters")
    return value or None


def flag(value: Any, name: str) -> bool:
    """Read `true` or `false`."""
    if value not in ("true", "false"):
        raise invalid_parameter(name, "Invalid boolean: must be true or false")
    return bool(value == "true")


def off(value: Any, name: str) -> bool:
    """Read `false`: what it would switch on is not served here."""
    if value != "false":
        raise invalid_parameter(name, f"{name} can only be false. {NOTICE}")
    return False


def whole(least: int = 0, most: int = 99_999_999) -> Reader:
    """Read a whole number within limits."""

    def read(value: Any, name: str) -> int:
        digits = value if isinstance(value, str) else ""
        if not digits.isascii() or not digits.removeprefix("-").isdigit() or len(digits) > 15:
            raise invalid_parameter(name, f"Invalid integer: {digits[:20]}", "parameter_invalid_integer")
        if not least <= int(digits) <= most:
            raise invalid_parameter(name, f"This value must be from {least} to {most}.")
        return int(digits)

    return read


def percent(value: Any, name: str) -> float:
    """Read a percentage above 0, up to 100."""
    try:
        read = float(value)
    except (TypeError, ValueError):
        raise invalid_parameter(name, "Invalid decimal") from None
    if not 0 < read <= 100:
        raise invalid_parameter(name, "This value must be greater than 0, and at most 100.")
    return read


def one_of(*choices: str) -> Reader:
    """Read one of some words."""

    def read(value: Any, name: str) -> str:
        if value not in choices:
            raise invalid_parameter(name, f"Invalid {name}: must be one of {', '.join(choices)}")
        return str(value)

    return read


def many(reader: Reader, most: int = 100) -> Reader:
    """Read a list, each element by a reader; an empty text is an empty list."""

    def read(value: Any, name: str) -> list[Any]:
        if value == "":
            return []
        if not isinstance(value, dict) or not all(key.isdigit() for key in value) or len(value) > most:
            raise invalid_parameter(name, f"Invalid array: a list of at most {most} is needed")
        return [reader(value[key], f"{name}[{key}]") for key in sorted(value, key=int)]

    return read


def group(fields: Mapping[str, Reader], required: Collection[str] = ()) -> Reader:
    """Read named parameters; what is not named is refused, and so is a group that lacks a required one."""

    def read(value: Any, name: str) -> Thing:
        if not isinstance(value, dict):
            raise invalid_parameter(name, "Invalid object")
        named = {key: f"{name}[{key}]" if name else key for key in (*value, *required)}
        for key in value:
            if key not in fields:
                raise unknown_parameter(named[key])
        for key in required:
            if value.get(key, "") == "":
                raise missing_parameter(named[key])
        return {key: fields[key](item, named[key]) for key, item in value.items()}

    return read


def freeform(value: Any, name: str) -> Any:
    """Read text or nested text, as in an address; it is kept and not looked into."""
    return {key: freeform(item, name) for key, item in value.items()} if isinstance(value, dict) else value


def moment(value: Any, name: str) -> Any:
    """Read a filter of times: a number of seconds, or limits (`gt`, `gte`, `lt`, `lte`)."""
    seconds = whole(most=99_999_999_999)
    if isinstance(value, str):
        at = seconds(value, name)
        return {"gte": at, "lte": at}
    return group(dict.fromkeys(("gt", "gte", "lt", "lte"), seconds))(value, name)


def metadata(value: Any, name: str) -> Thing:
    """Read keys and short texts; an empty text removes a key, and an empty text for all of them clears it."""
    if value == "":
        return {"": None}
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise invalid_parameter(name, "Invalid metadata: keys and texts are needed")
    if len(value) > _MOST_KEYS or any(
        len(key) > _KEY_LENGTH or len(item) > _VALUE_LENGTH for key, item in value.items()
    ):
        found = f"Metadata has at most {_MOST_KEYS} keys of {_KEY_LENGTH} characters, each with {_VALUE_LENGTH}"
        raise invalid_parameter(name, found)
    return {key: item or None for key, item in value.items()}


def merge_metadata(old: Thing, new: Thing) -> Thing:
    """Return metadata after an update."""
    if "" in new:
        return {}
    merged = {key: item for key, item in {**old, **new}.items() if item is not None}
    if len(merged) > _MOST_KEYS:
        raise ApiError(400, f"Metadata has at most {_MOST_KEYS} keys", param="metadata")
    return merged
