"""Makes a plan from a scenario: everything that it requires, each line with its reason, and one verdict. Pure."""

from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from itertools import chain, combinations

from pydantic import BaseModel, ConfigDict, Field

from lab.plan.lines import (
    ChangeLine,
    EnvLine,
    JobLine,
    Line,
    MissingConsentLine,
    PolicyLine,
    PriceLine,
    RiskLine,
    TableLine,
)
from lab.plan.scenario import Scenario
from lab.rules import RULES
from lab.rules.amounts import format_amount
from lab.rules.model import (
    Channel,
    Consent,
    ConsentNeed,
    Layer,
    Policy,
    ScenarioPart,
    Severity,
    Table,
    TableNeed,
)


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
    tables: tuple[TableLine, ...]
    jobs: tuple[JobLine, ...]
    env: tuple[EnvLine, ...]
    policies: tuple[PolicyLine, ...]
    missing_consents: tuple[MissingConsentLine, ...]
    risks: tuple[RiskLine, ...]
    prices: tuple[PriceLine, ...]
    standing_rules: tuple[Line, ...]
    smallest_change: tuple[ChangeLine, ...]

    def after(self, change: ChangeLine) -> Scenario:
        """Return the scenario with a change made."""
        return Scenario(
            layer=self.scenario.layer,
            channels=tuple(id for id in self.scenario.channels if id not in change.drop),
            consents=(*self.scenario.consents, *change.give),
        )


STANDING_LINES = tuple(Line(name=rule.sentence, why=rule.why) for rule in RULES.standing_rules)


def make_plan(scenario: Scenario) -> Plan:
    """Plan a scenario. Pure: the same scenario always gives the same plan.

    Args:
        scenario: What was picked.

    Returns:
        The plan; its lists stand in the order in which people read them.
    """
    fixed = _make_fixed_part(scenario.layer, scenario.channels)
    missing = tuple(asked.line for asked in fixed.asked if asked.line.name not in scenario.consents)
    settled = not missing and not fixed.refused
    return Plan.model_construct(
        scenario=scenario,
        verdict=_verdict(bool(fixed.refused), bool(missing)),
        notes=fixed.notes,
        tables=fixed.tables,
        jobs=fixed.jobs,
        env=fixed.env,
        policies=fixed.policies,
        missing_consents=missing,
        risks=tuple(line for until, line in fixed.risks if until is None or until not in scenario.consents),
        prices=fixed.prices,
        standing_rules=STANDING_LINES,
        smallest_change=()
        if settled
        else _smallest_change(scenario.layer, scenario.channels, tuple(line.name for line in missing)),
    )


def _verdict(refused: bool, missing: bool) -> Verdict:
    if refused:
        return Verdict.NOT_OFFERED
    return Verdict.MISSING_CONSENT if missing else Verdict.READY


class _Asked(BaseModel):
    """A needed consent, and the layer and channels that wait for it."""

    model_config = ConfigDict(frozen=True)

    line: MissingConsentLine
    layer: bool = Field(description="Whether the layer itself waits for it.")
    channels: frozenset[str] = Field(description="Ids of the channels that wait for it.")


class _FixedPart(BaseModel):
    """The part of a plan that does not depend on the consents."""

    model_config = ConfigDict(frozen=True)

    refused: tuple[str, ...]
    notes: tuple[Line, ...]
    tables: tuple[TableLine, ...]
    jobs: tuple[JobLine, ...]
    env: tuple[EnvLine, ...]
    policies: tuple[PolicyLine, ...]
    prices: tuple[PriceLine, ...]
    asked: tuple[_Asked, ...]
    risks: tuple[tuple[str | None, RiskLine], ...]


