"""The content of a plan's picture: the stored fields, the consents that are needed, the channels, and the receivers."""

from dataclasses import dataclass
from typing import Literal

from lab.plan.make import Plan
from lab.rules import RULES
from lab.rules.model import Channel, Consent, ExternalTable, Layer, PrivacyClass, Table

GateState = Literal["given", "missing", "e-mail leg waits"]
DeliveryState = Literal["may leave", "to the account only", "waits for consent"]

PRIVATE = (PrivacyClass.SECRET, PrivacyClass.PERSONAL)
_GRAVITY = (
    PrivacyClass.SECRET,
    PrivacyClass.PERSONAL,
    PrivacyClass.FINANCIAL,
    PrivacyClass.PUBLIC,
    PrivacyClass.OPERATIONAL,
)
_PLACES = {"account": "The owner, in their account", "email": "The owner, by e-mail"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """A consent that the layer or a channel needs."""

    consent: Consent
    state: GateState


@dataclass(frozen=True, kw_only=True, slots=True)
class TableGroup:
    """Tables whose most private field has the same class."""

    privacy: PrivacyClass
    tables: tuple[Table, ...]
    behind: bool = False
    """True when no table of the plan has such fields, but a table that the plan's tables reference does."""

    def fields(self, table: Table) -> tuple[str, ...]:
        """Return the table's fields of the group's class."""
        return tuple(column.name for column in table.columns if column.privacy is self.privacy)


@dataclass(frozen=True, kw_only=True, slots=True)
class Receiver:
    """A receiver of a channel's content, and whether it arrives by e-mail."""

    words: str
    by_email: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One chosen channel that the layer offers."""

    channel: Channel
    state: DeliveryState
    groups: tuple[PrivacyClass, ...]
    gates: tuple[Gate, ...]
    email_gates: tuple[Gate, ...]
    receivers: tuple[Receiver, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """The content of a plan's picture, and of its sentences."""

    plan: Plan
    layer: Layer
    layer_gates: tuple[Gate, ...]
    groups: tuple[TableGroup, ...]
    deliveries: tuple[Delivery, ...]
    refused: tuple[Channel, ...]
    paid: bool


def make_flow(plan: Plan) -> Flow:
    """Make the content of a plan's picture. Pure."""
    layer = RULES.layer(plan.scenario.layer)
    chosen = tuple(channel for channel in RULES.channels if channel.id in plan.scenario.channels)
    offered = tuple(channel for channel in RULES.channels if channel.id in plan.channels)
    tables = _tables(plan)
    groups = _groups(tables, offered)
    layer_asks = {line.name for line in plan.needed_consents if any(map(_is_no_channel, line.needed_by))}
    return Flow(
        plan=plan,
        layer=layer,
        layer_gates=_gates(plan, layer_asks),
        groups=groups,
        deliveries=tuple(_delivery(plan, channel, groups, layer_asks) for channel in offered),
        refused=tuple(channel for channel in chosen if channel not in offered),
        paid=any(column.privacy is PrivacyClass.FINANCIAL for table in tables for column in table.columns),
    )


def _is_no_channel(source: str) -> bool:
    """Tell whether a consent is needed by the layer or a circumstance, before anything is kept."""
    return not source.startswith("channel ")


def private_word(privacy: PrivacyClass) -> str:
    """Return the word for a class, which tells whether it is private."""
    return f"{privacy.value}, private" if privacy in PRIVATE else privacy.value


def gravest(table: Table) -> PrivacyClass:
    """Return the most private class among a table's fields."""
    return min((column.privacy for column in table.columns), key=_GRAVITY.index)


def _tables(plan: Plan) -> tuple[Table, ...]:
    known = {table.qualified: table for table in RULES.tables}
    return tuple(known[line.name] for line in plan.tables)


def _groups(tables: tuple[Table, ...], channels: tuple[Channel, ...]) -> tuple[TableGroup, ...]:
    groups = []
    for privacy in _GRAVITY:
        kept = tuple(table for table in tables if gravest(table) is privacy)
        behind = _behind(tables, privacy) if any(privacy in channel.exposes for channel in channels) else ()
        if kept or behind:
            groups.append(TableGroup(privacy=privacy, tables=kept or behind, behind=not kept))
    return tuple(groups)


def _behind(tables: tuple[Table, ...], privacy: PrivacyClass) -> tuple[Table, ...]:
    """Return the tables with such fields that the given ones reference; the queue references what is delivered."""
    columns = [column for table in tables if table != RULES.queue for column in table.columns]
    references = [column.references.table for column in columns if column.references]
    own = [target for target in references if not isinstance(target, ExternalTable)]
    return tuple(table for table in RULES.tables if table in own and gravest(table) is privacy)


def _asks(channel: Channel) -> set[str]:
    job = channel.job.consents if channel.job else ()
    return {need.consent.id for need in channel.consents} | {consent.id for consent in job}


def _email_asks(channel: Channel) -> set[str]:
    waiting = channel.job.email_leg_waits_for if channel.job else ()
    return {consent.id for consent in waiting} - _asks(channel)


def _gates(plan: Plan, ids: set[str]) -> tuple[Gate, ...]:
    return tuple(
        Gate(consent=consent, state=_gate_state(plan, consent.id)) for consent in RULES.consents if consent.id in ids
    )


def _gate_state(plan: Plan, id: str) -> GateState:
    if id in plan.scenario.consents:
        return "given"
    return "missing" if id in {line.name for line in plan.missing_consents} else "e-mail leg waits"


def _delivery(plan: Plan, channel: Channel, groups: tuple[TableGroup, ...], layer_asks: set[str]) -> Delivery:
    held = {group.privacy for group in groups}
    return Delivery(
        channel=channel,
        state=_delivery_state(plan, channel, layer_asks),
        groups=tuple(privacy for privacy in channel.exposes if privacy in held),
        gates=_gates(plan, _asks(channel)),
        email_gates=_gates(plan, _email_asks(channel)),
        receivers=_receivers(channel),
    )


def _delivery_state(plan: Plan, channel: Channel, layer_asks: set[str]) -> DeliveryState:
    given = set(plan.scenario.consents)
    if not _asks(channel) | layer_asks <= given:
        return "waits for consent"
    return "may leave" if _email_asks(channel) <= given else "to the account only"


def _receivers(channel: Channel) -> tuple[Receiver, ...]:
    """Return the receivers of a channel's content, by the classes that it exposes and the legs of its job."""
    if PrivacyClass.PUBLIC in channel.exposes:
        return (Receiver(words="Anybody who has the link", by_email=False),)
    if PrivacyClass.PERSONAL in channel.exposes:
        return (Receiver(words="The other person, by e-mail", by_email=True),)
    legs = channel.job.legs if channel.job else ("account",)
    return tuple(Receiver(words=_PLACES[leg], by_email=leg == "email") for leg in legs)
