"""What is sold, and what Stripe says was paid."""

from lab.rules.forms import STRIPE_OBJECT, STRIPE_PAYMENT, STRIPE_SESSION, STRIPE_VERSION
from lab.rules.functions.triggers import audit_change, require_offer, take_terms
from lab.rules.model import Check, Table
from lab.rules.tables.readings import oracle_scrolls
from lab.rules.words import (
    INSERT,
    KEEP,
    NULL,
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
    owner_reads,
    owner_select,
    public,
    ref,
    server,
    stamp,
    subject,
    unique,
)

PAID = ("paid", "refunded", "disputed")
_PAID_STATES = "'paid', 'refunded', 'disputed'"
SOLD_LAYERS = ("scroll", "artifacts", "echo", "council", "passport", "shop")

# What the shelf may say. A new name is a new rule, so that nothing typed elsewhere ends up in the shop window.
PRODUCT_TITLES = ("Scroll", "Artifacts", "Echo", "Council", "Passport", "Gift", "Shop")

_currency_is_iso = Check(
    name="currency_is_iso",
    expression="currency ~ '^[a-z]{3}$'",
    why="Stripe writes ISO 4217 codes in lower case.",
)

products = Table(
    id="products",
    title="Products",
    description="What the shop offers, each with the layer it unlocks and its product at Stripe.",
    loss="The shop's shelves would live in the website's code, and a sold product could vanish with a release.",
    columns=(
        key(erase=KEEP),
        operational(
            "layer", "text", "The layer that the product unlocks.", erase=KEEP, allowed=SOLD_LAYERS, fixed=True
        ),
        financial("stripe_product_id", "text", "The product at Stripe.", erase=KEEP, closed_by="stripe_product_form"),
        public("title", "text", "Name in the shop.", erase=KEEP, allowed=PRODUCT_TITLES),
        operational("livemode", "boolean", "True for real money, false for test money.", erase=KEEP, fixed=True),
        operational("active", "boolean", "Whether it can be bought now.", erase=KEEP, default="true"),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "stripe_product_form",
            "stripe_product_id ~ '^prod_[A-Za-z0-9]{1,40}$'",
            "Stripe's ids start with prod_.",
        ),
    ),
    indexes=(unique("products_stripe_product", "stripe_product_id", serves="Finding a product by Stripe's id."),),
    grants=(server(SELECT, INSERT, UPDATE, why="The site's server shows the shelf and keeps it in step with Stripe."),),
    source="product",
)

purchase_links = Table(
    id="purchase_links",
    title="Purchase links",
    description="Connects a Stripe price with what it unlocks: product, amount, currency and unlock route.",
    loss="A payment would arrive with a Price ID that nobody can turn into the thing that was bought.",
    columns=(
        key(erase=KEEP),
        ref("product_id", products, "The product that is sold.", erase=KEEP, fixed=True),
        financial(
            "stripe_price_id",
            "text",
            "The price at Stripe; old ones stay connected for ever.",
            erase=KEEP,
            fixed=True,
            closed_by="stripe_price_form",
        ),
        money("amount_minor", "Price in the currency's smallest unit.", erase=KEEP, fixed=True),
        currency(erase=KEEP),
        operational("livemode", "boolean", "True for real money, false for test money.", erase=KEEP, fixed=True),
        operational(
            "unlock_route",
            "text",
            "Where the buyer is led after paying.",
            erase=KEEP,
            closed_by="unlock_route_is_local",
        ),
        operational("active", "boolean", "Whether it can be bought now.", erase=KEEP, default="true"),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check("stripe_price_form", "stripe_price_id ~ '^price_[A-Za-z0-9]{1,40}$'", "Stripe's ids start with price_."),
        check("amount_not_negative", "amount_minor >= 0", "A price is nothing or more."),
        _currency_is_iso,
        check(
            "unlock_route_is_local",
            "unlock_route ~ '^/[a-z]{2,12}(/[a-z]{2,12})?$'",
            "A route stays on the site and holds no private words.",
        ),
    ),
    indexes=(
        unique(
            "purchase_links_stripe_price",
            "stripe_price_id",
            serves="From a paid Price ID to what it unlocks.",
        ),
        index("purchase_links_product", "product_id", serves="All prices of a product."),
    ),
    grants=(server(SELECT, INSERT, UPDATE, why="The site's server opens the checkout and connects new prices."),),
    triggers=(
        before(
            "purchase_links_take_mode",
            "insert",
            take_terms,
            "A price and its product are both real or both for tests.",
            "product_id",
            "products",
            "livemode",
        ),
    ),
    source="product",
)

