"""Checks the rows that migrations write: the sentences that people are shown, and the erasure key."""

from typing import Any

import psycopg

from lab.checks.explanation import Explanation
from lab.checks.finding import Finding, Repair
from lab.checks.schema.catalogue import Catalogue
from lab.rules import RULES
from lab.rules.model import Consent, Notice, Phrase, Severity
from lab.sql.migrations import ERASURE_KEY, notice_statement, phrase_statement, wording_of

EXPLANATION = Explanation(
    id="wording",
    title="Rows that the rules give a table are missing or differ",
    family="schema",
    means="The database lacks a consent's wording, a notice or a phrase of a share-card, or has other words for it; or "
    "it lacks the key of erasures. Consents and erasures are refused then. The ledger records which version of a "
    "sentence a person saw, so the words of a version must never change.",
    example="`drop schema public cascade` removed the tables with their rows.",
    repair="Missing rows are added by the SQL of the finding, after their table. Changed words need a person: find out "
    "who changed them, restore them, and give new words the next version.",
    accept="For a missing sentence that nothing shows yet. Never for changed words that people have agreed to.",
)

_STAGE = 65  # after the tables and their triggers exist
_WHY_CONSENT = "People see this sentence when they consent, and the ledger records its version."
_WHY_NOTICE = "Buyers are shown or given this text about their right of withdrawal, and its hash is kept with each use."
_DECIDE = "Words that were shown to people are never changed: give the new words the next version in the rules."


def find_lost_rows(live: Catalogue) -> list[Finding]:
    """Return the rows that migrations gave to tables which are missing now. Pure."""
    if "table" in live.unread:
        return []
    there = {*live.of("table"), *live.of("view")}
    return [_lost(table, rows) for table, rows in _list_rows().items() if table not in there]


def _list_rows() -> dict[str, list[str]]:
    """Return the statements that write a table's rows, by table."""
    return {
        "public.consent_notices": [*map(notice_statement, RULES.wordings)],
        "public.card_phrases": [*map(phrase_statement, RULES.phrases)],
        "public.erasure_keys": [ERASURE_KEY],
    }


def _lost(table: str, rows: list[str]) -> Finding:
    return Finding(
        kind="wording",
        name=table,
        aspect="missing",
        family=EXPLANATION.family,
        rule=table.partition(".")[2],
        chapter=2,
        severity=Severity.HIGH,
        subject=table,
        title=f"{table.partition('.')[2]} has lost the rows of the rules",
        expected=f"{len(rows)} rows of the rules",
        seen="none",
        why=_WHY_LOST[table],
        repair=Repair(change="\n".join(rows), stage=_STAGE),
        decide="If people used the former rows, restore a backup instead: this SQL writes the rows of a new database.",
    )


_WHY_LOST = {
    "public.consent_notices": "A consent without its wording is refused.",
    "public.card_phrases": "Share-cards can use only phrases of this table.",
    "public.erasure_keys": "Without the key every erasure is refused.",
}


def find_wordings(connection: psycopg.Connection[Any]) -> list[Finding]:
    """Return the wordings and phrases of the rules that are missing or differ in the database. Read-only."""
    notices = _read(connection, "public.consent_notices", "purpose, version, locale, body")
    phrases = _read(connection, "public.card_phrases", "kind, name, version, locale, words")
    asked = {(one.id, one.version, one.locale): one for one in RULES.wordings}
    shown = {(phrase.kind, phrase.name, phrase.version, phrase.locale): phrase for phrase in RULES.phrases}
    return [
        *(
            _wording(notice, notices.get(place))
            for place, notice in asked.items()
            if _differs(notices, place, wording_of(notice))
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


def _wording(notice: Consent | Notice, said: str | None) -> Finding:
    return Finding(
        kind="wording",
        name=f"{notice.id} {notice.version} {notice.locale}",
        aspect="missing" if said is None else "sentence",
        rule=notice.id,
        chapter=3 if isinstance(notice, Consent) else 13,
        severity=Severity.LOW,
        subject=f"{notice.id} {notice.version} ({notice.locale})",
        expected=wording_of(notice),
        seen=said or "none",
        why=_WHY_CONSENT if isinstance(notice, Consent) else _WHY_NOTICE,
        repair=Repair(change=notice_statement(notice), stage=_STAGE) if said is None else None,
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
