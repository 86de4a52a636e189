"""Plays one schedule for people: what is left in the database, the mailbox and the audit trail, and the timeline."""

import contextlib
import email
import email.policy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.rehearsal.bugs import Bug
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import Played, Schedule, play_schedule

Rows = tuple[tuple[Any, ...], ...]
_PURCHASE = """select p.status, p.unlocked_at is not null, (select count(*) from public.payment_reviews r)
  from public.purchases p"""
_JOBS = """select j.channel, j.leg, j.status, j.attempts, coalesce(j.error_class, '')
  from public.delivery_jobs j order by j.id"""
_AUDIT = "select a.actor_kind, a.action, a.object_table from public.admin_audit_events a order by a.id"
_EVENTS = "select e.type, e.status, e.deliveries from public.stripe_events e order by e.created_at, e.id"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a schedule came to.

    Args:
        played: The timeline and the verdict.
        purchase: State, whether it is unlocked, and how many reviews wait.
        jobs: Channel, leg, state, attempts and error class of each job.
        events: Type, state and deliveries of each event.
        letters: The subjects of the messages that arrived.
        audit: Who, what and which table of each line of the audit trail.
    """

    played: Played
    purchase: Rows
    jobs: Rows
    events: Rows
    letters: tuple[str, ...] = field(repr=False)
    audit: Rows


def show_schedule(stage: Stage, schedule: Schedule, bug: Bug | None = None) -> Shown:
    """Play a schedule, with a bug if one is given, and return what is left of it.

    Args:
        stage: What the play begins with; it is left as it was.
        schedule: What goes wrong.
        bug: A bug that is planted for this play.
    """
    left: dict[str, Any] = {}

    def look(play: Any) -> None:
        execute = play.stage.connection.execute
        for name, query in (("purchase", _PURCHASE), ("jobs", _JOBS), ("events", _EVENTS), ("audit", _AUDIT)):
            left[name] = tuple(execute(query.encode()).fetchall())
        left["audit"] = left["audit"][before:]
        left["letters"] = tuple(map(_read_subject, play.post.letters))

    row = stage.connection.execute("select count(*) from public.admin_audit_events").fetchone()
    before = int(row[0]) if row else 0
    with bug.planted(stage) if bug else contextlib.nullcontext():
        played = play_schedule(stage, schedule, look=look)
    return Shown(played=played, **left)


def _read_subject(letter: Any) -> str:
    return str(email.message_from_bytes(letter.raw, policy=email.policy.default)["Subject"])


def list_points(played: Played) -> Sequence[tuple[str, str, str]]:
    """Return the points of a timeline in order, each with its kind of call and the fault that happened there."""
    return [(moment.what, moment.where, moment.fault or "") for moment in played.timeline if moment.where]
