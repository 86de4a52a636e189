"""Reduces an event to the keys that are stored. What is reduced passes the table's own check."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from lab.rules.model import PayloadField
from lab.rules.stripe_payload import EVENT_FIELDS, OBJECT_FIELDS
from lab.sql.stripe_bodies import MOST_BYTES, MOST_NODES, UNKNOWN_TYPE, known_type

_OBJECT = "data.object"
_FIELDS = {field.path: field for field in EVENT_FIELDS} | {f"{_OBJECT}.{field.path}": field for field in OBJECT_FIELDS}
_KEY = re.compile("[a-z_]+", re.ASCII)  # others could be read as a path
_DROPPED = object()


def reduce_payload(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event with the listed keys alone: ids, states and amounts.

    An expanded object becomes its id. A list that would make the payload larger than the table allows is left out
    as a whole, because a part of it would be a wrong one.
    """
    kept: dict[str, Any] = _keep_object(event, "")
    about = kept.get("data", {}).get("object")
    if about and not _fits(kept):
        kept["data"]["object"] = {key: value for key, value in about.items() if not isinstance(value, list)}
    return kept


def known_or_unknown(event_type: str) -> str:
    """Return a type that consists of Stripe's words, and `unknown` for any other."""
    return event_type if _pattern(known_type()).fullmatch(event_type) else UNKNOWN_TYPE


def keep_form(value: object, form: str) -> str | None:
    """Return a text that has a form, None for any other value."""
    return value if isinstance(value, str) and _pattern(form).fullmatch(value) else None


def _keep(value: Any, path: str) -> Any:
    """Reduce a value by its path."""
    field = _FIELDS.get(path)
    if field is None:
        return _DROPPED
    if value is None:
        return None
    if field.kind == "object":
        return _keep_object(value, path) if isinstance(value, Mapping) else _DROPPED
    if field.kind == "array":
        return _keep_list(value, path) if isinstance(value, list) else _DROPPED
    return _keep_scalar(value, field)


def _keep_object(value: Mapping[str, Any], path: str) -> dict[str, Any]:
    within = f"{path}." if path else ""
    kept = {key: _keep(part, within + key) for key, part in value.items() if _KEY.fullmatch(key)}
    return {key: part for key, part in kept.items() if part is not _DROPPED}


def _keep_list(value: list[Any], path: str) -> list[Any]:
    kept = (_keep(part, f"{path}[]") for part in value)
    return [part for part in kept if part is not _DROPPED]


def _keep_scalar(value: Any, field: PayloadField) -> Any:
    if field.kind == "boolean":
        return value if isinstance(value, bool) else _DROPPED
    if field.kind == "number":
        return value if type(value) is int and _pattern(field.form or "").fullmatch(str(value)) else _DROPPED
    if field.kind == "type":
        return known_or_unknown(value) if isinstance(value, str) else _DROPPED
    text = keep_form(value.get("id") if isinstance(value, Mapping) else value, field.form or "")
    return _DROPPED if text is None else text


def _fits(payload: dict[str, Any]) -> bool:
    """Tell whether a payload is as small as the table demands; the database writes JSON with the same spaces."""
    return len(json.dumps(payload)) <= MOST_BYTES and _count(payload) <= MOST_NODES


def _count(value: Any) -> int:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_count, parts))


@cache
def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(form, re.ASCII)
