"""What is for sale: products and their prices."""

from lab.rules.constructors import (
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
from lab.rules.functions.triggers import copy_terms
from lab.rules.model import Check, Table

SOLD_LAYERS = ("scroll", "artifacts", "echo", "council", "passport", "shop")

# Names that the shop can show. A new name is added here, so that no text from elsewhere is shown in the shop.
PRODUCT_TITLES = ("Scroll", "Artifacts", "Echo", "Council", "Passport", "Gift", "Shop")

UNLOCK_ROUTE = "^/[a-z]{2,12}(/[a-z]{2,12})?$"

CURRENCY_IS_ISO = Check(
    name="currency_is_iso",
    expression="currency ~ '^[a-z]{3}$'",
    why="Stripe writes ISO 4217 codes in lower case.",
)

products = Table(
    id="products",
    title="Products",
    description="The products of the shop, each with the layer that it unlocks and its product at Stripe.",
    loss="Products would exist only in the website's code, and a release could remove a product that was sold.",
    columns=(
        key(erase=KEEP),
        operational(
            "layer", "text", "The layer that the product unlocks.", erase=KEEP, allowed=SOLD_LAYERS, fixed=True
        ),
        financial(
            "stripe_product_id",
            "text",
            "Stripe's product id, such as prod_ABC.",
            erase=KEEP,
            closed_by="stripe_product_form",
        ),
        public("title", "text", "Name of the product in the shop.", erase=KEEP, allowed=PRODUCT_TITLES),
        operational("livemode", "boolean", "True for real money, false for test money.", erase=KEEP, fixed=True),
        operational("active", "boolean", "True while it can be bought.", erase=KEEP, default="true"),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "stripe_product_form",
            "stripe_product_id ~ '^prod_[A-Za-z0-9]{1,40}$'",
            "The id has the form of a Stripe product id and starts with prod_.",
        ),
    ),
    indexes=(unique("products_stripe_product", "stripe_product_id", serves="Finds a product by its Stripe id."),),
    grants=(
        server(SELECT, INSERT, UPDATE, why="The site's server shows the products and synchronizes them with Stripe."),
    ),
    source="product",
)

purchase_links = Table(
    id="purchase_links",
    title="Purchase links",
    description="Connects each Stripe price with its product, amount, currency and unlock route.",
    loss="A payment's Price ID could not be matched to a product.",
    columns=(
        key(erase=KEEP),
        ref("product_id", products, "The product that the price sells.", erase=KEEP, fixed=True),
        financial(
            "stripe_price_id",
            "text",
            "Stripe's Price ID, such as price_ABC. Old prices stay connected.",
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
            "Path on the site that the buyer is sent to after paying.",
            erase=KEEP,
            closed_by="unlock_route_is_local",
        ),
        operational("active", "boolean", "True while it can be bought.", erase=KEEP, default="true"),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "stripe_price_form",
            "stripe_price_id ~ '^price_[A-Za-z0-9]{1,40}$'",
            "The id has the form of a Stripe Price ID and starts with price_.",
        ),
        check("amount_not_negative", "amount_minor >= 0", "The amount is zero or more."),
        CURRENCY_IS_ISO,
        check(
            "unlock_route_is_local",
            f"unlock_route ~ '{UNLOCK_ROUTE}'",
            "The route is a short path on the site, so it holds no private words.",
        ),
    ),
    indexes=(
        unique(
            "purchase_links_stripe_price",
            "stripe_price_id",
            serves="Finds what a paid Price ID unlocks. Each Price ID is connected once.",
        ),
        index("purchase_links_product", "product_id", serves="Finds the prices of a product."),
    ),
    grants=(
        server(SELECT, INSERT, UPDATE, why="The site's server reads the links for a checkout and connects new prices."),
    ),
    triggers=(
        before(
            "purchase_links_take_mode",
            "insert",
            copy_terms,
            "A price has the mode of its product: both live, or both test.",
            "product_id",
            "products",
            "livemode",
        ),
    ),
    source="product",
)
