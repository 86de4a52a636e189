"""What a check asks for: one name, one sentence and one reason; from it a finding is made when it does not hold."""

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from lab.checks.finding import Finding, Repair, Unknown
from lab.rules.model import Severity


class Outcome(NamedTuple):
    """What a family of checks came to; empty means that everything was checked and holds."""

    findings: tuple[Finding, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


class Criterion(BaseModel):
    """Something that must hold on a target."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Stable name; the rule that a finding breaks.")
    chapter: int = Field(ge=1, le=16, description="The promise that it belongs to.")
    severity: Severity = Field(description="From what is exposed or lost when it does not hold.")
    title: str = Field(min_length=8, description="What holds, as a sentence.")
    why: str = Field(min_length=8, description="Why it matters, for people.")
    decide: str | None = Field(default=None, description="What a person does about it.")

    def broken(
        self,
        subject: str,
        seen: str,
        *,
        chapter: int | None = None,
        repair: str | None = None,
        decide: str | None = None,
    ) -> Finding:
        """Return the finding that it does not hold on a subject.

        Args:
            subject: What it was found on: a variable, a table, an id; never a value.
            seen: What was found, without any value that is private.
            chapter: The promise, when it depends on the subject.
            repair: SQL that restores it; it never drops data.
            decide: What a person does about it, when that depends on the subject.
        """
        return Finding(
            kind=self.id,
            name=subject,
            rule=self.id,
            chapter=chapter or self.chapter,
            severity=self.severity,
            subject=subject,
            title=f"{subject}: {seen}",
            expected=self.title,
            seen=seen,
            why=self.why,
            repair=Repair(change=repair) if repair else None,
            decide=decide or self.decide,
        )


def gather(parts: "list[Finding | Unknown]") -> Outcome:
    """Sort what a family found into findings and unknowns, in the order found."""
    findings = tuple(part for part in parts if isinstance(part, Finding))
    return Outcome(findings, tuple(part for part in parts if isinstance(part, Unknown)))
