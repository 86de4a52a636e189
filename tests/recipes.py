"""Declarations that follow the recipes of CONTRIBUTING.md."""

LAYER = """
tarot = Layer(
    id="tarot",
    title="Tarot",
    description="A reading from a spread of cards.",
    note="A spread belongs to its owner alone.",
    tables=(needs_table(oracle_scrolls, "The spread is kept as a sealed reading."), _QUEUE),
    channels=(channels.pdf,),
    source="test",
)
"""

TABLE = """
tarot_spreads = Table(
    id="tarot_spreads",
    title="Tarot spreads",
    description="The cards that were drawn, in their order.",
    loss="Nobody could say which cards a reading was made of.",
    columns=(
        key(erase=ROW),
        subject("The person who drew.", erase=ROW, fixed=True),
        secret("cards", "jsonb", "The cards, in their order.", erase=ROW),
        created(erase=ROW),
    ),
    primary_key=("id",),
    indexes=(
        index("tarot_spreads_subject", "subject_id", serves="The owner's spreads."),
        words_index("tarot_spreads", "cards", digests="json_digests"),
    ),
    policies=(owner_reads("tarot_spreads"),),
    grants=(owner_select(), server(SELECT, INSERT, why="The site's server keeps what was drawn.")),
    source="test",
)
"""

JOB = """
postcard = Job(
    id="postcard",
    title="Postcard",
    description="Prints a card and posts it.",
    legs=("account",),
    consents=(),
    max_attempts=3,
    support_path="/operate/queue?channel=postcard",
    support="Ask the printer what happened, then retry.",
    source="test",
)
"""

CHANNEL = """
postcard = Channel(
    id="postcard",
    title="Postcard",
    description="A printed card by post.",
    leaves="A card with the reading, in an envelope.",
    arrives=Arrival.READY,
    job=jobs.postcard,
    tables=(_ATTEMPTS,),
    consents=(),
    exposes=(PrivacyClass.SECRET,),
    source="test",
)
"""

PAGE = '''"""What is drawn for a trial?"""

import streamlit as st

st.title("Spreads")
'''

OPEN = """
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("app.py", default_timeout=60).run()
page.switch_page("pages/spreads.py").run()
assert not page.exception, page.exception
print([title.value for title in page.title], [*page.session_state["menu of pages"]][:4])
"""

INVARIANT = """
products_without_price = Invariant(
    id="products_without_price",
    table=products,
    title="Every product has a price.",
    severity=Severity.LOW,
    chapter=8,
    why="What has no price cannot be sold.",
    decide="Connect a price, or stop offering the product.",
    accept="Until the product is sold.",
)
"""

CRITERION = """
debug_left = criterion(
    "env_debug", HIGH, 11, "The site runs without its debugger.",
    "A debugger shows every visitor what the server knows.",
    "Remove DEBUG from the server's environment.",
    example="`DEBUG` is `1`.",
    accept="On a preview that no customer opens.",
)
"""

PROMISE = """
products_are_the_shops = Promise(
    id="products_are_the_shops",
    title="Only the shop adds a product.",
    chapter=8,
    severity=Severity.HIGH,
    subject="public.products",
    rule="no grant of insert",
    why="A visitor's product would be sold as the shop's.",
)
"""

STATEMENTS = """-- Statements that show whether products_are_the_shops holds; each is tried by itself and taken back.

-- statement: add_product
insert into public.products (id, layer, stripe_product_id, title, livemode)
values (${a.spare}::uuid, 'artifacts', 'prod_' || ${a.token}, 'Artifacts', false);
"""

TRIALS = """
    PromiseTrials(promises.products_are_the_shops, (
        Trial(("visitor", "subject_a"), "add_product", Refused()),
    )),
)
# fmt: on"""

TRY = """
import sys
from lab.checks.probes import list_promise_results, probe_database
seen = {one.id: one for one in list_promise_results(probe_database(sys.argv[1]))}
print(seen["products_are_the_shops"].state, seen["products_are_the_shops"].seen)
"""

OFFER = """
gift = Offer(
    id="gift",
    layer=layers.artifacts,
    title="Gift",
    amount_minor=5900,
    currency="eur",
    unlock_route="/reading/gift",
    delivered="at_once",
    waiver=waiver,
    source="product",
)
"""

SCHEDULED = """
count_scrolls = ScheduledTask(
    id="count_scrolls",
    title="Count scrolls",
    does="Counts the readings of the whole shop.",
    every_seconds=60,
    at_most_seconds=60,
    asks_stripe=False,
    source="test",
)
"""

COUNTING = '''def count_scrolls(work: Work) -> str:
    """Count."""
    with acting_as_server(work.connection):
        row = work.connection.execute("select count(*) from public.oracle_scrolls").fetchone()
    return f"{row[0]} scrolls" if row else ""


TASKS: dict[str, Callable[[Work], str]] = {
    schedule.count_scrolls.id: count_scrolls,
'''