@cache
def _make_fixed_part(layer_id: str, channel_ids: tuple[str, ...]) -> _FixedPart:
    layer = RULES.layer(layer_id)
    offered = {channel.id for channel in layer.channels}
    chosen = tuple(channel for channel in RULES.channels if channel.id in channel_ids)
    refused = tuple(channel for channel in chosen if channel.id not in offered)
    channels = tuple(channel for channel in chosen if channel.id in offered)
    tables = _tables(layer, channels)
    return _FixedPart(
        refused=tuple(channel.id for channel in refused),
        notes=(
            Line(name=layer.note, why=layer.description),
            *(_not_offered(layer, channel) for channel in refused),
        ),
        tables=tuple(line for _, line in tables),
        jobs=_jobs(channels),
        env=_env(layer, channels),
        policies=tuple(_policy_line(table, policy) for table, _ in tables for policy in table.policies),
        prices=_prices(layer),
        asked=_asked(layer, channels),
        risks=_risks(layer, channels),
    )


def _not_offered(layer: Layer, channel: Channel) -> Line:
    offers = ", ".join(offered.title for offered in layer.channels)
    return Line(name=f"{layer.title} does not come as {channel.title}.", why=f"{layer.title} is offered as {offers}.")


def _tables(layer: Layer, channels: tuple[Channel, ...]) -> list[tuple[Table, TableLine]]:
    """Return each table once, in the order in which it is first brought, the audit trail last."""
    brought: dict[str, list[tuple[str, TableNeed]]] = {}
    for bringer, need in _needs(layer, channels):
        brought.setdefault(need.table.id, []).append((bringer, need))
    return [(needs[0][1].table, _table_line(needs)) for needs in brought.values()]


def _needs(layer: Layer, channels: tuple[Channel, ...]) -> Iterable[tuple[str, TableNeed]]:
    yield from ((_who(layer), need) for need in layer.tables)
    for channel in channels:
        yield from ((_who(channel), need) for need in channel.tables)
        if channel.job is not None:
            yield (
                _who(channel),
                TableNeed(table=RULES.queue, why=f"{channel.job.title} runs as a tracked job."),
            )
    yield (
        "every scenario",
        TableNeed(table=RULES.audit, why="Every action is written to the audit trail."),
    )


def _table_line(needs: list[tuple[str, TableNeed]]) -> TableLine:
    table = needs[0][1].table
    return TableLine(
        name=table.qualified,
        why=" ".join(dict.fromkeys(need.why for _, need in needs)),
        title=table.title,
        description=table.description,
        because_of=tuple(dict.fromkeys(bringer for bringer, _ in needs)),
    )


def _jobs(channels: tuple[Channel, ...]) -> tuple[JobLine, ...]:
    jobs = [(channel, channel.job) for channel in channels if channel.job is not None]
    return tuple(
        JobLine(
            name=job.id,
            why=f"{channel.title} was chosen. {job.description}",
            title=job.title,
            support_path=job.support_path,
            max_attempts=job.max_attempts,
        )
        for channel, job in jobs
    )


def _env(layer: Layer, channels: tuple[Channel, ...]) -> tuple[EnvLine, ...]:
    variables = dict.fromkeys(chain(RULES.env_always, layer.env, *(channel.env for channel in channels)))
    return tuple(EnvLine(name=v.id, why=v.why, secret=v.secret, example=v.example) for v in variables)


def _policy_line(table: Table, policy: Policy) -> PolicyLine:
    return PolicyLine(
        name=policy.name,
        why=policy.why,
        table=table.qualified,
        role=policy.role.id,
        command=policy.command.value,
    )


def _prices(layer: Layer) -> tuple[PriceLine, ...]:
    return tuple(
        PriceLine(
            name=offer.title,
            why=f"Unlocks {layer.title}. Its buyer is sent to {offer.unlock_route}.",
            amount=format_amount(offer.amount_minor, offer.currency),
            unlock_route=offer.unlock_route,
            lookup_key=offer.id,
        )
        for offer in RULES.offers
        if offer.layer.id == layer.id
    )


def _asked(layer: Layer, channels: tuple[Channel, ...]) -> tuple[_Asked, ...]:
    asks: dict[str, list[tuple[ScenarioPart, ConsentNeed]]] = {}
    for bringer in _picked(layer, channels):
        for ask in bringer.consents:
            asks.setdefault(ask.consent.id, []).append((bringer, ask))
    return tuple(_join_asks(consent, asks[consent.id]) for consent in RULES.consents if consent.id in asks)


