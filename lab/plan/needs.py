"""What a layer, its channels and the circumstances need, whatever consents were given. Pure."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from pydantic import BaseModel, ConfigDict, Field

from lab.plan.lines import (
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
from lab.rules import RULES
from lab.rules.amounts import format_amount
from lab.rules.model import (
    Channel,
    Circumstance,
    Consent,
    ConsentNeed,
    Layer,
    Policy,
    ScenarioPart,
    Severity,
    Table,
    TableNeed,
)

SCENARIOS_KEPT = 4096  # in the cache: there are 57,344 layers with channels and circumstances


class Asked(BaseModel):
    """A needed consent, and what waits for it."""

    model_config = ConfigDict(frozen=True)

    line: MissingConsentLine
    stays: bool = Field(description="Whether something waits for it that cannot be left out.")
    channels: frozenset[str] = Field(description="Ids of the chosen channels that wait for it.")


class Refused(BaseModel):
    """Something that the scenario cannot have."""

    model_config = ConfigDict(frozen=True)

    line: Line
    channel: str | None = Field(description="Id of the channel; none when it is the layer or a circumstance.")
    can_go: bool = Field(description="Whether it was chosen, so that leaving it out helps.")


class FixedPart(BaseModel):
    """The part of a plan that does not depend on the consents."""

    model_config = ConfigDict(frozen=True)

    channels: tuple[str, ...] = Field(description="Ids of the channels that are in it, also those of a circumstance.")
    refused: tuple[Refused, ...]
    notes: tuple[Line, ...] = Field(description="The layer's note, then what is refused.")
    circumstances: tuple[CircumstanceLine, ...]
    tables: tuple[TableLine, ...]
    jobs: tuple[JobLine, ...]
    env: tuple[EnvLine, ...]
    policies: tuple[PolicyLine, ...]
    prices: tuple[PriceLine, ...]
    asked: tuple[Asked, ...]
    risks: tuple[tuple[str | None, RiskLine], ...]


@lru_cache(maxsize=SCENARIOS_KEPT)
def read_needs(layer_id: str, channel_ids: tuple[str, ...], what_if: tuple[str, ...]) -> FixedPart:
    """Return what a scenario needs apart from the consents; ids are in the rules' order."""
    layer = RULES.layer(layer_id)
    circumstances = tuple(one for one in RULES.circumstances if one.id in what_if)
    brought = {need.channel.id for one in circumstances for need in one.channels}
    wanted = tuple(channel for channel in RULES.channels if channel.id in brought.union(channel_ids))
    refused = tuple(_refusals(layer, wanted, circumstances, brought))
    offered = {channel.id for channel in layer.channels} - {one.channel for one in refused}
    channels = tuple(channel for channel in wanted if channel.id in offered)
    picked = (layer, *channels, *circumstances)
    tables = _tables(picked)
    return FixedPart(
        channels=tuple(channel.id for channel in channels),
        refused=refused,
        notes=(Line(name=layer.note, why=layer.description), *(one.line for one in refused)),
        circumstances=tuple(_circumstance_line(one) for one in circumstances),
        tables=tuple(line for _, line in tables),
        jobs=_jobs(channels, brought.difference(channel_ids)),
        env=_env(picked),
        policies=tuple(_policy_line(table, policy) for table, _ in tables for policy in table.policies),
        prices=_prices(layer),
        asked=_asked(picked, brought),
        risks=_risks(picked),
    )


def _refusals(
    layer: Layer, wanted: tuple[Channel, ...], circumstances: tuple[Circumstance, ...], brought: set[str]
) -> Iterable[Refused]:
    for channel in wanted:
        if channel not in layer.channels:
            yield Refused(line=_not_offered(layer, channel), channel=channel.id, can_go=channel.id not in brought)
    parts: tuple[ScenarioPart, ...] = (layer, *(c for c in wanted if c in layer.channels), *circumstances)
    for part in parts:
        whys = tuple(dict.fromkeys(why for one in circumstances for why in _whys(one, part)))
        if whys:
            id_ = part.id if isinstance(part, Channel) else None
            can_go = id_ is not None and id_ not in brought
            yield Refused(line=_ruled_out(part, circumstances, whys), channel=id_, can_go=can_go)


def _whys(circumstance: Circumstance, part: ScenarioPart) -> Iterable[str]:
    """Yield why a circumstance rules a part out."""
    yield from (refusal.why for refusal in circumstance.refuses if refusal.part is part)
    if circumstance.voids_consents and part.consents:
        yield circumstance.voids_consents


