"""The newest results on each target, by part: every run fills them, and every page reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any

from lab.checks.finding import Finding, sort_findings
from lab.checks.probes import ProbeRun
from lab.checks.schema.check import SchemaCheck
from lab.database.read_only import QueryFailed
from lab.services.anchor import AnchorState
from lab.sql import fingerprint_schema

PARTS = {"wall": "schema", "questions": "rows", "anchors": "anchors", "probes": "probes", "data": "data"}


@dataclass(frozen=True, kw_only=True)
class Results:
    """What is known of a target; a part that no run has read is None.

    Args:
        wall: The comparison of the schema with the rules.
        questions: For each question of a chapter the number of offending rows, or why it is unknown.
        anchors: Whether each ledger fits its anchors.
        probes: What the probes saw.
        data: The findings on live rows.
        times: When the run that read a part began, by part.
        probed: The findings of the schema when the probes ran.
        rules: The fingerprint of the rules that the schema was compared with.
    """

    wall: SchemaCheck | None = None
    questions: Mapping[str, int | QueryFailed] | None = None
    anchors: Mapping[str, AnchorState] | None = None
    probes: ProbeRun | None = None
    data: tuple[Finding, ...] | None = None
    times: Mapping[str, datetime] = field(default_factory=dict)
    probed: frozenset[str] = frozenset()
    rules: str = ""

    @property
    def outdated(self) -> bool:
        """Tell whether the schema has changed since the probes ran, so that they prove nothing about it."""
        return self.probes is not None and self.probed != _list_keys(self.wall)

    @property
    def tried(self) -> ProbeRun | None:
        """Return what the probes saw, while the schema is as it was then."""
        return None if self.outdated else self.probes

    @property
    def standing(self) -> SchemaCheck | None:
        """Return the comparison of the schema together with what breaks a chapter beside it."""
        rows = self.data if self.data and self.is_newer("data", "questions") else ()
        found = (*(self.tried.findings if self.tried else ()), *rows)
        return self.wall and self.wall.model_copy(update={"findings": sort_findings([*self.wall.findings, *found])})

    def is_newer(self, part: str, other: str) -> bool:
        """Tell whether a part was read later than another one, or the other never was."""
        return part in self.times and (other not in self.times or self.times[part] > self.times[other])

    def is_older_than(self, rules: str) -> bool:
        """Tell whether the rules have changed since the schema was compared with them."""
        return self.wall is not None and self.rules != rules

    def describe_ages(self, now: datetime) -> str:
        """Say how long ago each part was read, the newest first."""
        return "; ".join(f"{_say_age(at, now)} ({', '.join(parts)})" for at, parts in self._list_times())

    def describe_times(self, now: datetime) -> str:
        """Say what was read when, and how long ago; the newest is first."""
        told = [
            f"{at:%Y-%m-%d %H:%M:%S} UTC ({_say_age(at, now)}): {', '.join(parts)}" for at, parts in self._list_times()
        ]
        return "; ".join(told)

    def _list_times(self) -> list[tuple[datetime, list[str]]]:
        read: dict[datetime, list[str]] = {}
        for part in (part for part in PARTS if part in self.times):
            if part != "anchors" or any(state.fits is not None for state in (self.anchors or {}).values()):
                read.setdefault(self.times[part], []).append(PARTS[part])
        return sorted(read.items(), reverse=True)


class Board:
    """The newest results on every target, for all sessions."""

    def __init__(self) -> None:
        self._results: dict[str, Results] = {}
        self._lock = Lock()

    def find(self, target: str) -> Results:
        """Return what is known of a target."""
        return self._results.get(target, Results())

    def keep(self, target: str, at: datetime, parts: Mapping[str, Any]) -> None:
        """Keep what a run read, unless a part was read later by another one.

        Args:
            target: Names the target.
            at: When the run began.
            parts: By the names of `PARTS`, each as a whole: limits to layers do not apply to it.
        """
        with self._lock:
            held = self.find(target)
            newer = {part: value for part, value in parts.items() if part not in held.times or at >= held.times[part]}
            times = {**held.times, **dict.fromkeys(newer, at)}
            rules = fingerprint_schema() if "wall" in newer else held.rules
            made = replace(held, times=times, rules=rules, **newer)
            self._results[target] = replace(made, probed=_list_keys(made.wall)) if "probes" in newer else made


def _list_keys(wall: SchemaCheck | None) -> frozenset[str]:
    return frozenset(finding.key for finding in wall.findings) if wall else frozenset()


def _say_age(at: datetime, now: datetime) -> str:
    seconds = max(0, int((now - at).total_seconds()))
    units = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
    size, unit = next((size, unit) for size, unit in units if seconds >= size or size == 1)
    return f"{seconds // size} {unit} ago"
