"""What `lab rehearse --order` does: rehearse the path of a real order."""

import argparse
import os
from collections.abc import Iterator
from dataclasses import asdict

from lab.checks.state import State
from lab.cli.outcome import FINDINGS, HOLDS, NOT_DONE, say, say_json, tell
from lab.database.connect import open_target, resolve_url
from lab.rehearsal.orders import OrderShape, read_order
from lab.rehearsal.stage import open_scratch_stage
from lab.rehearsal.survival import Survival, rehearse_order

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
    for job in shape.jobs:
        failed = "".join(f"; attempt {number}: {outcome}" for number, outcome, _ in job.failed)
        yield f"  job         {job.name}: {job.status}, {job.attempts} attempt{'s' * (job.attempts != 1)}{failed}"
    yield from (f"  event       {kind}: {status}" for kind, status, _ in shape.events)
    yield from (f"  later       {kind}: {status}" for kind, status in shape.after)
