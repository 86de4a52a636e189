"""Findings: what differs between the rules and a database, why it matters and what repairs it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lab.rules.model import Severity

SEVERITIES = tuple(Severity)  # the worst first


class Forms(BaseModel):
    """One expression in two forms, whose meaning decides whether they differ."""

    model_config = ConfigDict(frozen=True)

    use: Literal["check", "policy", "when", "predicate", "default", "view"]
    relation: str = Field(description="The table whose columns the expression names.")
    expected: str
    seen: str
    roles: tuple[str, ...] = Field(default=(), description="Whom a policy is for.")
    besides: tuple[str, ...] = Field(default=(), description="Of a check: what else a row has to meet, in either case.")


class Finding(BaseModel):
    """One difference between the rules and a target."""

    model_config = ConfigDict(frozen=True)

    key: str = Field(description="Stable name of this very difference, to be ignored or followed by.")
    rule: str = Field(description="Name of the rule that it breaks.")
    chapter: int = Field(ge=1, le=16, description="The promise that it touches.")
    severity: Severity = Field(description="From what is exposed, and to whom.")
    subject: str = Field(description="What it was found on, such as public.oracle_scrolls.question.")
    expected: str = Field(description="What the rules say.")
    seen: str = Field(description="What the database has.")
    why: str = Field(description="Why it matters, for people.")
    repair: str | None = Field(default=None, description="SQL that restores the rule; it never drops data.")
    proposal: bool = Field(
        default=False,
        description="Whether the repair is only a proposal, commented out: it would touch what nobody declared.",
    )
    decide: str | None = Field(default=None, description="What a person must decide first.")
    counterexample: dict[str, Any] | None = Field(
        default=None, description="A made-up row and identity that the two expressions treat differently."
    )
    forms: Forms | None = Field(default=None, exclude=True, description="The expression to judge by its meaning.")
    stage: float = Field(default=50, exclude=True, description="Place of the repair in a script; low goes first.")
    proof: str | None = Field(
        default=None, exclude=True, description="The end of the repair that looks at rows; in a script it goes last."
    )

    final: bool = Field(default=False, exclude=True, description="Nobody can accept it away.")

    @property
    def weighs(self) -> bool:
        """Tell whether it is more than information."""
        return self.severity is not Severity.INFO


class Unknown(BaseModel):
    """Something that could not be checked: never taken for sound."""

    model_config = ConfigDict(frozen=True)

    what: str = Field(description="What was to be checked.")
    why: str = Field(description="Why it could not be.")
    family: str = Field(default="", exclude=True, description="Of the catalogue's families, the one it belongs to.")


def sort_findings(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return findings with the worst first, in a stable order."""
    return tuple(sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), f.chapter, f.key)))