purchases = Table(
    id="purchases",
    title="Purchases",
    description="Every checkout and what became of it: paid, unlocked, refunded or disputed. Counts once per session.",
    loss="Money would arrive without anybody knowing for what, and a buyer could not prove what is theirs.",
    columns=(
        key(erase=KEEP),
        financial(
            "checkout_session_id",
            "text",
            "Stripe's checkout session; each counts once.",
            erase=KEEP,
            fixed=True,
            closed_by="session_has_its_mode",
        ),
        financial(
            "payment_intent_id",
            "text",
            "Stripe's payment; none when nothing was due.",
            erase=KEEP,
            nullable=True,
            once=True,
            form=STRIPE_PAYMENT,
        ),
        ref("purchase_link_id", purchase_links, "What was bought, at which price.", erase=KEEP, fixed=True),
        subject(
            "The buyer; empty once they are erased.",
            name="buyer_subject_id",
            erase=NULL,
            nullable=True,
            filled_later=True,
        ),
        subject(
            "Whoever it was bought for, when that is not the buyer.",
            name="recipient_subject_id",
            erase=NULL,
            nullable=True,
            filled_later=True,
        ),
        ref(
            "scroll_id",
            oracle_scrolls,
            "The reading it belongs to.",
            erase=NULL,
            on_delete="set null",
            nullable=True,
        ),
        operational(
            "status",
            "text",
            "Where the payment stands.",
            erase=KEEP,
            default="'open'",
            allowed=("open", "processing", "paid", "failed", "expired", "refunded", "disputed"),
            starts=("open",),
            moves=(
                ("open", "processing"),
                ("open", "paid"),
                ("open", "failed"),
                ("open", "expired"),
                ("processing", "paid"),
                ("processing", "failed"),
                ("failed", "paid"),
                ("expired", "paid"),
                ("paid", "refunded"),
                ("paid", "disputed"),
                ("disputed", "paid"),
                ("disputed", "refunded"),
            ),
        ),
        money("amount_minor", "What was due, in the currency's smallest unit.", erase=KEEP, fixed=True),
        money("amount_refunded_minor", "What has been paid back in all.", erase=KEEP, default="0", grows=True),
        currency(erase=KEEP),
        operational("livemode", "boolean", "True for real money, false for test money.", erase=KEEP, fixed=True),
        stamp(
            "paid_at",
            "When the database learned that the money was in.",
            erase=KEEP,
            needed_in=PAID,
            only_in=PAID,
            set_in=("paid",),
            once=True,
            past=True,
        ),
        stamp(
            "unlocked_at",
            "When the buyer got what they paid for; emptied when a refund or a dispute takes it back.",
            erase=KEEP,
            only_in=PAID,
            set_in=("paid",),
            once=True,
            cleared_in=("refunded", "disputed"),
            past=True,
        ),
        stamp(
            "refunded_at",
            "When it was paid back in full.",
            erase=KEEP,
            needed_in=("refunded",),
            only_in=("refunded",),
            once=True,
            past=True,
        ),
        stamp(
            "disputed_at",
            "When the bank first called the payment into question.",
            erase=KEEP,
            needed_in=("disputed",),
            only_in=PAID,
            set_in=("disputed",),
            once=True,
            past=True,
        ),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "session_has_its_mode",
            "livemode and checkout_session_id ~ '^cs_live_[A-Za-z0-9]{1,70}$'"
            " or not livemode and checkout_session_id ~ '^cs_test_[A-Za-z0-9]{1,70}$'",
            "Stripe's ids say whether the money is real.",
        ),
        check("amount_not_negative", "amount_minor >= 0", "A price is nothing or more."),
        check(
            "refund_within_amount",
            "amount_refunded_minor between 0 and amount_minor",
            "No more is paid back than was paid.",
        ),
        _currency_is_iso,
        check(
            "paid_by_a_payment",
            f"status not in ({_PAID_STATES}) or amount_minor = 0 or payment_intent_id is not null",
            "Money that is in came by a payment.",
        ),
        check(
            "refunded_after_paid",
            f"amount_refunded_minor = 0 or status in ({_PAID_STATES})",
            "Only what was paid is paid back.",
        ),
        check(
            "refunded_in_full",
            "(status = 'refunded') = (amount_refunded_minor = amount_minor and amount_minor > 0)",
            "Refunded means all of it; a part of it leaves the purchase paid.",
        ),
        check(
            "dates_in_order",
            "paid_at is null or least(unlocked_at, refunded_at, disputed_at) is null"
            " or least(unlocked_at, refunded_at, disputed_at) >= paid_at",
            "Nothing is unlocked, paid back or disputed before the money is in.",
        ),
    ),
    indexes=(
        unique(
            "purchases_checkout_session",
            "checkout_session_id",
            serves="The same checkout never counts twice.",
        ),
        unique(
            "purchases_payment_intent",
            "payment_intent_id",
            serves="The same payment never counts twice.",
            where="payment_intent_id is not null",
        ),
        index("purchases_link", "purchase_link_id", serves="All sales at one price."),
        index("purchases_buyer", "buyer_subject_id", serves="A buyer's purchases."),
        index("purchases_recipient", "recipient_subject_id", serves="What somebody was given."),
        index("purchases_scroll", "scroll_id", serves="What was bought on top of a reading."),
        index(
            "purchases_not_unlocked",
            "paid_at",
            serves="Paid but not unlocked: the operator's first question after a failure.",
            where="status = 'paid' and unlocked_at is null",
        ),
        index(
            "purchases_unlocked_unpaid",
            "status",
            serves="Unlocked without money: never paid, refunded or disputed.",
            where="unlocked_at is not null and status <> 'paid'",
        ),
    ),
    policies=(
        owner_reads(
            "purchases",
            "buyer_subject_id",
            also=" or (select auth.uid()) is not null and recipient_subject_id = (select auth.uid())",
        ),
    ),
    grants=(
        owner_select(),
        server(
            SELECT,
            INSERT,
            UPDATE,
            why="The site's server opens a purchase and follows what Stripe says of it.",
        ),
    ),
    triggers=(
        before("purchases_need_offer", "insert", require_offer, "A purchase begins at a link that is for sale."),
        before(
            "purchases_take_terms",
            "insert",
            take_terms,
            "Price, currency and mode of a purchase are those of its link.",
            "purchase_link_id",
            "purchase_links",
            "amount_minor",
            "currency",
            "livemode",
        ),
        after(
            "purchases_locked_again",
            "update",
            audit_change,
            "What takes an unlock back is written down.",
            "purchase.locked",
            of=("unlocked_at",),
            when="old.unlocked_at is not null and new.unlocked_at is null",
        ),
    ),
    source="product",
)

