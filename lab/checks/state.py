"""What a check comes to: one vocabulary, from a single question to a family of checks and a chapter."""

from collections.abc import Iterable
from enum import StrEnum

from lab.checks.finding import Finding, Unknown


class State(StrEnum):
    """Whether something holds; what could not be checked never reads as holding."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    NOT_RUN = "not asked"  # as reports have it in JSON

    @property
    def word(self) -> str:
        """Return the state as people read it."""
        return "not run" if self is State.NOT_RUN else self.value


def find_state(findings: Iterable[Finding], unknown: Iterable[Unknown]) -> State:
    """Return broken when a finding is more than information, and unknown when something could not be checked."""
    if any(finding.weighs for finding in findings):
        return State.BROKEN
    return State.UNKNOWN if any(True for _ in unknown) else State.HOLDS
