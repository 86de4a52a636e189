"""Judges what a play has left: by the invariants of the live database, and by the promises to its person."""

from dataclasses import dataclass
from typing import Any

import psycopg

from lab.checks.data.questions import read_question
from lab.rehearsal.coverage import Coverage
from lab.rehearsal.play import Play
from lab.rehearsal.promises import PROMISES, read_ending
from lab.rules import RULES
from lab.rules.invariants.emails import emails_dead_for_good
from lab.rules.invariants.queue import dead_letters, jobs_overdue, leases_expired, sends_unanswered
from lab.rules.invariants.readings import withdrawn_files
from lab.rules.model import Invariant

# What these count is in front of an operator, as a failure must be. It is no fault of the program.
_SHOWN = (dead_letters, sends_unanswered, emails_dead_for_good, withdrawn_files)
JUDGED: tuple[Invariant, ...] = tuple(one for one in RULES.invariants if one not in _SHOWN)
_LATER = (jobs_overdue, leases_expired)  # a day that passed is no fault before the next processes have run


@dataclass(frozen=True, kw_only=True)
class Broken:
    """An invariant or a promise that does not hold.

    Args:
        id: Its id.
        title: Its sentence.
    """

    id: str
    title: str


def judge(play: Play, *, at_end: bool = True, coverage: Coverage | None = None) -> tuple[Broken, ...]:
    """Return what does not hold of a play, nothing when all is well.

    Args:
        play: The play, with the database as it has left it.
        at_end: False in the middle, where nothing may be wrong, but not everything has happened yet.
        coverage: Gets what the play has reached.
    """
    ending = read_ending(play)
    if coverage:
        coverage.add(ending)
    broken = [
        Broken(id=one.id, title=one.title) for one in PROMISES if (at_end or not one.at_end) and not one.holds(ending)
    ]
    counts = count_offences(play)
    judged = JUDGED if at_end else [one for one in JUDGED if one not in _LATER]
    return (*broken, *(Broken(id=one.id, title=one.title) for one in judged if counts.get(one.id)))


def count_offences(play: Play) -> dict[str, int]:
    """Return the number of offending rows of each invariant that does not hold, by its id."""
    counts = play.value("select rehearsal.count_offences()")
    return {one.id: count for one, count in zip(JUDGED, counts, strict=True) if count}


def _as_value(question: str) -> str:
    lines = (line for line in question.splitlines() if not line.lstrip().startswith("--"))
    return "(" + "\n".join(lines).rstrip(";") + "\n)::bigint"


def prepare_judge(connection: psycopg.Connection[Any]) -> None:
    """Add to a temporary database the function that counts all offences: Postgres plans it once for all plays."""
    counts = "\n".join(f"found := found || {_as_value(read_question(one))};" for one in JUDGED)
    connection.execute(
        "create function rehearsal.count_offences() returns bigint[] language plpgsql as"
        f" $judge$ declare found bigint[] := '{{}}'; begin {counts} return found; end $judge$".encode()
    )
