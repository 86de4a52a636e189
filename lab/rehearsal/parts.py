"""The parts of a rehearsal: each is a pure function of the code and its own description, so any machine may run it."""

from dataclasses import dataclass, field

from lab.rehearsal.bugs import BUGS
from lab.rehearsal.coverage import Coverage
from lab.rehearsal.judge import Broken
from lab.rehearsal.races.race_bugs import RACE_BUGS
from lab.rehearsal.races.races import RACES
from lab.rehearsal.schedules import ABILITIES
from lab.rehearsal.wishes import BY_ID as WISHES
from lab.rehearsal.wishes import gift, reading

WISH_SHARE = 100  # of the seeds, one in so many for each wish beside the reading
# At which points of a play processes are killed: what the provider can, the wish, and one of how many points.
KILLED = ((ABILITIES[0], reading, 1), (ABILITIES[1], reading, 1), (ABILITIES[0], gift, 1), (ABILITIES[1], gift, 4))


@dataclass(frozen=True, kw_only=True)
class Part:
    """Something to rehearse.

    Args:
        what: crashes, drawn (schedules of seeds), kills, bug, race or race_bug.
        ability: What the e-mail provider can.
        depth: Of crashes: at most so many in one play.
        share: Which of how many equal shares.
        seeds: Of drawn: from and to, the end excluded.
        singles: Of drawn: also each fault at each of its points.
        bug: Of a bug: its id.
        wish: Of crashes and drawn schedules: what the buyer asks for.
        race: Of a race: its id.
        orders: Of a race: at most so many orders, and again as many that are drawn.
    """

    what: str
    ability: str = ABILITIES[0]
    depth: int = 1
    share: tuple[int, int] = (0, 1)
    seeds: tuple[int, int] = (0, 0)
    singles: bool = False
    bug: str = ""
    wish: str = reading.id
    race: str = ""
    orders: int = 0


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A schedule that broke something, reduced.

    Args:
        schedule: The schedule as text.
        broken: What does not hold.
    """

    schedule: str
    broken: tuple[Broken, ...]


@dataclass(kw_only=True)
class Outcome:
    """What a part came to.

    Attributes:
        part: The part.
        schedules: How many schedules or forks were judged.
        kills: How many of them were processes that were really killed.
        points: How many crash points the run without faults has; 0 for a part without crashes.
        states: How many points of crashes differ in what is left, at each depth.
        failed: How many broke something.
        shown: The first of them, reduced.
        seconds: How long it took.
        hunted: Of a bug: whether it was found, and named by what it breaks.
        coverage: What was reached.
    """

    part: Part
    schedules: int = 0
    kills: int = 0
    points: int = 0
    states: dict[int, int] = field(default_factory=dict)
    failed: int = 0
    shown: list[Failed] = field(default_factory=list)
    hunted: bool | None = None
    seconds: float = 0.0
    coverage: Coverage = field(default_factory=Coverage)


def list_parts(
    *, seeds: int, pairs: bool, singles: bool, bugs: bool, shares: int, orders: int = 0, kills: bool = False
) -> list[Part]:
    """Return the parts of a rehearsal.

    Args:
        seeds: How many drawn schedules, of all wishes together.
        pairs: Crash at every pair of points, and not only at every point.
        singles: Let each fault happen at each of its points, and play what is asked for beside a reading.
        bugs: Plant every bug, and look for it.
        shares: Into how many shares each kind of part is divided.
        orders: In how many orders each race is run, and again as many are drawn; 0 for no races.
        kills: Kill processes at the points of plays with real commits.
    """
    depth = 2 if pairs else 1
    places = [(place, shares) for place in range(shares)] if pairs else [(0, 1)]
    parts = [Part(what="crashes", ability=one, depth=depth, share=share) for one in ABILITIES for share in places]
    if kills:
        parts += [Part(what="kills", ability=one, wish=wish.id, share=(0, every)) for one, wish, every in KILLED]
    others = [one.id for one in WISHES.values() if one is not reading and singles]
    few = seeds // WISH_SHARE
    drawn, most = [(place, shares) for place in range(shares)], seeds - few * len(others)
    if most or singles:
        parts += [Part(what="drawn", seeds=(0, most), singles=singles, share=share) for share in drawn]
    parts += [Part(what="drawn", wish=one, seeds=(0, few)) for one in others if few]
    parts += [Part(what="crashes", wish=one) for one in others]
    parts += [Part(what="race", race=one.id, orders=orders, ability=ABILITIES[0]) for one in RACES if orders]
    parts += [Part(what="bug", bug=one.id) for one in BUGS if bugs]
    return parts + [Part(what="race_bug", bug=one.id) for one in RACE_BUGS if bugs]
