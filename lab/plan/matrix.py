"""Every layer with every channel: offered or not, which consents each needs, ready or not with those given. Pure."""

from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field

from lab.plan.make import Verdict, make_plan
from lab.plan.scenario import CHANNEL_IDS, GOLDEN_CASE, LAYER_IDS, Scenario


class Cell(BaseModel):
    """One layer with one channel, or with none."""

    model_config = ConfigDict(frozen=True)

    scenario: Scenario = Field(description="The scenario that the cell opens.")
    verdict: Verdict
    needs: tuple[str, ...] = Field(description="Ids of the consents that it needs.")
    missing: tuple[str, ...] = Field(description="Ids of those that were not given.")
    why: str = Field(description="Why it is not offered; empty when it is.")

    @property
    def channel(self) -> str:
        """Return the channel's id; empty without a channel."""
        return "".join(self.scenario.channels)

    @property
    def golden(self) -> bool:
        """Tell whether it is the seed's own scenario."""
        return self.scenario == GOLDEN_CASE


@lru_cache(maxsize=256)
def make_matrix(consents: tuple[str, ...] = (), what_if: tuple[str, ...] = ()) -> tuple[tuple[Cell, ...], ...]:
    """Return a row for each layer, with one cell without a channel and one for each channel, in the rules' order.

    Args:
        consents: Ids of the consents that were given.
        what_if: Ids of the circumstances that are supposed.
    """
    columns = ((), *((channel,) for channel in CHANNEL_IDS))
    return tuple(
        tuple(
            _make_cell(Scenario(layer=layer, channels=channels, consents=consents, what_if=what_if))
            for channels in columns
        )
        for layer in LAYER_IDS
    )


def _make_cell(scenario: Scenario) -> Cell:
    plan = make_plan(scenario)
    offered = plan.verdict is not Verdict.NOT_OFFERED
    return Cell(
        scenario=scenario,
        verdict=plan.verdict,
        needs=tuple(line.name for line in plan.needed_consents) if offered else (),
        missing=tuple(line.name for line in plan.missing_consents) if offered else (),
        why=" ".join(f"{line.name} {line.why}" for line in plan.refusals),
    )
