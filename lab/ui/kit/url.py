"""The URL holds every choice by its id: a link, a reload, Back and Forward all restore it. Pure.

Streamlit's own binding is not used: it writes labels instead of ids, silently drops unknown values, and makes Back
leave the app.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lab.ui.kit.titles import join_words

Value = str | bool | list[str]
Query = dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One choice on a page.

    Args:
        name: Its name in the URL, and the key of its widget.
        kind: The word for one of its values.
        options: The ids that it may hold; empty allows any text.
        many: True when several may be picked.
        default: The value without a word from the URL.
        leads: True when every URL with a choice says this one, too, so that people can read it.
    """

    name: str
    kind: str
    options: tuple[str, ...] = ()
    many: bool = False
    default: str = ""
    leads: bool = False

    @property
    def start(self) -> Value:
        """Return the value without a word from the URL, as its widget holds it."""
        if self.options == SWITCH:
            return self.default == "on"
        return [] if self.many else self.default


SWITCH = ("on", "off")


def read_query(query: Mapping[str, Sequence[str]], fields: Sequence[Field]) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Read what was picked out of a URL.

    Returns:
        A value for every field, and one sentence for each thing in the URL that was ignored.
    """
    values = {field.name: _read_field(field, query.get(field.name, ())) for field in fields}
    notices = [notice for field in fields for notice in _refuse(field, query.get(field.name, ()))]
    known = [field.name for field in fields]
    notices += [
        f"Ignored {_quote(name)} in the link. This page knows {join_words(known, 'or')}."
        for name in query
        if name not in known
    ]
    return values, tuple(notices)


def find_refused(query: Mapping[str, Sequence[str]], fields: Sequence[Field]) -> frozenset[str]:
    """Return the names of the fields for which a URL holds a value that is not offered."""
    return frozenset(field.name for field in fields if any(_is_refused(field, v) for v in query.get(field.name, ())))


def keep_offered(field: Field, value: Value) -> Value:
    """Return the part of a widget's value that its field still offers."""
    if isinstance(value, bool) or not field.options:
        return value
    if isinstance(value, list):
        return [option for option in value if option in field.options]
    return value if value in field.options else field.default


def write_query(values: Mapping[str, Value], fields: Sequence[Field], *, whole: bool = False) -> Query:
    """Write what was picked for a URL.

    Args:
        values: A value for each field.
        fields: What the page knows.
        whole: True also writes a leading field when every field holds its default, so that a shared link says it.
    """
    held = {field: values.get(field.name, field.start) for field in fields}
    told = {field for field, value in held.items() if value != field.start and _write_field(field, value)}
    if whole or told:
        told |= {field for field in fields if field.leads}
    return {field.name: _write_field(field, held[field]) for field in fields if field in told}


def _read_field(field: Field, given: Sequence[str]) -> Value:
    known = [value for value in given if value in field.options or not field.options]
    if field.options == SWITCH:
        return (known or [field.default])[-1] == "on"
    if field.many:
        return [option for option in field.options if option in known]
    return (known or [field.default])[-1]


def _refuse(field: Field, given: Sequence[str]) -> Iterable[str]:
    for value in dict.fromkeys(given):
        if _is_refused(field, value):
            valid = join_words(field.options, "or")
            yield f"Ignored {field.kind} {_quote(value)} in the link. Valid values are {valid}."
    if not field.many and len(set(given)) > 1:
        yield f"The link names {len(set(given))} values for {field.kind}. The last valid one is used."


def _is_refused(field: Field, value: str) -> bool:
    return bool(field.options) and value not in field.options


def _write_field(field: Field, value: Value) -> list[str]:
    if isinstance(value, bool):
        return ["on" if value else "off"]
    if isinstance(value, list):
        return [option for option in field.options if option in value]
    return [value] if value else []


def _quote(text: str, limit: int = 40) -> str:
    """Quote untrusted text short and on one line, without marks that Markdown would obey.

    A URL, or what else connects to a database, may hold a password and is not repeated.
    """
    if any(mark in text for mark in ("://", "@", "=", "password")):
        return "(something that looks like a database's URL)"
    plain = "".join(letter if letter.isalnum() or letter in " _-.," else "·" for letter in text)
    return f"“{plain if len(plain) <= limit else f'{plain[: limit - 1]}…'}”"
