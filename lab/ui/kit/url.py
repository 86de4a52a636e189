"""The URL holds every choice by its id: a link, a reload, Back and Forward all restore it. Pure.

Streamlit's own binding is not used: it writes labels instead of ids, silently drops unknown values, and makes Back
leave the app.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lab.ui.kit.titles import join_words

Value = str | bool | list[str]
Query = dict[str, list[str]]
SWITCH = ("on", "off")


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
        return self.read(())

    def knows(self, word: str) -> bool:
        """Tell whether the field offers a word."""
        return not self.options or word in self.options

    def read(self, words: Sequence[str]) -> Value:
        """Return the value that a URL's words say, without those that are not offered."""
        known = [word for word in words if self.knows(word)]
        if self.many:
            return [option for option in self.options if option in known]
        last = (known or [self.default])[-1]
        return last == "on" if self.options == SWITCH else last

    def write(self, value: Value) -> list[str]:
        """Return a value as a URL's words."""
        if isinstance(value, bool):
            return ["on" if value else "off"]
        if isinstance(value, list):
            return [option for option in self.options if option in value]
        return [value] if value else []

    def refuse(self, words: Sequence[str]) -> Iterable[str]:
        """Write a sentence for each word that is not offered, and one for too many words."""
        for word in dict.fromkeys(words):
            if not self.knows(word):
                valid = join_words(self.options, "or")
                yield f"Ignored {self.kind} {_quote(word)} in the link. Valid values are {valid}."
        if not self.many and len(set(words)) > 1:
            yield f"The link names {len(set(words))} values for {self.kind}. The last valid one is used."


def read_query(query: Mapping[str, Sequence[str]], fields: Sequence[Field]) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Read what was picked out of a URL.

    Returns:
        A value for every field, and one sentence for each thing in the URL that was ignored.
    """
    notices = [notice for field in fields for notice in field.refuse(query.get(field.name, ()))]
    known = [field.name for field in fields]
    notices += [
        f"Ignored {_quote(name)} in the link. This page knows {join_words(known, 'or')}."
        for name in query
        if name not in known
    ]
    return {field.name: field.read(query.get(field.name, ())) for field in fields}, tuple(notices)


def write_query(values: Mapping[str, Value], fields: Sequence[Field], *, whole: bool = False) -> Query:
    """Write what was picked for a URL.

    Args:
        values: A value for each field.
        fields: What the page knows.
        whole: True also writes a leading field when every field holds its default, so that a shared link says it.
    """
    words = {field: field.write(values[field.name]) for field in fields}
    told = {field for field in fields if words[field] and values[field.name] != field.start}
    return {field.name: words[field] for field in fields if field in told or (field.leads and (told or whole))}


def _quote(text: str, limit: int = 40) -> str:
    """Quote untrusted text short and on one line, without marks that Markdown would obey.

    A URL, or what else connects to a database, may hold a password and is not repeated.
    """
    if any(mark in text for mark in ("://", "@", "=", "password")):
        return "(something that looks like a database's URL)"
    plain = "".join(letter if letter.isalnum() or letter in " _-.," else "·" for letter in text)
    return f"“{plain if len(plain) <= limit else f'{plain[: limit - 1]}…'}”"
