"""The seven layers that the shop sells or relies on."""

from lab.rules import channels, env, risks
from lab.rules.consents import ai_processing, passport_write
from lab.rules.model import Layer
from lab.rules.tables.ai import ai_runs
from lab.rules.tables.commerce import products, purchase_links
from lab.rules.tables.delivery import delivery_jobs
from lab.rules.tables.payments import purchases
from lab.rules.tables.premium import council_sessions, echo_entries, passport_records
from lab.rules.tables.readings import oracle_artifacts, oracle_scrolls
from lab.rules.tables.stripe import stripe_events
from lab.rules.words import asks, keeps

_QUEUE = keeps(delivery_jobs, "Whatever is delivered later is tracked as a job.")

scroll = Layer(
    id="scroll",
    title="Scroll",
    description="The sealed reading that a visitor receives for their question.",
    note="The question and the reading are sealed together and belong to their owner alone.",
    tables=(keeps(oracle_scrolls, "The question, the reading and their seal are kept here."), _QUEUE),
    channels=(channels.email, channels.pdf, channels.print_view, channels.receipt, channels.recovery),
    source="product",
)
artifacts = Layer(
    id="artifacts",
    title="Artifacts",
    description="PDF, share-card, gift artifact and print-view, made of a sealed reading.",
    note="PDF and share-card separate private and public fields.",
    tables=(
        keeps(oracle_artifacts, "Each PDF, share-card, gift and print-view is an entity of its own."),
        _QUEUE,
    ),
    channels=(
        channels.email,
        channels.pdf,
        channels.share_card,
        channels.gift,
        channels.print_view,
        channels.receipt,
        channels.recovery,
    ),
    source="product",
)
echo = Layer(
    id="echo",
    title="Echo",
    description="A follow-up to a reading that comes back weeks later.",
    note="An Echo is written by an AI from its narrow view, and comes back only while it is wanted.",
    tables=(
        keeps(echo_entries, "What was left to resound waits here until its day."),
        keeps(ai_runs, "What the AI was given and what it wrote is kept apart until it is taken over."),
        _QUEUE,
    ),
    channels=(channels.email, channels.echo, channels.receipt, channels.recovery),
    consents=(asks(ai_processing, "An AI writes the Echo and must read the question for it."),),
    env=env.AI,
    risks=(risks.special_category, risks.ai_output),
    source="product",
)
council = Layer(
    id="council",
    title="Council",
    description="A reading in several voices.",
    note="The voices are written by an AI into a staging table and taken over only after a check.",
    tables=(
        keeps(council_sessions, "The session and its voices are kept here."),
        keeps(ai_runs, "What the AI was given and what it wrote is kept apart until it is taken over."),
        _QUEUE,
    ),
    channels=(
        channels.email,
        channels.pdf,
        channels.share_card,
        channels.print_view,
        channels.receipt,
        channels.recovery,
    ),
    consents=(asks(ai_processing, "An AI writes the voices and must read the question for it."),),
    env=env.AI,
    risks=(risks.special_category, risks.ai_output),
    source="product",
)
passport = Layer(
    id="passport",
    title="Passport",
    description="The collection of a person's sealed records.",
    note="A Passport record never changes once it is sealed, and its seal can be verified.",
    tables=(
        keeps(passport_records, "The record that connects reading, artifact and purchase, with its seal."),
        keeps(oracle_scrolls, "The sealed reading that the record stands for."),
        keeps(oracle_artifacts, "The artifact that is kept with it."),
    ),
    channels=(channels.email, channels.pdf, channels.share_card, channels.print_view, channels.recovery),
    consents=(asks(passport_write, "Nothing is written to a Passport without its owner's explicit consent."),),
    risks=(risks.sealed_for_good,),
    source="product",
)
shop = Layer(
    id="shop",
    title="Shop",
    description="The products, their prices and what was bought.",
    note="Every price keeps its connection to a product and an unlock route for ever.",
    tables=(
        keeps(products, "What is on the shelf."),
        keeps(purchase_links, "From a Stripe price to what it unlocks."),
        keeps(purchases, "What was bought, and what became of it."),
        _QUEUE,
    ),
    channels=(channels.email, channels.gift, channels.receipt, channels.recovery),
    risks=(risks.event_replay, risks.refund_after_use, risks.price_drift),
    source="product",
)
stripe = Layer(
    id="stripe",
    title="Stripe",
    description="The payments behind every layer: events, sessions and prices.",
    note="The same event twice, ten times at once or out of order changes nothing.",
    tables=(
        keeps(stripe_events, "Every message from Stripe, recorded exactly once."),
        keeps(purchases, "The purchase that a message speaks of."),
        keeps(purchase_links, "From a Stripe price to what it unlocks."),
    ),
    channels=(channels.receipt, channels.recovery),
    risks=(risks.event_replay, risks.refund_after_use),
    source="product",
)

LAYERS = (scroll, artifacts, echo, council, passport, shop, stripe)
