"""Invariants of money: payments, unlocks, refunds, products and Stripe events."""

from lab.rules import risks
from lab.rules.model import Invariant, Severity
from lab.rules.tables.artifacts import oracle_artifacts
from lab.rules.tables.commerce import purchase_links
from lab.rules.tables.money_back import payment_reviews
from lab.rules.tables.payments import purchases
from lab.rules.tables.stripe import stripe_events

paid_not_unlocked = Invariant(
    id="paid_not_unlocked",
    table=purchases,
    title="Every paid purchase is unlocked within 15 minutes, unless a review keeps it locked.",
    severity=Severity.CRITICAL,
    chapter=13,
    why="The buyer paid more than 15 minutes ago and has received nothing.",
    decide="Find the purchase's Stripe event: process it again, or let Stripe send it again.",
    accept="Never: a buyer has paid and has nothing.",
)
unlocked_not_paid = Invariant(
    id="unlocked_not_paid",
    table=purchases,
    title="Every unlocked purchase was paid.",
    severity=Severity.HIGH,
    chapter=13,
    why="The purchase was unlocked without a payment, by mistake or on purpose.",
    decide="Compare the checkout session at Stripe: record the missing payment, or lock the purchase again.",
    accept="When the purchase was given away on purpose, until a review records it.",
)
paid_unlike_expected = Invariant(
    id="paid_unlike_expected",
    table=purchases,
    title="Every paid purchase brought in the expected amount, or a person has decided about it.",
    severity=Severity.INFO,
    chapter=13,
    why="A discount or a tax explains another amount. Without one, the buyer paid too little or too much.",
    decide="Compare the checkout session at Stripe: if no discount or tax explains the amount, decide what to do.",
    accept="There is no need: information does not fail a check.",
)
refunded_still_unlocked = Invariant(
    id="refunded_still_unlocked",
    table=purchases,
    title="Refunded and disputed purchases are locked.",
    severity=Severity.MEDIUM,
    chapter=13,
    why="The money was returned, but the purchase is still unlocked.",
    decide="Decide for each purchase whether the buyer keeps it. If not, clear unlocked_at.",
    risks=(risks.refund_after_use,),
    accept="When the shop let the buyer keep the reading on purpose.",
)
artifacts_without_purchase = Invariant(
    id="artifacts_without_purchase",
    table=oracle_artifacts,
    title="Every finished artifact belongs to a paid purchase.",
    severity=Severity.LOW,
    chapter=13,
    why="An artifact without a paid purchase was given away, or its purchase was lost.",
    walks=oracle_artifacts,
    decide="Look for the payment at Stripe. If the artifact was given away on purpose, there is nothing to do.",
    accept="When the artifacts were given away on purpose.",
)
links_without_product = Invariant(
    id="links_without_product",
    table=purchase_links,
    title="Every active purchase link has an active product.",
    severity=Severity.HIGH,
    chapter=8,
    why="A purchase link is active, but its product is not.",
    decide="Activate the product, or deactivate the link.",
    risks=(risks.price_drift,),
    accept="Never: deactivate the link instead.",
)
stripe_events_waiting = Invariant(
    id="stripe_events_waiting",
    table=stripe_events,
    title="Every Stripe event is processed within an hour.",
    severity=Severity.HIGH,
    chapter=13,
    why="No worker has processed the event, or its worker stopped.",
    decide="Check that the server that processes events runs. Then look up the oldest event's error code.",
    risks=(risks.event_replay,),
    accept="While Stripe itself reports an outage.",
)
stripe_events_in_review = Invariant(
    id="stripe_events_in_review",
    table=stripe_events,
    title="Every Stripe event in review is decided within a day.",
    severity=Severity.HIGH,
    chapter=13,
    why="An event in review may be a payment for an unknown product.",
    decide="Open the events in review, compare each one with Stripe, and assign it.",
    accept="While you wait for an answer of the buyer, for a few days.",
)
payment_reviews_waiting = Invariant(
    id="payment_reviews_waiting",
    table=payment_reviews,
    title="Every payment review is decided within a day.",
    severity=Severity.HIGH,
    chapter=13,
    why="Money was taken, and the buyer still waits for what they paid for.",
    decide="Decide each review: unlock the purchase, refund it, or leave it.",
    accept="While you wait for an answer of the bank, for a few days.",
)
refunds_not_made = Invariant(
    id="refunds_not_made",
    table=payment_reviews,
    title="Every refund that was decided is made within three days.",
    severity=Severity.MEDIUM,
    chapter=13,
    why="A review was decided with a refund, but no refund of the purchase was recorded.",
    decide="Refund the payment in Stripe. If that is done, reconcile payments with Stripe.",
    accept="While Stripe holds the refund back, until the date that it names.",
)
