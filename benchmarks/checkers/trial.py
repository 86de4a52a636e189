"""Runs every checker on the same databases: sound, weakened and harmlessly changed."""

import queue
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

import psycopg

from benchmarks.checkers.checkers import LOCAL, Checker, Kit, dump_schema, find_kit
from benchmarks.checkers.lanes import Lane, Target
from benchmarks.checkers.sample import Change, choose_harmless, choose_weakenings
from benchmarks.checkers.tools import Unusable, Worker
from benchmarks.timing import time_once
from lab.checks.schema.check import check_connection
from lab.database.connect import connect

TELL_EVERY = 20
"""Changes between two lines of progress."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The size of a trial.

    Args:
        mutants: Weakenings, over all groups.
        harmless: Harmless changes.
        rounds: Measurements of time.
        lanes: Servers at work at the same time; nothing else runs while time is measured.
        local: Whether only the checkers that need no download are run.
    """

    mutants: int
    harmless: int
    rounds: int
    lanes: int = 2
    local: bool = False


@dataclass(frozen=True)
class Outcome:
    """One change, the checkers that noticed it, and those of them that failed: name and reason."""

    change: Change
    noticed: frozenset[str]
    broke_off: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Times:
    """Median seconds of one check of the sound database.

    Args:
        warm: In a process that has everything loaded, with connecting.
        whole: As a process of its own.
        connected: Of our check alone, on an open connection.
        schema_dump: Of pg_dump's schema dump, a process of its own.
    """

    warm: dict[str, float]
    whole: dict[str, float]
    connected: float
    schema_dump: float


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of a trial.

    Args:
        version: The server's, as it prints it.
        checkers: Their names, in order.
        outcomes: One for each change.
        unknown: Why a checker can't be judged, by name.
        times: The times of the other checkers.
    """

    version: str
    checkers: tuple[str, ...]
    outcomes: list[Outcome]
    unknown: dict[str, str]
    times: Times


@dataclass
class _Desk:
    """The server and the checkers of one thread, with the checkers' output for a sound database."""

    lane: Lane
    checkers: tuple[Checker, ...]
    expected: dict[str, str]


def run_trial(plan: Plan) -> Result:
    """Run every checker on a sound database, then on changed ones, and on a sound one again at the end."""
    with ExitStack() as ends:
        sound_lane = _open_lane(ends, "sound")
        sound = ends.enter_context(sound_lane.clone())
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="lab-checkers-")))
        kit = None if plan.local else find_kit(folder, sound.database.url)
        changes, version = _choose(sound, plan)
        checkers = _make_checkers(ends, kit)
        expected, unknown = ask_all(checkers, sound)
        usable = [checker for checker in checkers if checker.name not in unknown]
        times = _measure(usable, sound, plan.rounds)
        desks = [
            _Desk(_open_lane(ends, f"{number}"), _make_checkers(ends, kit), expected) for number in range(plan.lanes)
        ]
        unknown |= _compare_sound(desks, "at the start")
        outcomes = _try_all(desks, changes)
        unknown |= _compare_sound([*desks, _Desk(sound_lane, checkers, expected)], "at the end")
    return Result(
        version=version,
        checkers=tuple(checker.name for checker in checkers),
        outcomes=outcomes,
        unknown=unknown,
        times=times,
    )


def ask_all(checkers: Sequence[Checker], target: Target) -> tuple[dict[str, str], dict[str, str]]:
    """Run every checker; return digests of the outputs, and the reasons of failures."""
    said, broke_off = {}, {}
    for checker in checkers:
        try:
            said[checker.name] = sha256(checker.ask(target).encode()).hexdigest()
        except Unusable as reason:
            broke_off[checker.name] = str(reason)
    return said, broke_off


def _open_lane(ends: ExitStack, name: str) -> Lane:
    lane = Lane(name)
    ends.callback(lane.close)
    return lane


def _make_checkers(ends: ExitStack, kit: Kit | None) -> tuple[Checker, ...]:
    if kit is None:
        return LOCAL
    worker = None if isinstance(kit.python, Unusable) else Worker(kit.python)
    if worker:
        ends.callback(worker.stop)
    return tuple(kit.make_checkers(worker))


def _choose(sound: Target, plan: Plan) -> tuple[list[Change], str]:
    with psycopg.connect(sound.database.admin_url) as connection:
        weakenings = choose_weakenings(connection, plan.mutants)
        harmless = choose_harmless(connection, plan.harmless)
        return [*weakenings, *harmless], connection.info.parameter_status("server_version") or ""


def _measure(checkers: Sequence[Checker], sound: Target, rounds: int) -> Times:
    """Measure all in turn, so that other load affects all alike."""
    seconds = defaultdict(list)
    with connect(sound.database.url, read_only=True) as connection:
        for _ in range(rounds):
            seconds["schema dump", ""].append(time_once(partial(dump_schema, sound)))
            seconds["connected", ""].append(time_once(partial(check_connection, connection)))
            connection.rollback()
            for checker in checkers:
                for kind, ask in (("warm", checker.ask), ("whole", checker.start)):
                    if ask:
                        seconds[kind if checker.start else "whole", checker.name].append(time_once(partial(ask, sound)))
    medians = {key: statistics.median(measured) for key, measured in seconds.items()}
    warm, whole = ({name: took for (kind, name), took in medians.items() if kind == k} for k in ("warm", "whole"))
    return Times(warm=warm, whole=whole, connected=medians["connected", ""], schema_dump=medians["schema dump", ""])


def _compare_sound(desks: Sequence[_Desk], moment: str) -> dict[str, str]:
    """Run all on sound databases; return the checkers whose output has changed, because their counts would be wrong."""
    spoiled = {}
    for desk in desks:
        with desk.lane.clone() as target:
            said, broke_off = ask_all(desk.checkers, target)
        for name, expected in desk.expected.items():
            if said.get(name) != expected:
                why = broke_off.get(name, "its output differs for another sound database")
                spoiled[name] = f"{why}, {moment}"
    return spoiled


def _try_all(desks: Sequence[_Desk], changes: Sequence[Change]) -> list[Outcome]:
    """Try every change, each on a free server."""
    free: queue.SimpleQueue[_Desk] = queue.SimpleQueue()
    for desk in desks:
        free.put(desk)

    def try_next(change: Change) -> Outcome:
        desk = free.get()
        try:
            return _try(desk, change)
        finally:
            free.put(desk)

    outcomes = []
    with ThreadPoolExecutor(len(desks)) as pool:
        for outcome in pool.map(try_next, changes):
            outcomes.append(outcome)
            if len(outcomes) % TELL_EVERY == 0:
                print(f"{len(outcomes)} of {len(changes)} changes tried", file=sys.stderr)
    return outcomes


def _try(desk: _Desk, change: Change) -> Outcome:
    with desk.lane.change(change.sql) as target:
        said, broke_off = ask_all(desk.checkers, target)
    noticed = {name for name, expected in desk.expected.items() if said.get(name) != expected}
    return Outcome(change, frozenset(noticed), {name: broke_off[name] for name in noticed & broke_off.keys()})
