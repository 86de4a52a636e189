"""Verifies ledgers against their anchors: names the first entry that was changed, cut, inserted or dated back.

Only the anchors are trusted. The ledger's own hashes and seals are compared like its other columns, and prove nothing
here, because an attacker with the whole server can compute them anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from lab.rules.anchoring import CLOCK_TOLERANCE, LEDGERS, MAX_ANCHOR_AGE, MAX_WRITE_DELAY
from lab.rules.model import Table
from lab.services.anchor.entries import Entry
from lab.services.anchor.faults import Fault, Wrong
from lab.services.anchor.store import Log

NEWEST = 20_000  # entries that a verification from the last anchor reads; those before are counted
BATCH = 5_000  # blanked entries whose erasure is looked up at once


class Ledgers(Protocol):
    """The ledgers of a database or a dump, at one moment."""

    def replacement(self, ledger: Table) -> str:
        """Return what replaced a ledger, such as `is a view`; nothing when it is a plain table."""

    def entries(self, ledger: Table, since: int | None = None) -> Iterator[Entry]:
        """Yield a ledger's entries in the order of their numbers, those from a number on."""

    def count_before(self, ledger: Table, number: int) -> int:
        """Count the entries with a lower number."""

    def size(self, ledger: Table) -> int:
        """Return about how many entries there are."""

    def blanked(self, numbers: list[int]) -> set[int]:
        """Return which of these consents were blanked according to an erasure's record."""


@dataclass(frozen=True)
class Result:
    """The result of a ledger's verification.

    Args:
        ledger: Which ledger.
        fault: The first entry that does not fit; None when all do.
        read: How many entries were read; the others were counted.
        anchored: How many are anchored.
        fresh: How many came after the newest anchor.
        newest: When the newest anchor was made; None when there is none.
        shorter: Whether the ledger has fewer entries than its newest anchor.
        counted: How many anchored entries were only counted.
        common: How many entries have an anchored number.
        known: How many of those have the date or the content that was anchored.
        elsewhere: Whether the anchors are those of another database.
    """

    ledger: str
    fault: Fault | None
    read: int
    anchored: int
    fresh: int
    newest: datetime | None
    shorter: bool
    counted: int = 0
    common: int = 0
    known: int = 0
    elsewhere: bool = False


def verify_ledgers(ledgers: Ledgers, logs: dict[str, Log], now: datetime, *, full: bool = False) -> list[Result]:
    """Verify both ledgers. Read-only.

    Args:
        ledgers: The ledgers to verify.
        logs: What was anchored of each.
        now: The time, with its zone.
        full: Whether every entry is read, or only the newest.
    """
    results = [_verify(ledgers, ledger, logs[ledger.id], now, full) for ledger in LEDGERS]
    common, known = (sum(getattr(result, name) for result in results) for name in ("common", "known"))
    if common and not known:  # of a ledger that was harmed, some entry is still as it was
        return [replace(result, elsewhere=True) for result in results]
    return results


def _verify(ledgers: Ledgers, ledger: Table, log: Log, now: datetime, full: bool) -> Result:
    if replacement := ledgers.replacement(ledger):
        fault = Fault(0, Wrong.REPLACED, ledger.id, replacement)
        return Result(ledger.id, fault, 0, len(log.ids), 0, log.newest.at if log.newest else None, shorter=False)
    places = log.by_number
    skipped = 0 if full else max(0, len(places) - NEWEST)
    since = log.ids[places[skipped]] if skipped else None
    if since is not None and ledgers.count_before(ledger, since) != skipped:
        skipped, since = 0, None  # an earlier entry does not fit; only reading all of them shows which
    walk = _Walk(log, places[skipped:], now)
    faults = list(walk.compare(ledgers.entries(ledger, since)))
    faults += _judge_blanks(ledgers, ledger, walk)
    return Result(
        ledger=ledger.id,
        fault=_name_first(faults, walk, ledger.id),
        read=walk.read,
        anchored=len(log.ids),
        fresh=walk.fresh,
        newest=log.newest.at if log.newest else None,
        shorter=skipped + walk.read < len(log.ids),
        counted=skipped,
        common=walk.common,
        known=walk.known,
    )


