"""Every table, in the order in which they can be created."""

from lab.rules.tables.commerce import products, purchase_links, purchases, stripe_events
from lab.rules.tables.consent import consent_events, consent_notices, consents
from lab.rules.tables.delivery import delivery_attempts, delivery_jobs, email_suppressions
from lab.rules.tables.operations import (
    admin_audit_events,
    ledger_seals,
    privacy_request_steps,
    privacy_requests,
)
from lab.rules.tables.premium import ai_runs, council_sessions, echo_entries, passport_records
from lab.rules.tables.readings import (
    card_phrases,
    gift_recipients,
    oracle_artifacts,
    oracle_scrolls,
    share_cards,
)

TABLES = (
    oracle_scrolls,
    oracle_artifacts,
    card_phrases,
    share_cards,
    gift_recipients,
    products,
    purchase_links,
    purchases,
    stripe_events,
    echo_entries,
    council_sessions,
    passport_records,
    ai_runs,
    consent_notices,
    consent_events,
    consents,
    delivery_jobs,
    delivery_attempts,
    email_suppressions,
    privacy_requests,
    privacy_request_steps,
    admin_audit_events,
    ledger_seals,
)
