"""The command that shows what earlier checks found."""

import argparse
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from lab.cli.outcome import HOLDS, NotDone, say
from lab.cli.parser import Commands, add_command, add_json
from lab.readiness.changes import Changes, Difference, TrendPoint, compare_runs, find_changes, make_trend
from lab.readiness.history import History, KeptRun, find_history, read_runs, read_targets
from lab.text.escape import show_line, write_json

MOST_KEYS = 30


def add_commands(commands: Commands) -> None:
    """Add `history`."""
    adding = add_command(commands, history, "python -m lab history --target embedded --json")
    adding.add_argument("--target", metavar="NAME", help="the target's name; without it, all targets are listed")
    adding.add_argument("--against", metavar="NAME", help="compare the target's newest check with this one's")
    adding.add_argument(
        "--since", type=_read_day, metavar="YYYY-MM-DD", help="compare with the last check before a day"
    )
    add_json(adding)


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write it as 2027-01-31") from None


def history(options: argparse.Namespace) -> int:
    """Show what earlier checks of a target found, and what changed."""
    if options.target is None and (options.against or options.since):
        raise NotDone("--against and --since compare a target", next_step="name it with --target")
    shown, lines = _show(options, find_history(os.environ))
    say(write_json(shown) if options.json else "\n".join(lines))
    return HOLDS


def _show(options: argparse.Namespace, kept: History) -> tuple[dict[str, Any], list[str]]:
    if options.target is None:
        return _show_targets(kept)
    runs = _read(kept, options.target)
    if options.against:
        return _show_difference(_read(kept, options.against)[-1], runs[-1])
    if options.since:
        return _show_difference(_last_before(runs, options.since), runs[-1])
    trend, changes = make_trend(runs), find_changes(runs)
    shown = {"target": options.target, "trend": _values(trend), "changes": changes.model_dump()}
    return shown, [*map(_describe_point, trend), *_describe_changes(changes)]


def _read(kept: History, target: str) -> tuple[KeptRun, ...]:
    runs = read_runs(kept, target)
    if not runs:
        known = ", ".join(map(show_line, read_targets(kept))) or "none yet"
        raise NotDone(show_line(target), "no check of this target is kept", f"Kept are: {known}")
    return runs


def _last_before(runs: tuple[KeptRun, ...], day: date) -> KeptRun:
    moment = datetime.combine(day, time(), UTC)
    before = [run for run in runs if run.started_at < moment]
    if not before:
        first = runs[0].started_at.date().isoformat()
        raise NotDone(day.isoformat(), "no check before this day is kept", f"The first is of {first}")
    return before[-1]


def _show_targets(kept: History) -> tuple[dict[str, Any], list[str]]:
    points = {target: make_trend(read_runs(kept, target, limit=1))[-1] for target in read_targets(kept)}
    shown = {"targets": [{"target": target, **point.model_dump(mode="json")} for target, point in points.items()]}
    lines = [f"{show_line(target)}\n  {_describe_point(point)}" for target, point in points.items()]
    return shown, lines or ["No check has been kept yet. Run `python -m lab check`."]


def _show_difference(left: KeptRun, right: KeptRun) -> tuple[dict[str, Any], list[str]]:
    difference = compare_runs(left, right)
    names = [f"{show_line(run.target)} at {run.started_at:%Y-%m-%d %H:%M}" for run in (left, right)]
    return {"left": names[0], "right": names[1], **difference.model_dump()}, [*_describe_difference(difference, names)]


def _values(points: tuple[TrendPoint, ...]) -> list[dict[str, Any]]:
    return [point.model_dump(mode="json") for point in points]


def _describe_point(point: TrendPoint) -> str:
    scope = f" [{point.scope}]" if point.scope else ""
    return f"{point.started_at:%Y-%m-%d %H:%M} {point.verdict.value:9} {point.describe_counts()}{scope}"


def _describe_changes(changes: Changes) -> Iterator[str]:
    for kind, keys in changes:
        if keys and kind != "staying":
            yield from (f"{kind}:", *_list_keys(keys))


def _list_keys(keys: tuple[str, ...]) -> Iterator[str]:
    """Yield the first keys; the JSON has all of them."""
    yield from (f"  {show_line(key)}" for key in keys[:MOST_KEYS])
    if len(keys) > MOST_KEYS:
        yield f"  and {len(keys) - MOST_KEYS} more; --json prints them"


def _describe_difference(difference: Difference, names: list[str]) -> Iterator[str]:
    for title, keys in difference.name_sides(*names).items():
        yield from (f"{title}:", *_list_keys(keys or ("nothing",)))
