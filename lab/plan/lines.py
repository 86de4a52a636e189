"""The lines of a plan: what a scenario requires, and why."""

import datetime

from pydantic import BaseModel, ConfigDict, Field

from lab.rules.model import Severity


class Line(BaseModel):
    """One line of a plan: what, and why."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="What is required.")
    why: str = Field(description="The reason, as a sentence or more.")


class TableLine(Line):
    """A table that the scenario needs."""

    title: str
    description: str
    because_of: tuple[str, ...] = Field(description="What brings it, such as “layer artifacts” or “channel pdf”.")


class JobLine(Line):
    """A tracked job that the scenario runs."""

    title: str
    support_path: str
    max_attempts: int


class EnvLine(Line):
    """An environment variable that the scenario needs."""

    secret: bool
    example: str


class PolicyLine(Line):
    """A row-level-security policy on one of the scenario's tables."""

    table: str
    role: str
    command: str


class PriceLine(Line):
    """A price at which the layer is sold."""

    amount: str = Field(description="For people, such as 49.00 EUR.")
    unlock_route: str
    lookup_key: str = Field(description="The price's lookup key at Stripe.")


class MissingConsentLine(Line):
    """A consent that was not given, with what waits for it."""

    title: str
    question: str
    needed_by: tuple[str, ...] = Field(description="What waits for it, such as “channel email”.")


class CircumstanceLine(Line):
    """A circumstance that the scenario was asked with."""

    title: str
    source: str
    date: datetime.date = Field(description="Day from which the source applies.")


class RiskLine(Line):
    """A risk that comes with what was chosen."""

    title: str
    severity: Severity
    mitigation: str
    check: str
    because_of: tuple[str, ...]


class ChangeLine(Line):
    """One smallest set of steps that makes the scenario ready; several lines are alternatives."""

    give: tuple[str, ...] = Field(description="Consents to ask for.")
    drop: tuple[str, ...] = Field(description="Channels to leave out.")
