"""The seven layers that the shop sells or relies on."""

from lab.rules import channels, env, risks
from lab.rules.consents import ai_processing, passport_write
from lab.rules.constructors import needs_consent, needs_table
from lab.rules.model import Layer, TakeBack
from lab.rules.tables.ai import ai_runs
from lab.rules.tables.artifacts import oracle_artifacts
from lab.rules.tables.commerce import products, purchase_links
from lab.rules.tables.delivery import delivery_jobs
from lab.rules.tables.gifts import gift_recipients
from lab.rules.tables.payments import purchases
from lab.rules.tables.premium import council_sessions, echo_entries, passport_records
from lab.rules.tables.readings import oracle_scrolls
from lab.rules.tables.stripe import stripe_events

_BOUGHT = "t.purchase_id = purchase"
_QUEUE = needs_table(delivery_jobs, "Every delivery is tracked as a job.")

scroll = Layer(
    id="scroll",
    title="Scroll",
    description="The sealed reading that a visitor receives for their question.",
    note="The question and the reading are sealed together, and only their owner can read them.",
    tables=(needs_table(oracle_scrolls, "The question, the reading and their seal are kept here."), _QUEUE),
    channels=(channels.email, channels.pdf, channels.print_view, channels.receipt, channels.recovery),
    keeps="The reading was delivered and sealed. It cannot be returned.",
    source="product",
)
artifacts = Layer(
    id="artifacts",
    title="Artifacts",
    description="PDF, share-card, gift artifact and print-view of a sealed reading.",
    note="PDF and share-card separate private and public fields.",
    tables=(
        needs_table(oracle_artifacts, "Each PDF, share-card, gift and print-view has a row of its own."),
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
    takes_back=(
        TakeBack(
            table=oracle_artifacts,
            belongs=_BOUGHT,
            when="t.state <> 'withdrawn' and not exists (select from public.gift_recipients g"
            " where g.artifact_id = t.id and g.accepted_at is not null)",
            sets="state = 'withdrawn', taken_back_from = t.state",
            why="The files are withdrawn, and their cards close. An accepted gift stays with its recipient.",
            returns_when="t.taken_back_from is not null",
            returns_sets="state = t.taken_back_from, taken_back_from = null",
        ),
        TakeBack(
            table=gift_recipients,
            belongs="exists (select from public.oracle_artifacts a where a.id = t.artifact_id and a.purchase_id = purchase)",
            when="t.accepted_at is null and t.withdrawn_at is null",
            sets="withdrawn_at = clock_timestamp()",
            why="An invitation is withdrawn unless its recipient has accepted it.",
            stays="A withdrawn invitation is never reopened. Its giver can invite again.",
        ),
    ),
    source="product",
)
echo = Layer(
    id="echo",
    title="Echo",
    description="A follow-up to a reading that returns weeks later.",
    note="An AI writes the Echo from a narrow view of the reading. It returns only while its owner's consent is valid.",
    tables=(
        needs_table(echo_entries, "The Echo is kept here until its day."),
        needs_table(ai_runs, "The AI's output is kept apart until it is adopted."),
        _QUEUE,
    ),
    channels=(channels.email, channels.echo, channels.receipt, channels.recovery),
    consents=(needs_consent(ai_processing, "An AI reads the question to write the Echo."),),
    env=env.AI,
    risks=(risks.special_category, risks.ai_output),
    takes_back=(
        TakeBack(
            table=echo_entries,
            belongs=_BOUGHT,
            when="t.status = 'scheduled'",
            sets="status = 'cancelled', taken_back_from = t.status",
            why="An Echo that has not returned yet does not return.",
            returns_when="t.taken_back_from is not null and wall.consent_is_valid(t.subject_id, 'echo_followup', null)",
            returns_sets="status = t.taken_back_from, taken_back_from = null, due_at = greatest(t.due_at, now())",
        ),
    ),
    source="product",
)
council = Layer(
    id="council",
    title="Council",
    description="A reading in several voices.",
    note="An AI writes the voices into a staging table. They are adopted only after a check.",
    tables=(
        needs_table(council_sessions, "The session and its voices are kept here."),
        needs_table(ai_runs, "The AI's output is kept apart until it is adopted."),
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
    consents=(needs_consent(ai_processing, "An AI reads the question to write the voices."),),
    env=env.AI,
    risks=(risks.special_category, risks.ai_output),
    takes_back=(
        TakeBack(
            table=council_sessions,
            belongs=_BOUGHT,
            when="t.status = 'gathering'",
            sets="status = 'cancelled', taken_back_from = t.status",
            why="A Council that is not closed yet is cancelled. A closed one was delivered.",
            returns_when="t.taken_back_from is not null",
            returns_sets="status = t.taken_back_from, taken_back_from = null",
        ),
    ),
    source="product",
)
passport = Layer(
    id="passport",
    title="Passport",
    description="The collection of a person's sealed records.",
    note="A sealed Passport record never changes, and its seal can be verified.",
    tables=(
        needs_table(passport_records, "The record connects reading, artifact and purchase, and has a seal."),
        needs_table(oracle_scrolls, "The record refers to a sealed reading."),
        needs_table(oracle_artifacts, "The record can include an artifact."),
    ),
    channels=(channels.email, channels.pdf, channels.share_card, channels.print_view, channels.recovery),
    consents=(needs_consent(passport_write, "Nothing is written to a Passport without its owner's explicit consent."),),
    risks=(risks.sealed_for_good,),
    keeps="A sealed record never changes. It stays as proof of what was bought.",
    source="product",
)
shop = Layer(
    id="shop",
    title="Shop",
    description="The products, their prices and the purchases.",
    note="Every price stays connected to its product and unlock route.",
    tables=(
        needs_table(products, "The products of the shop are kept here."),
        needs_table(purchase_links, "Each Stripe price is connected with what it unlocks."),
        needs_table(purchases, "Each purchase is kept here with its payment, unlock and refund."),
        _QUEUE,
    ),
    channels=(channels.email, channels.gift, channels.receipt, channels.recovery),
    risks=(risks.event_replay, risks.refund_after_use, risks.sale_without_right, risks.price_drift),
    keeps="The shop sells the other layers, and each of them says what is taken back.",
    source="product",
)
stripe = Layer(
    id="stripe",
    title="Stripe",
    description="The payments for every layer: events, checkout sessions and prices.",
    note="A Stripe event that arrives twice, ten times at once or out of order has no further effect.",
    tables=(
        needs_table(stripe_events, "Every event from Stripe is recorded exactly once."),
        needs_table(purchases, "Stripe's events are about purchases."),
        needs_table(purchase_links, "Each Stripe price is connected with what it unlocks."),
    ),
    channels=(channels.receipt, channels.recovery),
    risks=(risks.event_replay, risks.refund_after_use),
    source="product",
)

LAYERS = (scroll, artifacts, echo, council, passport, shop, stripe)
