"""A scenario from the other side: what a person is asked, and what reaches them, in the order of time. Pure."""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lab.plan.make import Plan
from lab.rules import RULES
from lab.rules.model import Arrival, Channel


class Step(BaseModel):
    """One thing that a person is asked, or that reaches them."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["question", "waiver", "delivery"]
    id: str = Field(description="Id of the consent, notice or channel.")
    title: str
    when: str
    words: str = Field(description="The words of a question, or what is delivered.")
    yes: bool = Field(description="Whether a question is answered with yes, or a delivery arrives.")
    lost: str = Field(default="", description="What a refused consent takes away, or why nothing arrives.")
    by_email: bool = Field(default=False, description="Whether it also comes by e-mail.")
    no_email_because: str = Field(default="", description="Why its e-mail does not come although the account has it.")


def list_steps(plan: Plan) -> tuple[Step, ...]:
    """Return what a person is asked, and then what reaches them or would have, in the order of time."""
    return (*_questions(plan), *_waiver(plan), *_deliveries(plan))


def _questions(plan: Plan) -> Iterator[Step]:
    """Yield the question of every consent that the scenario needs, or that an e-mail leg waits for."""
    needed = {line.name for line in plan.needed_consents} | {id for c in _channels(plan) for id in _waits_for(c)}
    for consent in RULES.consents:
        if consent.id in needed:
            yes = consent.id in plan.scenario.consents
            yield Step(
                kind="question",
                id=consent.id,
                title=f"{consent.title} consent",
                when="before anything is kept",
                words=consent.question,
                yes=yes,
                lost="" if yes else consent.without_it,
            )


def _waiver(plan: Plan) -> Iterator[Step]:
    """Yield what an EU buyer agrees to who wants the delivery at once."""
    offers = [offer for offer in RULES.offers if offer.layer.id == plan.scenario.layer and offer.waiver]
    if offers and offers[0].waiver and RULES.table("withdrawal_waivers").qualified in [t.name for t in plan.tables]:
        waiver = offers[0].waiver
        lost = "Without it the delivery begins after the 14 days, or the buyer may still withdraw."
        when = "before the payment"
        yield Step(kind="waiver", id=waiver.id, title=waiver.title, when=when, words=waiver.body, yes=True, lost=lost)


def _deliveries(plan: Plan) -> Iterator[Step]:
    for channel in sorted(_channels(plan), key=lambda channel: list(Arrival).index(channel.arrives)):
        lost = _why_lost(plan, channel)
        waiting = [id for id in _waits_for(channel) if id not in plan.scenario.consents]
        yield Step(
            kind="delivery",
            id=channel.id,
            title=channel.title,
            when=channel.arrives.value,
            words=channel.leaves,
            yes=not lost,
            lost=lost,
            by_email="email" in (channel.job.legs if channel.job else ()) and not waiting,
            no_email_because=" ".join(c.without_it for c in RULES.consents if c.id in waiting),
        )


def _channels(plan: Plan) -> list[Channel]:
    """Return the channels of a plan, and those that were chosen in vain."""
    return [channel for channel in RULES.channels if channel.id in {*plan.channels, *plan.scenario.channels}]


def _waits_for(channel: Channel) -> tuple[str, ...]:
    """Return the ids of the consents that only the e-mail of a channel waits for."""
    return tuple(consent.id for consent in channel.job.email_leg_waits_for) if channel.job else ()


def _why_lost(plan: Plan, channel: Channel) -> str:
    """Return why a channel's content does not reach the person; empty when it does."""
    if channel.id not in plan.channels or plan.refusals:
        named = [line for line in plan.refusals if channel.title in line.name] or plan.refusals
        return " ".join(f"{line.name} {line.why}" for line in named)
    asks = {need.consent.id for need in channel.consents}
    asks |= {line.name for line in plan.needed_consents if any(not s.startswith("channel ") for s in line.needed_by)}
    return " ".join(c.without_it for c in RULES.consents if c.id in asks - set(plan.scenario.consents))
