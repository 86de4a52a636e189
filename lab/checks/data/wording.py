"""Writes the query that counts phrases which no rule approves."""

from lab.rules.derived import quote
from lab.rules.model import Phrase


def count_undeclared(phrases: tuple[Phrase, ...]) -> str:
    """Return the query that counts the phrases of a database that do not exactly match one of the given ones."""
    rows = ",\n         ".join(
        f"({quote(one.kind)}, {quote(one.name)}, {quote(one.locale)}, {one.version}, {quote(one.words)})"
        for one in phrases
    )
    return (
        "-- Counts the phrases that no rule approves.\n"
        "select count(*)\n"
        "  from public.card_phrases c\n"
        " where (c.kind, c.name, c.locale, c.version, c.words) not in (\n"
        f"         {rows})"
    )