class _Walk:
    """Compares entries with what was anchored, both in the order of their numbers."""

    def __init__(self, log: Log, places: Sequence[int], now: datetime) -> None:
        self.log, self.places = log, places
        self.read, self.fresh, self.common, self.known = 0, 0, 0, 0
        self.wrong_places: list[int] = []  # places in the log of entries that are missing or were changed
        self.missing = False
        self.blank: list[int] = []
        self.named: list[int] = []
        self.judge = Judge(log, now)

    def compare(self, entries: Iterable[Entry]) -> Iterator[tuple[int, Wrong]]:
        """Yield the number of each entry that does not fit, with its fault."""
        at = 0
        for entry in entries:
            self.read += 1
            while at < len(self.places) and self.log.ids[self.places[at]] < entry.id:
                yield self._miss(self.places[at])
                at += 1
            if at < len(self.places) and self.log.ids[self.places[at]] == entry.id:
                yield from self._same(self.places[at], entry)
                at += 1
            else:
                yield from self._other(entry, self.places[at] if at < len(self.places) else None)
            yield from self._person(entry)
        for place in self.places[at:]:
            yield self._miss(place)

    def _miss(self, place: int) -> tuple[int, Wrong]:
        self.missing = True
        self.wrong_places.append(place)
        return self.log.ids[place], Wrong.CUT

    def _same(self, place: int, entry: Entry) -> Iterator[tuple[int, Wrong]]:
        changed = self.log.content(place) != entry.content
        self.common += 1
        self.known += not changed or self.log.created[place] == entry.created
        if changed:
            self.wrong_places.append(place)
            yield entry.id, Wrong.CHANGED

    def _other(self, entry: Entry, following: int | None) -> Iterator[tuple[int, Wrong]]:
        wrong = self.judge.judge_new(entry, following)
        if wrong is not None:
            yield entry.id, wrong
        else:
            self.fresh += 1

    def _person(self, entry: Entry) -> Iterator[tuple[int, Wrong]]:
        if entry.person == "wrong":
            yield entry.id, Wrong.PERSON
        elif entry.person == "blank":
            self.blank.append(entry.id)
        elif entry.person == "fits":
            self.named.append(entry.id)


class Judge:
    """Judges entries that were not anchored: they are new, or were inserted."""

    def __init__(self, log: Log, now: datetime) -> None:
        self._log = log
        self._grace = _micros(MAX_WRITE_DELAY)
        self._latest = int(now.timestamp() * 1_000_000) + self._grace
        newest = log.newest.at if log.newest else None
        self._earliest = int(newest.timestamp() * 1_000_000) - self._grace if newest else None

    def judge_new(self, entry: Entry, following: int | None) -> Wrong | None:
        """Return what is wrong with an entry that was not anchored; None when it is new.

        Args:
            entry: The entry.
            following: The place in the log of the anchored entry with the next number, if there is one.
        """
        if entry.id < 1:
            return Wrong.SLIPPED_IN
        if entry.created > self._latest:
            return Wrong.DATED_AHEAD
        if self._earliest is None:
            return None
        if entry.created < self._earliest:
            return Wrong.DATED_BACK if following is None else Wrong.SLIPPED_IN
        late = following is not None and entry.created > self._log.created[following] + self._grace
        return Wrong.SLIPPED_IN if late else None


def _micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def _judge_blanks(ledgers: Ledgers, ledger: Table, walk: _Walk) -> Iterator[tuple[int, Wrong]]:
    """Yield entries that lost their person without an erasure, and entries whose person is back after one."""
    if ledger.id != "consent_events":
        return
    for batch in _batches(walk.blank):
        said = ledgers.blanked(batch)
        yield from ((number, Wrong.UNERASED) for number in batch if number not in said)
    for batch in _batches(walk.named):
        yield from ((number, Wrong.RETURNED) for number in sorted(ledgers.blanked(batch)))


def _batches(numbers: list[int]) -> Iterator[list[int]]:
    return (numbers[at : at + BATCH] for at in range(0, len(numbers), BATCH))


def _name_first(faults: list[tuple[int, Wrong]], walk: _Walk, ledger: str) -> Fault | None:
    """Return the fault with the lowest number; it is `lost`, not `cut`, when all later entries have a fault, too."""
    if not faults:
        return None
    number, wrong = min(faults, key=lambda fault: fault[0])  # of one entry, what was found first
    bad = walk.wrong_places
    suffix = bool(bad) and len(bad) == len(walk.log.ids) - min(bad)
    if suffix and walk.missing and wrong in (Wrong.CUT, Wrong.CHANGED):
        wrong = Wrong.LOST
    return Fault(number, wrong, ledger)


def say_age(result: Result, now: datetime) -> str:
    """Return why a ledger's newest anchor is not recent enough; empty when it is."""
    if result.newest is None:
        return "it has no anchor"
    age = now.astimezone(UTC) - result.newest
    if age < -CLOCK_TOLERANCE:
        return "its newest anchor is dated later than now"
    hours = MAX_ANCHOR_AGE // timedelta(hours=1)
    return f"its newest anchor is older than {hours} hours" if age > MAX_ANCHOR_AGE else ""
