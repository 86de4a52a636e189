"""What `lab rehearse --order` and `--outage` do: rehearse a real order, and forecast an outage."""

import argparse
import os
from collections.abc import Iterator
from dataclasses import asdict

from lab.checks.state import State
from lab.cli.outcome import FINDINGS, HOLDS, NOT_DONE, NotDone, say, say_json, tell
from lab.database.connect import open_target, resolve_url
from lab.rehearsal.orders.orders import OrderShape, read_order
from lab.rehearsal.orders.survival import Survival, rehearse_order
from lab.rehearsal.outage.forecast import Blast, forecast
from lab.rehearsal.outage.loads import Load
from lab.rehearsal.outage.outage_run import TITLES, Line, rehearse_outage
from lab.rehearsal.outage.words import NotUnderstood, hear_outage
from lab.rehearsal.stage import open_scratch_stage
from lab.text.durations import say_duration

_CODES = {State.HOLDS: HOLDS, State.BROKEN: FINDINGS, State.UNKNOWN: NOT_DONE}


def rehearse_target_order(options: argparse.Namespace) -> int:
    """Read an order of a target, rebuild it, and crash everywhere on its path; 1 if it broke, 2 if it is unknown."""
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    shape = read_order(target.url, options.order)
    with open_scratch_stage() as stage:
        found = rehearse_order(stage, shape)
    if options.json:
        say_json(to_json(found))
    else:
        say("\n".join(_lines(found)))
    return _CODES[found.state]


def to_json(found: Survival) -> dict[str, object]:
    """Return what the rehearsal of an order came to, as data."""
    return {
        "state": found.state.value,
        "sentence": found.sentence,
        "tried": found.tried,
        "survived": found.survived,
        "order": asdict(found.shape),
        "schedules": [str(one) for one in found.schedules],
        "notes": list(found.recast.notes),
        "failures": [
            {"crashed_at": list(one.points), "broken": [broken.id for broken in one.broken]} for one in found.failures
        ],
    }


def _lines(found: Survival) -> Iterator[str]:
    yield found.sentence
    yield from describe_order(found.shape)
    if not found.recast.reasons:
        yield from (f"  played as   {one}" for one in found.schedules)
    yield from (f"  note        {note}" for note in found.recast.notes)
    for failure in found.failures:
        yield f"  crashed at {', '.join(failure.points) or 'no point'}"
        yield from (f"    broken: {one.title} ({one.id})" for one in failure.broken)


def describe_order(shape: OrderShape) -> Iterator[str]:
    """Yield the shape of an order in lines: what was read, and nothing personal."""
    consent = {True: "given", False: "withdrawn", None: "never decided"}[shape.email_consent]
    yield f"  purchase    {shape.layer}, {shape.status}, {'unlocked' if shape.unlocked else 'locked'}"
    yield f"  e-mail      consent {consent}"
    if shape.accepted:
        yield "  gift        accepted"
    for job in shape.jobs:
        failed = "".join(f"; attempt {number}: {outcome}" for number, outcome, _ in job.failed)
        yield f"  job         {job.name}: {job.status}, {job.attempts} attempt{'s' * (job.attempts != 1)}{failed}"
    yield from (f"  event       {kind}: {status}" for kind, status, _ in shape.events)
    yield from (f"  later       {kind}: {status}" for kind, status in shape.after)


def rehearse_an_outage(options: argparse.Namespace) -> int:
    """Forecast an outage, rehearse it with a few orders and the real handlers, and print both."""
    try:
        kind, minutes = hear_outage(options.outage)
    except NotUnderstood as wrong:
        raise NotDone(
            "--outage", f"The words are not understood: {wrong}", "Say what is gone, and for how long"
        ) from None
    load = Load(kind=kind, minutes=minutes, orders_an_hour=options.orders_an_hour, workers=options.workers,
                seed=options.seed)  # fmt: skip
    blast = forecast(load)
    with open_scratch_stage() as stage:
        seen, lines = rehearse_outage(stage, load)
    if options.json:
        say_json(outage_json(load, blast, seen, lines))
    else:
        say("\n".join([*_describe_outage(load, blast), *_describe_rehearsed(seen, lines)]))
    return HOLDS


def outage_json(load: Load, blast: Blast, seen: Blast, lines: tuple[Line, ...]) -> dict[str, object]:
    """Return an outage's forecast and its rehearsed run, as data; times in seconds."""
    return {
        "outage": load.kind.id, "minutes": load.minutes, "orders_an_hour": load.orders_an_hour,
        "workers": load.workers, "seed": load.seed,
        "forecast": {
            "orders": blast.orders, "buyers_who_wait": len(blast.waits), "median": blast.median, "p95": blast.p95,
            "worst": blast.worst, "jobs_with_a_person": blast.person, "buyers_with_a_person": blast.buyers_with_person,
            "backlog": blast.backlog_seconds,
        },
        "rehearsed": {"orders": seen.orders, "figures": [{**asdict(line), "within": line.within} for line in lines]},
    }  # fmt: skip


def _describe_outage(load: Load, blast: Blast) -> Iterator[str]:
    yield f"{load.kind.title} for {load.minutes} minutes; orders an hour {load.orders_an_hour}, workers {load.workers}"
    yield f"  orders                {blast.orders:,}, of which {len(blast.waits):,} buyers wait"
    yield f"  median, p95, longest  {', '.join(map(say_duration, (blast.median, blast.p95, blast.worst)))}"
    person = ", ".join(f"{number:,} {job}" for job, number in sorted(blast.person.items())) or "none"
    yield f"  jobs with a person    {person}"
    yield f"  backlog gone          {say_duration(blast.backlog_seconds)} after the outage"


def _describe_rehearsed(seen: Blast, lines: tuple[Line, ...]) -> Iterator[str]:
    yield f"Rehearsed with {seen.orders} orders through the real queue and handlers, in virtual time:"
    for line in lines:
        told = line.say()
        yield f"  {TITLES[line.figure]}: {told.rehearsed}; forecast {told.forecast} ({told.range}), {told.verdict}"
