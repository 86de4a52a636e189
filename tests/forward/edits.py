"""What the rules become in a copy of the project: first they grow, then they take things back."""

from tests.forward.copies import Edits
from tests.recipes import TABLE

TABLES = "lab/rules/tables"
COMMERCE, PAYMENTS = f"{TABLES}/commerce.py", f"{TABLES}/payments.py"
READINGS, PREMIUM = f"{TABLES}/readings.py", f"{TABLES}/premium.py"
FUNCTIONS, BODY = "lab/rules/functions/triggers.py", "sql/functions/refuse_spread.sql"
REFUSE = "begin\n  raise exception 'a spread is drawn once' using errcode = '42501';\nend\n"
SPREADS = TABLE.replace(
    '    source="test"',
    '    triggers=(before("spreads_stay", "update", refuse_spread, "Drawn once."),),\n    source="test"',
)
PROMISE = 'ref("promised_link_id", purchase_links, "Promised.", erase=KEEP, nullable=True),\n        '
PROMISE_INDEX = 'index("purchases_promised", "promised_link_id", serves="From a link to its promises."),\n        '
UNLOCKED = 'stamp(\n            "unlocked_at",'
UNLOCKED_INDEX = 'index(\n            "purchases_not_unlocked"'
REFUSE_RULE = 'refuse_spread = trigger_function("refuse_spread", "Drawn once.")\n\nTRIGGERS = (\n    refuse_spread,'
KEPT = "tables=(needs_table(oracle_scrolls,"
KEPT_MORE = 'tables=(needs_table(tarot_spreads, "What was drawn."), needs_table(oracle_scrolls,'
SHELF = """operational("shelf", "text", "Where it stands.", erase=KEEP, default="'main'", allowed=("main", "window")),
        """
TITLE = 'public("title", "text", "Name of the product in the shop.", erase=KEEP, allowed=PRODUCT_TITLES),'
SHELF_INDEX = 'index("products_shelf", "shelf", serves="What stands on a shelf."), '
STRIPE_INDEX = 'unique("products_stripe_product"'
AMOUNT_CHECK = """        check("amount_not_negative", "amount_minor >= 0", "The amount is zero or more."),
        CURRENCY_IS_ISO,
        check(
            "unlock_route_is_local","""

# Everything that can be written without asking anybody.
GROWTH: Edits = {
    COMMERCE: [
        (TITLE, SHELF + TITLE),
        ("^prod_[A-Za-z0-9]{1,40}$", "^prod_[A-Za-z0-9]{1,200}$"),
        (STRIPE_INDEX, SHELF_INDEX + STRIPE_INDEX),
        ("The products of the shop, each with", "The products of the shop, with"),
        (
            'server(SELECT, INSERT, UPDATE, why="The site\'s server reads the links for a checkout',
            'server(SELECT, INSERT, why="The site\'s server reads the links for a checkout',
        ),
        (AMOUNT_CHECK, AMOUNT_CHECK.split("\n", 1)[1]),
    ],
    PAYMENTS: [
        (UNLOCKED, PROMISE + UNLOCKED),
        (UNLOCKED_INDEX, PROMISE_INDEX + UNLOCKED_INDEX),
    ],
    PREMIUM: [('owner_reads("echo_entries")', 'owner_reads("echo_entries", also=" and status <> \'cancelled\'")')],
    f"{TABLES}/sending.py": [('"unsubscribed", "manual")', '"unsubscribed", "manual", "bounced_twice")')],
    FUNCTIONS: [
        ("TRIGGERS = (", REFUSE_RULE),
    ],
    READINGS: [("triggers import seal_row", "triggers import refuse_spread, seal_row")],
    f"{TABLES}/privacy.py": [("HELD_TABLES = (\n", 'HELD_TABLES = (\n    "tarot_spreads",\n')],
    f"{TABLES}/__init__.py": [
        ("readings import ", "readings import tarot_spreads, "),
        ("    oracle_scrolls,\n    products", "    oracle_scrolls,\n    tarot_spreads,\n    products"),
    ],
    "lab/rules/layers.py": [
        (KEPT, KEPT_MORE),
        ("readings import oracle_scrolls", "readings import oracle_scrolls, tarot_spreads"),
    ],
    "lab/rules/consents.py": [
        ("when something of yours is ready?", "once something of yours is ready?"),
        (
            "recovery links stay in your account.\",\n    scope=\"account\",\n    version=1",
            "recovery links stay in your account.\",\n    scope=\"account\",\n    version=2",
        ),
    ],
    "sql/functions/reap_delivery_leases.sql": [("order by j.lease_until", "order by j.lease_until, j.id")],
}  # fmt: skip

# What takes things back, and what invents values: a person decides.
DECLINE: Edits = {
    COMMERCE: [
        (SHELF, 'operational("maker", "text", "Who made it.", erase=KEEP, form="^[a-z]{2,20}$"),\n        '),
        (SHELF_INDEX, ""),
    ],
    PAYMENTS: [(PROMISE, ""), (PROMISE_INDEX, "")],
    f"{TABLES}/consent.py": [('public("body", "text",', 'public("body", "varchar(2000)",')],
    READINGS: [(SPREADS, ""), ("triggers import refuse_spread, seal_row", "triggers import seal_row")],
    **{
        path: [(new, old) for old, new in edits]
        for path, edits in GROWTH.items()
        if path in (FUNCTIONS, f"{TABLES}/privacy.py", f"{TABLES}/__init__.py", "lab/rules/layers.py")
    },
}
