"""Models of the product: consents, channels, layers, and what each of them needs."""

import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from lab.rules.model.postgres import Function, TableRef
from lab.rules.model.rule import (
    WRITTEN_AS_ID,
    WRITTEN_AS_ID_IF_ANY,
    Id,
    PrivacyClass,
    Rule,
    Severity,
    Source,
    Sql,
    Title,
    Why,
)


class StandingRule(Rule):
    """One of the four rules that hold in every scenario."""

    id: Id
    sentence: Title
    why: Why
    enforced_by: tuple[str, ...] = Field(description="Names of the triggers, constraints or grants that enforce it.")
    source: Source


class Currency(Rule):
    """A currency that the shop accepts.

    Source: https://docs.stripe.com/currencies (minor units, zero-decimal and three-decimal currencies, special cases).
    """

    id: Annotated[str, Field(pattern=r"^[a-z]{3}$", description="ISO 4217 code, lower case, as Stripe writes it.")]
    title: Title
    exponent: Literal[0, 2, 3] = Field(description="Decimals of an amount in Stripe's smallest unit.")
    step: int = Field(ge=1, description="Amounts are multiples of this many smallest units.")


class Consent(Rule):
    """An explicit permission for one purpose."""

    id: Id
    title: Title
    question: Why = Field(description="The wording of the question, as the visitor reads it.")
    without_it: Why = Field(description="What the visitor still gets without the consent.")
    withdrawal: Why = Field(description="What happens at once when the consent is withdrawn.")
    scope: Literal["account", "artifact"] = Field(description="What one consent covers.")
    version: int = Field(ge=1, description="Version of the wording; a changed sentence needs a new number.")
    locale: str = Field(description="Language of the wording, BCP 47.")
    source: Source


ConsentRef = Annotated[Consent, WRITTEN_AS_ID]


class Notice(Rule):
    """An approved text that a buyer is shown or given, with its version and language; its hash is kept with each use."""

    id: Id = Field(description="What the text is for; one of `consent_notices.purpose`.")
    title: Title
    body: Why = Field(description="The text. Words in braces are filled in by the database.")
    version: int = Field(ge=1, description="Version of the wording; a changed sentence needs a new number.")
    locale: str = Field(description="Language of the wording, BCP 47.")
    source: Source


class TableNeed(Rule):
    """A table that a layer or channel needs, and why."""

    table: TableRef
    why: Why


class ConsentNeed(Rule):
    """A consent that a layer or channel needs, and why."""

    consent: ConsentRef
    why: Why


class EnvVariable(Rule):
    """An environment variable of the site's server, with the form its value must have."""

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    title: Title
    why: Why
    secret: bool = Field(description="True when the value must never reach a browser, a page or a log.")
    form: str = Field(description="Regular expression that a well-formed value matches in full.")
    form_in_words: Why = Field(description="The form in words, as the end of a sentence after a colon.")
    example: str = Field(description="A made-up value of the right form.")
    chapter: int = Field(
        ge=1, le=16, description="The chapter whose promise is broken when the value is missing or wrong."
    )
    source: Source


EnvRef = Annotated[EnvVariable, WRITTEN_AS_ID]


class Risk(Rule):
    """Something that can go wrong in a scenario."""

    id: Id
    title: Title
    why: Why
    severity: Severity
    mitigation: Why
    check: Why = Field(description="The check that shows that it has happened.")
    until: Annotated[Consent | None, WRITTEN_AS_ID_IF_ANY] = Field(
        default=None, description="The risk is open only until this consent is given."
    )
    source: Source


RiskRef = Annotated[Risk, WRITTEN_AS_ID]


class Job(Rule):
    """A tracked delivery job, with its legs, consents, attempts and support."""

    id: Id
    title: Title
    description: Why
    legs: tuple[Literal["account", "email"], ...] = Field(description="Where the result goes; one job row for each.")
    consents: tuple[ConsentRef, ...] = Field(
        description="Consents that the whole job needs; without them it is refused."
    )
    email_leg_waits_for: tuple[ConsentRef, ...] = Field(
        default=(), description="Consents that only the e-mail leg waits for; the account leg runs without them."
    )
    max_attempts: int = Field(ge=1, le=50)
    support_path: str = Field(description="Where support handles a job of this kind.")
    support: Why = Field(description="What support does when the job fails for good.")
    source: Source


JobRef = Annotated[Job, WRITTEN_AS_ID]


class ScenarioPart(Rule):
    """A layer or channel that a scenario chooses, with everything that it needs."""

    id: Id
    title: Title
    description: Why
    tables: tuple[TableNeed, ...]
    consents: tuple[ConsentNeed, ...] = ()
    env: tuple[EnvRef, ...] = ()
    risks: tuple[RiskRef, ...] = ()
    source: Source


class Arrival(StrEnum):
    """When something reaches a person, in the order of time."""

    PAYMENT = "after the payment"
    READY = "when the reading is ready"
    CHOICE = "when its owner shares or gives it"
    LATER = "weeks later"
    LOSS = "when its buyer has lost access"