stripe_events = Table(
    id="stripe_events",
    title="Stripe events",
    description="Every message from Stripe, recorded exactly once, reduced to ids and amounts.",
    loss="A message that arrives twice would unlock twice, and one that gets lost would never be missed.",
    columns=(
        operational(
            "id", "text", "Stripe's id of the event; each counts once.", erase=KEEP, fixed=True, closed_by="event_form"
        ),
        operational("type", "text", "Stripe's type of the event.", erase=KEEP, fixed=True, closed_by="type_is_known"),
        operational(
            "stripe_created_at",
            "timestamptz",
            "When Stripe made it: whole seconds, no order.",
            erase=KEEP,
            fixed=True,
        ),
        operational("livemode", "boolean", "True for real money, false for test money.", erase=KEEP, fixed=True),
        operational(
            "api_version", "text", "Version of Stripe's payload.", erase=KEEP, nullable=True, form=STRIPE_VERSION
        ),
        financial(
            "object_id", "text", "The Stripe object that it speaks of.", erase=KEEP, nullable=True, form=STRIPE_OBJECT
        ),
        financial(
            "checkout_session_id",
            "text",
            "The checkout session, if any.",
            erase=KEEP,
            nullable=True,
            form=STRIPE_SESSION,
        ),
        operational(
            "status",
            "text",
            "Where its processing stands.",
            erase=KEEP,
            default="'received'",
            allowed=("received", "processing", "done", "ignored", "failed", "needs_review"),
            starts=("received",),
            moves=(
                ("received", "processing"),
                ("received", "done"),
                ("received", "ignored"),
                ("received", "failed"),
                ("received", "needs_review"),
                ("processing", "done"),
                ("processing", "ignored"),
                ("processing", "failed"),
                ("processing", "needs_review"),
                ("processing", "received"),
                ("failed", "processing"),
                ("failed", "needs_review"),
                ("needs_review", "processing"),
                ("needs_review", "done"),
                ("needs_review", "ignored"),
            ),
        ),
        operational("deliveries", "integer", "How often Stripe has sent it.", erase=KEEP, default="1"),
        operational("attempts", "integer", "How often it was tried to be processed.", erase=KEEP, default="0"),
        financial(
            "payload", "jsonb", "Ids, states and amounts of the payload.", erase=KEEP, closed_by="payload_is_listed"
        ),
        operational(
            "error_class",
            "text",
            "Short code of what went wrong.",
            erase=KEEP,
            nullable=True,
            closed_by="error_is_a_code",
        ),
        stamp("processed_at", "When it was done with.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check("event_form", "id ~ '^evt_[A-Za-z0-9_]{1,40}$'", "Stripe's ids start with evt_."),
        check("type_is_known", "type = wall.stripe_type(type)", "Types that Stripe documents, or the word unknown."),
        check(
            "payload_is_listed",
            "wall.is_stripe_payload(payload)",
            "Only listed keys with ids, states and amounts, at every depth: no person and no free text.",
        ),
        check(
            "error_is_a_code",
            "error_class is null or error_class ~ '^[a-z][a-z0-9_.]{0,39}$'",
            "A code, never a text that may quote somebody.",
        ),
    ),
    indexes=(
        index(
            "stripe_events_open",
            "created_at",
            serves="What still has to be processed, oldest first.",
            where="status in ('received', 'processing', 'failed', 'needs_review')",
        ),
        index(
            "stripe_events_session",
            "checkout_session_id",
            serves="All messages about one checkout.",
            where="checkout_session_id is not null",
        ),
    ),
    grants=(server(SELECT, INSERT, UPDATE, why="The site's server records each message and what became of it."),),
    source="product",
)
