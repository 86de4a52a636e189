"""The four standing rules, which hold in every scenario, in the product's own words."""

from lab.rules.model import StandingRule

explicit_consent = StandingRule(
    id="explicit_consent",
    sentence="Do not write to Passport, email, or public share without explicit consent.",
    why="A website's own check can be forgotten. Here the database refuses the row.",
    enforced_by=(
        "passport_needs_consent",
        "jobs_need_consent",
        "share_cards_need_consent",
        "gifts_need_consent",
        "ai_runs_need_consent",
        "consent_takes_effect",
    ),
    source="product",
)
safe_fields = StandingRule(
    id="safe_fields",
    sentence="Share-card receives safe fields only; full question remains private.",
    why="A card shows only approved phrases, which foreign keys enforce, so no typed text can be on it.",
    enforced_by=("card_phrases", "open_share_card", "share_cards"),
    source="product",
)
tracked_jobs = StandingRule(
    id="tracked_jobs",
    sentence="Delivery jobs have attempts, status, next_run_at, and support path.",
    why="A failed delivery must be noticed and retried, and finally reach a person who can help.",
    enforced_by=("delivery_jobs_status_moves", "delivery_jobs_ready", "delivery_jobs_held"),
    source="product",
)
unique_indexes = StandingRule(
    id="unique_indexes",
    sentence="Stripe event id and checkout session id have unique indexes.",
    why="Stripe may send an event twice, ten times at once or out of order. Each sale must count once.",
    enforced_by=("stripe_events_pkey", "purchases_checkout_session", "record_stripe_event"),
    source="product",
)

STANDING_RULES = (explicit_consent, safe_fields, tracked_jobs, unique_indexes)
