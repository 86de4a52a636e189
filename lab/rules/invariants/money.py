"""Money: what is paid, unlocked, refunded and for sale, and what Stripe told."""

from lab.rules import risks
from lab.rules.model import Invariant, Severity
from lab.rules.tables.commerce import purchase_links
from lab.rules.tables.payments import purchases
from lab.rules.tables.readings import oracle_artifacts
from lab.rules.tables.stripe import stripe_events

paid_not_unlocked = Invariant(
    id="paid_not_unlocked",
    table=purchases,
    title="Whatever is paid is unlocked within a quarter of an hour.",
    severity=Severity.CRITICAL,
    chapter=13,
    why="Money that is in for a quarter of an hour without an unlock is a sale that went wrong.",
    decide="Look for the purchase's Stripe event: process it again, or have Stripe send it again.",
)
unlocked_not_paid = Invariant(
    id="unlocked_not_paid",
    table=purchases,
    title="Nothing is unlocked that was not paid.",
    severity=Severity.HIGH,
    chapter=13,
    why="What is unlocked without a payment was given away, by a mistake or by somebody who knew how.",
    decide="Compare the checkout session at Stripe: record the payment that was missed, or lock it again.",
)
refunded_still_unlocked = Invariant(
    id="refunded_still_unlocked",
    table=purchases,
    title="What was refunded or disputed is locked again.",
    severity=Severity.MEDIUM,
    chapter=13,
    why="Money that went back, or was called back by a bank, no longer pays for what it unlocked.",
    decide="Decide for each purchase whether the buyer keeps what was opened; if not, clear unlocked_at.",
    risks=(risks.refund_after_use,),
)
artifacts_without_purchase = Invariant(
    id="artifacts_without_purchase",
    table=oracle_artifacts,
    title="Every artifact that is ready belongs to a paid purchase.",
    severity=Severity.LOW,
    chapter=13,
    why="An artifact is sold; one that is ready and belongs to no paid purchase was given away, or its purchase was "
    "lost.",
    walks=oracle_artifacts,
    decide="Look for the payment at Stripe; if it was given away on purpose, nothing is to be done.",
)
links_without_product = Invariant(
    id="links_without_product",
    table=purchase_links,
    title="Every link that can be bought leads to a product that can be bought.",
    severity=Severity.HIGH,
    chapter=8,
    why="A link that can be bought leads to a product that can be bought.",
    decide="Offer the product again, or switch the link off.",
    risks=(risks.price_drift,),
)
stripe_events_waiting = Invariant(
    id="stripe_events_waiting",
    table=stripe_events,
    title="Every Stripe event is processed within the hour.",
    severity=Severity.HIGH,
    chapter=13,
    why="An event that has waited for an hour has no worker, or one that died while it had it.",
    decide="See whether the server that processes events runs; then look up the oldest one's error code.",
    risks=(risks.event_replay,),
)
stripe_events_in_review = Invariant(
    id="stripe_events_in_review",
    table=stripe_events,
    title="Every Stripe event that needs a person has found one within the day.",
    severity=Severity.HIGH,
    chapter=13,
    why="An event that waits for a person may be money that has come in for something nobody knows.",
    decide="Open the events in review, compare each with Stripe, and say what it was for.",
)
