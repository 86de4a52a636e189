"""Measures what a rendering takes in a warm child: the PDF of a reading, its print view, and a share-card.

The floor is an empty page, typeset in the same child. Every rendering has another text, so that the engine remembers
nothing of it. The targets are 50 ms for a PDF and 150 ms for a card.
"""

import datetime
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.timing import Row, read_options, report, summarise, time_once
from lab.services.documents import Card, Limits, Reading
from lab.services.documents.process import Process
from lab.services.documents.renderer import TEMPLATES, describe_start
from lab.services.documents.requests import request_card, request_pdf, request_print_view

EMPTY = {"template": "empty.typ", "format": "pdf", "timestamp": 0}
PARAGRAPH = "There is a door in you that opens only inward, and you have been pushing at it for a year. " * 5
PALETTES, SYMBOLS = ("night", "dusk", "dawn"), ("moon", "star", "tower", "lantern")
Request = dict[str, Any]


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, rounds=30)
    report("Documents", measure(options.rounds), options.json)


def measure(rounds: int) -> list[Row]:
    """Measure each kind of document.

    Args:
        rounds: How often, at least once.
    """
    with _start_child() as child:
        seconds = {name: list(_time(child, make, rounds)) for name, make in KINDS.items()}
    floor, *others = KINDS
    base = summarise(floor, seconds[floor])
    return [base, *(summarise(name, seconds[name], base) for name in others)]


@contextmanager
def _start_child() -> Iterator[Process]:
    """Start a child with the templates and an empty one."""
    with tempfile.TemporaryDirectory() as folder:
        templates = Path(folder) / "templates"
        shutil.copytree(TEMPLATES, templates)
        (templates / "empty.typ").write_text('#set document(title: "empty", date: auto)\n#sys.inputs.data')
        with closing(Process(describe_start(Limits(), templates), Limits().start_seconds)) as child:
            yield child


def _time(child: Process, make: Callable[[int], Request], rounds: int) -> Iterator[float]:
    """Yield the seconds of each round; the round before them loads fonts."""
    for number in range(rounds + 1):
        request = make(number)
        seconds = time_once(partial(child.ask, request, Limits().seconds))
        if number:
            yield seconds


def _make_reading(number: int, paragraphs: int) -> Reading:
    answer = "\n\n".join(f"{number} {place} {PARAGRAPH}" for place in range(paragraphs))
    day = datetime.date(2026, 1, 1)
    return Reading(question=f"Why {number}?", answer=answer, language="en", made_on=day, reference="7F3A-91C2")


def _make_card(number: int) -> Card:
    symbol, palette = SYMBOLS[number % len(SYMBOLS)], PALETTES[number % len(PALETTES)]
    return Card(title=f"The Tower {number}", symbol=symbol, palette=palette, line=f"{number}: a light at night.")


KINDS: dict[str, Callable[[int], Request]] = {
    "empty page as PDF": lambda number: EMPTY | {"data": f"{number}"},
    "PDF of 3 paragraphs": lambda number: request_pdf(_make_reading(number, 3)),
    "PDF of 36 paragraphs": lambda number: request_pdf(_make_reading(number, 36)),
    "print view": lambda number: request_print_view(_make_reading(number, 3)),
    "share-card": lambda number: request_card(_make_card(number)),
}


if __name__ == "__main__":
    main()
