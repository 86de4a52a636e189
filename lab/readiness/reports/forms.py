"""The forms of a report: what each is called, what its file is called, and how a PDF is added to the others."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias, TypeVar

from lab.readiness.formats.markdown import prose
from lab.rules.model import Waiting
from lab.services.documents import Paper, write_pdf

T = TypeVar("T")
Forms: TypeAlias = Mapping[str, Callable[[T], str | bytes]]
"""How a report is written, by the name of the form on the command line."""


class Kind(NamedTuple):
    """A form as people meet it: on a button, and as a file."""

    label: str
    suffix: str
    media_type: str


KINDS = {
    "text": Kind("Text", "txt", "text/plain"),
    "json": Kind("JSON", "json", "application/json"),
    "markdown": Kind("Markdown", "md", "text/markdown"),
    "pdf": Kind("PDF", "pdf", "application/pdf"),
    "sql": Kind("SQL", "sql", "application/sql"),
    "sarif": Kind("SARIF", "sarif", "application/sarif+json"),
    "junit": Kind("JUnit", "xml", "application/xml"),
}


def add_pdf(
    forms: Mapping[str, Callable[[T], str]], make: Callable[[T], Paper]
) -> dict[str, Callable[[T], str | bytes]]:
    """Return the forms with a PDF of the same report.

    Args:
        forms: The other forms.
        make: Returns what the PDF is made of.
    """
    return {**forms, "pdf": lambda report: write_pdf(make(report))}


def find_form(file: str, forms: Mapping[str, object]) -> str | None:
    """Return the form that a file's name ends with, of those that a report has."""
    return next((form for form in forms if file.lower().endswith(f".{KINDS[form].suffix}")), None)


def write_columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield rows as lines whose columns stand below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def write_table(head: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield rows as a table of Markdown."""
    yield f"| {' | '.join(map(prose, head))} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(map(prose, row))} |" for row in rows)


def write_waiting(waiting: Waiting) -> dict[str, str]:
    """Return a kind of thing that waits for a person, as data."""
    return {"kind": waiting.id, "title": waiting.title, "why": waiting.why, "next_step": waiting.next_step}
