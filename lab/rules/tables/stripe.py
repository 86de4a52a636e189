"""What Stripe told, kept word for word as far as it is needed."""

from lab.rules.forms import STRIPE_OBJECT, STRIPE_SESSION, STRIPE_VERSION
from lab.rules.model import Table
from lab.rules.words import (
    INSERT,
    KEEP,
    SELECT,
    UPDATE,
    check,
    created,
    financial,
    index,
    operational,
    server,
    stamp,
)

stripe_events = Table(
    id="stripe_events",
    title="Stripe events",
    description="Every message from Stripe, recorded exactly once, reduced to ids and amounts.",
    loss="A repeated message would unlock twice, and a lost one would not be noticed.",
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
            "A code, and no text that may quote a person.",
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
