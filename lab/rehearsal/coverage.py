"""What a rehearsal has reached: points and kinds of fault, pairs, and things that must happen sometimes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from lab.rehearsal.moves import Move
from lab.rehearsal.promises import Ending
from lab.rehearsal.races.interleave import Choice, write_order


@dataclass(frozen=True, kw_only=True)
class Sometimes:
    """Something that must be reached now and then: a rehearsal that never comes there proves nothing about it."""

    id: str
    title: str
    reached: Callable[[Ending], bool]


def _any_job(status: str) -> Callable[[Ending], bool]:
    return lambda ending: any(job["status"] == status for job in ending.jobs)


def _any_message(state: str) -> Callable[[Ending], bool]:
    return lambda ending: any(job["sent"] == state for job in ending.jobs)


def _purchase(status: str) -> Callable[[Ending], bool]:
    return lambda ending: ending.purchase is not None and ending.purchase["status"] == status


SOMETIMES = (
    Sometimes(
        id="delivered", title="Everything was delivered.", reached=lambda e: all(j["status"] == "done" for j in e.jobs)
    ),
    Sometimes(id="dead", title="A job became a dead letter.", reached=_any_job("dead")),
    Sometimes(id="cancelled", title="A job was cancelled by a withdrawal.", reached=_any_job("cancelled")),
    Sometimes(id="waiting", title="A job waits for a consent.", reached=_any_job("waiting")),
    Sometimes(id="uncertain", title="A message may have been sent.", reached=_any_message("uncertain")),
    Sometimes(id="refunded", title="A purchase was refunded.", reached=_purchase("refunded")),
    Sometimes(id="disputed", title="A purchase was disputed.", reached=_purchase("disputed")),
    Sometimes(
        id="refunded_in_part",
        title="A part was refunded, and the purchase stayed unlocked.",
        reached=lambda e: bool(e.purchase and e.purchase["refunded"] and e.purchase["unlocked"]),
    ),
    Sometimes(
        id="given_back",
        title="A dispute was won, and the purchase was unlocked again.",
        reached=lambda e: ("purchases", "disputed", "paid") in e.moves and bool(e.purchase and e.purchase["unlocked"]),
    ),
    Sometimes(
        id="taken_back",
        title="An artifact was taken back.",
        reached=lambda e: any(f["state"] == "withdrawn" for f in e.files),
    ),
    Sometimes(id="unpaid", title="A purchase was never opened.", reached=lambda e: e.purchase is None),
    Sometimes(
        id="passed", title="A message had passed before the withdrawal.", reached=lambda e: bool(e.play.world.passed)
    ),
    Sometimes(id="erased", title="The person was being erased.", reached=lambda e: e.play.world.erasure is not None),
    Sometimes(
        id="lease_lost", title="A worker lost its lease while it worked.", reached=lambda e: bool(e.play.world.lost)
    ),
)


@dataclass
class Coverage:
    """What was reached, added up over plays and machines.

    Attributes:
        points: Names of the points that were reached.
        met: Kinds of fault with the call at which each happened.
        pairs: How many pairs of crash points were tried.
        moves: Moves of the state machines of the rules.
        refused: Moves that the rules do not allow, and that were tried and refused.
        sometimes: Ids of what must happen sometimes, and did.
        plays: How many plays and forks were judged.
        orders: Races, each with an order of its steps.
        waits: How many races had a doer that waited for a lock of another one.
    """

    points: set[str] = field(default_factory=set)
    met: set[tuple[str, str]] = field(default_factory=set)
    pairs: int = 0
    moves: set[Move] = field(default_factory=set)
    refused: set[Move] = field(default_factory=set)
    sometimes: set[str] = field(default_factory=set)
    plays: int = 0
    orders: set[tuple[str, str]] = field(default_factory=set)
    waits: int = 0

    def add(self, ending: Ending) -> None:
        """Add a play that was judged."""
        self.plays += 1
        moments = ending.play.timeline
        self.moves |= ending.moves
        self.points |= {moment.what for moment in moments if moment.where}
        self.met |= {(moment.fault, moment.what.partition("/")[0]) for moment in moments if moment.fault}
        self.sometimes |= {one.id for one in SOMETIMES if one.reached(ending)}

    def add_race(self, race: str, choices: Sequence[Choice]) -> None:
        """Add the order of a race that was judged."""
        self.orders.add((race, write_order(choices)))
        self.waits += any(one.waiting for one in choices)

    def join(self, others: Iterable["Coverage"]) -> None:
        """Add what other plays have reached."""
        for other in others:
            self.points |= other.points
            self.met |= other.met
            self.moves |= other.moves
            self.refused |= other.refused
            self.sometimes |= other.sometimes
            self.pairs += other.pairs
            self.plays += other.plays
            self.orders |= other.orders
            self.waits += other.waits

    @property
    def missing(self) -> tuple[Sometimes, ...]:
        """Return what should have happened at least once, and did not."""
        return tuple(one for one in SOMETIMES if one.id not in self.sometimes)
