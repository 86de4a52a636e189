"""Writes the queries of sentences: phrases that no rule approves, and sentences of the rules that are missing."""

from lab.rules.derived import quote
from lab.rules.model import Consent, Notice, Phrase


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


def count_missing(wordings: tuple[Consent | Notice, ...], phrases: tuple[Phrase, ...]) -> str:
    """Return the query that counts the given sentences that a database does not have, whatever their words are."""
    shown = ",\n         ".join(f"({quote(one.id)}, {quote(one.locale)}, {one.version})" for one in wordings)
    chosen = ",\n         ".join(
        f"({quote(one.kind)}, {quote(one.name)}, {quote(one.locale)}, {one.version})" for one in phrases
    )
    return (
        "-- Counts the consents' wordings, notices and phrases of the rules that are missing.\n"
        "select (select count(*)\n"
        f"  from (values {shown}) as w (purpose, locale, version)\n"
        " where (w.purpose, w.locale, w.version) not in (\n"
        "         select n.purpose, n.locale, n.version from public.consent_notices n))\n"
        "     + (select count(*)\n"
        f"  from (values {chosen}) as w (kind, name, locale, version)\n"
        " where (w.kind, w.name, w.locale, w.version) not in (\n"
        "         select c.kind, c.name, c.locale, c.version from public.card_phrases c))"
    )
