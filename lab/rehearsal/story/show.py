"""Plays one schedule for people: what is left in the database, the mailbox and the audit trail, and the timeline."""

import contextlib
import email
import email.policy
from dataclasses import dataclass, field
from typing import Any

from lab.rehearsal.bug import Bug
from lab.rehearsal.play import Play
from lab.rehearsal.points import Point
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import Played, Schedule, play_schedule
from lab.rehearsal.story.story import Step, Watch, as_owner, see, tell_story

Rows = tuple[tuple[Any, ...], ...]
_PURCHASE = """select p.status, p.unlocked_at is not null, (select count(*) from public.payment_reviews r)
  from public.purchases p"""
_JOBS = """select j.channel, j.leg, j.status, j.attempts, coalesce(j.error_class, '')
  from public.delivery_jobs j order by j.id"""
_AUDIT = "select a.actor_kind, a.action, a.object_table from public.admin_audit_events a order by a.id"
_EVENTS = "select e.type, e.status, e.deliveries from public.stripe_events e order by e.created_at, e.id"


@dataclass(frozen=True, kw_only=True)
class Left:
    """What stands at one moment of a play.

    Args:
        purchase: State, whether it is unlocked, and how many reviews wait.
        jobs: Channel, leg, state, attempts and error class of each job.
        events: Type, state and deliveries of each event.
        letters: The subjects of the messages that arrived.
        audit: Who, what and which table of each line of the audit trail.
    """

    purchase: Rows
    jobs: Rows
    events: Rows
    letters: tuple[str, ...] = field(repr=False)
    audit: Rows


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a schedule came to.

    Args:
        played: The timeline and the verdict.
        steps: The timeline as a story.
        left: What stands at the end.
        struck: What stood at the point that was chosen, before its fault; None when it was never reached.
    """

    played: Played
    steps: tuple[Step, ...]
    left: Left
    struck: Left | None


def show_schedule(stage: Stage, schedule: Schedule, bug: Bug | None = None, at: str = "") -> Shown:
    """Play a schedule, with a bug if one is given, and return its story and what is left of it.

    Args:
        stage: What the play begins with; it is left as it was.
        schedule: What goes wrong.
        bug: A bug that is planted for this play.
        at: The point at which to look at what stands there.
    """
    kept: dict[str, Any] = {}
    watch = Watch()

    def look(play: Play) -> None:
        kept["end"], kept["left"] = see(play), _read_left(play, before)

    def stop_at(play: Play, point: Point) -> None:
        watch(play, point)
        if point.name == at and "struck" not in kept:
            with as_owner(play):
                kept["struck"] = _read_left(play, before)

    row = stage.connection.execute("select count(*) from public.admin_audit_events").fetchone()
    before = int(row[0]) if row else 0
    with bug.planted(stage) if bug else contextlib.nullcontext():
        played = play_schedule(stage, schedule, look=look, fork=stop_at)
    steps = tell_story(played.timeline, watch.seen, kept["end"])
    return Shown(played=played, steps=steps, left=kept["left"], struck=kept.get("struck"))


def _read_left(play: Play, before: int) -> Left:
    """Return what stands now, with the lines of the audit trail after the first ones."""
    execute = play.stage.connection.execute
    purchase, jobs, events, audit = (
        tuple(execute(query.encode()).fetchall()) for query in (_PURCHASE, _JOBS, _EVENTS, _AUDIT)
    )
    letters = tuple(map(_read_subject, play.post.letters))
    return Left(purchase=purchase, jobs=jobs, events=events, letters=letters, audit=audit[before:])


def _read_subject(letter: Any) -> str:
    return str(email.message_from_bytes(letter.raw, policy=email.policy.default)["Subject"])
