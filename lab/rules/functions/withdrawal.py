"""The functions of the right of withdrawal: the waiver before the payment, the window after it, and its two steps."""

from lab.rules.function_constructors import argument, inner_function, server_function, trigger_function
from lab.rules.model import Function
from lab.rules.roles import authenticated

_PURCHASE = argument("purchase_id", "uuid", "Id of the purchase.")
_ORDER = argument("order_id", "uuid", "Id of the purchase, which is not paid yet.")
_BUYER = argument("buyer", "uuid", "The buyer, or null for a guest.")
_EXPOSED = (
    "The window, the waiver and the payment decide, and people may write none of them. The function checks that the "
    "signed-in person is the buyer."
)

is_delivered_at_once = inner_function(
    "is_delivered_at_once",
    "boolean",
    "Tells whether what a link sells is delivered with the payment, as the offers say.",
    argument("purchase_link_id", "uuid", "The purchase link."),
    derived=True,
)

withdrawal_deadline = inner_function(
    "withdrawal_deadline",
    "timestamptz",
    "Returns the end of the window of withdrawal, in the time zone of the Union in which that day ends last.",
    argument("paid_at", "timestamptz", "When the contract was concluded."),
    volatility="immutable",
    derived=True,
)

withdrawal_end = inner_function(
    "withdrawal_end",
    "timestamptz",
    "Returns until when a purchase can be withdrawn from. Null for other buyers, and after a confirmed waiver.",
    argument("purchase", "uuid", "Id of the purchase."),
    argument("buyer_kind", "text", "Kind of its buyer."),
    argument("paid_at", "timestamptz", "When it was paid, or null."),
    derived=True,
)

lock_purchase_of = inner_function(
    "lock_purchase_of",
    "void",
    "Locks a purchase of this buyer. Fails for the purchase of anybody else.",
    argument("purchase", "uuid", "Id of the purchase."),
    _BUYER,
    volatility="volatile",
)

begin_withdrawal = inner_function(
    "begin_withdrawal",
    "timestamptz",
    "Records the first step of a withdrawal once, and returns its time.",
    argument("purchase", "uuid", "Id of the purchase."),
    _BUYER,
    volatility="volatile",
)

complete_withdrawal = inner_function(
    "complete_withdrawal",
    "text",
    "Records the second step of a withdrawal once, and returns the acknowledgement.",
    argument("purchase", "uuid", "Id of the purchase."),
    _BUYER,
    volatility="volatile",
)

record_waiver = server_function(
    "record_waiver",
    "uuid",
    "Records that the buyer of an order agreed to the waiver, once and before the payment.",
    _ORDER,
    argument("notice_id", "uuid", "The wording that was shown."),
).model_copy(update={"definer": True})

confirm_waiver = server_function(
    "confirm_waiver",
    "text",
    "Returns the confirmation of a waiver, and records it when it is given first. Only one before the payment counts.",
    _ORDER,
).model_copy(update={"definer": True})

record_withdrawal = server_function(
    "record_withdrawal",
    "text",
    "Records a step of a withdrawal for the site's server. Returns the acknowledgement after the second step.",
    _PURCHASE,
    _BUYER,
    argument("confirmed", "boolean", "True for the second step."),
).model_copy(update={"definer": True})

state_withdrawal = Function(
    id="state_withdrawal",
    db_schema="public",
    arguments=(_PURCHASE,),
    returns="timestamptz",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(authenticated,),
    why="Records the first step of a withdrawal by the signed-in buyer, and returns its time. Repeated, it changes nothing.",
    exposed_because=_EXPOSED,
)

confirm_withdrawal = Function(
    id="confirm_withdrawal",
    db_schema="public",
    arguments=(_PURCHASE,),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(authenticated,),
    why="Records the second step of a withdrawal by the signed-in buyer, and returns the acknowledgement. Repeated, too.",
    exposed_because=_EXPOSED,
)

set_withdrawal_window = trigger_function(
    "set_withdrawal_window",
    "Sets the end of the window of withdrawal when a purchase is paid or unlocked, and refuses any other value.",
)

guard_waiver = trigger_function(
    "guard_waiver", "Refuses a waiver after the payment, of another person, or for what is delivered later."
)

guard_withdrawal = trigger_function(
    "guard_withdrawal",
    "Refuses a withdrawal by anybody but the buyer, after the window or after a confirmed waiver.",
)

apply_withdrawal = trigger_function(
    "apply_withdrawal", "Writes the acknowledgement of a confirmed withdrawal, and asks a person for the refund."
)

write_document = trigger_function(
    "write_document", "Writes the text of a new document from its approved wording and its purchase, with its hash."
)

audit_withdrawal = trigger_function(
    "audit_withdrawal", "Writes a line of the audit trail for a waiver and for each step of a withdrawal."
)

WITHDRAWAL = (
    is_delivered_at_once,
    withdrawal_deadline,
    withdrawal_end,
    lock_purchase_of,
    begin_withdrawal,
    complete_withdrawal,
    record_waiver,
    confirm_waiver,
    record_withdrawal,
    state_withdrawal,
    confirm_withdrawal,
    set_withdrawal_window,
    guard_waiver,
    guard_withdrawal,
    apply_withdrawal,
    write_document,
    audit_withdrawal,
)
