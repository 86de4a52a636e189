"""What `lab rehearse` does: run the parts of a rehearsal, or tell the story of one schedule."""

import argparse
import contextlib
import os
import time
from collections.abc import Sequence

from lab.cli.outcome import FINDINGS, HOLDS, NotDone, say, say_json, tell
from lab.rehearsal.bug import Bug
from lab.rehearsal.bugs import BUGS
from lab.rehearsal.judge import Broken
from lab.rehearsal.parts import list_parts
from lab.rehearsal.races.interleave import follow
from lab.rehearsal.races.track import open_scratch_track, read_race
from lab.rehearsal.record import write_record
from lab.rehearsal.report import Rehearsal, write_report
from lab.rehearsal.scene import Moment
from lab.rehearsal.schedules import Played, Schedule, WrongSchedule, play_schedule, read_schedule
from lab.rehearsal.spread import spread
from lab.rehearsal.stage import open_scratch_stage
from lab.services.delivery.site import read_rules_version
from lab.text.product_files import home_folder


def run(options: argparse.Namespace, quick: int, whole: int, orders: int) -> int:
    """Rehearse, and print the report; 1 if something broke, or a planted bug was not found."""
    seeds = options.seeds if options.seeds is not None else whole if options.whole else quick
    if seeds < 0:
        raise NotDone("--seeds", f"{seeds} is negative", "Use 0 or more")
    shares = max(4, 2 * (os.cpu_count() or 1)) if options.whole else os.cpu_count() or 1
    parts = list_parts(
        seeds=seeds,
        pairs=options.whole,
        singles=options.whole,
        bugs=options.bugs,
        shares=shares,
        orders=orders if options.races else 0,
        kills=options.whole,
    )
    rehearsal, began = Rehearsal(rules=read_rules_version()), time.monotonic()
    for outcome in spread(parts, options.distributed):
        rehearsal.add(outcome)
        rehearsal.seconds = time.monotonic() - began
        tell(f"{len(rehearsal.outcomes)} of {len(parts)} parts done")
    write_record(rehearsal, home_folder())
    if options.json:
        say_json(rehearsal.to_json())
    else:
        say(write_report(rehearsal))
    return HOLDS if rehearsal.holds else FINDINGS


def play(options: argparse.Namespace) -> int:
    """Play one schedule, and tell what happened; 1 if something broke."""
    if options.play.startswith("race"):
        return _play_race(options)
    schedule = _read(options.play)
    bug = _find_bug(options.plant) if options.plant else None
    with open_scratch_stage() as stage, bug.planted(stage) if bug else contextlib.nullcontext():
        played = play_schedule(stage, schedule)
    if options.json:
        say_json(_to_json(played))
    else:
        say("\n".join([*(_line(one) for one in played.timeline), *(f"broken: {one.title}" for one in played.broken)]))
    return FINDINGS if played.broken else HOLDS


def _find_bug(name: str) -> Bug:
    for bug in BUGS:
        if bug.id == name:
            return bug
    raise NotDone("--plant", "There is no such bug", f"Choose one of {', '.join(bug.id for bug in BUGS)}")


def _play_race(options: argparse.Namespace) -> int:
    """Run one race, and tell what happened; 1 if something broke."""
    try:
        race, ability, order = read_race(options.play)
    except WrongSchedule as wrong:
        raise NotDone("The race", f"It cannot be read: {wrong}", "Copy it from a report") from None
    with open_scratch_track() as track:
        ran = track.run(race, follow(order), ability=ability)
    if options.json:
        say_json({"schedule": str(ran), "timeline": _tell(ran.timeline), "broken": _name(ran.broken)})
    else:
        say("\n".join([*map(_line, ran.timeline), *(f"broken: {one.title}" for one in ran.broken)]))
    return FINDINGS if ran.broken else HOLDS


def _read(text: str) -> Schedule:
    try:
        return read_schedule(text)
    except WrongSchedule as wrong:
        raise NotDone("The schedule", f"It cannot be read: {wrong}", "Copy it from a report") from None


def _line(moment: object) -> str:
    what, fault = getattr(moment, "what", ""), getattr(moment, "fault", None)
    return f"{what}  <- {fault}" if fault else str(what)


def _to_json(played: Played) -> dict[str, object]:
    return {
        "schedule": str(played.schedule),
        "timeline": _tell(played.timeline),
        "broken": _name(played.broken),
    }


def _tell(timeline: Sequence[Moment]) -> list[dict[str, object]]:
    return [{"what": one.what, "fault": one.fault} for one in timeline]


def _name(broken: Sequence[Broken]) -> list[dict[str, str]]:
    return [{"id": one.id, "title": one.title} for one in broken]
