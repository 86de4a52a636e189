"""What probing came to: each probe expected beside seen, the findings, and what could not be probed."""

from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from lab.access.row_owners import Owner
from lab.checks.finding import Finding, Unknown
from lab.checks.state import State, find_state
from lab.rules.model import Severity

Outcome = Literal["holds", "differs", "unknown"]


class Verdict(NamedTuple):
    """What one probe came to.

    Args:
        state: Whether what was seen is what the rules expect.
        seen: What was seen, in a few words; never a value of somebody's.
        severity: How much harm the difference can do, when that depends on what was seen.
        refused: Whether it holds because what was tried was refused, and for the reason that the rules give.
    """

    state: Outcome
    seen: str
    severity: Severity | None = None
    refused: bool = False


class ProbeResult(BaseModel):
    """One thing that was tried."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="Stable name: `access` for the matrix, else the promise that was tried.")
    title: str = Field(description="What must hold, as a sentence.")
    identity: str = Field(description="Who tried it; `login` is the role that the connection came with.")
    subject: str = Field(description="The table, view or function that was tried.")
    command: str = Field(description="What was tried with it.")
    owner: Owner | Literal[""] = Field(default="", description="Whose rows it was tried on; empty when on no row.")
    expected: str
    seen: str
    state: Outcome
    refused: bool = Field(default=False, description="It holds because it was refused, for the reason expected.")
    rule: str = Field(description="The grant, policy, trigger, constraint or function that decides.")
    why: str


class ProbeRun(BaseModel):
    """What the probes found. Nothing that they did is left."""

    model_config = ConfigDict(frozen=True)

    results: tuple[ProbeResult, ...]
    findings: tuple[Finding, ...]
    unknown: tuple[Unknown, ...]
    notes: tuple[str, ...] = Field(
        default=(), description="What rolling back does not take back: numbers of sequences, dead rows."
    )
    attempts: int = Field(description="How many statements were tried.")
    seconds: float

    @property
    def state(self) -> State:
        """Return `holds` when everything was tried and nothing differs."""
        return find_state(self.findings, self.unknown)
