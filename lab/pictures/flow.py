"""What a plan's picture shows: what is kept, which consents stand in the way, what leaves, and who receives it."""

from dataclasses import dataclass
from typing import Literal

from lab.plan.make import Plan
from lab.rules import RULES
from lab.rules.model import Channel, Consent, ExternalTable, Layer, PrivacyClass, Table

GateState = Literal["given", "missing", "e-mail leg waits"]
WayState = Literal["may leave", "to the account only", "waits for consent"]

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
    """A consent that something waits for."""

    consent: Consent
    state: GateState


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """Tables whose most private field has the same class."""

    privacy: PrivacyClass
    tables: tuple[Table, ...]
    behind: bool = False
    """True when no table of the plan holds such fields, but one that the plan's tables point at does."""

    def fields(self, table: Table) -> tuple[str, ...]:
        """Return the table's fields of the shelf's class."""
        return tuple(column.name for column in table.columns if column.privacy is self.privacy)


@dataclass(frozen=True, kw_only=True, slots=True)
class Receiver:
    """Who receives what leaves, and whether an e-mail carries it there."""

    words: str
    by_email: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One chosen channel that the layer offers."""

    channel: Channel
    state: WayState
    shelves: tuple[PrivacyClass, ...]
    gates: tuple[Gate, ...]
    email_gates: tuple[Gate, ...]
    receivers: tuple[Receiver, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """A plan, as a picture or as sentences tells it."""

    plan: Plan
    layer: Layer
    layer_gates: tuple[Gate, ...]
    shelves: tuple[Shelf, ...]
    ways: tuple[Way, ...]
    refused: tuple[Channel, ...]
    paid: bool


def make_flow(plan: Plan) -> Flow:
    """Gather what the picture of a plan shows. Pure."""
    layer = RULES.layer(plan.scenario.layer)
    chosen = tuple(channel for channel in RULES.channels if channel.id in plan.scenario.channels)
    offered = tuple(channel for channel in chosen if channel in layer.channels)
    tables = _tables(plan)
    shelves = _shelves(tables, offered)
    layer_asks = {need.consent.id for need in layer.consents}
    return Flow(
        plan=plan,
        layer=layer,
        layer_gates=_gates(plan, layer_asks),
        shelves=shelves,
        ways=tuple(_way(plan, channel, shelves, layer_asks) for channel in offered),
        refused=tuple(channel for channel in chosen if channel not in layer.channels),
        paid=any(column.privacy is PrivacyClass.FINANCIAL for table in tables for column in table.columns),
    )


def private_word(privacy: PrivacyClass) -> str:
    """Return the word for a class, saying whether it is private."""
    return f"{privacy.value}, private" if privacy in PRIVATE else privacy.value


def gravest(table: Table) -> PrivacyClass:
    """Return the most private class among a table's fields."""
    return min((column.privacy for column in table.columns), key=_GRAVITY.index)


def _tables(plan: Plan) -> tuple[Table, ...]:
    known = {table.qualified: table for table in RULES.tables}
    return tuple(known[line.name] for line in plan.tables)


def _shelves(tables: tuple[Table, ...], channels: tuple[Channel, ...]) -> tuple[Shelf, ...]:
    shelves = []
    for privacy in _GRAVITY:
        kept = tuple(table for table in tables if gravest(table) is privacy)
        behind = _behind(tables, privacy) if any(privacy in channel.exposes for channel in channels) else ()
        if kept or behind:
            shelves.append(Shelf(privacy=privacy, tables=kept or behind, behind=not kept))
    return tuple(shelves)


def _behind(tables: tuple[Table, ...], privacy: PrivacyClass) -> tuple[Table, ...]:
    """Return the tables with such fields that the given ones point at; the queue points at whatever is delivered."""
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


def _way(plan: Plan, channel: Channel, shelves: tuple[Shelf, ...], layer_asks: set[str]) -> Way:
    held = {shelf.privacy for shelf in shelves}
    return Way(
        channel=channel,
        state=_way_state(plan, channel, layer_asks),
        shelves=tuple(privacy for privacy in channel.exposes if privacy in held),
        gates=_gates(plan, _asks(channel)),
        email_gates=_gates(plan, _email_asks(channel)),
        receivers=_receivers(channel),
    )


def _way_state(plan: Plan, channel: Channel, layer_asks: set[str]) -> WayState:
    given = set(plan.scenario.consents)
    if not _asks(channel) | layer_asks <= given:
        return "waits for consent"
    return "may leave" if _email_asks(channel) <= given else "to the account only"


def _receivers(channel: Channel) -> tuple[Receiver, ...]:
    """Name who receives what leaves, from the classes that it shows and the legs of its job."""
    if PrivacyClass.PUBLIC in channel.exposes:
        return (Receiver(words="Anybody who has the link", by_email=False),)
    if PrivacyClass.PERSONAL in channel.exposes:
        return (Receiver(words="The other person, by e-mail", by_email=True),)
    legs = channel.job.legs if channel.job else ("account",)
    return tuple(Receiver(words=_PLACES[leg], by_email=leg == "email") for leg in legs)
