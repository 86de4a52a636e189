"""What a step of the tour declares: what is written, what is shown, who tries what, and where to read on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.checks.probes.trial import Refused
from lab.rules.model import Promise, Table


@dataclass(frozen=True)
class Show:
    """Rows that a step shows after its writes.

    Args:
        table: Whose rows they are; its columns name and classify what is shown.
        statement: Returns one JSON array of objects, whose keys are columns of the table.
    """

    table: Table
    statement: str


@dataclass(frozen=True)
class Try:
    """One statement that somebody tries after the writes; it is rolled back by itself.

    Args:
        who: An identity of the access matrix, or `login` for the owner of the tables.
        does: What they try, as the end of a sentence.
        statement: Its name in the step's file under sql/tour.
        expected: A refusal, a number of rows, or an answer as a list.
        first: Identity and statement of what they do before it.
    """

    who: str
    does: str
    statement: str
    expected: Refused | int | list[Any]
    first: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ReadOn:
    """A link to a page that says more.

    Args:
        page: The page's address.
        label: What is read there.
        query: The choices on that page.
    """

    page: str
    label: str
    query: Mapping[str, str | list[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TourStep:
    """One step of the tour.

    Args:
        id: Stable name, in the address; also the step's file under sql/tour.
        title: In a few words.
        story: What happens, in one or two sentences.
        promise: What the rules promise here.
        writes: Identity and statement of what is written, in their order; it is kept until the tour ends.
        shows: The rows that it leads to.
        tries: Who tries what after it.
        links: Where to read on.
    """

    id: str
    title: str
    story: str
    promise: Promise
    writes: tuple[tuple[str, str], ...]
    shows: tuple[Show, ...]
    tries: tuple[Try, ...]
    links: tuple[ReadOn, ...]
