"""Every table, in the order in which they can be created."""

from lab.rules.tables.ai import ai_runs
from lab.rules.tables.artifacts import oracle_artifacts
from lab.rules.tables.attempts import delivery_attempts
from lab.rules.tables.cards import card_phrases, share_cards
from lab.rules.tables.commerce import products, purchase_links
from lab.rules.tables.consent import consent_events, consent_notices, consents
from lab.rules.tables.delivery import delivery_jobs
from lab.rules.tables.erasure import erased_subjects, erasure_keys, storage_deletions
from lab.rules.tables.gifts import gift_recipients
from lab.rules.tables.money_back import disputes, payment_reviews, refunds
from lab.rules.tables.operations import admin_audit_events, audit_codes, ledger_seals
from lab.rules.tables.payments import purchases
from lab.rules.tables.premium import council_sessions, echo_entries, passport_records
from lab.rules.tables.privacy import legal_holds, privacy_request_steps, privacy_requests
from lab.rules.tables.readings import oracle_scrolls
from lab.rules.tables.records import delivery_records
from lab.rules.tables.schedule import scheduled_runs
from lab.rules.tables.sending import (
    delivery_effects,
    delivery_environments,
    delivery_links,
    delivery_switches,
    email_suppressions,
)
from lab.rules.tables.stripe import stripe_events
from lab.rules.tables.withdrawal import withdrawal_documents, withdrawal_waivers, withdrawals

TABLES = (
    consent_notices,
    consent_events,
    consents,
    oracle_scrolls,
    products,
    purchase_links,
    purchases,
    refunds,
    disputes,
    payment_reviews,
    withdrawal_waivers,
    withdrawals,
    withdrawal_documents,
    oracle_artifacts,
    card_phrases,
    share_cards,
    gift_recipients,
    stripe_events,
    echo_entries,
    council_sessions,
    passport_records,
    ai_runs,
    delivery_jobs,
    delivery_attempts,
    delivery_effects,
    delivery_links,
    delivery_records,
    delivery_switches,
    delivery_environments,
    email_suppressions,
    privacy_requests,
    privacy_request_steps,
    erasure_keys,
    erased_subjects,
    storage_deletions,
    legal_holds,
    audit_codes,
    admin_audit_events,
    ledger_seals,
    scheduled_runs,
)
