"""One declaration for each example: its call in SQL and in supabase-js are written from the same values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.rules.model import Function, Role

Value = str | int | bool | None | Sequence["Value"] | Mapping[str, "Value"]


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """A value that an earlier call returned, and which is another one in each run.

    Args:
        shown: What the reference shows in its place.
        query: SQL that finds the value of this run.
    """

    shown: Value
    query: str


@dataclass(frozen=True, kw_only=True)
class Varies:
    """A part of an answer that is another one in each run.

    Args:
        shown: What the reference shows in its place.
    """

    shown: Value


@dataclass(frozen=True, kw_only=True)
class Example:
    """A call of a function in the made-up shop of sql/reference/sample.sql, and what it returns there.

    Args:
        function: The function.
        role: The role that calls it.
        arguments: The values by the names of the arguments; those that are left out keep their defaults.
        answer: What it returns, as JSON: a value, or a list of rows.
        person: Who is signed in, a name of the sample; for the role `authenticated` alone.
        before: Statements of the owner that make what the call needs beside the sample.
        step: What the reader must have done before, as a sentence.
        nothing_because: When it returns null or no row, as the end of a sentence; empty when it always returns a value.
        nullable: Columns of its rows that may be null, beside those that are null in the answer.
        words: Each text that it may return, with its meaning; empty when it returns no such texts.
        words_in: The column of its rows that holds them, perhaps beside others; empty when the value is such a text.
    """

    function: Function
    role: Role
    answer: Any
    arguments: Mapping[str, Any] = field(default_factory=dict)
    person: str = "ada"
    before: tuple[str, ...] = ()
    step: str = ""
    nothing_because: str = ""
    nullable: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    words_in: str = ""

    @property
    def earlier(self) -> dict[str, Earlier]:
        """Return the arguments that an earlier call returned."""
        return {name: value for name, value in self.arguments.items() if isinstance(value, Earlier)}


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A page of functions that belong together.

    Args:
        id: Name of its file.
        title: Its heading.
        intro: What it is about, in a sentence or two.
        examples: One for each function, in the order of their use.
    """

    id: str
    title: str
    intro: str
    examples: tuple[Example, ...]


def show(value: Any) -> Any:
    """Return a value as the reference shows it, with the stand-ins of what differs in each run."""
    if isinstance(value, Earlier | Varies):
        return show(value.shown)
    if isinstance(value, Mapping):
        return {name: show(part) for name, part in value.items()}
    return [show(part) for part in value] if isinstance(value, list | tuple) else value
