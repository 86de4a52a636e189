"""The report of the probes: each with what was expected and seen, the findings, and the unknowns."""

from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from lab.access.row_owners import Owner
from lab.checks.explanation import Explanation
from lab.checks.finding import Finding, Unknown
from lab.checks.state import State, find_state
from lab.rules.model import Severity

Outcome = Literal["holds", "differs", "unknown"]

EXPLANATION = Explanation(
    id="probe",
    title="A trial as a role had another result than the rules say",
    family="probes",
    means="The check acted as this role with made-up rows, and the database allowed what the rules refuse, or refused "
    "what they allow. It is what a visitor, a customer or the server would experience.",
    example="A signed-in person reads the question of another person, because a policy has `using (true)`.",
    repair="Run the check with schema, access and strangers. Their findings name the change that caused it, and have "
    "the SQL. If they find nothing, a trigger or a function of the database does something else than it seems.",
    accept="Never when a role reads or writes too much. For a refusal, while the repair of its cause is planned.",
)


class Verdict(NamedTuple):
    """The result of one probe.

    Args:
        state: Whether what was seen is as the rules expect.
        seen: What was seen, in a few words; never a private value.
        severity: How much harm the difference can do, when that depends on what was seen.
        refused: Whether it holds because the attempt was refused for the expected reason.
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
    identity: str = Field(description="The identity that tried it; `login` is the role of the connection.")
    subject: str = Field(description="The table, view or function that was tried.")
    command: str = Field(description="The command that was tried.")
    owner: Owner | Literal[""] = Field(default="", description="Whose rows it was tried on; empty if on no row.")
    expected: str
    seen: str
    state: Outcome
    refused: bool = Field(
        default=False, description="It holds because the attempt was refused for the expected reason."
    )
    rule: str = Field(description="The grant, policy, trigger, constraint or function that decides.")
    why: str


class ProbeRun(BaseModel):
    """The results of a run of the probes. Their changes were rolled back."""

    model_config = ConfigDict(frozen=True)

    results: tuple[ProbeResult, ...]
    findings: tuple[Finding, ...]
    unknown: tuple[Unknown, ...]
    notes: tuple[str, ...] = Field(
        default=(), description="What a rollback does not undo: values of sequences, dead rows."
    )
    attempts: int = Field(description="How many statements were tried.")
    seconds: float

    @property
    def state(self) -> State:
        """Return `holds` when everything was tried and nothing differs."""
        return find_state(self.findings, self.unknown)
