"""Checks the reference rows, which no catalogue shows: the wording of consents, and the phrases of share-cards."""

from typing import Any

import psycopg

from lab.checks.finding import Finding, Repair
from lab.rules import RULES
from lab.rules.model import Consent, Phrase, Severity
from lab.sql.migrations import notice_statement, phrase_statement

_STAGE = 65  # after the tables and their triggers exist
_DECIDE = "Words that were shown to people are never changed: give the new words the next version in the rules."


def find_wordings(connection: psycopg.Connection[Any]) -> list[Finding]:
    """Return the wordings and phrases of the rules that are missing or differ in the database. Read-only."""
    notices = _read(connection, "public.consent_notices", "purpose, version, locale, body")
    phrases = _read(connection, "public.card_phrases", "kind, name, version, locale, words")
    asked = {(consent.id, consent.version, consent.locale): consent for consent in RULES.consents}
    shown = {(phrase.kind, phrase.name, phrase.version, phrase.locale): phrase for phrase in RULES.phrases}
    return [
        *(
            _wording(consent, notices.get(place))
            for place, consent in asked.items()
            if _differs(notices, place, consent.question)
        ),
        *(
            _phrase(phrase, phrases.get(place))
            for place, phrase in shown.items()
            if _differs(phrases, place, phrase.words)
        ),
    ]


def _differs(said: dict[tuple[Any, ...], str], place: tuple[Any, ...], words: str) -> bool:
    return said.get(place) != words


def _read(connection: psycopg.Connection[Any], table: str, columns: str) -> dict[tuple[Any, ...], str]:
    """Return a table's texts by their keys; nothing when there is no such table."""
    known = connection.execute("select to_regclass(%s) is not null", [table]).fetchone()
    rows = connection.execute(f"select {columns} from {table}".encode()).fetchall() if known and known[0] else []
    return {tuple(place): words for *place, words in rows}


def _wording(consent: Consent, said: str | None) -> Finding:
    return Finding(
        kind="wording",
        name=f"{consent.id} {consent.version} {consent.locale}",
        aspect="missing" if said is None else "sentence",
        rule=consent.id,
        chapter=3,
        severity=Severity.LOW,
        subject=f"{consent.id} {consent.version} ({consent.locale})",
        expected=consent.question,
        seen=said or "none",
        why="People see this sentence when they consent, and the ledger records its version.",
        repair=Repair(change=notice_statement(consent), stage=_STAGE) if said is None else None,
        decide=_DECIDE,
    )


def _phrase(phrase: Phrase, said: str | None) -> Finding:
    return Finding(
        kind="wording",
        name=phrase.id,
        aspect="missing" if said is None else "sentence",
        rule="card_phrases",
        chapter=2,
        severity=Severity.LOW,
        subject=f"{phrase.kind} {phrase.name} {phrase.version} ({phrase.locale})",
        expected=phrase.words,
        seen=said or "none",
        why="Share-cards use this phrase, and only phrases of this catalogue.",
        repair=Repair(change=phrase_statement(phrase), stage=_STAGE) if said is None else None,
        decide=_DECIDE,
    )
