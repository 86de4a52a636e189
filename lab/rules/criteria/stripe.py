"""What must hold between the Stripe account and the database."""

from lab.rules.constructors import criterion
from lab.rules.model import Severity

CRITICAL, HIGH, MEDIUM, LOW, INFO = Severity

# fmt: off
key_refused = criterion(
    "stripe_key_refused", CRITICAL, 8, "Stripe accepts the key.",
    "With a revoked or mistyped key nobody can buy, and the account cannot be checked.",
    "Create a key in the Stripe dashboard under Developers, API keys, and set it.",
    example="Stripe answers 401 to the key.",
    accept="Never: nobody can buy.",
)
key_unrestricted = criterion(
    "stripe_key_unrestricted", LOW, 8, "The key is restricted to what the server does.",
    "An unrestricted key can refund, pay out and read every customer.",
    "Create a restricted key with the needed permissions, and revoke this one.",
    example="The key begins with `sk_` instead of `rk_`.",
    accept="Until the date on which you change the key.",
)
mode_differs = criterion(
    "stripe_mode", CRITICAL, 8, "The key and the connected prices have the same mode.",
    "A price of one mode cannot be paid with a key of the other.",
    "Set a key of the other mode, or connect prices of this one.",
    example="The key is a test key, and the connected prices are live.",
    accept="Never: no price can be paid.",
)
charges_off = criterion(
    "stripe_charges_enabled", CRITICAL, 8, "The account can accept payments.",
    "Stripe refuses every payment until the account is complete.",
    "Open the dashboard: its home page lists what Stripe still requires.",
    example="The account is new and not complete.",
    accept="Before the launch, until the account is complete.",
)
payouts_off = criterion(
    "stripe_payouts_enabled", MEDIUM, 8, "The account can pay out.",
    "The money stays at Stripe.",
    "Open the dashboard and confirm the bank account.",
    example="The account has no bank account.",
    accept="Before the launch.",
)
requirements_due = criterion(
    "stripe_requirements", HIGH, 8, "Stripe has no open requirements for the account.",
    "Stripe disables payments if a requirement is not met in time.",
    "Meet the requirements in the dashboard under Settings, Account details.",
    example="Stripe requires a document by 31 January.",
    accept="While Stripe examines what you sent, until the date that it names.",
)
webhook_missing = criterion(
    "stripe_webhook_missing", CRITICAL, 8, "Stripe sends its events to the site.",
    "Without a webhook endpoint nothing is unlocked if the buyer closes the page too early.",
    "Add an endpoint for the site in the dashboard under Developers, Webhooks, and set its signing secret.",
    example="The account has no webhook endpoint for the site's address.",
    accept="On a target that sells nothing.",
)
webhook_disabled = criterion(
    "stripe_webhook_disabled", CRITICAL, 8, "The webhook endpoint is enabled.",
    "Stripe disables an endpoint that fails for days, and does not resend the missed events.",
    "Enable it in the dashboard, then send the missed events again.",
    example="The endpoint is disabled after three days of errors.",
    accept="Never on a site that sells.",
)
webhook_events = criterion(
    "stripe_webhook_events", HIGH, 8, "The webhook endpoint receives every event that a purchase depends on.",
    "Without these events a refund, a dispute or a delayed payment is not recorded on its purchase.",
    "Add these events to the endpoint in the dashboard.",
    example="The endpoint does not receive `charge.refunded`.",
    accept="Never on a site that sells: add the events.",
)
webhook_version = criterion(
    "stripe_webhook_version", LOW, 8, "The endpoint uses the API version that the server is written for.",
    "Fields differ between versions, so a field that the server reads may be missing.",
    "Create an endpoint of this version beside the old one, then remove the old one.",
    example="The endpoint uses an older API version than the server.",
    accept="While the new endpoint runs beside the old one, for a few days.",
)
webhook_twice = criterion(
    "stripe_webhook_twice", HIGH, 8, "Each address of the site has one webhook endpoint.",
    "With two endpoints every event is sent twice, with two secrets, and the server may have only one of them.",
    "Delete the endpoint whose secret the server does not use.",
    example="Two endpoints have the same address.",
    accept="While a signing secret is replaced, for a day.",
)
price_missing = criterion(
    "stripe_price_missing", CRITICAL, 8, "Every connected price exists at Stripe.",
    "A checkout with an unknown price fails before the buyer can pay.",
    "Check that the id was copied from this account and mode, and connect the right one.",
    example="`purchase_links` has a price id that this account does not know.",
    accept="Never while the link is active: deactivate it instead.",
)
price_archived = criterion(
    "stripe_price_archived", HIGH, 8, "Every price that is for sale is active at Stripe.",
    "Stripe refuses a checkout with an archived price.",
    "Activate the price at Stripe, or connect its successor and deactivate this link.",
    example="A price was archived in the dashboard, and its link is still active.",
    accept="Never while the link is active: deactivate it instead.",
)
price_amount = criterion(
    "stripe_price_amount", CRITICAL, 8, "Every price has the same amount and currency at Stripe and in the database.",
    "Buyers pay another amount than the shop shows.",
    "Connect a price with the right amount. The amount of a price cannot be changed at Stripe.",
    example="The database says 12.00 EUR, and Stripe 15.00 EUR.",
    accept="Never: buyers pay another amount than they see.",
)
price_mode = criterion(
    "stripe_price_mode", CRITICAL, 8, "Every connected price has the same mode at Stripe and in the database.",
    "A payment with test money could unlock a real purchase.",
    "Correct the link. The mode of a price cannot be changed at Stripe.",
    example="A link is marked live, and its price is a test price.",
    accept="Never: test money could unlock a real purchase.",
)
price_product = criterion(
    "stripe_price_product", HIGH, 8, "Every price has the same product at Stripe and in the database.",
    "A payment for one product would unlock another.",
    "Connect the price with its product at Stripe.",
    example="The price of the Council belongs to the product of the Echo at Stripe.",
    accept="Never: a payment unlocks another product.",
)
price_recurring = criterion(
    "stripe_price_recurring", HIGH, 8, "Every connected price is a one-time price.",
    "A recurring price charges repeatedly for one unlock.",
    "Create a one-time price and connect it.",
    example="A connected price charges every month.",
    accept="Never: buyers are charged repeatedly for one unlock.",
)
product_archived = criterion(
    "stripe_product_archived", HIGH, 8, "Every product that is for sale is active at Stripe.",
    "Stripe refuses a checkout of an archived product.",
    "Activate the product at Stripe, or stop offering it.",
    example="A product was archived in the dashboard, and is still for sale here.",
    accept="Never while it is for sale: stop offering it instead.",
)
price_orphan = criterion(
    "stripe_price_orphan", HIGH, 8, "Every active price of a product that is for sale is connected.",
    "A payment at this price unlocks nothing.",
    "Connect the price, or archive it at Stripe.",
    example="Somebody created a second active price in the dashboard.",
    accept="When no checkout uses the price, such as one for invoices by hand.",
)
product_orphan = criterion(
    "stripe_product_orphan", LOW, 8, "Every product with an active price is in the database.",
    "A product of an old test, or of another shop in the account, can be sold by mistake.",
    "Archive it at Stripe, or add it to the products.",
    example="The account has an active product of another shop.",
    accept="When the account is shared with another shop on purpose.",
)
offer_missing = criterion(
    "stripe_offer_missing", HIGH, 8, "Every offer can be bought at Stripe.",
    "The shop cannot sell this offer.",
    "Run `python -m lab stripe sync`: it shows what is missing, and creates it with --apply.",
    example="The offer `council` has no price at Stripe.",
    accept="Until the date on which the offer is sold.",
)
offer_price = criterion(
    "stripe_offer_price", CRITICAL, 8, "Every offer has the same amount and currency at Stripe and in the rules.",
    "Buyers pay another amount than the offer names.",
    "Correct the offer in the rules, or run `python -m lab stripe sync --apply`: it replaces the price.",
    example="The rules say 9.00 EUR, and Stripe 12.00 EUR.",
    accept="Never: correct the one that is wrong.",
)
offer_title = criterion(
    "stripe_offer_title", LOW, 8, "Every offer has the same title at Stripe and in the rules.",
    "Buyers read another name on Stripe's payment page than in the shop.",
    "Correct the title in the rules, or run `python -m lab stripe sync --apply`: it renames the product.",
    example="The product was renamed in the dashboard.",
    accept="When the other name is deliberate, until the rules have it.",
)
offer_link = criterion(
    "stripe_offer_link", HIGH, 8, "Every purchase link of an offer unlocks what the offer names.",
    "A buyer gets another layer than the one that was paid for, or is sent to another page.",
    "Run `python -m lab stripe sync`: with --apply it corrects route and title. Another layer needs an offer of a new id.",
    example="The link of the offer `echo` unlocks the layer `scroll`.",
    accept="Never: a buyer gets another layer.",
)
session_lost = criterion(
    "stripe_session_lost", CRITICAL, 13, "Every paid checkout has a purchase in the database.",
    "The buyer has paid, but the shop has no purchase.",
    "Send the sessions' events again from the dashboard, oldest first.",
    example="A checkout was paid yesterday, and no purchase has its session id.",
    accept="Never: a buyer has paid and has nothing.",
)
session_unpaid_here = criterion(
    "stripe_session_unpaid_here", CRITICAL, 13, "Every checkout that is paid at Stripe is paid in the database.",
    "The buyer has paid and still sees a locked page.",
    "Send the sessions' events again from the dashboard.",
    example="Stripe says paid, and the purchase says open.",
    accept="Never: a buyer has paid and sees a locked page.",
)
session_strange = criterion(
    "stripe_session_unknown_price", HIGH, 13,
    "Every paid checkout of a product that is for sale has a connected price.",
    "The buyer paid for a price that unlocks nothing.",
    "Connect the price, or refund the payment.",
    example="A payment link of the dashboard sold a product at a price that is not connected.",
    accept="When the payment was refunded, until it is out of the period that is checked.",
)
events_undelivered = criterion(
    "stripe_events_undelivered", HIGH, 13, "Stripe delivers every event within an hour.",
    "Stripe stops sending an event after three days.",
    "Find out why the endpoint refuses the events. Then send them again from the dashboard.",
    example="An event of this morning has no successful delivery yet.",
    accept="While Stripe itself reports an outage.",
)
events_lost = criterion(
    "stripe_events_lost", HIGH, 13, "Every event that was delivered is recorded in the database.",
    "The server confirmed the event but did not record it. Stripe does not send it again.",
    "Send the events again from the dashboard. Let the server confirm an event only after recording it.",
    example="Stripe delivered an event, and `stripe_events` does not have it.",
    accept="Never: send the event again first.",
)
dispute_unrecorded = criterion(
    "stripe_dispute_unrecorded", HIGH, 13, "Every open or lost dispute is recorded on its purchase.",
    "The bank has taken the money back, but the purchase still counts as paid.",
    "Send the dispute's events again from the dashboard.",
    example="A dispute is open at Stripe, and the purchase says paid.",
    accept="Never: send its events again.",
)
dispute_settled = criterion(
    "stripe_dispute_settled", LOW, 13, "No purchase stays disputed after its dispute was won.",
    "The shop has the money again, but the buyer is still locked out.",
    "Send the dispute's last event again from the dashboard.",
    example="A dispute was won last week, and the purchase is still disputed.",
    accept="When you keep the purchase locked on purpose.",
)
refund_unrecorded = criterion(
    "stripe_refund_unrecorded", HIGH, 13, "Every refund is recorded on its purchase, with its amount.",
    "The refunded purchase stays unlocked, and the database differs from the bank account.",
    "Send the refunds' events again from the dashboard.",
    example="A refund was made in the dashboard, and the purchase says paid.",
    accept="Never: send its events again.",
)
refund_failed = criterion(
    "stripe_refund_failed", MEDIUM, 13, "A purchase whose refunds all failed does not count as refunded.",
    "The buyer is locked out but did not get the money back.",
    "Refund in another way, or unlock the purchase again.",
    example="The bank returned a refund, and the purchase says refunded.",
    accept="When the money was returned in another way.",
)
fraud_warned = criterion(
    "stripe_fraud_warning", MEDIUM, 13, "Every early fraud warning was decided.",
    "A refund now costs less than the dispute that usually follows.",
    "Review the payments in the dashboard under Radar, and refund the fraudulent ones.",
    example="A card's issuer warned about a payment, and nobody refunded it.",
    accept="When you have talked to the buyer and keep the payment.",
)

CRITERIA = (
    key_refused, key_unrestricted, mode_differs, charges_off, payouts_off, requirements_due, webhook_missing,
    webhook_disabled, webhook_events, webhook_version, webhook_twice, price_missing, price_archived, price_amount,
    price_mode, price_product, price_recurring, product_archived, price_orphan, product_orphan, offer_missing,
    offer_price, offer_title, offer_link, session_lost, session_unpaid_here, session_strange, events_undelivered,
    events_lost, dispute_unrecorded, dispute_settled, refund_unrecorded, refund_failed, fraud_warned,
)
# fmt: on
