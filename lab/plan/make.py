"""Makes a plan from a scenario: everything that it requires, each line with its reason, and one verdict. Pure."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from lab.plan.changes import find_changes, write_change
from lab.plan.lines import (
    ChangeLine,
    CircumstanceLine,
    EnvLine,
    JobLine,
    Line,
    MissingConsentLine,
    PolicyLine,
    PriceLine,
    RiskLine,
    TableLine,
)
from lab.plan.needs import read_needs
from lab.plan.scenario import Scenario
from lab.rules import RULES


class Verdict(StrEnum):
    """The result of a plan: whether the scenario can be used."""

    READY = "ready"
    MISSING_CONSENT = "missing consent"
    NOT_OFFERED = "not offered"


class Plan(BaseModel):
    """What a scenario requires, with the reason for every line, and the verdict."""

    model_config = ConfigDict(frozen=True)

    scenario: Scenario
    verdict: Verdict
    notes: tuple[Line, ...]
    what_if: tuple[CircumstanceLine, ...]
    tables: tuple[TableLine, ...]
    jobs: tuple[JobLine, ...]
    env: tuple[EnvLine, ...]
    policies: tuple[PolicyLine, ...]
    missing_consents: tuple[MissingConsentLine, ...]
    risks: tuple[RiskLine, ...]
    prices: tuple[PriceLine, ...]
    standing_rules: tuple[Line, ...]
    smallest_change: tuple[ChangeLine, ...]

    @property
    def refusals(self) -> tuple[Line, ...]:
        """Return what is not offered, each with its reason."""
        return self.notes[1:]

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the ids of the channels that are in the plan: the offered ones, and those of a circumstance."""
        return read_needs(self.scenario.layer, self.scenario.channels, self.scenario.what_if).channels

    @property
    def needed_consents(self) -> tuple[MissingConsentLine, ...]:
        """Return every consent that the scenario needs, given or not."""
        fixed = read_needs(self.scenario.layer, self.scenario.channels, self.scenario.what_if)
        return tuple(asked.line for asked in fixed.asked)

    @property
    def ways_to_ready(self) -> tuple[ChangeLine, ...]:
        """Return the smallest changes, and before them the one that leaves every channel in place."""
        fixed = read_needs(self.scenario.layer, self.scenario.channels, self.scenario.what_if)
        give = tuple(line.name for line in self.missing_consents)
        if fixed.refused or not give:
            return self.smallest_change
        keeps_all = write_change(fixed, give, ())
        return (keeps_all, *(change for change in self.smallest_change if change != keeps_all))

    def after(self, change: ChangeLine) -> Scenario:
        """Return the scenario with a change made."""
        return Scenario(
            layer=self.scenario.layer,
            channels=tuple(id for id in self.scenario.channels if id not in change.drop),
            consents=(*self.scenario.consents, *change.give),
            what_if=self.scenario.what_if,
        )


STANDING_LINES = tuple(Line(name=rule.sentence, why=rule.why) for rule in RULES.standing_rules)


def make_plan(scenario: Scenario) -> Plan:
    """Plan a scenario. Pure: the same scenario always gives the same plan.

    Args:
        scenario: What was picked.

    Returns:
        The plan; its lists stand in the order in which people read them.
    """
    fixed = read_needs(scenario.layer, scenario.channels, scenario.what_if)
    missing = tuple(asked.line for asked in fixed.asked if asked.line.name not in scenario.consents)
    verdict = _verdict(bool(fixed.refused), bool(missing))
    return Plan.model_construct(
        scenario=scenario,
        verdict=verdict,
        notes=fixed.notes,
        what_if=fixed.circumstances,
        tables=fixed.tables,
        jobs=fixed.jobs,
        env=fixed.env,
        policies=fixed.policies,
        missing_consents=missing,
        risks=tuple(line for until, line in fixed.risks if until is None or until not in scenario.consents),
        prices=fixed.prices,
        standing_rules=STANDING_LINES,
        smallest_change=()
        if verdict is Verdict.READY
        else find_changes(scenario.layer, scenario.channels, scenario.what_if, tuple(line.name for line in missing)),
    )


def _verdict(refused: bool, missing: bool) -> Verdict:
    if refused:
        return Verdict.NOT_OFFERED
    return Verdict.MISSING_CONSENT if missing else Verdict.READY
