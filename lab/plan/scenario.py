"""A scenario: one layer, delivery channels, the consents that were given, and what if."""

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from lab.rules import RULES


def _in_order(kind: str, given: Iterable[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return the ids in the rules' order, each once.

    Raises:
        PydanticCustomError: Names every unknown id and all the valid ones.
    """
    wanted = list(given)
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise PydanticCustomError(
            "unknown_id",
            "unknown {kind} {unknown}; choose from {known}",
            {"kind": kind, "unknown": ", ".join(unknown), "known": ", ".join(known)},
        )
    return tuple(id for id in known if id in wanted)


LAYER_IDS = tuple(layer.id for layer in RULES.layers)
CHANNEL_IDS = tuple(channel.id for channel in RULES.channels)
CONSENT_IDS = tuple(consent.id for consent in RULES.consents)
WHAT_IF_IDS = tuple(one.id for one in RULES.circumstances)


class Scenario(BaseModel):
    """What a plan is made for; its lists are kept in the rules' order, each id once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layer: str = Field(description="Id of a layer.")
    channels: tuple[str, ...] = Field(default=(), description="Ids of channels.")
    consents: tuple[str, ...] = Field(default=(), description="Ids of the consents that were given.")
    what_if: tuple[str, ...] = Field(default=(), description="Ids of the circumstances that are supposed.")

    @field_validator("layer")
    @classmethod
    def _known_layer(cls, layer: str) -> str:
        return _in_order("layer", [layer], LAYER_IDS)[0]

    @field_validator("channels")
    @classmethod
    def _known_channels(cls, channels: tuple[str, ...]) -> tuple[str, ...]:
        return _in_order("channel", channels, CHANNEL_IDS)

    @field_validator("consents")
    @classmethod
    def _known_consents(cls, consents: tuple[str, ...]) -> tuple[str, ...]:
        return _in_order("consent", consents, CONSENT_IDS)

    @field_validator("what_if")
    @classmethod
    def _known_circumstances(cls, what_if: tuple[str, ...]) -> tuple[str, ...]:
        return _in_order("what-if", what_if, WHAT_IF_IDS)


GOLDEN_CASE = Scenario(layer="artifacts")
"""The seed's own scenario, which never changes."""


def all_scenarios() -> Iterable[Scenario]:
    """Yield each layer with every set of channels and every set of consents, without a what-if."""
    channel_sets, consent_sets = list(_subsets(CHANNEL_IDS)), list(_subsets(CONSENT_IDS))
    for layer in LAYER_IDS:
        for channels in channel_sets:
            for consents in consent_sets:
                yield Scenario.model_construct(layer=layer, channels=channels, consents=consents, what_if=())


def _subsets(ids: Sequence[str]) -> Iterable[tuple[str, ...]]:
    for bits in range(1 << len(ids)):
        yield tuple(id for place, id in enumerate(ids) if bits >> place & 1)
