"""What buyers ask for: the classes of scenario that a play can have. To add one, add a `Wish` to WISHES.

What a channel or a layer brings beside the reading is made in `making.py`. The rest is done by the product's worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from lab.plan.make import Plan, make_plan
from lab.plan.scenario import Scenario
from lab.rehearsal.making import MAKE, Bought, Connection, accept_gift
from lab.rules import RULES, channels, consents, jobs, layers

BASIC = (channels.email.id, channels.pdf.id, channels.receipt.id)
_SCOPED = (consents.gift_recipient.id, consents.public_share.id)  # given for one artifact, once there is one


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A class of scenario.

    Args:
        id: Its name in a schedule.
        title: What the buyer asks for, in words.
        scenario: The layer, the channels and the consents.
        anonymous: Whether the buyer has signed in without an address.
        accepted: Whether the recipient of a gift accepts it.
    """

    id: str
    title: str
    scenario: Scenario
    anonymous: bool = False
    accepted: bool = False

    @cached_property
    def plan(self) -> Plan:
        """Return the plan of the scenario."""
        return make_plan(self.scenario)

    @property
    def reading(self) -> bool:
        """Tell whether the purchase brings a reading with its file."""
        return channels.pdf.id in self.scenario.channels

    def make(self, connection: Connection, bought: Bought) -> None:
        """Make what the buyer asks for beside the reading. A second call makes nothing twice."""
        for asked in (self.scenario.layer, *self.scenario.channels):
            if make := MAKE.get(asked):
                make(connection, bought)
        if self.accepted:
            accept_gift(connection, bought)

    @property
    def given_first(self) -> tuple[str, ...]:
        """Return the consents that the buyer gives before the purchase."""
        return tuple(one for one in self.scenario.consents if one not in _SCOPED)

    @cached_property
    def planned(self) -> frozenset[str]:
        """Return the channels that may have a job: the receipt, and those of the plan whose consents are given."""
        missing = {line.name for line in self.plan.missing_consents}
        needed = {job.id: {one.id for one in job.consents} for job in RULES.jobs}
        ready = {line.name for line in self.plan.jobs if not needed[line.name] & missing}
        return frozenset({*ready, jobs.receipt.id})  # every purchase has a receipt, whatever is asked for


def _ask_for(layer: str, *channels: str, given: tuple[str, ...] = ()) -> Scenario:
    return Scenario(layer=layer, channels=channels, consents=given)


_MAIL, _GIFT, _SHARE = consents.email_delivery.id, consents.gift_recipient.id, consents.public_share.id
_AI, _ECHO_CONSENT = consents.ai_processing.id, consents.echo_followup.id
reading = Wish(
    id="reading",
    title="A reading, with its file and a notice",
    scenario=_ask_for(layers.artifacts.id, *BASIC, given=(_MAIL,)),
)
refused = Wish(
    id="refused",
    title="A reading, without the e-mail consent",
    scenario=_ask_for(layers.artifacts.id, *BASIC),
)
anonymous = Wish(
    id="anonymous",
    title="A reading for somebody without an address",
    scenario=_ask_for(layers.artifacts.id, *BASIC),
    anonymous=True,
)
gift = Wish(
    id="gift",
    title="A gift with an invitation",
    scenario=_ask_for(layers.artifacts.id, *BASIC, channels.gift.id, given=(_MAIL, _GIFT)),
)
gift_accepted = replace(gift, id="gift_accepted", title="A gift that its recipient accepts", accepted=True)
gift_refused = Wish(
    id="gift_refused",
    title="A gift, without the consent to invite its recipient",
    scenario=_ask_for(layers.artifacts.id, *BASIC, channels.gift.id, given=(_MAIL,)),
)
share_card = Wish(
    id="share_card",
    title="A share-card",
    scenario=_ask_for(layers.artifacts.id, *BASIC, channels.share_card.id, given=(_MAIL, _SHARE)),
)
recovery = Wish(
    id="recovery",
    title="A link back to the purchase",
    scenario=_ask_for(layers.artifacts.id, *BASIC, channels.recovery.id, given=(_MAIL,)),
)
scroll = Wish(
    id="scroll",
    title="A Scroll, with its file and a notice",
    scenario=_ask_for(layers.scroll.id, *BASIC, given=(_MAIL,)),
)
echo = Wish(
    id="echo",
    title="An Echo that returns",
    scenario=_ask_for(layers.echo.id, channels.echo.id, channels.receipt.id, given=(_MAIL, _AI, _ECHO_CONSENT)),
)
council = Wish(
    id="council",
    title="A Council",
    scenario=_ask_for(layers.council.id, *BASIC, given=(_MAIL, _AI)),
)
passport = Wish(
    id="passport",
    title="A sealed Passport record",
    scenario=_ask_for(
        layers.passport.id, channels.email.id, channels.pdf.id, given=(_MAIL, consents.passport_write.id)
    ),
)
WISHES = (
    reading, refused, anonymous, gift, gift_accepted, gift_refused, share_card, recovery,
    scroll, echo, council, passport,
)  # fmt: skip
BY_ID = {wish.id: wish for wish in WISHES}
BESIDE = {wish.id: wish for wish in (gift, gift_accepted, share_card, recovery, refused)}


def combine(base: Wish, beside: Sequence[Wish]) -> Wish:
    """Return what a buyer asks for who wants several things of one purchase.

    Args:
        base: What is bought.
        beside: What is asked for beside it: wishes of BESIDE. With `refused`, e-mail is not allowed.
    """
    if base is reading and beside:  # each of the others brings the reading, too
        base, *beside = beside
    if not beside:
        return base
    asked = {*base.scenario.channels, *({channel for one in beside for channel in one.scenario.channels} - set(BASIC))}
    given = {*base.scenario.consents, *(consent for one in beside for consent in one.scenario.consents)}
    if refused in (base, *beside):
        given.discard(_MAIL)
    titles = [base.title, *(one.title[:1].lower() + one.title[1:] for one in beside)]
    return Wish(
        id="+".join(one.id for one in (base, *beside)),
        title=", with ".join(titles),
        scenario=_ask_for(base.scenario.layer, *asked, given=tuple(given)),
        anonymous=base.anonymous,
        accepted=any(one.accepted for one in (base, *beside)),
    )


def find_wish(named: str) -> Wish | None:
    """Return the wish of a name such as `council` or `gift+recovery`; None when there is none."""
    first, *others = named.split("+")
    if first not in BY_ID or not set(others) <= set(BESIDE):
        return None
    return combine(BY_ID[first], [BESIDE[other] for other in others])
