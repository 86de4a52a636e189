"""What changed from check to check, and between two targets or two times; pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from lab.findings import SEVERITIES
from lab.readiness.history import KeptRun
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

    def is_comparable(self, other: "TrendPoint") -> bool:
        """Tell whether more or fewer findings than another check's mean anything: both saw all of the same."""
        return self.whole and other.whole and (self.asked, self.scope) == (other.asked, other.scope)


class Changes(BaseModel):
    """What the newest of some runs changed, by keys of findings."""

    model_config = ConfigDict(frozen=True)

    new: tuple[str, ...] = Field(default=(), description="Never seen before.")
    reopened: tuple[str, ...] = Field(default=(), description="Seen before, gone, and back.")
    resolved: tuple[str, ...] = Field(default=(), description="Gone, and looked for.")
    unverified: tuple[str, ...] = Field(default=(), description="Not seen, but not all of its family was checked.")
    staying: tuple[str, ...] = Field(default=(), description="Seen before, and still there.")


class Difference(BaseModel):
    """What two runs share and what not, by keys of findings; what one of them did not look for is on no side."""

    model_config = ConfigDict(frozen=True)

    only_left: tuple[str, ...]
    only_right: tuple[str, ...]
    both: tuple[str, ...]
    not_comparable: tuple[str, ...] = Field(description="Families that one of the two asked, and not both wholly.")


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
    """Return what each run changed, against all before it that had the same scope.

    A finding is resolved only by a run that wholly checked its family: one that did not look has not repaired it.
    An accepted finding is still there.

    Args:
        runs: Of one target, the oldest first.
    """
    ledgers: dict[str, _Ledger] = {}
    return tuple(ledgers.setdefault(run.scope, _Ledger()).enter(run) for run in runs)


class _Ledger:
    """What is open and what was resolved, from run to run of one scope."""

    def __init__(self) -> None:
        self.open_keys: dict[str, str] = {}  # with the family that found each
        self.closed: set[str] = set()

    def enter(self, run: KeptRun) -> Changes:
        """Take the next run in, and return what it changed."""
        seen = {finding.key: finding.family for finding in run.findings}
        absent = {key: family for key, family in self.open_keys.items() if key not in seen}
        resolved = {key for key, family in absent.items() if family in run.complete}
        changes = Changes(
            new=_ordered(seen.keys() - self.open_keys.keys() - self.closed),
            reopened=_ordered(seen.keys() & self.closed),
            resolved=_ordered(resolved),
            unverified=_ordered(absent.keys() - resolved),
            staying=_ordered(seen.keys() & self.open_keys.keys()),
        )
        self.closed = (self.closed | resolved) - seen.keys()
        self.open_keys = {key: family for key, family in (self.open_keys | seen).items() if key not in self.closed}
        return changes


def compare_runs(left: KeptRun, right: KeptRun) -> Difference:
    """Compare two runs: of two targets, or of one at two times."""
    asked, seen_by_both = left.asked | right.asked, _look(left, right) & _look(right, left)
    return Difference(
        only_left=_ordered(_list_absent(left, right)),
        only_right=_ordered(_list_absent(right, left)),
        both=_ordered({f.key for f in left.findings} & {f.key for f in right.findings}),
        not_comparable=_ordered(asked - seen_by_both),
    )


def _list_absent(run: KeptRun, other: KeptRun) -> set[str]:
    """Return the findings of a run that another one looked for and did not have."""
    theirs = {finding.key for finding in other.findings}
    return {f.key for f in run.findings if f.family in _look(other, run)} - theirs


def _look(run: KeptRun, other: KeptRun) -> frozenset[str]:
    """Return the families in which a run looked for all that another one could find."""
    return run.complete if run.scope in ("", other.scope) else frozenset()


def _ordered(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(keys))
