"""Compares checks: each with the earlier ones of its target, or two with each other; pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from lab.checks.finding import SEVERITIES
from lab.readiness.history import KeptFinding, KeptRun
from lab.readiness.report import ReportVerdict


class TrendPoint(BaseModel):
    """The counts of one check of a target."""

    model_config = ConfigDict(frozen=True)

    started_at: datetime
    verdict: ReportVerdict
    counts: dict[str, int] = Field(description="Open findings, by severity.")
    accepted: int
    unknown: int
    scope: str = Field(description="The layers that it was limited to; empty is all.")
    asked: frozenset[str] = Field(default=frozenset(), exclude=True, description="The families that it ran.")
    whole: bool = Field(default=True, exclude=True, description="Whether all of those were wholly checked.")

    def describe_counts(self) -> str:
        """Return the number of findings of each severity as text."""
        counts = {**self.counts, "accepted": self.accepted, "not checked": self.unknown}
        return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "nothing found"

    def is_comparable(self, other: "TrendPoint") -> bool:
        """Tell whether its count can be compared with another check's: both wholly checked the same families."""
        return self.whole and other.whole and (self.asked, self.scope) == (other.asked, other.scope)


class Changes(BaseModel):
    """What the newest of several runs changed, as keys of findings, the worst first."""

    model_config = ConfigDict(frozen=True)

    new: tuple[str, ...] = Field(default=(), description="Never seen before.")
    reopened: tuple[str, ...] = Field(default=(), description="Resolved before, and found again.")
    resolved: tuple[str, ...] = Field(default=(), description="Not found, although its family was wholly checked.")
    unverified: tuple[str, ...] = Field(default=(), description="Not found, but its family was not wholly checked.")
    staying: tuple[str, ...] = Field(default=(), description="Found before, and found again.")


class Difference(BaseModel):
    """The findings that two runs share, and those of one alone, as keys, the worst first.

    A finding that one of the two did not look for is left out.
    """

    model_config = ConfigDict(frozen=True)

    only_left: tuple[str, ...]
    only_right: tuple[str, ...]
    both: tuple[str, ...]
    not_comparable: tuple[str, ...] = Field(description="Families that one of the two ran, but not both wholly.")

    def name_sides(self, left: str, right: str) -> dict[str, tuple[str, ...]]:
        """Return each part by its title, which names the two checks."""
        sides = {f"only {left}": self.only_left, f"only {right}": self.only_right}
        return sides | {"both": self.both, "not comparable": self.not_comparable}


def make_trend(runs: Iterable[KeptRun]) -> tuple[TrendPoint, ...]:
    """Return the counts of the runs, in their order."""
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
    """Return what each run changed, compared with all runs before it.

    A finding is resolved only by a run that wholly checked its family, for all layers or for those that it was found
    with. Another run says nothing of it. An accepted finding still counts as found.

    Args:
        runs: Of one target, the oldest first.
    """
    findings = _OpenFindings()
    return tuple(findings.add_run(run) for run in runs)


class _OpenFindings:
    """The open and the resolved findings, from run to run."""

    def __init__(self) -> None:
        self.open_keys: dict[str, set[str]] = {}  # with the scopes that each was found in
        self.known: dict[str, KeptFinding] = {}  # as last found
        self.closed: set[str] = set()

    def add_run(self, run: KeptRun) -> Changes:
        """Add the next run, and return what it changed."""
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
    asked, seen_by_both = left.asked | right.asked, _list_looked_for(left, right) & _list_looked_for(right, left)
    theirs = {finding.key for finding in right.findings}
    return Difference(
        only_left=_list_absent(left, right),
        only_right=_list_absent(right, left),
        both=_sort_keys(finding for finding in left.findings if finding.key in theirs),
        not_comparable=tuple(sorted(asked - seen_by_both)),
    )


def _list_absent(run: KeptRun, other: KeptRun) -> tuple[str, ...]:
    """Return the findings of a run that another run looked for and did not find."""
    theirs, families = {finding.key for finding in other.findings}, _list_looked_for(other, run)
    return _sort_keys(f for f in run.findings if f.family in families and f.key not in theirs)


def _list_looked_for(run: KeptRun, other: KeptRun) -> frozenset[str]:
    """Return the families in which a run looked for every finding that another run could have."""
    return run.complete if run.scope in ("", other.scope) else frozenset()


_RANKS = {severity.value: rank for rank, severity in enumerate(SEVERITIES)}


def _sort_keys(findings: Iterable[KeptFinding]) -> tuple[str, ...]:
    """Return the keys of findings, the worst first."""
    return tuple(f.key for f in sorted(findings, key=lambda f: (_RANKS.get(f.severity, len(_RANKS)), f.key)))
