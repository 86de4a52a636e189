"""Tells a play as a story: who did what at each step, which fault happened, what changed, and what the rules say to it.

What changed is read from the database at each point, by its operational columns.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lab.rehearsal.faults import BY_ID, FILES, MAIL, WEBHOOK
from lab.rehearsal.moves import DECLARED
from lab.rehearsal.play import Play
from lab.rehearsal.points import Point
from lab.rehearsal.scene import Moment
from lab.rehearsal.story.lanes import SERVER, find_fault_lane, find_lane, name_event, name_point
from lab.rules.deliveries import dead_letter, job_parked, send_uncertain
from lab.rules.model import Waiting

Scene = dict[str, tuple[str, str]]  # what is seen, with its table and its state
_SEEN = """
with seen (subject, of, state) as (
  select 'Purchase', 'purchases', p.status from public.purchases p
  union all
  select 'Access', '', case when p.unlocked_at is null then 'locked' else 'unlocked' end from public.purchases p
  union all
  select 'Event ' || e.type || case when n > 1 then ' ' || n else '' end, 'stripe_events', e.status
    from (select e.*, row_number() over (partition by e.type order by e.created_at, e.id) as n
            from public.stripe_events e) e
  union all
  select 'Job ' || j.channel || '.' || j.leg, 'delivery_jobs', j.status from public.delivery_jobs j
  union all
  select 'Message of ' || j.channel || '.' || j.leg, 'delivery_effects', e.state
    from public.delivery_effects e join public.delivery_jobs j on j.id = e.job_id where e.state <> 'refused'
  union all
  select 'Attempt ' || a.attempt || ' of ' || j.channel || '.' || j.leg, '',
         replace(a.outcome, '_', ' ') || coalesce(' (' || a.error_class || ')', '')
    from public.delivery_attempts a join public.delivery_jobs j on j.id = a.job_id
  union all
  select 'Reading', 'oracle_artifacts', a.state from public.oracle_artifacts a
  union all
  select 'Consent ' || c.purpose, '', case when c.standing then 'given' else 'withdrawn' end from public.consents c
   where c.subject_id = %s
)
select coalesce(json_object_agg(subject, json_build_array(of, state)), '{}') from seen
"""
_WAITING: dict[tuple[str, str], Waiting] = {
    ("delivery_effects", "uncertain"): send_uncertain,
    ("delivery_jobs", "dead"): dead_letter,
    ("delivery_jobs", "parked"): job_parked,
}
# What passes to or from the outside: a message that left, a file, an event that came, a checkout at Stripe.
_PASSES = {MAIL: "/after", FILES: "/after", WEBHOOK: "/before"}
_SAID = {
    ("delivery_jobs", "waiting"): "The job waits for a consent. It goes on when the consent is given.",
    ("delivery_jobs", "cancelled"): "The consent is withdrawn, so the job ends.",
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that became another.

    Args:
        subject: What, such as `Job receipt.email`.
        before: Its state before; empty when it was made.
        after: Its state since; empty when it is gone.
        legal: Whether the rules have the move; None when they declare no moves for it.
    """

    subject: str
    before: str
    after: str
    legal: bool | None

    def __str__(self) -> str:
        """Return the change in words."""
        return f"{self.subject}: {self.before or 'new'} → {self.after or 'gone'}"