def _join_asks(consent: Consent, asks: list[tuple[ScenarioPart, ConsentNeed]]) -> _Asked:
    line = MissingConsentLine(
        name=consent.id,
        why=" ".join(dict.fromkeys(ask.why for _, ask in asks)),
        title=consent.title,
        question=consent.question,
        needed_by=tuple(dict.fromkeys(_who(bringer) for bringer, _ in asks)),
    )
    return _Asked(
        line=line,
        layer=any(isinstance(bringer, Layer) for bringer, _ in asks),
        channels=frozenset(bringer.id for bringer, _ in asks if isinstance(bringer, Channel)),
    )


def _risks(layer: Layer, channels: tuple[Channel, ...]) -> tuple[tuple[str | None, RiskLine], ...]:
    """Return each risk once, the gravest first, with the consent that would close it, if one does."""
    bringers: dict[str, list[str]] = {}
    for bringer in _picked(layer, channels):
        for risk in bringer.risks:
            bringers.setdefault(risk.id, []).append(_who(bringer))
    gravity = list(Severity)
    risks = sorted((r for r in RULES.risks if r.id in bringers), key=lambda risk: gravity.index(risk.severity))
    return tuple(
        (
            risk.until.id if risk.until else None,
            RiskLine(
                name=risk.id,
                why=risk.why,
                title=risk.title,
                severity=risk.severity,
                mitigation=risk.mitigation,
                check=risk.check,
                because_of=tuple(bringers[risk.id]),
            ),
        )
        for risk in risks
    )


@cache
def _smallest_change(layer_id: str, channel_ids: tuple[str, ...], missing: tuple[str, ...]) -> tuple[ChangeLine, ...]:
    """Return every way to become ready that takes the fewest steps; asking for a consent comes first."""
    fixed = _make_fixed_part(layer_id, channel_ids)
    options = [_option(fixed, missing, give) for give in _some(missing)]
    possible = [option for option in options if option is not None]
    fewest = min(len(give) + len(drop) for give, drop in possible)
    best = [(give, drop) for give, drop in possible if len(give) + len(drop) == fewest]
    return tuple(_change_line(fixed, give, drop) for give, drop in sorted(best, key=lambda option: len(option[1])))


def _some(ids: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    return chain.from_iterable(combinations(ids, count) for count in range(len(ids) + 1))


def _option(
    fixed: _FixedPart, missing: tuple[str, ...], give: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return what to give and what to drop, or none when the layer itself waits for something not given."""
    left = [asked for asked in fixed.asked if asked.line.name in missing and asked.line.name not in give]
    if any(asked.layer for asked in left):
        return None
    waiting = {*fixed.refused, *(id for asked in left for id in asked.channels)}
    return give, tuple(channel.id for channel in RULES.channels if channel.id in waiting)


def _change_line(fixed: _FixedPart, give: tuple[str, ...], drop: tuple[str, ...]) -> ChangeLine:
    steps = [*(f"give {id}" for id in give), *(f"drop {id}" for id in drop)]
    whys = [
        *(f"{consent.title}: “{consent.question}”" for consent in RULES.consents if consent.id in give),
        *(
            f"{channel.title} is not offered here."
            if channel.id in fixed.refused
            else f"{channel.title} waits for a consent that was not given."
            for channel in RULES.channels
            if channel.id in drop
        ),
    ]
    return ChangeLine(name=" and ".join(steps), why=" ".join(whys), give=give, drop=drop)


def _picked(layer: Layer, channels: tuple[Channel, ...]) -> tuple[ScenarioPart, ...]:
    return (layer, *channels)


def _who(bringer: ScenarioPart) -> str:
    """Name what brought a line; a layer and a channel may share an id."""
    return f"{'layer' if isinstance(bringer, Layer) else 'channel'} {bringer.id}"
