"""What happens to a payment afterwards: refunds, disputes, and payments that a person has to look at."""

from lab.rules.constructors import (
    INSERT,
    KEEP,
    SELECT,
    UPDATE,
    after,
    before,
    check,
    created,
    currency,
    financial,
    index,
    key,
    money,
    operational,
    ref,
    server,
    stamp,
    stripe_key,
    stripe_state,
    unique,
)
from lab.rules.forms import STRIPE_CHARGE, STRIPE_DISPUTE, STRIPE_REFUND, STRIPE_SESSION
from lab.rules.functions.triggers import apply_dispute, apply_refund, copy_terms
from lab.rules.model import Table
from lab.rules.tables.payments import purchases
from lab.rules.waiting import REVIEWS

# Stripe's states in the order in which they follow each other; an older message never sets one back.
# Source: https://docs.stripe.com/api/refunds/object and https://docs.stripe.com/api/disputes/object (status).
REFUND_STATES = ("requires_action", "pending", "succeeded", "canceled", "failed")
REFUND_COUNTS = ("requires_action", "pending", "succeeded")  # the money is on its way back, or back
DISPUTE_STATES = (
    "warning_needs_response",
    "warning_under_review",
    "warning_closed",
    "prevented",
    "needs_response",
    "under_review",
    "lost",
    "won",
)
DISPUTE_LOCKS = ("needs_response", "under_review", "lost")  # Stripe has taken the money back
# Stripe's codes; one that it adds later is stored as other.
OTHER = "other"
REFUND_REASONS = ("duplicate", "fraudulent", "requested_by_customer", "expired_uncaptured_charge", OTHER)
REFUND_FAILURES = (
    "charge_for_pending_refund_disputed",
    "declined",
    "expired_or_canceled_card",
    "insufficient_funds",
    "lost_or_stolen_card",
    "merchant_request",
    "unknown",
    OTHER,
)
DISPUTE_REASONS = (
    "bank_cannot_process",
    "check_returned",
    "credit_not_processed",
    "customer_initiated",
    "debit_not_authorized",
    "duplicate",
    "fraudulent",
    "general",
    "incorrect_account_details",
    "insufficient_funds",
    "noncompliant",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
    OTHER,
)
REVIEW_REASONS = tuple(review.id for review in REVIEWS)
LOCKING_REASONS = tuple(review.id for review in REVIEWS if review.keeps_locked)


_CHARGE = financial(
    "charge_id",
    "text",
    "Stripe's charge id. Null when Stripe names none.",
    erase=KEEP,
    nullable=True,
    fixed=True,
    form=STRIPE_CHARGE,
)
_AT_STRIPE = operational(
    "stripe_created_at", "timestamptz", "When Stripe created it, in whole seconds.", erase=KEEP, fixed=True
)
_POSITIVE = check("amount_positive", "amount_minor > 0", "The amount is more than zero.")

