"""Findings: differences between the rules and a database, with the reason why each matters and its repair."""

from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
)

from lab.rules.model import Severity

SEVERITIES = tuple(Severity)  # the worst first


class Repair(BaseModel):
    """SQL that restores a rule. It never drops data."""

    model_config = ConfigDict(frozen=True)

    change: str = Field(default="", description="The change; it applies to new rows.")
    proof: str = Field(default="", description="Validates existing rows; in a script it comes last.")
    stage: float = Field(default=50, description="Place in a script; lower ones come first.")
    proposal: bool = Field(default=False, description="Commented out, because it changes an undeclared object.")
    undo: str = Field(default="", description="SQL that reverts the change, or a query that prints it.")
    accepted: str = Field(default="", description="Of a proposal: the change itself, once a person has decided on it.")

    @property
    def sql(self) -> str:
        """Return all of it."""
        return "\n".join(part for part in (self.change, self.proof) if part)


class Finding(BaseModel):
    """One difference between the rules and a target."""

    model_config = ConfigDict(frozen=True)

    kind: str = Field(description="The kind of its subject, such as policy; of a criterion, its id.")
    name: str = Field(default="", description="The name of the subject within its kind.")
    aspect: str = Field(default="", description="The difference: a fact's name, or missing or extra.")
    family: str = Field(default="", description="The family of checks that found it; the report fills it in.")
    rule: str = Field(description="Name of the rule that it breaks.")
    chapter: int = Field(ge=1, le=16, description="The number of the chapter that it concerns.")
    severity: Severity = Field(description="By what is exposed, and to whom.")
    subject: str = Field(description="The object, such as public.oracle_scrolls.question.")
    title: str = Field(default="", description="Title with the object, such as who can do what to it.")
    expected: str = Field(description="What the rules declare.")
    seen: str = Field(description="What the database has.")
    why: str = Field(description="Why it matters, for people.")
    repair: Repair | None = Field(default=None, description="SQL that restores the rule.")
    decide: str | None = Field(default=None, description="What a person must decide first.")
    counterexample: dict[str, Any] | None = Field(
        default=None, description="A made-up row and identity that the two expressions treat differently."
    )
    final: bool = Field(default=False, exclude=True, description="True when it cannot be accepted.")

    @property
    def key(self) -> str:
        """Return the stable name of this difference, by which it is accepted and found again in later checks."""
        return ":".join(part for part in (self.kind, self.name, self.aspect) if part)

    @property
    def proposal(self) -> bool:
        """Tell whether its repair is only a proposal, commented out."""
        return self.repair is not None and self.repair.proposal

    @field_validator("repair", mode="before")
    @classmethod
    def _read_repair(cls, repair: object) -> object:
        """Read a text, as in the JSON, as a repair of one step."""
        return Repair(change=repair) if isinstance(repair, str) else repair

    @model_serializer(mode="wrap")
    def _write(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write it for JSON, with its key, and with the repair as text."""
        repair = self.repair.sql if self.repair else None
        return {"key": self.key, **write(self), "repair": repair, "proposal": self.proposal}

    @property
    def heading(self) -> str:
        """Return its title, or its subject if it has none."""
        return self.title or self.subject

    @property
    def weighs(self) -> bool:
        """Tell whether it is more than information."""
        return self.severity is not Severity.INFO


class Unknown(BaseModel):
    """Something that could not be checked; it never counts as sound."""

    model_config = ConfigDict(frozen=True)

    what: str = Field(description="What was to be checked.")
    why: str = Field(description="Why it could not be.")
    family: str = Field(default="", exclude=True, description="Its family, of those that compare the catalogue.")


def sort_findings(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return findings with the worst first, in a stable order."""
    return tuple(sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), f.chapter, f.key)))
