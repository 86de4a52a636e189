"""Adds up what the parts of a rehearsal came to, and says it in words."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lab.rehearsal.coverage import Coverage
from lab.rehearsal.moves import DECLARED, list_illegal
from lab.rehearsal.parts import Failed, Outcome

# What the parts are called in a report.
KINDS = {
    "crashes": "crashes", "drawn": "schedules", "kills": "kills", "bug": "bugs", "race": "races", "race_bug": "bugs",
}  # fmt: skip


@dataclass(kw_only=True)
class Rehearsal:
    """What a rehearsal came to.

    Attributes:
        rules: The version of the rules.
        outcomes: What each part came to.
        coverage: What was reached.
        seconds: How long it took.
    """

    rules: str
    seconds: float = 0.0
    outcomes: list[Outcome] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)

    def add(self, outcome: Outcome) -> None:
        """Add a part."""
        self.outcomes.append(outcome)
        self.coverage.join([outcome.coverage])

    @property
    def failures(self) -> list[Failed]:
        """Return what broke something; a planted bug is not among it."""
        return [shown for one in self.outcomes if one.hunted is None for shown in one.shown]

    @property
    def schedules(self) -> int:
        """Return how many schedules of faults were played; those of which the same faults happened are one play."""
        return sum(one.schedules for one in self.outcomes if one.part.what == "drawn")

    @property
    def kills(self) -> int:
        """Return how many processes were really killed."""
        return sum(one.kills for one in self.outcomes)

    @property
    def work(self) -> dict[str, float]:
        """Return the seconds that each kind of part has taken, of all processes together."""
        seconds: dict[str, float] = {}
        for one in self.outcomes:
            kind = KINDS[one.part.what]
            seconds[kind] = seconds.get(kind, 0.0) + one.seconds
        return seconds

    @property
    def bugs(self) -> dict[str, bool]:
        """Return the bugs that were planted, and whether each was found and named."""
        return {one.part.bug: one.hunted for one in self.outcomes if one.hunted is not None}

    @property
    def holds(self) -> bool:
        """Tell whether nothing broke, and every planted bug was found."""
        return not any(one.failed for one in self.outcomes) and all(self.bugs.values())

    def to_json(self) -> dict[str, Any]:
        """Return it as data."""
        return {
            "rules": self.rules,
            "holds": self.holds,
            "crash_points": max((one.points for one in self.outcomes), default=0),
            "pairs": self.coverage.pairs,
            "schedules": self.schedules,
            "kills": self.kills,
            "plays": self.coverage.plays,
            "faults_met": len(self.coverage.met),
            "moves": len(self.coverage.moves),
            "illegal_moves_refused": len(self.coverage.refused),
            "sometimes": sorted(self.coverage.sometimes),
            "never": [one.id for one in self.coverage.missing],
            "races": len({race for race, _ in self.coverage.orders}),
            "orders": len(self.coverage.orders),
            "waits": self.coverage.waits,
            "bugs": self.bugs,
            "seconds": round(self.seconds, 1),
            "seconds_of_work": {kind: round(seconds, 1) for kind, seconds in self.work.items()},
            "failures": [
                {"schedule": one.schedule, "broken": [broken.id for broken in one.broken]} for one in self.failures
            ],
        }


def write_report(rehearsal: Rehearsal) -> str:
    """Return a rehearsal in words, for a terminal."""
    return "\n".join(_lines(rehearsal))


def _lines(one: Rehearsal) -> Iterable[str]:
    reach = one.coverage
    points = max((part.points for part in one.outcomes), default=0)
    failed = sum(part.failed for part in one.outcomes)
    yield f"Rules {one.rules}: {'holds' if one.holds else 'BROKEN'}"
    yield f"  crash points        {points} in a purchase without faults, each tried"
    yield f"  pairs of crashes    {reach.pairs or 'not tried'}"
    yield f"  schedules of faults {one.schedules:,}; those of which the same faults happened are one play"
    if one.kills:
        yield f"  processes killed    {one.kills:,}"
    yield f"  plays judged        {reach.plays:,}; {failed:,} schedules broke something"
    yield f"  points reached      {len(reach.points):,}; kinds of fault at their calls: {len(reach.met):,}"
    of_the_flow = {table for table, _, _ in reach.moves}
    known = sum(table in of_the_flow for table, _, _ in DECLARED)
    yield f"  moves of states     {len(reach.moves)} of {known} in the tables that a purchase moves"
    yield f"  illegal moves       {len(reach.refused)} of {len(list_illegal())} tried with rows of plays, and refused"
    yield f"  reached sometimes   {len(reach.sometimes)}; never: {', '.join(m.id for m in reach.missing) or 'none'}"
    if reach.orders:
        races = len({race for race, _ in reach.orders})
        yield f"  races               {races}, in {len(reach.orders):,} orders; {reach.waits:,} with a wait for a lock"
    if one.bugs:
        yield f"  planted bugs        {sum(one.bugs.values())} of {len(one.bugs)} found and named"
        yield from (f"    not found: {bug}" for bug, found in one.bugs.items() if not found)
    worked = ", ".join(f"{kind} {seconds:.0f} s" for kind, seconds in one.work.items())
    yield f"  time                {one.seconds:.0f} s; work of all processes: {worked}"
    for shown in one.failures:
        yield f"  {shown.schedule}"
        yield from (f"    broken: {broken.title} ({broken.id})" for broken in shown.broken)
    yield "Not seen by plays: lock waits and failing commits; each is one transaction, in which now() stands still."
    yield "Not seen by races: what others do between two statements of one function, or two checks of one commit."