refunds = Table(
    id="refunds",
    title="Refunds",
    description="One row for each refund at Stripe. Together they decide how much of a purchase was returned.",
    loss="Two partial refunds could not be told from one, and a refund that failed later would stay counted.",
    columns=(
        stripe_key(STRIPE_REFUND, "refund", erase=KEEP),
        ref("purchase_id", purchases, "The purchase that is refunded.", erase=KEEP, fixed=True),
        _CHARGE,
        money("amount_minor", "Amount of this refund, in the currency's smallest unit.", erase=KEEP, fixed=True),
        currency(erase=KEEP),
        stripe_state(REFUND_STATES, erase=KEEP),
        operational(
            "reason",
            "text",
            "Why it was refunded. Null when Stripe names no reason.",
            erase=KEEP,
            nullable=True,
            allowed=REFUND_REASONS,
        ),
        operational(
            "failure_reason",
            "text",
            "Why it failed. Null when it did not.",
            erase=KEEP,
            nullable=True,
            allowed=REFUND_FAILURES,
        ),
        _AT_STRIPE,
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(_POSITIVE,),
    indexes=(index("refunds_purchase", "purchase_id", serves="Finds the refunds of a purchase, to add them up."),),
    grants=(server(SELECT, INSERT, UPDATE, why="The site's server records refunds and their state at Stripe."),),
    triggers=(
        before(
            "refunds_take_currency",
            "insert",
            copy_terms,
            "A refund has the currency of its purchase.",
            "purchase_id",
            "purchases",
            "currency",
        ),
        after(
            "refunds_apply",
            "insert or update",
            apply_refund,
            "A refund changes its purchase in the same transaction.",
            of=("status",),
        ),
    ),
    source="https://docs.stripe.com/api/refunds/object",
)

disputes = Table(
    id="disputes",
    title="Disputes",
    description="One row for each dispute at Stripe. While it is open, and after it is lost, its purchase is locked.",
    loss="A buyer could dispute the payment and keep what they bought.",
    columns=(
        stripe_key(STRIPE_DISPUTE, "dispute", erase=KEEP),
        ref("purchase_id", purchases, "The purchase that is disputed.", erase=KEEP, fixed=True),
        _CHARGE,
        money("amount_minor", "Disputed amount, in the currency's smallest unit.", erase=KEEP, fixed=True),
        currency(erase=KEEP),
        stripe_state(DISPUTE_STATES, erase=KEEP),
        operational(
            "reason",
            "text",
            "Why it is disputed. Null when Stripe names no reason.",
            erase=KEEP,
            nullable=True,
            allowed=DISPUTE_REASONS,
        ),
        stamp(
            "evidence_due_at", "Until when Stripe accepts evidence. Null when it asks for none.", erase=KEEP, ahead=True
        ),
        _AT_STRIPE,
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(_POSITIVE,),
    indexes=(index("disputes_purchase", "purchase_id", serves="Finds the disputes of a purchase."),),
    grants=(server(SELECT, INSERT, UPDATE, why="The site's server records disputes and their state at Stripe."),),
    triggers=(
        before(
            "disputes_take_currency",
            "insert",
            copy_terms,
            "A dispute has the currency of its purchase.",
            "purchase_id",
            "purchases",
            "currency",
        ),
        after(
            "disputes_apply",
            "insert or update",
            apply_dispute,
            "A dispute changes its purchase in the same transaction.",
            of=("status",),
        ),
    ),
    source="https://docs.stripe.com/api/disputes/object",
)

payment_reviews = Table(
    id="payment_reviews",
    title="Payment reviews",
    description="Payments that do not fit their order, and those whose buyer withdrew. The money was taken, so a person "
    "decides what the buyer gets.",
    loss="A payment for an unknown or changed order, or a withdrawal, would go unnoticed.",
    columns=(
        key(erase=KEEP),
        operational(
            "reason", "text", "Why a person has to look at it.", erase=KEEP, allowed=REVIEW_REASONS, fixed=True
        ),
        financial(
            "checkout_session_id",
            "text",
            "Stripe's checkout session id.",
            erase=KEEP,
            fixed=True,
            form=STRIPE_SESSION,
        ),
        ref(
            "purchase_id",
            purchases,
            "The purchase that the payment was made for. Null when it is unknown.",
            erase=KEEP,
            nullable=True,
            fixed=True,
        ),
        operational(
            "status",
            "text",
            "State of the review.",
            erase=KEEP,
            default="'open'",
            allowed=("open", "decided"),
            starts=("open",),
            moves=(("open", "decided"),),
        ),
        operational(
            "decision",
            "text",
            "What was decided: to unlock the purchase, to refund it, or to leave it. Null until then.",
            erase=KEEP,
            nullable=True,
            allowed=("unlock", "refund", "leave"),
            needed_in=("decided",),
            only_in=("decided",),
            once=True,
        ),
        stamp(
            "decided_at",
            "When it was decided. Null until then.",
            erase=KEEP,
            needed_in=("decided",),
            only_in=("decided",),
            once=True,
            past=True,
        ),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    indexes=(
        unique(
            "payment_reviews_once",
            "checkout_session_id",
            "reason",
            serves="The same payment is reviewed once for each reason.",
        ),
        index(
            "payment_reviews_open",
            "created_at",
            serves="Finds the reviews that wait for a person, oldest first.",
            where="status = 'open'",
        ),
        index(
            "payment_reviews_purchase",
            "purchase_id",
            serves="Finds the reviews of a purchase.",
            where="purchase_id is not null",
        ),
    ),
    grants=(server(SELECT, INSERT, UPDATE, why="The site's server opens reviews and records what was decided."),),
    source="https://docs.stripe.com/checkout/fulfillment",
)