def _not_offered(layer: Layer, channel: Channel) -> Line:
    offers = ", ".join(offered.title for offered in layer.channels)
    return Line(name=f"{layer.title} does not come as {channel.title}.", why=f"{layer.title} is offered as {offers}.")


def _ruled_out(part: ScenarioPart, circumstances: tuple[Circumstance, ...], whys: tuple[str, ...]) -> Line:
    titles = " and ".join(one.title for one in circumstances if any(True for _ in _whys(one, part)))
    consents = " and ".join(need.consent.title for need in part.consents)
    voided = consents and any(one.voids_consents for one in circumstances)
    asks = (f"{part.title} needs consent ({consents}).",) if voided else ()
    return Line(name=f"{part.title} is ruled out by “{titles}”.", why=" ".join((*asks, *whys)))


def _circumstance_line(one: Circumstance) -> CircumstanceLine:
    return CircumstanceLine(name=one.id, why=one.description, title=one.title, source=one.source, date=one.date)


def _tables(picked: tuple[ScenarioPart, ...]) -> list[tuple[Table, TableLine]]:
    """Return each table once, in the order in which it is first brought, the audit trail last."""
    brought: dict[str, list[tuple[str, TableNeed]]] = {}
    for bringer, need in _needs(picked):
        brought.setdefault(need.table.id, []).append((bringer, need))
    return [(needs[0][1].table, _table_line(needs)) for needs in brought.values()]


def _needs(picked: tuple[ScenarioPart, ...]) -> Iterable[tuple[str, TableNeed]]:
    for part in picked:
        yield from ((name_part(part), need) for need in part.tables)
        if isinstance(part, Channel) and part.job is not None:
            queued = TableNeed(table=RULES.queue, why=f"{part.job.title} runs as a tracked job.")
            yield name_part(part), queued
    yield "every scenario", TableNeed(table=RULES.audit, why="Every action is written to the audit trail.")


def _table_line(needs: list[tuple[str, TableNeed]]) -> TableLine:
    table = needs[0][1].table
    return TableLine(
        name=table.qualified,
        why=" ".join(dict.fromkeys(need.why for _, need in needs)),
        title=table.title,
        description=table.description,
        because_of=tuple(dict.fromkeys(bringer for bringer, _ in needs)),
    )


def _jobs(channels: tuple[Channel, ...], unchosen: set[str]) -> tuple[JobLine, ...]:
    jobs = [(channel, channel.job) for channel in channels if channel.job is not None]
    return tuple(
        JobLine(
            name=job.id,
            why=f"{channel.title} {'comes with it' if channel.id in unchosen else 'was chosen'}. {job.description}",
            title=job.title,
            support_path=job.support_path,
            max_attempts=job.max_attempts,
        )
        for channel, job in jobs
    )


def _env(picked: tuple[ScenarioPart, ...]) -> tuple[EnvLine, ...]:
    variables = dict.fromkeys(chain(RULES.env_always, *(part.env for part in picked)))
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


def _asked(picked: tuple[ScenarioPart, ...], brought: set[str]) -> tuple[Asked, ...]:
    asks: dict[str, list[tuple[ScenarioPart, ConsentNeed]]] = {}
    for bringer in picked:
        for ask in bringer.consents:
            asks.setdefault(ask.consent.id, []).append((bringer, ask))
    return tuple(_join_asks(consent, asks[consent.id], brought) for consent in RULES.consents if consent.id in asks)


def _join_asks(consent: Consent, asks: list[tuple[ScenarioPart, ConsentNeed]], brought: set[str]) -> Asked:
    line = MissingConsentLine(
        name=consent.id,
        why=" ".join(dict.fromkeys(ask.why for _, ask in asks)),
        title=consent.title,
        question=consent.question,
        needed_by=tuple(dict.fromkeys(name_part(bringer) for bringer, _ in asks)),
    )
    free = {bringer.id for bringer, _ in asks if isinstance(bringer, Channel) and bringer.id not in brought}
    stays = any(not isinstance(bringer, Channel) or bringer.id in brought for bringer, _ in asks)
    return Asked(line=line, stays=stays, channels=frozenset(free))


def _risks(picked: tuple[ScenarioPart, ...]) -> tuple[tuple[str | None, RiskLine], ...]:
    """Return each risk once, the gravest first, with the consent that would close it, if one does."""
    bringers: dict[str, list[str]] = {}
    for bringer in picked:
        for risk in bringer.risks:
            bringers.setdefault(risk.id, []).append(name_part(bringer))
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


def name_part(part: ScenarioPart) -> str:
    """Name what brought a line; a layer, a channel and a circumstance may share an id."""
    return f"{type(part).__name__.lower()} {part.id}"
