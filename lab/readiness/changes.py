"""What changed from check to check, and between two targets or two times; pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from lab.checks.finding import SEVERITIES
from lab.readiness.history import KeptFinding, KeptRun
from lab.readiness.report import ReportVerdict


class TrendPoint(BaseModel):
    """One check of a target, counted."""

    model_config = ConfigDict(frozen=True)

    started_at: datetime
    verdict: ReportVerdict
    counts: dict[str, int] = Field(description="Findings that stand, by severity.")
    accepted: int
    unknown: int
    scope: str = Field(description="The layers that it was limited to; empty is all.")
    asked: frozenset[str] = Field(default=frozenset(), exclude=True, description="The families that it asked.")
    whole: bool = Field(default=True, exclude=True, description="Whether all of those could be checked.")

    def describe_counts(self) -> str:
        """Return what it found, in numbers."""
        counts = {**self.counts, "accepted": self.accepted, "not checked": self.unknown}
        return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "nothing found"

    def is_comparable(self, other: "TrendPoint") -> bool:
        """Tell whether more or fewer findings than another check's mean anything: both saw all of the same."""
        return self.whole and other.whole and (self.asked, self.scope) == (other.asked, other.scope)


class Changes(BaseModel):
    """What the newest of some runs changed, by keys of findings, the worst first."""

    model_config = ConfigDict(frozen=True)

    new: tuple[str, ...] = Field(default=(), description="Never seen before.")
    reopened: tuple[str, ...] = Field(default=(), description="Seen before, gone, and back.")
    resolved: tuple[str, ...] = Field(default=(), description="Gone, and looked for.")
    unverified: tuple[str, ...] = Field(default=(), description="Not seen, but not all of its family was checked.")
    staying: tuple[str, ...] = Field(default=(), description="Seen before, and still there.")


class Difference(BaseModel):
    """What two runs share and what not, by keys of findings, the worst first.

    What one of them did not look for is on no side.
    """

    model_config = ConfigDict(frozen=True)

    only_left: tuple[str, ...]
    only_right: tuple[str, ...]
    both: tuple[str, ...]
    not_comparable: tuple[str, ...] = Field(description="Families that one of the two asked, and not both wholly.")

    def name_sides(self, left: str, right: str) -> dict[str, tuple[str, ...]]:
        """Return each part under its title, which names the two runs."""
        sides = {f"only {left}": self.only_left, f"only {right}": self.only_right}
        return sides | {"both": self.both, "not comparable": self.not_comparable}


def make_trend(runs: Iterable[KeptRun]) -> tuple[TrendPoint, ...]:
    """Return the runs as numbers, in their order."""
    return tuple(
        TrendPoint(
            started_at=run.started_at,
            verdict=run.verdict,
            counts={severity.value: run.count(severity.value) for severity in SEVERITIES},
            accepted=sum(finding.accepted for finding in run.findings),
            unknown=run.unknown_count,
            scope=run.scope,
            asked=run.asked,
            whole=run.asked <= run.complete,
        )
        for run in runs
    )


def find_changes(runs: Sequence[KeptRun]) -> Changes:
    """Return what the newest run changed; see `list_changes`.

    Args:
        runs: Of one target, the oldest first.
    """
    return list_changes(runs)[-1] if runs else Changes()


def list_changes(runs: Iterable[KeptRun]) -> tuple[Changes, ...]:
    """Return what each run changed, against all before it.

    A finding is resolved only by a run that wholly checked its family, for all layers or for those that it was seen
    with: one that did not look has not repaired it. An accepted finding is still there.

    Args:
        runs: Of one target, the oldest first.
    """
    ledger = _Ledger()
    return tuple(ledger.enter(run) for run in runs)


class _Ledger:
    """What is open and what was resolved, from run to run."""

    def __init__(self) -> None:
        self.open_keys: dict[str, set[str]] = {}  # with the scopes that each was seen in
        self.known: dict[str, KeptFinding] = {}  # as last seen
        self.closed: set[str] = set()

    def enter(self, run: KeptRun) -> Changes:
        """Take the next run in, and return what it changed."""
        seen = {finding.key: finding for finding in run.findings}
        self.known |= seen
        absent = self.open_keys.keys() - seen.keys()
        resolved = {key for key in absent if self._is_looked_for(key, run)}
        changes = Changes(
            new=self._order(seen.keys() - self.open_keys.keys() - self.closed),
            reopened=self._order(seen.keys() & self.closed),
            resolved=self._order(resolved),
            unverified=self._order(absent - resolved),
            staying=self._order(seen.keys() & self.open_keys.keys()),
        )
        self.closed = (self.closed | resolved) - seen.keys()
        for key in resolved:
            del self.open_keys[key]
        for key in seen:
            self.open_keys.setdefault(key, set()).add(run.scope)
        return changes

    def _is_looked_for(self, key: str, run: KeptRun) -> bool:
        return self.known[key].family in run.complete and (not run.scope or run.scope in self.open_keys[key])

    def _order(self, keys: Iterable[str]) -> tuple[str, ...]:
        return _sort_keys(self.known[key] for key in keys)


def compare_runs(left: KeptRun, right: KeptRun) -> Difference:
    """Compare two runs: of two targets, or of one at two times."""
    asked, seen_by_both = left.asked | right.asked, _look(left, right) & _look(right, left)
    theirs = {finding.key for finding in right.findings}
    return Difference(
        only_left=_list_absent(left, right),
        only_right=_list_absent(right, left),
        both=_sort_keys(finding for finding in left.findings if finding.key in theirs),
        not_comparable=tuple(sorted(asked - seen_by_both)),
    )


def _list_absent(run: KeptRun, other: KeptRun) -> tuple[str, ...]:
    """Return the findings of a run that another one looked for and did not have."""
    theirs, families = {finding.key for finding in other.findings}, _look(other, run)
    return _sort_keys(f for f in run.findings if f.family in families and f.key not in theirs)


def _look(run: KeptRun, other: KeptRun) -> frozenset[str]:
    """Return the families in which a run looked for all that another one could find."""
    return run.complete if run.scope in ("", other.scope) else frozenset()


_RANKS = {severity.value: rank for rank, severity in enumerate(SEVERITIES)}


def _sort_keys(findings: Iterable[KeptFinding]) -> tuple[str, ...]:
    """Return the keys of findings, the worst first."""
    return tuple(f.key for f in sorted(findings, key=lambda f: (_RANKS.get(f.severity, len(_RANKS)), f.key)))
