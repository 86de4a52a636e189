"""A difference between two catalogues: its finding, and the expression in it that is compared by meaning."""

from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from lab.checks.finding import Finding


class Forms(BaseModel):
    """Two forms of an expression, which are compared for equivalence."""

    model_config = ConfigDict(frozen=True)

    use: Literal["check", "policy", "when", "predicate", "default", "view", "further check", "platform", "upload"]
    relation: str = Field(description="The table whose columns the expression names.")
    expected: str
    seen: str
    roles: tuple[str, ...] = Field(default=(), description="The roles that a policy is for.")
    other_checks: tuple[str, ...] = Field(default=(), description="Of a check: the other checks of its table.")


class Difference(NamedTuple):
    """One difference between the rules and a database.

    Args:
        finding: What a person reads of it.
        forms: The expression that differs; None when no expression decides whether the finding counts.
    """

    finding: Finding
    forms: Forms | None = None
