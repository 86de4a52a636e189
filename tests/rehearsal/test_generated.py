"""Hypothesis draws schedules; what breaks is reduced by the rehearsal itself, and told in one line for `--play`."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lab.rehearsal.bugs import BUGS
from lab.rehearsal.faults import Fault
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import (
    ABILITIES,
    MOST_ATTEMPT,
    MOST_FAULTS,
    Played,
    Schedule,
    list_faults,
    play_schedule,
    read_schedule,
    reduce_schedule,
)
from lab.rehearsal.wishes import WISHES, gift

EXAMPLES = 40
# Our reducer takes faults away, and needs no help; a play takes so long that a deadline would measure the machine.
PLAYED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="session")
def by_wish(stage: Stage) -> dict[str, tuple[Fault, ...]]:
    """Every fault at every point of each wish."""
    return {wish.id: list_faults(stage, wish) for wish in WISHES}


@st.composite
def schedules(draw: st.DrawFn, by_wish: dict[str, tuple[Fault, ...]]) -> Schedule:
    """Draw a wish, an ability and faults at its points, also at later attempts."""
    wish = draw(st.sampled_from(WISHES))
    drawn = draw(st.lists(st.sampled_from(by_wish[wish.id]), min_size=1, max_size=MOST_FAULTS))
    later = draw(st.lists(st.integers(0, MOST_ATTEMPT - 1), min_size=len(drawn), max_size=len(drawn)))
    moved = {}
    for fault, more in zip(drawn, later, strict=True):
        call, doer, attempt, side = fault.point.split("/")
        moved[f"{call}/{doer}/{int(attempt) + more}/{side}"] = fault.kind
    faults = tuple(Fault(point=point, kind=kind) for point, kind in moved.items())
    return Schedule(ability=draw(st.sampled_from(ABILITIES)), faults=faults, wish=wish)


def _tell(stage: Stage, played: Played) -> str:
    """Return a failure as few faults as possible, in the line that plays it again."""
    least = reduce_schedule(stage, played)
    broken = ", ".join(one.id for one in least.broken)
    return f'broken: {broken}. python -m lab rehearse --play "{least.schedule}"'


@PLAYED
@given(data=st.data())
def test_nothing_breaks_in_a_generated_schedule(
    stage: Stage, by_wish: dict[str, tuple[Fault, ...]], data: st.DataObject
) -> None:
    schedule = data.draw(schedules(by_wish))
    assert read_schedule(str(schedule)) == schedule
    played = play_schedule(stage, schedule)
    assert not played.broken, _tell(stage, played)


def test_a_failure_is_told_in_one_line(stage: Stage, by_wish: dict[str, tuple[Fault, ...]]) -> None:
    bug = next(one for one in BUGS if one.id == "refund_takes_nothing")
    refund = next(fault for fault in by_wish["gift"] if fault.kind == "refunded" and "/put/" in f"/{fault.point}")
    crash = next(fault for fault in by_wish["gift"] if fault.kind == "crash")
    with bug.planted(stage):
        schedule = Schedule(ability="blind", faults=(crash, refund), wish=gift)
        told = _tell(stage, play_schedule(stage, schedule))
    assert told.startswith("broken: taken_back")
    assert f'--play "blind:gift {refund}"' in told
