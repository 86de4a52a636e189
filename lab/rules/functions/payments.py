"""The functions of payments: from the order to the unlock, refunds, disputes, and the queue of Stripe's events."""

from lab.rules.function_constructors import argument, inner_function, operator_function, server_function

_SESSION = argument("session_id", "text", "Stripe's checkout session id.")
_EVENT = argument("event_id", "text", "Stripe's event id.")
_ORDER = argument("order_id", "uuid", "Id of the purchase.")


refunded_minor = inner_function(
    "refunded_minor",
    "bigint",
    "Returns the sum of a purchase's refunds that did not fail.",
    argument("purchase", "uuid", "Id of the purchase."),
    derived=True,
)

is_disputed = inner_function(
    "is_disputed",
    "boolean",
    "Tells whether a dispute of the purchase is open or lost.",
    argument("purchase", "uuid", "Id of the purchase."),
    derived=True,
)

take_back = inner_function(
    "take_back",
    "void",
    "Takes back what was bought with a purchase, as each layer says.",
    argument("purchase", "uuid", "Id of the purchase."),
    volatility="volatile",
    derived=True,
)

give_back = inner_function(
    "give_back",
    "void",
    "Gives back what was taken back of a purchase, as each layer says. Any number of calls give back once.",
    argument("purchase", "uuid", "Id of the purchase."),
    volatility="volatile",
    derived=True,
)

awaits_review = inner_function(
    "awaits_review",
    "boolean",
    "Tells whether a review keeps the purchase locked, because the payment does not fit its order.",
    argument("purchase", "uuid", "Id of the purchase."),
    derived=True,
)

open_purchase = server_function(
    "open_purchase",
    "uuid",
    "Opens a purchase before the checkout begins. The same order id opens it once.",
    _ORDER,
    argument("purchase_link_id", "uuid", "The purchase link: product and price."),
    argument("buyer_subject_id", "uuid", "The buyer, or null.", "null"),
    argument("recipient_subject_id", "uuid", "The person it is bought for, or null.", "null"),
    argument("scroll_id", "uuid", "The reading that it belongs to, or null.", "null"),
    argument("quantity", "integer", "Number of pieces.", "1"),
    argument("buyer_kind", "text", "eu_consumer, elsewhere, business or unknown.", "'unknown'"),
)

begin_checkout = server_function(
    "begin_checkout",
    "boolean",
    "Connects a purchase with its checkout session. Returns false when it is connected with another one.",
    _ORDER,
    _SESSION,
)

settle_purchase = server_function(
    "settle_purchase",
    "text",
    "Applies what Stripe says now of a checkout session, and unlocks what was paid. Any number of calls unlock once.",
    _SESSION,
    argument("state", "text", "open, processing, paid, failed or expired."),
    argument("livemode", "boolean", "False for test money."),
    argument("price_ids", "text[]", "Price ID of each line."),
    argument("quantities", "integer[]", "Number of pieces of each line."),
    argument("subtotal_minor", "bigint", "Sum of the lines before discounts and taxes."),
    argument("received_minor", "bigint", "Sum that is paid."),
    argument("currency", "text", "Currency, as Stripe writes it."),
    argument("order_id", "uuid", "Id of the purchase that the session names, or null.", "null"),
    argument("payment_intent_id", "text", "Stripe's PaymentIntent id, or null.", "null"),
    argument("charge_id", "text", "Stripe's charge id, or null.", "null"),
)

review_payment = server_function(
    "review_payment",
    "boolean",
    "Opens a review of a payment, once for each reason. Returns true when it is new.",
    _SESSION,
    argument("reason", "text", "Why a person has to look at it."),
    argument("purchase_id", "uuid", "The purchase, or null when it is unknown.", "null"),
)

decide_review = operator_function(
    "decide_review",
    "Decides a review, for support. The decision to unlock unlocks a paid purchase. Returns false when it was decided "
    "before.",
    argument("review_id", "uuid", "Id of the review."),
    argument("decision", "text", "unlock, refund or leave."),
)

record_refund = server_function(
    "record_refund",
    "text",
    "Records a refund or its new state. Returns recorded, repeated, unpaid or unknown.",
    argument("refund_id", "text", "Stripe's refund id."),
    argument("payment_intent_id", "text", "Stripe's PaymentIntent id."),
    argument("amount_minor", "bigint", "Amount of this refund."),
    argument("currency", "text", "Currency, as Stripe writes it."),
    argument("status", "text", "State at Stripe."),
    argument("stripe_created_at", "timestamptz", "When Stripe created it."),
    argument("charge_id", "text", "Stripe's charge id, or null.", "null"),
    argument("reason", "text", "Stripe's code of the reason, or null.", "null"),
    argument("failure_reason", "text", "Stripe's code of the failure, or null.", "null"),
    derived=True,
)

record_dispute = server_function(
    "record_dispute",
    "text",
    "Records a dispute or its new state. Returns recorded, repeated, unpaid or unknown.",
    argument("dispute_id", "text", "Stripe's dispute id."),
    argument("payment_intent_id", "text", "Stripe's PaymentIntent id."),
    argument("amount_minor", "bigint", "Disputed amount."),
    argument("currency", "text", "Currency, as Stripe writes it."),
    argument("status", "text", "State at Stripe."),
    argument("stripe_created_at", "timestamptz", "When Stripe created it."),
    argument("charge_id", "text", "Stripe's charge id, or null.", "null"),
    argument("reason", "text", "Stripe's code of the reason, or null.", "null"),
    argument("evidence_due_at", "timestamptz", "Until when Stripe accepts evidence, or null.", "null"),
    derived=True,
)

claim_stripe_events = server_function(
    "claim_stripe_events",
    "table(event_id text, type text, object_id text, checkout_session_id text, payload jsonb, attempts integer, "
    "lease_token uuid)",
    "Claims due events of one mode for a worker. An event whose lease has ended is claimed again.",
    argument("worker", "text", "Name of the worker, such as host:4711."),
    argument("livemode", "boolean", "The mode that the worker has a key for."),
    argument("most", "integer", "Maximum number of events.", "10"),
    argument("lease_seconds", "integer", "Length of the lease in seconds.", "60"),
)

finish_stripe_event = server_function(
    "finish_stripe_event",
    "boolean",
    "Ends the processing of an event, or plans another attempt. Returns false for an older token.",
    _EVENT,
    argument("lease_token", "uuid", "Token from the claim."),
    argument("outcome", "text", "done, ignored, failed or needs_review."),
    argument("error_class", "text", "Short code of the error, or null.", "null"),
)

replay_stripe_event = operator_function(
    "replay_stripe_event",
    "Plans the processing of an event again that failed or waits for a person. Returns false for any other.",
    _EVENT,
)

dismiss_stripe_event = operator_function(
    "dismiss_stripe_event",
    "Marks an event as reviewed that waits for a person: it has no effect. Returns false for any other.",
    _EVENT,
)

PAYMENTS = (
    refunded_minor,
    is_disputed,
    take_back,
    give_back,
    awaits_review,
    open_purchase,
    begin_checkout,
    settle_purchase,
    review_payment,
    decide_review,
    record_refund,
    record_dispute,
    claim_stripe_events,
    finish_stripe_event,
    replay_stripe_event,
    dismiss_stripe_event,
)
