"""The report of a readiness check: what was run, what was found, what was accepted, and one verdict."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from lab.checks.finding import Finding, Unknown, sort_findings
from lab.checks.state import State
from lab.readiness.acceptances import Acceptance, Accepted, judge_acceptances
from lab.readiness.request import Request


class ReportVerdict(StrEnum):
    """The result of a check; a target that could not be wholly checked is never ready."""

    READY = "ready"
    NOT_READY = "not ready"
    UNKNOWN = "unknown"


class Answer(NamedTuple):
    """The result of a family of checks, before acceptances; `checked` is empty when nothing could be checked."""

    family: str = ""  # `inspect_target` fills in its id and title
    title: str = ""
    asked: bool = True
    how_to_run: str = ""
    checked: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    notes: tuple[str, ...] = ()
    headline: str = ""
    server_version: str = ""
    seconds: float = 0
    round_trips: int = 0


class Basis(NamedTuple):
    """What a report was made from; with it, a later result of a part can replace an earlier one."""

    request: Request
    acceptances: tuple[Acceptance, ...]
    answers: tuple[Answer, ...]
    made: Mapping[str, Any]  # what several families share; see `lab.readiness.reads`

    @property
    def parts(self) -> dict[str, object]:
        """Return what was read as a whole, for the board: what a layer limits is left out."""
        whole = {answer.family: answer.findings for answer in self.answers if answer.asked and not self.request.layers}
        return {**self.made, **({"data": whole["data"]} if "data" in whole else {})}


class FamilyResult(BaseModel):
    """One family of checks in a report."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="Its name, as `--family` takes it.")
    title: str = Field(description="What holds when it finds nothing, as a sentence.")
    state: State
    why: str = Field(default="", description="Why it was not run, and how to run it.")
    checked: tuple[str, ...] = Field(default=(), description="The areas that it checked, such as tables.")
    findings: tuple[str, ...] = Field(default=(), description="Keys of its findings, the accepted ones included.")
    unknown: tuple[str, ...] = Field(default=(), description="Its parts that could not be checked.")
    seconds: float = Field(default=0, ge=0)

    @property
    def complete(self) -> bool:
        """Tell whether all of it was checked, so that a finding's absence means something."""
        return self.state is not State.NOT_RUN and not self.unknown


class Report(BaseModel):
    """What a readiness check found on a target."""

    model_config = ConfigDict(frozen=True)

    target: str = Field(description="Names the target for people; never a secret.")
    server_version: str = Field(description="As the server prints it; empty when no family connected.")
    findings: tuple[Finding, ...] = Field(description="The worst first; without the accepted ones.")
    unknown: tuple[Unknown, ...] = Field(description="What could not be checked.")
    accepted: tuple[Accepted, ...] = Field(default=(), description="Findings that a person accepted until a date.")
    remarks: dict[str, str] = Field(default={}, description="Further remarks on findings, by key.")
    notes: tuple[str, ...] = Field(default=(), description="Remarks on the check as a whole.")
    headline: str = Field(default="", description="The first remark: why the findings may mean something else.")
    families: tuple[FamilyResult, ...] = Field(description="Every family, also those that were not run.")
    layers: tuple[str, ...] = Field(default=(), description="The layers that the check was limited to; empty is all.")
    started_at: datetime = Field(description="With its time zone.")
    seconds: float = Field(ge=0, description="How long all of it took.")
    round_trips: int = Field(ge=0, description="Round trips to servers.")
    basis: Any = Field(default=None, exclude=True, repr=False, description="The `Basis` that it was made from.")

    @property
    def looked(self) -> bool:
        """Tell whether anything could be checked."""
        return any(family.checked for family in self.families)

    @model_serializer(mode="wrap")
    def _write(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write it for JSON, with its verdict."""
        return {**write(self), "verdict": self.verdict}

    @property
    def verdict(self) -> ReportVerdict:
        """Return the verdict; it is unknown when nothing was found, but something could not be checked.

        A finding above information means not ready, even beside unknowns. A check that ran no family is unknown.
        """
        if any(finding.weighs for finding in self.findings):
            return ReportVerdict.NOT_READY
        states = {family.state for family in self.families}
        if self.unknown or State.UNKNOWN in states or states <= {State.NOT_RUN}:
            return ReportVerdict.UNKNOWN
        return ReportVerdict.READY


def make_report(
    target: str,
    answers: Sequence[Answer],
    *,
    acceptances: Iterable[Acceptance] = (),
    started_at: datetime,
    seconds: float = 0,
    layers: tuple[str, ...] = (),
) -> Report:
    """Join the families' answers and the acceptances into one report; pure.

    Args:
        target: Names the target for people.
        answers: One for each family, also for those that were not run.
        acceptances: Findings that a person accepted; those for another target do not count.
        started_at: When the check began; its day decides which acceptances have expired.
        seconds: How long it took.
        layers: What it was limited to.
    """
    found = {finding.key: _name_family(finding, answer) for answer in answers for finding in answer.findings}
    concerned = [entry for entry in acceptances if entry.target in (None, target)]
    judged = judge_acceptances(sort_findings(list(found.values())), concerned, started_at.date())
    standing = {finding.key for finding in judged.findings if finding.weighs}
    return Report(
        target=target,
        server_version=next((answer.server_version for answer in answers if answer.server_version), ""),
        findings=judged.findings,
        unknown=tuple(dict.fromkeys(unknown for answer in answers for unknown in answer.unknown)),
        accepted=judged.accepted,
        remarks=judged.remarks,
        notes=(
            *(note for answer in answers for note in answer.notes),
            *(_say_unmatched(entry, answers, layers) for entry in judged.unmatched),
        ),
        headline=next((answer.headline for answer in answers if answer.headline), ""),
        families=tuple(_family_result(answer, standing) for answer in answers),
        layers=layers,
        started_at=started_at,
        seconds=seconds,
        round_trips=sum(answer.round_trips for answer in answers),
    )


def _name_family(finding: Finding, answer: Answer) -> Finding:
    return finding.model_copy(update={"family": answer.family})


def _say_unmatched(entry: Acceptance, answers: Sequence[Answer], layers: tuple[str, ...]) -> str:
    """Say that an acceptance matches no finding, and why that may not mean a repair."""
    unasked = [answer.family for answer in answers if not answer.asked]
    unseen = [answer.family for answer in answers if answer.asked and answer.unknown]
    limits = [
        *([f"without {', '.join(unasked)}"] if unasked else []),
        *([f"incomplete in {', '.join(unseen)}"] if unseen else []),
        *(["for some layers only"] if layers else []),
    ]
    if limits:
        return f"The acceptance of {entry.about} matches no finding here, but this check was {' and '.join(limits)}."
    if entry.target:
        return f"The acceptance of {entry.about} no longer matches a finding. Remove it from the file."
    return (
        f"The acceptance of {entry.about} matches no finding on this target. Remove it if it matches none on any other."
    )


def _family_result(answer: Answer, standing: set[str]) -> FamilyResult:
    return FamilyResult(
        id=answer.family,
        title=answer.title,
        state=_state(answer, standing),
        why="" if answer.asked else answer.how_to_run,
        checked=answer.checked,
        findings=tuple(dict.fromkeys(finding.key for finding in answer.findings)),
        unknown=tuple(unknown.what for unknown in answer.unknown),
        seconds=answer.seconds,
    )


def _state(answer: Answer, standing: set[str]) -> State:
    if not answer.asked:
        return State.NOT_RUN
    if any(finding.key in standing for finding in answer.findings):
        return State.BROKEN
    return State.UNKNOWN if answer.unknown else State.HOLDS
