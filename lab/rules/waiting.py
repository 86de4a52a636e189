"""What waits for a person about payments: why, what to do next, and the acts that the database offers for it."""

from lab.rules.functions.payments import decide_review, dismiss_stripe_event, replay_stripe_event
from lab.rules.model import OperatorAct, Waiting

DECIDED_BEFORE = "It was decided before. Nothing was changed."

unlock = OperatorAct(
    id="unlock",
    title="Unlock",
    effect="The buyer gets what they paid for, although the payment does not fit the order.",
    done="Unlocked.",
    repeated=DECIDED_BEFORE,
    function=decide_review,
    decision="unlock",
)
refund = OperatorAct(
    id="refund",
    title="Refund",
    effect="The decision is recorded. The money is not moved: refund the payment in Stripe afterwards.",
    done="Decided. Now refund the payment in Stripe.",
    repeated=DECIDED_BEFORE,
    function=decide_review,
    decision="refund",
)
leave = OperatorAct(
    id="leave",
    title="Mark as reviewed",
    effect="The review is closed. The purchase stays as it is.",
    done="Marked as reviewed.",
    repeated=DECIDED_BEFORE,
    function=decide_review,
    decision="leave",
)
replay = OperatorAct(
    id="replay",
    title="Replay",
    effect="The event is processed again, beginning with the first attempt.",
    done="Planned. The event is processed next.",
    repeated="The event does not wait any more. Nothing was changed.",
    function=replay_stripe_event,
)
dismiss = OperatorAct(
    id="dismiss",
    title="Mark as reviewed",
    effect="The event is kept as ignored. It changes no purchase.",
    done="Marked as reviewed.",
    repeated="The event does not wait any more. Nothing was changed.",
    function=dismiss_stripe_event,
)
settle = OperatorAct(
    id="settle",
    title="Retry",
    effect="Stripe is asked for the payment, its refunds and its disputes, and the purchase is settled by the answer.",
    done="Settled by what Stripe says now.",
    repeated="Stripe says what the database has. Nothing was changed.",
)

ACTS = (unlock, refund, leave, replay, dismiss, settle)

# Reasons of `payment_reviews`. Each is a payment that does not fit its order.

unknown_price = Waiting(
    id="unknown_price",
    title="Payment for an unknown price",
    why="The price that was paid is not connected with any product, or several were paid at once.",
    next_step="Look the price up in Stripe. Unlock the order if it is what the buyer wanted; refund it otherwise.",
    acts=(unlock, refund, leave),
    keeps_locked=True,
)
price_differs = Waiting(
    id="price_differs",
    title="Payment for another price",
    why="The price that was paid belongs to another product than the one that was ordered.",
    next_step="Unlock the order if the prices are worth the same; refund it otherwise.",
    acts=(unlock, refund, leave),
    keeps_locked=True,
)
quantity_differs = Waiting(
    id="quantity_differs",
    title="Payment for another quantity",
    why="More or fewer pieces were paid than were ordered.",
    next_step="Compare the amounts. Unlock the order if it is paid in full; refund it otherwise.",
    acts=(unlock, refund, leave),
    keeps_locked=True,
)
currency_differs = Waiting(
    id="currency_differs",
    title="Payment in another currency",
    why="The payment's currency is not the currency of the order.",
    next_step="Compare the amounts. Unlock the order if it is paid in full; refund it otherwise.",
    acts=(unlock, refund, leave),
    keeps_locked=True,
)
amount_differs = Waiting(
    id="amount_differs",
    title="Payment of another amount",
    why="The sum before discounts and taxes is not the price of the order.",
    next_step="Compare the amounts. Unlock the order if it is paid in full; refund it otherwise.",
    acts=(unlock, refund, leave),
    keeps_locked=True,
)
mode_differs = Waiting(
    id="mode_differs",
    title="Payment in the other mode",
    why="Test money was paid for a real order, or real money for a test.",
    next_step="Never unlock a real order for test money: mark it as reviewed. Refund real money.",
    acts=(refund, leave),
    keeps_locked=True,
)
unknown_order = Waiting(
    id="unknown_order",
    title="Payment without an order",
    why="The payment names no order that the database has.",
    next_step="Retry, in case the order has been written since. Otherwise refund the payment.",
    acts=(settle, refund, leave),
)
second_payment = Waiting(
    id="second_payment",
    title="Order paid twice",
    why="The order was paid in another checkout already.",
    next_step="Refund this payment.",
    acts=(refund, leave),
)
refund_failed = Waiting(
    id="refund_failed",
    title="Refund failed",
    why="The refund did not reach the buyer. The purchase counts as paid again, and what was taken back was given back.",
    next_step="Refund the payment again, or mark it as reviewed if the buyer keeps what they bought.",
    acts=(refund, leave),
)
fraud_warning = Waiting(
    id="fraud_warning",
    title="Suspected fraud",
    why="A bank suspects that the card's owner did not make this payment. A refund now prevents a dispute.",
    next_step="Refund the payment if you do not know the buyer; mark it as reviewed otherwise.",
    acts=(refund, leave),
)

withdrawal = Waiting(
    id="withdrawal",
    title="Buyer withdrew from the purchase",
    why="The buyer used the right of withdrawal. The money must be returned within 14 days.",
    next_step="Refund the whole payment in Stripe, and decide the refund here.",
    acts=(refund, leave),
)

REVIEWS = (
    unknown_price,
    price_differs,
    quantity_differs,
    currency_differs,
    amount_differs,
    mode_differs,
    unknown_order,
    second_payment,
    refund_failed,
    fraud_warning,
    withdrawal,
)

# What waits without a review.

dispute_open = Waiting(
    id="dispute_open",
    title="Dispute needs an answer",
    why="The bank has taken the money back. Without evidence in time the dispute is lost.",
    next_step="Send the evidence in Stripe before the date, or accept the dispute there.",
    acts=(settle,),
)
refund_due = Waiting(
    id="refund_due",
    title="Refund was decided and is not made",
    why="A review was decided with a refund, but Stripe has not reported one.",
    next_step="Refund the payment in Stripe, then retry.",
    acts=(settle,),
)
event_stopped = Waiting(
    id="event_stopped",
    title="Event could not be processed",
    why="Another attempt by itself would not help: its error code says why.",
    next_step="Solve the cause, then replay the event. Mark it as reviewed if it needs no effect.",
    acts=(replay, dismiss),
)
event_failing = Waiting(
    id="event_failing",
    title="Event fails again and again",
    why="Five attempts or more have failed. It is tried again by itself, for about three days.",
    next_step="Solve the cause, then replay the event. It is then processed at once.",
    acts=(replay,),
)
paid_and_locked = Waiting(
    id="paid_and_locked",
    title="Paid purchase is locked",
    why="The purchase is paid, no review keeps it locked, and the buyer has not received it.",
    next_step="Retry: a payment that fits its order is unlocked.",
    acts=(settle,),
)
payment_pending = Waiting(
    id="payment_pending",
    title="Payment has been pending for two weeks",
    why="Delayed payments usually end within 14 days. The event that says how may be lost.",
    next_step="Retry: Stripe says whether the payment succeeded.",
    acts=(settle,),
)

# In the order in which people read them: what loses money soonest is first.
WAITING = (
    dispute_open,
    fraud_warning,
    withdrawal,
    paid_and_locked,
    unknown_price,
    price_differs,
    quantity_differs,
    currency_differs,
    amount_differs,
    mode_differs,
    unknown_order,
    second_payment,
    refund_failed,
    refund_due,
    event_stopped,
    event_failing,
    payment_pending,
)
