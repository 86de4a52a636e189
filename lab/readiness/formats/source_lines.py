"""Finds where an object is declared: the file and line of the rules that a reviewer must read."""

import re
from functools import lru_cache
from typing import NamedTuple

from lab.text.product_files import PACKAGE

_RULES = PACKAGE / "rules"
_DECLARED = re.compile(
    r'^(?P<value>\w+) = \w+\(|\b(?:id|name)="(?P<id>[^"]+)"|^ +\w+\("(?P<part>[a-z]\w+)"'
    r'|^ +"(?P<criterion>[a-z]\w+)", [A-Z]+, \d+,'  # as criterion(...) is written
)


class Place(NamedTuple):
    """A line of a file, by its path from the project's root."""

    path: str
    line: int


def find_place(subject: str, rule: str) -> Place:
    """Return where a subject, or else the rule, is declared; the top of the rules when neither is found.

    A name that several files declare, such as a column of many tables, gives the place of its table. Types of arguments
    do not count as names.
    """
    parts = [part for part in re.split(r"[^A-Za-z0-9_]+", subject[:500].partition("(")[0]) if part]
    found = (declared_places().get(name) for name in (rule, *reversed(parts)))
    known = (places for places in found if places and len({place.path for place in places}) == 1)
    return next((places[0] for places in known), Place("lab/rules/__init__.py", 1))


@lru_cache(maxsize=1)
def declared_places() -> dict[str, tuple[Place, ...]]:
    """Return every declared name with the lines that declare it."""
    places: dict[str, tuple[Place, ...]] = {}
    for path in sorted(_RULES.rglob("*.py")):
        within = path.relative_to(PACKAGE.parent).as_posix()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for found in _DECLARED.finditer(line):
                name = found["value"] or found["id"] or found["part"] or found["criterion"]
                places[name] = (*places.get(name, ()), Place(within, number))
    return places
