"""What must hold between the Stripe account and the database."""

from lab.checks.criterion import Criterion
from lab.rules.model import Severity

CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW


def _criterion(id: str, severity: Severity, title: str, why: str, decide: str, chapter: int = 8) -> Criterion:
    return Criterion(id=f"stripe_{id}", chapter=chapter, severity=severity, title=title, why=why, decide=decide)


# fmt: off
key_refused = _criterion(
    "key_refused", CRITICAL, "Stripe accepts the key.",
    "With a key that was revoked or mistyped nobody can buy, and nothing can be checked.",
    "Create a key in the Stripe dashboard under Developers, API keys, and set it.",
)
key_unrestricted = _criterion(
    "key_unrestricted", LOW, "The key is restricted to what the server does.",
    "Whoever gets hold of an unrestricted key can refund, pay out and read every customer.",
    "Create a restricted key with the permissions that are needed, and revoke this one.",
)
mode_differs = _criterion(
    "mode", CRITICAL, "The key's mode is the mode of what is sold.",
    "A price of one mode cannot be paid with a key of the other.",
    "Set the key of the other mode, or connect the prices of this one.",
)
charges_off = _criterion(
    "charges_enabled", CRITICAL, "The account may take payments.",
    "Stripe refuses every payment until the account is complete.",
    "Open the dashboard: its home page says what Stripe still asks for.",
)
payouts_off = _criterion(
    "payouts_enabled", MEDIUM, "The account may pay out.",
    "Money comes in and stays at Stripe.",
    "Open the dashboard and confirm the bank account.",
)
requirements_due = _criterion(
    "requirements", HIGH, "Stripe asks nothing more of the account.",
    "What is due and not given leads to payments being switched off.",
    "Answer in the dashboard under Settings, Account details.",
)
webhook_missing = _criterion(
    "webhook_missing", CRITICAL, "Stripe sends its events to the site.",
    "Without a webhook endpoint nothing is unlocked when the buyer closes the page too early.",
    "Add an endpoint on the site in the dashboard under Developers, Webhooks, and set its signing secret.",
)
webhook_disabled = _criterion(
    "webhook_disabled", CRITICAL, "The webhook endpoint is enabled.",
    "Stripe switches an endpoint off that fails for days, and does not send again what came meanwhile.",
    "Enable it in the dashboard, then send the missed events again.",
)
webhook_events = _criterion(
    "webhook_events", HIGH, "The webhook endpoint receives every event that a purchase depends on.",
    "A refund, a dispute or a delayed payment that is not sent never reaches the purchase.",
    "Add these events to the endpoint in the dashboard.",
)
webhook_version = _criterion(
    "webhook_version", LOW, "Events are sent in the API version that the server is written for.",
    "Between versions fields move; what is read may be missing.",
    "Create an endpoint of this version beside the old one, then remove the old one.",
)
webhook_twice = _criterion(
    "webhook_twice", HIGH, "One endpoint leads to one address.",
    "Two send every event twice, signed with two secrets, of which the server may know only one.",
    "Delete the endpoint whose secret is not set.",
)
price_missing = _criterion(
    "price_missing", CRITICAL, "Every connected price exists at Stripe.",
    "A checkout with a price that Stripe does not know fails before the buyer can pay.",
    "Check that the id was copied from this account and this mode; connect the right one.",
)
price_archived = _criterion(
    "price_archived", HIGH, "Every price that can be bought is active at Stripe.",
    "Stripe refuses a checkout with an archived price.",
    "Activate the price at Stripe, or connect its successor and switch this link off.",
)
price_amount = _criterion(
    "price_amount", CRITICAL, "Every price has the amount and currency that the database says.",
    "People pay another amount than the shop shows and unlocks for.",
    "Connect the price that has the right amount; at Stripe an amount never changes.",
)
price_mode = _criterion(
    "price_mode", CRITICAL, "Every connected price is of the mode that the database says.",
    "A price of test money would unlock what real money buys.",
    "Correct the link: a price's mode never changes.",
)
price_product = _criterion(
    "price_product", HIGH, "Every price belongs to the product that the database says.",
    "What is paid for one product would unlock another.",
    "Connect the price with its own product.",
)
price_recurring = _criterion(
    "price_recurring", HIGH, "Every connected price is paid once.",
    "A subscription charges again and again for what is unlocked once.",
    "Create a one-time price and connect it.",
)
product_archived = _criterion(
    "product_archived", HIGH, "Every product that can be bought is active at Stripe.",
    "Stripe refuses a checkout of an archived product.",
    "Activate the product at Stripe, or stop offering it.",
)
price_orphan = _criterion(
    "price_orphan", HIGH, "Every active price of a product that is sold is connected.",
    "It can be paid, and unlocks nothing.",
    "Connect the price with what it unlocks, or archive it at Stripe.",
)
product_orphan = _criterion(
    "product_orphan", LOW, "Every product with an active price is one that the database knows.",
    "A product from an earlier try, or of another shop in the same account, is easily sold by mistake.",
    "Archive it at Stripe, or add it to the products.",
)
session_lost = _criterion(
    "session_lost", CRITICAL, "Every paid checkout is a purchase in the database.",
    "Somebody has paid, and the shop does not know of it.",
    "Send the sessions' events again from the dashboard, oldest first.", 13,
)
session_unpaid_here = _criterion(
    "session_unpaid_here", CRITICAL, "Every checkout that is paid at Stripe is paid in the database.",
    "The money is in, and the buyer still sees a locked page.",
    "Send the sessions' events again from the dashboard.", 13,
)
session_strange = _criterion(
    "session_unknown_price", HIGH, "Every paid checkout of a product that is sold is for a price that is connected.",
    "Money came in for something that unlocks nothing.",
    "Connect the price, or refund the payment.", 13,
)
events_undelivered = _criterion(
    "events_undelivered", HIGH, "Stripe could deliver every event within the hour.",
    "What is not delivered within three days is not sent again.",
    "See why the endpoint refuses them; after that, send them again from the dashboard.", 13,
)
events_lost = _criterion(
    "events_lost", HIGH, "Every event that was delivered is recorded in the database.",
    "The server answered that it had the event, and did not keep it; Stripe will not send it again.",
    "Send them again from the dashboard, and see that the server answers only after it has written.", 13,
)
dispute_unrecorded = _criterion(
    "dispute_unrecorded", HIGH, "Every open or lost dispute stands on its purchase.",
    "The bank has called the money back, and the purchase still counts as paid.",
    "Send the dispute's events again from the dashboard.", 13,
)
dispute_settled = _criterion(
    "dispute_settled", LOW, "No purchase is held as disputed after its dispute was won.",
    "The money is the shop's again, and the buyer is still locked out.",
    "Send the dispute's last event again from the dashboard.", 13,
)
refund_unrecorded = _criterion(
    "refund_unrecorded", HIGH, "Every refund stands on its purchase, with its amount.",
    "What was paid back stays unlocked, and the books differ from the bank.",
    "Send the refunds' events again from the dashboard.", 13,
)
refund_failed = _criterion(
    "refund_failed", MEDIUM, "No purchase counts as refunded whose refunds have all failed.",
    "The buyer was locked out and did not get their money either.",
    "Refund in another way, or unlock the purchase again.", 13,
)
fraud_warned = _criterion(
    "fraud_warning", MEDIUM, "No early fraud warning waits for a decision.",
    "A refund now costs less than the dispute that mostly follows.",
    "Look at the payments in the dashboard under Radar, and refund those that are not genuine.", 13,
)
# fmt: on

CRITERIA = tuple(value for value in list(globals().values()) if isinstance(value, Criterion))
