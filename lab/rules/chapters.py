"""The sixteen promises of the product, each with the rules that enforce it and the proofs that check it."""

from lab.rules.invariants.emails import emails_without_consent
from lab.rules.invariants.ledgers import (
    audit_trail_lately_broken,
    consent_ledger_lately_broken,
    consents_unlike_ledger,
    seals_lately_broken,
)
from lab.rules.invariants.money import links_without_product, paid_not_unlocked, stripe_events_waiting
from lab.rules.invariants.queue import leases_expired
from lab.rules.invariants.requests import echoes_late, privacy_requests_overdue
from lab.rules.invariants.withdrawal import sales_without_withdrawal
from lab.rules.model import Chapter, Proof
from lab.rules.questions import ai_reaches_more, operator_reaches_tables
from lab.rules.tables import TABLES
from lab.rules.tables.ai import ai_runs
from lab.rules.tables.artifacts import oracle_artifacts
from lab.rules.tables.attempts import delivery_attempts
from lab.rules.tables.commerce import products, purchase_links
from lab.rules.tables.consent import consent_events, consent_notices, consents
from lab.rules.tables.delivery import delivery_jobs
from lab.rules.tables.erasure import erased_subjects, storage_deletions
from lab.rules.tables.operations import admin_audit_events, audit_codes, ledger_seals
from lab.rules.tables.payments import purchases
from lab.rules.tables.premium import council_sessions, echo_entries, passport_records
from lab.rules.tables.privacy import legal_holds, privacy_request_steps, privacy_requests
from lab.rules.tables.readings import oracle_scrolls
from lab.rules.tables.records import delivery_records
from lab.rules.tables.sending import delivery_effects, email_suppressions
from lab.rules.tables.stripe import stripe_events

# A superuser can rewrite a ledger and all its hashes. Only anchors outside the database show that.
_consents_anchored = Proof(
    id="consents_anchored",
    statement="The consent ledger fits its anchors outside the database.",
    ledger=consent_events,
)
_trail_anchored = Proof(
    id="trail_anchored",
    statement="The audit trail fits its anchors outside the database.",
    ledger=admin_audit_events,
)

