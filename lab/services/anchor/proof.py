"""Proves of one entry of a ledger when it was anchored: it is the same as then, by anchors that were verified first."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from lab.rules.anchoring import CLOCK_TOLERANCE
from lab.rules.model import Table
from lab.services.anchor.entries import Entry
from lab.services.anchor.faults import Fault, Wrong
from lab.services.anchor.notes import Verifier
from lab.services.anchor.reader import open_ledgers
from lab.services.anchor.store import AnchorFault, Log, read_anchors
from lab.services.anchor.verification import Ledgers

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What the anchors say of an entry.

    Args:
        at: When it was anchored at the latest: the moment of the first checkpoint that counts it. None without a proof.
        wrong: What contradicts its anchor; None when nothing does.
        unknown: Why nothing is proved; None when something is.
    """

    at: datetime | None = None
    wrong: str | None = None
    unknown: str | None = None


def prove_entry(
    url: str, path: Path, verifiers: tuple[Verifier, ...], ledger: Table, number: int, now: datetime
) -> Proof:
    """Compare an entry with the anchors. Read-only.

    Args:
        url: The database's URL, by a login that row-level security does not apply to.
        path: The anchors, as `lab anchor` writes them.
        verifiers: The keys that may have signed them.
        ledger: Which ledger.
        number: The entry's number.
        now: The time, with its zone.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
        psycopg.OperationalError: The connection broke.
    """
    try:
        log = read_anchors(path, verifiers)[ledger.id]
    except AnchorFault as fault:
        return Proof(unknown=str(fault).rstrip("."))
    try:
        with open_ledgers(url) as ledgers:
            return judge_entry(ledgers, log, ledger, number, now)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable):
        return Proof(unknown=f"this login may not read public.{ledger.id} whole")


def judge_entry(ledgers: Ledgers, log: Log, ledger: Table, number: int, now: datetime) -> Proof:
    """Compare an entry with a log that was verified."""
    place = _find_place(log, number)
    if place is None:
        since = f"the newest anchor is of {log.newest.at:%Y-%m-%d %H:%M:%S} UTC" if log.newest else "there is none yet"
        return Proof(unknown=f"entry {number} is not among the anchors: {since}")
    if replacement := ledgers.replacement(ledger):
        return Proof(wrong=str(Fault(0, Wrong.REPLACED, ledger.id, replacement)))
    entry = next(iter(ledgers.entries(ledger, number)), None)
    if entry is None or entry.id != number:
        return Proof(wrong=str(Fault(number, Wrong.CUT, ledger.id)))
    if entry.content != log.content(place):
        other = "" if entry.created == log.created[place] else " Or the file anchors another database."
        return Proof(wrong=f"{Fault(number, Wrong.CHANGED, ledger.id)}{other}")
    if entry.person == "wrong":
        return Proof(wrong=str(Fault(number, Wrong.PERSON, ledger.id)))
    return _date(log, place, entry, now)


def _find_place(log: Log, number: int) -> int | None:
    at = bisect_left(log.by_number, number, key=log.ids.__getitem__)
    found = log.by_number[at] if at < len(log.ids) else None
    return found if found is not None and log.ids[found] == number else None


def _date(log: Log, place: int, entry: Entry, now: datetime) -> Proof:
    """Return the moment of the first checkpoint that counts an entry, if both clocks agree on it."""
    at = next(moment for size, moment in log.moments if size > place)
    written = _EPOCH + timedelta(microseconds=entry.created)
    if at - now > CLOCK_TOLERANCE:
        return Proof(unknown="its anchor is dated later than now")
    if written - at > CLOCK_TOLERANCE:
        return Proof(unknown="its anchor is dated before the entry itself, so one of the clocks was wrong")
    return Proof(at=at)
