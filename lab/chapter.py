"""Which of the sixteen promises a finding touches."""

from functools import lru_cache

from lab.exposure import find_table
from lab.rules import RULES

SCHEMA, ACCESS = 2, 11


@lru_cache(maxsize=1)
def _carriers() -> dict[str, int]:
    return {name: chapter.number for chapter in reversed(RULES.chapters) for name in chapter.carried_by}


def find_chapter(family: str, subject: str) -> int:
    """Return a chapter's number: the one that the thing carries, or that its table belongs to most closely."""
    carried = _carriers().get(name_of(subject))
    if carried is not None:
        return carried
    if family != "schema":
        return ACCESS
    table = find_table(subject)
    holding = [c for c in RULES.chapters if table in c.tables and c.number not in (1, SCHEMA)]
    return min(holding, key=lambda c: (len(c.tables), c.number)).number if table and holding else SCHEMA


def name_of(subject: str) -> str:
    """Return the last part of a subject: the name of a column, constraint, trigger or function."""
    return subject.split("(")[0].rpartition(".")[2]
