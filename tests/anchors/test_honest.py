"""Honest histories raise nothing: late commits, gaps, erasures, quiet days, a service that was down, new keys."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.rules.anchoring import LEDGERS, MAX_WRITE_DELAY
from lab.rules.model import Table
from lab.services.anchor import Anchors, Signer, Wrong, read_anchors, verify_ledgers
from lab.services.anchor.entries import Entry
from lab.services.anchor.merkle import hash_leaf

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
KEYS = (Signer("test.example/a", b"a" * 32), Signer("test.example/b", b"b" * 32))
VERIFIERS = tuple(key.verifier for key in KEYS)


class Simulated:
    """Ledgers of a shop that is simulated: entries are dated when written, and seen when committed."""

    def __init__(self, dice: random.Random) -> None:
        self.dice, self.now = dice, BEGIN
        self.written: dict[str, list[tuple[datetime, Entry]]] = {ledger.id: [] for ledger in LEDGERS}
        self.number = {ledger.id: 0 for ledger in LEDGERS}

    def live(self, span: timedelta) -> None:
        """Write entries for a while; some are committed late, some numbers are drawn and rolled back."""
        end = self.now + span
        while (step := timedelta(seconds=self.dice.expovariate(1 / 600))) and self.now + step < end:
            self.now += step
            self._write(self.dice.choice([ledger.id for ledger in LEDGERS]))
        self.now = end

    def _write(self, ledger: str) -> None:
        self.number[ledger] += self.dice.choice((1, 1, 1, 2))
        created = int(self.now.timestamp() * 1_000_000)
        late = timedelta(seconds=self.dice.choice((0, 0, 0, 5, 600, MAX_WRITE_DELAY.seconds - 5)))
        number = self.number[ledger]
        entry = Entry(
            number, created, hash_leaf(f"{ledger} {number}".encode()), "fits" if "consent" in ledger else "none"
        )
        self.written[ledger].append((self.now + late, entry))

    def erase(self) -> None:
        """Blank a few consents, as erasure does, and note it."""
        place = self.dice.randrange(max(1, len(self.written["consent_events"])))
        for at, (seen, entry) in enumerate(self.written["consent_events"][place : place + 3], place):
            if seen <= self.now and entry.person == "fits":
                self.written["consent_events"][at] = (seen, replace(entry, person="blank"))
                self._write("admin_audit_events")
                (last, line) = self.written["admin_audit_events"].pop()
                self.written["admin_audit_events"].append((last, replace(line, blanks=entry.id)))
                self.written["admin_audit_events"][-1] = (self.now, self.written["admin_audit_events"][-1][1])

    def replacement(self, ledger: Table) -> str:
        """Answer that it is a plain table."""
        return ""

    def entries(self, ledger: Table, since: int | None = None) -> Iterator[Entry]:
        """Yield what is committed."""
        seen = [entry for at, entry in self.written[ledger.id] if at <= self.now]
        return iter(sorted((e for e in seen if since is None or e.id >= since), key=lambda e: e.id))

    def count_before(self, ledger: Table, number: int) -> int:
        """Count entries below a number."""
        return sum(entry.id < number for entry in self.entries(ledger))

    def size(self, ledger: Table) -> int:
        """Count entries."""
        return sum(1 for _ in self.entries(ledger))

    def blanked(self, numbers: list[int]) -> set[int]:
        """Return what erasure noted."""
        return {entry.blanks for entry in self.entries(LEDGERS[1])} & set(numbers)


@pytest.mark.sample(every=3)
@pytest.mark.parametrize("seed", range(120))
def test_an_honest_history_raises_nothing(tmp_path: Path, seed: int) -> None:
    """Forty histories; `--whole` tries three times as many."""
    dice = random.Random(seed)
    shop, path = Simulated(dice), tmp_path / "ledgers.anchors"
    shop.live(timedelta(hours=dice.choice((0, 3))))
    for _ in range(dice.randrange(1, 12)):
        anchors = Anchors(path, dice.choice(KEYS), VERIFIERS)  # started anew, now and then with another key
        for _ in range(dice.randrange(1, 5)):
            done = anchors.anchor_ledgers(shop, shop.now)
            assert [one.refused for one in done] == [(), ()]
            shop.live(timedelta(minutes=dice.choice((1, 1, 20, 300, 3000))))
            if dice.random() < 0.4:
                shop.erase()
    logs = read_anchors(path, VERIFIERS)
    for result in (*verify_ledgers(shop, logs, shop.now, full=True), *verify_ledgers(shop, logs, shop.now)):
        assert result.fault is None, (seed, result)
        assert not result.shorter


@pytest.mark.parametrize("newest", [5, 40])
def test_what_lies_before_the_newest_entries_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newest: int
) -> None:
    """From the last anchor on, old entries are not read; one that is cut is missed by its count, and then named."""
    monkeypatch.setattr("lab.services.anchor.verification.NEWEST", newest)
    shop = Simulated(random.Random(3))
    shop.live(timedelta(days=2))
    shop.now += timedelta(hours=2)
    Anchors(tmp_path / "a", KEYS[0]).anchor_ledgers(shop, shop.now)
    logs = read_anchors(tmp_path / "a", VERIFIERS)
    assert [(r.fault, r.read) for r in verify_ledgers(shop, logs, shop.now)] == [(None, newest)] * 2
    cut = shop.written["consent_events"].pop(7)[1]
    (consent, audit) = verify_ledgers(shop, logs, shop.now)
    assert consent.fault
    assert (consent.fault.entry, consent.fault.wrong, consent.shorter) == (cut.id, Wrong.CUT, True)
    assert audit.fault is None


def test_an_entry_that_comes_too_late_is_not_anchored(tmp_path: Path) -> None:
    """Once anchored it would be believed: so it is refused, told each time, and named by every verification."""
    shop = Simulated(random.Random(4))
    shop.live(timedelta(days=1))
    shop.now += timedelta(hours=1)
    anchors = Anchors(tmp_path / "a", KEYS[0])
    anchors.anchor_ledgers(shop, shop.now)
    forged = shop.number["consent_events"] + 1
    day_before = int((shop.now - timedelta(hours=3)).timestamp() * 1_000_000)
    shop.written["consent_events"].append((shop.now, Entry(forged, day_before, hash_leaf(b"forged"), "fits")))
    for _ in range(2):
        shop.now += timedelta(minutes=30)
        (consent, _) = anchors.anchor_ledgers(shop, shop.now)
        assert [(fault.entry, fault.wrong) for fault in consent.refused] == [(forged, Wrong.DATED_BACK)]
    found = verify_ledgers(shop, read_anchors(tmp_path / "a", VERIFIERS), shop.now)[0].fault
    assert found
    assert (found.entry, found.wrong) == (forged, Wrong.DATED_BACK)