the_map = Chapter(
    number=1,
    id="the_map",
    promise="What must live in the database instead of a polished mockup",
    explanation="Every layer with its tables, and what would be lost without them.",
    tables=TABLES,
    carried_by=(),
    proofs=(),
    source="product",
)
the_schema = Chapter(
    number=2,
    id="the_schema",
    promise="Tables for scrolls, artifacts, Echo, Council, consent, and delivery",
    explanation="The tables with their diagram, data dictionary and SQL, all made from the same rules.",
    tables=(
        oracle_scrolls,
        oracle_artifacts,
        echo_entries,
        council_sessions,
        consents,
        consent_events,
        delivery_jobs,
        delivery_attempts,
        delivery_effects,
    ),
    carried_by=(),
    proofs=(),
    source="product",
)
consent_ledger = Chapter(
    number=3,
    id="consent_ledger",
    promise="Consent as a separate story, not a forgotten checkbox",
    explanation=(
        "An append-only consent ledger, the current consents derived from it, and checks in the database that bind every role, also the site's server."
    ),
    tables=(consent_notices, consent_events, consents),
    carried_by=(
        "passport_needs_consent",
        "jobs_need_consent",
        "share_cards_need_consent",
        "gifts_need_consent",
        "ai_runs_need_consent",
        "consent_takes_effect",
        "consents_follow_ledger",
        "consent_events_keep",
    ),
    proofs=(
        Proof(id="state_follows_ledger", asks=consents_unlike_ledger),
        Proof(id="ledger_intact", asks=consent_ledger_lately_broken),
        _consents_anchored,
    ),
    source="product",
)
sealed_records = Chapter(
    number=4,
    id="sealed_records",
    promise="Sealed records connect to products, artifacts, and Passport",
    explanation="Sealed readings and Passport records never change, and everybody who may read one can verify its seal.",
    tables=(oracle_scrolls, oracle_artifacts, passport_records, purchases, products),
    carried_by=("oracle_scrolls_seal", "passport_seal", "passport_needs_account", "verify_passport_record"),
    proofs=(Proof(id="seals_intact", asks=seals_lately_broken),),
    source="product",
)
premium_layers = Chapter(
    number=5,
    id="premium_layers",
    promise="New premium layers receive durable records",
    explanation="Echo and Council have tables of their own. A new layer is one new declaration.",
    tables=(echo_entries, council_sessions, ai_runs),
    carried_by=("echo_entries_status_moves", "council_sessions_status_moves"),
    proofs=(Proof(id="echoes_return", asks=echoes_late),),
    source="product",
)
tracked_queue = Chapter(
    number=6,
    id="tracked_queue",
    promise="Email, PDF, gift, and recovery move through a tracked queue",
    explanation="Each delivery is a job with attempts, status, next run, lease, dead letter and support path.",
    tables=(delivery_jobs, delivery_attempts, delivery_effects),
    carried_by=(
        "delivery_jobs_status_moves",
        "delivery_jobs_ready",
        "claim_delivery_jobs",
        "complete_delivery_jobs",
    ),
    proofs=(Proof(id="leases_alive", asks=leases_expired),),
    source="product",
)
silent_emails = Chapter(
    number=7,
    id="silent_emails",
    promise="Emails do not expose the question and have a retry path",
    explanation="A job holds only ids and codes, so an e-mail cannot show the question. Temporary and permanent failures are told apart.",
    tables=(delivery_jobs, delivery_attempts, delivery_effects, email_suppressions),
    carried_by=("jobs_need_consent", "begin_send", "fail_delivery_job"),
    proofs=(
        Proof(id="queued_with_consent", asks=emails_without_consent),
        _consents_anchored,
    ),
    source="product",
)
durable_prices = Chapter(
    number=8,
    id="durable_prices",
    promise="Stripe product, Price ID, and unlock route are connected durably",
    explanation="Every price stays connected to its product and unlock route, so that each payment unlocks what was bought.",
    tables=(products, purchase_links, purchases, stripe_events),
    carried_by=("purchase_links_stripe_price", "purchases_checkout_session", "record_stripe_event"),
    proofs=(Proof(id="links_lead_to_products", asks=links_without_product),),
    source="product",
)
operator_view = Chapter(
    number=9,
    id="operator_view",
    promise="The operator sees events without unnecessary private details",
    explanation="Operators read views with operational and financial fields only: no question, answer, address or name.",
    tables=(admin_audit_events, ledger_seals),
    carried_by=("admin_audit_events_keep", "verify_ledger"),
    proofs=(
        Proof(id="operator_has_views_only", asks=operator_reaches_tables),
        Proof(id="trail_intact", asks=audit_trail_lately_broken),
        _trail_anchored,
    ),
    source="product",
)
privacy_workflow = Chapter(
    number=10,
    id="privacy_workflow",
    promise="Export, deletion, and anonymization get a clear workflow",
    explanation=(
        "Each request has steps, a deadline and a proof. An erasure follows the rule of each column and can be resumed. Afterwards nothing is written for the person."
    ),
    tables=(
        privacy_requests,
        privacy_request_steps,
        erased_subjects,
        storage_deletions,
        legal_holds,
        audit_codes,
        delivery_records,
    ),
    carried_by=(
        "privacy_requests_status_moves",
        "privacy_requests_audited",
        "erase_subject",
        "erased_subjects_whole",
        "oracle_scrolls_subject_id_erased",
        "request_privacy",
        "prune_deliveries",
    ),
    proofs=(Proof(id="answered_in_time", asks=privacy_requests_overdue),),
    source="product",
)
closed_access = Chapter(
    number=11,
    id="closed_access",
    promise="Public access is closed; service role works only on the server",
    explanation="Row-level security is enabled and forced on every table, and nothing is granted to anonymous visitors.",
    tables=TABLES,
    carried_by=(),
    proofs=(),
    source="product",
)
recovery_plan = Chapter(
    number=12,
    id="recovery_plan",
    promise="Launch requires a recovery plan, not hope in the stars",
    explanation="A restore drill that was run, with its date, duration and result.",
    tables=(ledger_seals,),
    carried_by=(),
    proofs=(
        Proof(
            id="drill_passed",
            statement="A restore drill was run and passed.",
            unknown_because="No restore drill has been recorded for this database.",
        ),
    ),
    source="product",
)
real_data = Chapter(
    number=13,
    id="real_data",
    promise="How to verify real data after payment and delivery failures",
    explanation="Invariants of the live data, checked as counts: paid but not unlocked, delivered without consent, stuck. "
    "Failures are rehearsed with the same code before they happen.",
    tables=(purchases, stripe_events, delivery_jobs),
    carried_by=("purchases_not_unlocked", "purchases_without_window", "stripe_events_open"),
    proofs=(
        Proof(id="paid_is_unlocked", asks=paid_not_unlocked),
        Proof(id="events_processed", asks=stripe_events_waiting),
        Proof(id="sales_can_be_withdrawn", asks=sales_without_withdrawal),
        Proof(
            id="failures_rehearsed",
            statement="The last rehearsal of these rules, this SQL and this code broke nothing.",
            rehearsed=True,
        ),
    ),
    source="product",
)
ai_boundary = Chapter(
    number=14,
    id="ai_boundary",
    promise="AI receives only needed fields and writes to safe tables",
    explanation="The AI's own database role reads the brief of the one run that it has a token for, and writes its output once.",
    tables=(ai_runs,),
    carried_by=(
        "ai_runs_need_consent",
        "ai_runs_guard",
        "ai_runs_token",
        "briefs",
        "lease_ai_run",
        "presented_token",
        "write_ai_run",
        "promote_ai_run",
        "fits_layer",
        "forbidden_words",
        "repeats_others",
    ),
    proofs=(Proof(id="ai_is_confined", asks=ai_reaches_more),),
    source="product",
)
mature_criteria = Chapter(
    number=15,
    id="mature_criteria",
    promise="Criteria for a mature production system",
    explanation="Criteria with evidence: checked by a program, or confirmed by a person until a date.",
    tables=TABLES,
    carried_by=(),
    proofs=(
        Proof(
            id="attested",
            statement="People have recently confirmed what a program cannot check.",
            unknown_because="Nobody has confirmed the criteria that a program cannot check.",
        ),
    ),
    source="product",
)
what_remains = Chapter(
    number=16,
    id="what_remains",
    promise="What remains after this pass before a real launch",
    explanation="Everything in the other fifteen chapters that is not proved now, by risk.",
    tables=TABLES,
    carried_by=(),
    proofs=(),
    source="product",
)

CHAPTERS = (
    the_map,
    the_schema,
    consent_ledger,
    sealed_records,
    premium_layers,
    tracked_queue,
    silent_emails,
    durable_prices,
    operator_view,
    privacy_workflow,
    closed_access,
    recovery_plan,
    real_data,
    ai_boundary,
    mature_criteria,
    what_remains,
)