Changes = dict[int, list[tuple[str, Change]]]  # by the place in a timeline; each with its table


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a story.

    Args:
        number: From 1.
        lane: Who does it.
        title: What happens, in words.
        point: The name of the point, at which a process can crash; empty for something that merely happened.
        where: The kind of the point's call.
        fault: The kind of the fault that this is; empty for none.
        changes: What changed since the step before.
        said: What the rules say to it.
    """

    number: int
    lane: str
    title: str
    point: str = ""
    where: str = ""
    fault: str = ""
    changes: tuple[Change, ...] = ()
    said: tuple[str, ...] = ()

    @property
    def matters(self) -> bool:
        """Tell whether something changed or went wrong here, or something has passed to or from the outside."""
        passed = self.where in _PASSES and self.point.endswith(_PASSES[self.where])
        return bool(self.changes or self.fault or not self.point) or passed


class Watch:
    """Sees what stands in the database at each point of a play; given to the play as its `fork`."""

    def __init__(self) -> None:
        self.seen: dict[int, Scene] = {}

    def __call__(self, play: Play, _: Point) -> None:
        """Look at the database, as its owner sees it."""
        with as_owner(play):
            self.seen[len(play.timeline) - 1] = see(play)


def see(play: Play) -> Scene:
    """Return what stands in the database now."""
    found = play.value(_SEEN, play.stage.buyer)
    return {subject: (of, state) for subject, (of, state) in found.items()}


@contextlib.contextmanager
def as_owner(play: Play) -> Iterator[None]:
    """Read as the owner of the database, in the middle of whatever a process does."""
    role = play.value("select current_setting('role')")
    play.stage.connection.execute("reset role")
    yield
    play.stage.connection.execute("select set_config('role', %s, true)", [role])


def tell_story(timeline: tuple[Moment, ...], seen: dict[int, Scene], end: Scene) -> tuple[Step, ...]:
    """Return the steps of a play.

    Args:
        timeline: The play's own.
        seen: What stood in the database at each of its points, by the place in the timeline.
        end: What stands there at its end.
    """
    at, by_fault = _find_changes(timeline, seen, end)
    told: list[Step] = []
    for place, moment in enumerate(timeline):
        lane = find_lane(moment)
        title = name_point(moment.what, moment.where) if moment.where else name_event(moment.what)
        told.append(_make_step(len(told), lane, title, at.get(place, []), moment=moment))
        if moment.fault:
            title, lane = BY_ID[moment.fault].title, find_fault_lane(moment.fault, lane)
            told.append(_make_step(len(told), lane, title, by_fault.get(place, []), fault=moment.fault))
    told.append(_make_step(len(told), SERVER, "Everything has come to rest", at.get(len(timeline), [])))
    return tuple(told)


def _make_step(
    place: int,
    lane: str,
    title: str,
    found: Sequence[tuple[str, Change]],
    *,
    moment: Moment | None = None,
    fault: str = "",
) -> Step:
    where = moment.where if moment else ""
    said = dict.fromkeys(sentence for of, change in found if (sentence := _say(of, change.after)))
    changes = tuple(change for _, change in found)
    return Step(
        number=place + 1, lane=lane, title=title, point=moment.what if moment and where else "", where=where,
        fault=fault, changes=changes, said=tuple(said),
    )  # fmt: skip


def _say(of: str, state: str) -> str:
    waiting = _WAITING.get((of, state))
    return f"{waiting.title}. {waiting.why} {waiting.next_step}" if waiting else _SAID.get((of, state), "")


def _find_changes(timeline: tuple[Moment, ...], seen: dict[int, Scene], end: Scene) -> tuple[Changes, Changes]:
    """Return what changed on the way to each place, and what the act of a fault at a place has changed."""
    at: Changes = {}
    by_fault: Changes = {}
    for (before, old), (place, new) in pairwise([(-1, {}), *sorted(seen.items()), (len(timeline), end)]):
        fault = timeline[before].fault if before >= 0 else None
        begins = place == len(timeline) or timeline[place].what.endswith("/before")
        if fault and BY_ID[fault].act and begins:
            by_fault[before] = compare(old, new)
        else:
            at[place] = compare(old, new)
    return at, by_fault


def compare(old: Scene, new: Scene) -> list[tuple[str, Change]]:
    """Return what differs between two scenes, each with its table."""
    made = []
    for subject in sorted({*old, *new}):
        (of, before), (table, after) = old.get(subject, ("", "")), new.get(subject, ("", ""))
        if before != after:
            legal = (of, before, after) in DECLARED if before and after and of else None
            made.append((table or of, Change(subject=subject, before=before, after=after, legal=legal)))
    return made
