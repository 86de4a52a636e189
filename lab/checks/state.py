"""The states of a check's result: the same words for one proof, a family of checks and a chapter."""

from collections.abc import Iterable
from enum import StrEnum

from lab.checks.finding import Finding, Unknown


class State(StrEnum):
    """Whether something holds; if it could not be checked, it is never `holds`."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    NOT_RUN = "not asked"  # as in the reports' JSON

    @property
    def word(self) -> str:
        """Return the state in words for people."""
        return "not run" if self is State.NOT_RUN else self.value


def find_state(findings: Iterable[Finding], unknown: Iterable[Unknown]) -> State:
    """Return broken when a finding is more than information, and unknown when something could not be checked."""
    if any(finding.weighs for finding in findings):
        return State.BROKEN
    return State.UNKNOWN if any(True for _ in unknown) else State.HOLDS