class Channel(ScenarioPart):
    """A way in which something leaves the database."""

    leaves: Why = Field(description="Exactly what leaves the database.")
    arrives: Arrival
    job: Annotated[Job | None, WRITTEN_AS_ID_IF_ANY]
    exposes: tuple[PrivacyClass, ...] = Field(description="Classes of fields that can leave through it.")


ChannelRef = Annotated[Channel, WRITTEN_AS_ID]


class TakeBack(Rule):
    """What a refund in full, or a lost dispute, takes back in one table, and what a failed refund gives back there."""

    table: TableRef
    belongs: Sql = Field(description="Condition that the row t was bought with the purchase.")
    when: Sql = Field(description="Condition under which the row t is taken back; for any other row it is false.")
    sets: Sql = Field(description="Assignments that take it back.")
    why: Why
    returns_when: str | None = Field(
        default=None, description="Condition under which the row t is given back when the purchase is unlocked again."
    )
    returns_sets: str | None = Field(default=None, description="Assignments that give it back.")
    stays: str | None = Field(default=None, description="Why it stays taken back.")


class Layer(ScenarioPart):
    """Something that the shop sells or relies on."""

    note: Title = Field(description="The one sentence that the verdict shows for this layer.")
    channels: tuple[ChannelRef, ...]
    takes_back: tuple[TakeBack, ...] = Field(
        default=(), description="What a refund in full or a lost dispute takes back, also from a gift's recipient."
    )
    keeps: Why | None = Field(default=None, description="What its buyer keeps all the same, and why.")


class ChannelNeed(Rule):
    """A channel that comes with a circumstance, and why."""

    channel: ChannelRef
    why: Why


class Refusal(Rule):
    """A layer or channel that a circumstance rules out, and why."""

    part: Annotated[Layer | Channel, WRITTEN_AS_ID]
    why: Why


class Circumstance(ScenarioPart):
    """A fact about the buyer or the product that changes what a scenario needs: the answer to a “what if”."""

    date: datetime.date = Field(
        description="Day from which the source applies; for documentation, the day on which it was read."
    )
    channels: tuple[ChannelNeed, ...] = Field(
        default=(), description="Channels that come with it, whatever was chosen."
    )
    refuses: tuple[Refusal, ...] = Field(default=(), description="Layers and channels that it rules out.")
    voids_consents: str = Field(
        default="", description="Why no consent of this person counts, as a sentence; empty when consents count."
    )


class Offer(Rule):
    """Something that the shop sells: one product with one price, at Stripe and in the database."""

    id: Id = Field(description="The lookup key of the price at Stripe. It never changes, even when the price does.")
    layer: Annotated[Layer, WRITTEN_AS_ID] = Field(description="The layer that it unlocks.")
    title: str = Field(description="Name in the shop, one of `products.title`.")
    amount_minor: int = Field(ge=1, le=99_999_999, description="Price of one piece, in the currency's smallest unit.")
    currency: str = Field(description="ISO 4217 code in lower case.")
    unlock_route: str = Field(description="Path on the site that the buyer is sent to after paying.")
    delivered: Literal["at_once", "later"] = Field(
        description="When the delivery begins: with the payment, or later, after the window of withdrawal may be used."
    )
    waiver: Annotated[Notice | None, WRITTEN_AS_ID_IF_ANY] = Field(
        description="What a buyer agrees to who wants it at once and gives up the right of withdrawal. None when it is "
        "delivered later: that right cannot be given up."
    )
    source: Source


class OperatorAct(Rule):
    """Something that an operator does about what waits. The database writes it into the audit trail."""

    id: Id
    title: Title = Field(description="On the button, and in the command line's help.")
    effect: str = Field(min_length=8, description="What happens, before it is confirmed.")
    done: str = Field(min_length=4, description="What is said when it is done.")
    repeated: str = Field(min_length=8, description="What is said when nothing was left to do.")
    function: Annotated[Function | None, WRITTEN_AS_ID_IF_ANY] = Field(
        default=None, description="Function that does it, given the id of what waits; none asks Stripe."
    )
    decision: str | None = Field(default=None, description="The function's second argument.")
    reasons: tuple[Id, ...] = Field(
        default=(), description="Codes of the usual reasons, where the function's second argument is a reason."
    )


class Waiting(Rule):
    """A kind of thing about payments or deliveries that waits for a person."""

    id: Id
    title: Title
    why: Why
    next_step: str = Field(min_length=8, description="What a person does next, as an instruction.")
    acts: tuple[Annotated[OperatorAct, WRITTEN_AS_ID], ...] = Field(description="What can be done here, in order.")
    keeps_locked: bool = Field(default=False, description="True when the purchase stays locked until it is decided.")
    command: str = Field(default="", description="What is run on the server, where no act of an operator helps.")
