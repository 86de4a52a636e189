"""Anchors the ledgers: appends the leaves of new entries and a signed checkpoint of each ledger."""

from bisect import bisect
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from lab.database.connect import DatabaseUnavailable
from lab.rules.anchoring import CLOCK_TOLERANCE, LEDGERS, MAX_WRITE_DELAY, RENEWAL_INTERVAL
from lab.rules.model import Table
from lab.services.anchor.checkpoint import read_checkpoint, split_notes, write_checkpoint
from lab.services.anchor.entries import Entry
from lab.services.anchor.faults import Fault
from lab.services.anchor.notes import Signer, Verifier
from lab.services.anchor.reader import open_ledgers
from lab.services.anchor.store import (
    AnchorFault,
    Log,
    append_checkpoints,
    append_leaves,
    hold_anchors,
    mend_files,
    read_anchors,
)
from lab.services.anchor.verification import Judge, Ledgers

FIRST = 100  # entries of each ledger by which its database is recognised
MIXED = 10_000  # entries within which anchoring may have taken them out of the order of their numbers


@dataclass(frozen=True)
class Anchored:
    """The result of one anchoring of a ledger.

    Args:
        ledger: Which ledger.
        added: How many entries were anchored now.
        size: How many there are in all.
        refused: Entries that were not anchored, because their date is too far back.
        written: Whether a checkpoint was written; for an unchanged ledger that is done only now and then.
    """

    ledger: str
    added: int
    size: int
    refused: tuple[Fault, ...]
    written: bool


class Anchors:
    """Anchors that one process writes, from one anchoring to the next."""

    def __init__(self, path: Path, signer: Signer, older_keys: tuple[Verifier, ...] = ()) -> None:
        self.path, self.signer = path, signer
        self.logs = read_anchors(path, (signer.verifier, *older_keys)) if path.exists() else {}
        self.logs = {ledger.id: self.logs.get(ledger.id, Log()) for ledger in LEDGERS}
        self.mended = mend_files(path, self.logs)
        self._known = False

    def anchor(self, url: str, now: datetime) -> list[Anchored]:
        """Anchor the entries of a database's ledgers that are not anchored yet.

        Anchored entries are not read again, so that a ledger that was rewritten meanwhile still does not fit.
        """
        with open_ledgers(url) as ledgers:
            return self.anchor_ledgers(ledgers, now)

    def anchor_ledgers(self, ledgers: Ledgers, now: datetime) -> list[Anchored]:
        """Anchor the new entries of these ledgers.

        Raises:
            AnchorFault: The newest anchor is dated so far ahead that one of the clocks is wrong, or the anchors are
                those of another database.
            DatabaseUnavailable: A ledger was replaced by another object.
        """
        newest = max((log.newest.at for log in self.logs.values() if log.newest), default=now)
        if newest - now > CLOCK_TOLERANCE:
            raise AnchorFault(str(self.path), "the newest anchor is dated later than now", "Set this machine's clock")
        for table in LEDGERS:
            if replacement := ledgers.replacement(table):
                raise DatabaseUnavailable(table.qualified, replacement, "Nothing is anchored. Find out who changed it")
        if not self._known:
            self._refuse_other_database(ledgers)
        found = {ledger.id: self._find_new(ledgers, ledger, now) for ledger in LEDGERS}
        for ledger, (new, _) in found.items():
            append_leaves(self.path, ledger, new)
            for entry in new:
                self.logs[ledger].add(entry)
        due = [ledger.id for ledger in LEDGERS if found[ledger.id][0] or self._is_due(ledger.id, now)]
        self._write_checkpoints(due, now)
        return [
            Anchored(name, len(new), len(self.logs[name].ids), refused, name in due)
            for name, (new, refused) in found.items()
        ]

    def _refuse_other_database(self, ledgers: Ledgers) -> None:
        """Refuse another database: one whose first entries do not fit the anchors at all."""
        common = 0
        for ledger in LEDGERS:
            log = self.logs[ledger.id]
            dates = dict(zip(log.ids, log.created, strict=True))
            for entry in islice(ledgers.entries(ledger), FIRST):
                common += entry.id in dates
                self._known = self._known or dates.get(entry.id) == entry.created
        if common and not self._known:
            found = "none of the database's first entries fits its anchor, so the file anchors another database"
            raise AnchorFault(str(self.path), found, "Name this database's file, or look with `anchor verify`")
        self._known = True

    def _find_new(self, ledgers: Ledgers, ledger: Table, now: datetime) -> tuple[list[Entry], tuple[Fault, ...]]:
        log = self.logs[ledger.id]
        settled = _count_settled(log)
        recent = {log.ids[place]: place for place in range(settled, len(log.ids))}
        numbers, judge = sorted(recent), Judge(log, now)
        since = max(log.ids[max(0, settled - MIXED) : settled]) + 1 if settled else None
        new: list[Entry] = []
        refused: list[Fault] = []
        for entry in ledgers.entries(ledger, since):
            if entry.id in recent:
                continue
            at = bisect(numbers, entry.id)
            wrong = judge.judge_new(entry, recent[numbers[at]] if at < len(numbers) else None)
            if wrong is None:
                new.append(entry)
            else:
                refused.append(Fault(entry.id, wrong, ledger.id))
        return new, tuple(refused)

    def _is_due(self, ledger: str, now: datetime) -> bool:
        newest = self.logs[ledger].newest
        return newest is None or now - newest.at >= RENEWAL_INTERVAL

    def _write_checkpoints(self, due: list[str], now: datetime) -> None:
        notes = ""
        for ledger in due:
            log = self.logs[ledger]
            at = max(now, log.newest.at) if log.newest else now  # a clock may be set back; the file's order stays
            note = write_checkpoint(ledger, log.tree.size, log.tree.root, at, self.signer)
            notes += note
            ((body, signatures),) = split_notes(note)
            log.newest = read_checkpoint(body, signatures)
        append_checkpoints(self.path, notes)


def _count_settled(log: Log) -> int:
    """Count the first entries of the log that are so old that no earlier entry can still be uncommitted."""
    if log.newest is None:
        return 0
    limit = int((log.newest.at - 3 * MAX_WRITE_DELAY).timestamp() * 1_000_000)
    place = len(log.ids)
    while place and log.created[place - 1] >= limit:
        place -= 1
    return place


def anchor_once(
    path: Path, signer: Signer, url: str, now: datetime, older: tuple[Verifier, ...] = ()
) -> list[Anchored]:
    """Anchor the ledgers of a database once."""
    with hold_anchors(path):
        return Anchors(path, signer, older).anchor(url, now)
