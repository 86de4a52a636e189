"""A trial's result as tables for people, and as JSON."""

from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.checkers.checkers import OURS
from benchmarks.checkers.sample import GROUPS
from benchmarks.checkers.trial import Outcome, Result

UNKNOWN = "unknown"


def write_text(result: Result, notes: Sequence[str]) -> str:
    """Write the totals, the groups and the notes, as Markdown."""
    why = [f"{name}: unknown, because {reason}." for name, reason in result.unknown.items()]
    parts = ("\n".join(write_totals(result)), "\n".join(write_groups(result)), "\n".join([*notes, *why]))
    return "\n\n".join(parts)


def write_totals(result: Result) -> Iterable[str]:
    """Write a line for each checker: found, false alarms, and the time of one check."""
    weak, harmless = weakenings(result), harmless_changes(result)
    yield f"| checker | found of {len(weak)} | false alarms of {len(harmless)} | warm | whole process |"
    yield "|---|---|---|---|---|"
    for name in result.checkers:
        cells = [UNKNOWN, UNKNOWN]
        if name not in result.unknown:
            found, alarms = _count(name, weak), _count(name, harmless)
            share = f"{100 * found / len(weak):.1f}%" if weak else "-"
            cells = [f"{found} ({share})", f"{alarms}"]
        warm, whole = result.times.warm.get(name), result.times.whole.get(name)
        yield f"| {name} | {' | '.join(cells)} | {_spoken(warm)} | {_spoken(whole)} |"


def write_groups(result: Result) -> Iterable[str]:
    """Write a line for each group of weakenings: found by each checker."""
    yield f"| found | tried | {' | '.join(result.checkers)} |"
    yield "|---" * (len(result.checkers) + 2) + "|"
    for group in GROUPS:
        tried = [outcome for outcome in result.outcomes if outcome.change.group == group]
        cells = [UNKNOWN if name in result.unknown else str(_count(name, tried)) for name in result.checkers]
        yield f"| {group} | {len(tried)} | {' | '.join(cells)} |"


def describe(result: Result) -> dict[str, Any]:
    """Return everything for JSON: for each checker its counts, times in seconds, and the names of missed changes."""
    return {
        "postgres": result.version,
        "weakenings": len(weakenings(result)),
        "harmless": len(harmless_changes(result)),
        "schema_dump_seconds": result.times.schema_dump,
        "connected_seconds": result.times.connected,
        "checkers": {name: _describe(result, name) for name in result.checkers},
    }


def _describe(result: Result, name: str) -> dict[str, Any]:
    times = {"warm_seconds": result.times.warm.get(name), "whole_seconds": result.times.whole.get(name)}
    if name in result.unknown:
        return {"unknown": result.unknown[name], **times}
    weak, harmless = weakenings(result), harmless_changes(result)
    groups = {group: [outcome for outcome in weak if outcome.change.group == group] for group in GROUPS}
    return {
        "found": _count(name, weak),
        "false_alarms": _names(name, harmless, noticed=True),
        "missed": _names(name, weak, noticed=False),
        "groups": {group: {"found": _count(name, tried), "tried": len(tried)} for group, tried in groups.items()},
        "broke_off": {o.change.name: o.broke_off[name] for o in result.outcomes if name in o.broke_off},
        **times,
    }


def weakenings(result: Result) -> list[Outcome]:
    """Return the outcomes of weakenings."""
    return [outcome for outcome in result.outcomes if outcome.change.group]


def harmless_changes(result: Result) -> list[Outcome]:
    """Return the outcomes of harmless changes."""
    return [outcome for outcome in result.outcomes if not outcome.change.group]


def compare_times(result: Result) -> str:
    """Compare the time of our check with that of pg_dump's schema dump."""
    dumped = result.times.schema_dump
    takes = {"on an open connection": result.times.connected, "with connecting": result.times.warm.get(OURS)}
    ours = [f"{_spoken(took)} {how}, {took / dumped:.2f} times that" for how, took in takes.items() if took]
    return f"pg_dump's schema dump alone takes {_spoken(dumped)}; {OURS}, warm: {'; '.join(ours)}."


def _count(name: str, outcomes: Iterable[Outcome]) -> int:
    return sum(name in outcome.noticed for outcome in outcomes)


def _names(name: str, outcomes: Iterable[Outcome], *, noticed: bool) -> list[str]:
    return [outcome.change.name for outcome in outcomes if (name in outcome.noticed) == noticed]


def _spoken(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
