"""The invariants: what must be true of the rows of a database."""

from lab.rules.invariants.emails import (
    deliveries_without_consent,
    emails_dead_for_good,
    emails_waiting_needlessly,
    emails_without_consent,
    receipts_waiting,
    recoveries_repeated,
    recoveries_waiting,
)
from lab.rules.invariants.ledgers import (
    audit_trail_lately_broken,
    consent_ledger_lately_broken,
    consents_unlike_ledger,
    ledgers_unsealed,
    passports_unfounded,
    seals_lately_broken,
)
from lab.rules.invariants.money import (
    artifacts_without_purchase,
    links_without_product,
    paid_not_unlocked,
    refunded_still_unlocked,
    stripe_events_in_review,
    stripe_events_waiting,
    unlocked_not_paid,
)
from lab.rules.invariants.orphans import ORPHANS
from lab.rules.invariants.queue import (
    dead_letters,
    jobs_held_for_long,
    jobs_overdue,
    jobs_parked_for_long,
    jobs_put_off,
    leases_expired,
)
from lab.rules.invariants.readings import (
    ai_runs_unwritten,
    ai_runs_without_consent,
    card_phrases_undeclared,
    gift_addresses_expired,
    gifts_without_consent,
    print_views_stored,
    share_cards_without_consent,
    withdrawn_files,
)
from lab.rules.invariants.requests import echoes_late, privacy_requests_due_soon, privacy_requests_overdue

INVARIANTS = (
    paid_not_unlocked,
    unlocked_not_paid,
    refunded_still_unlocked,
    artifacts_without_purchase,
    links_without_product,
    stripe_events_waiting,
    stripe_events_in_review,
    jobs_overdue,
    leases_expired,
    jobs_held_for_long,
    jobs_put_off,
    jobs_parked_for_long,
    dead_letters,
    emails_dead_for_good,
    emails_without_consent,
    emails_waiting_needlessly,
    receipts_waiting,
    recoveries_waiting,
    recoveries_repeated,
    deliveries_without_consent,
    card_phrases_undeclared,
    share_cards_without_consent,
    gifts_without_consent,
    gift_addresses_expired,
    ai_runs_without_consent,
    ai_runs_unwritten,
    withdrawn_files,
    print_views_stored,
    consents_unlike_ledger,
    consent_ledger_lately_broken,
    audit_trail_lately_broken,
    ledgers_unsealed,
    seals_lately_broken,
    passports_unfounded,
    echoes_late,
    privacy_requests_overdue,
    privacy_requests_due_soon,
    *ORPHANS,
)
