"""What is for sale: products, and the prices that lead to them."""

from lab.rules.functions.triggers import take_terms
from lab.rules.model import Check, Table
from lab.rules.words import (
    INSERT,
    KEEP,
    SELECT,
    UPDATE,
    before,
    check,
    created,
    currency,
    financial,
    index,
    key,
    money,
    operational,
    public,
    ref,
    server,
    unique,
)

SOLD_LAYERS = ("scroll", "artifacts", "echo", "council", "passport", "shop")

# What the shelf may say. A new name is a new rule, so that nothing typed elsewhere ends up in the shop window.
PRODUCT_TITLES = ("Scroll", "Artifacts", "Echo", "Council", "Passport", "Gift", "Shop")

CURRENCY_IS_ISO = Check(
    name="currency_is_iso",
    expression="currency ~ '^[a-z]{3}$'",
    why="Stripe writes ISO 4217 codes in lower case.",
)

products = Table(
    id="products",
    title="Products",
    description="What the shop offers, each with the layer it unlocks and its product at Stripe.",
    loss="Products would live in the website's code, and a sold product could disappear with a release.",
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
    grants=(
        server(SELECT, INSERT, UPDATE, why="The site's server shows the products and keeps them in step with Stripe."),
    ),
    source="product",
)

purchase_links = Table(
    id="purchase_links",
    title="Purchase links",
    description="Connects a Stripe price with what it unlocks: product, amount, currency and unlock route.",
    loss="A payment would have a Price ID that leads to no product.",
    columns=(
        key(erase=KEEP),
        ref("product_id", products, "The product that is sold.", erase=KEEP, fixed=True),
        financial(
            "stripe_price_id",
            "text",
            "The price at Stripe. Old prices stay connected.",
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
        CURRENCY_IS_ISO,
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
            "A price and its product are both live or both for tests.",
            "product_id",
            "products",
            "livemode",
        ),
    ),
    source="product",
)
