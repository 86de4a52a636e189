"""The steps of the tour, in their order. Each names its statements in sql/tour, in the file of its id."""

from lab.checks.probes.attempts import LOGIN
from lab.checks.probes.trial import Refused
from lab.checks.tour.step import ReadOn, Show, TourStep, Try
from lab.rules import promises
from lab.rules.tables.artifacts import oracle_artifacts
from lab.rules.tables.cards import share_cards
from lab.rules.tables.consent import consent_events, consents
from lab.rules.tables.delivery import delivery_jobs
from lab.rules.tables.operations import admin_audit_events
from lab.rules.tables.payments import purchases
from lab.rules.tables.premium import passport_records
from lab.rules.tables.privacy import privacy_requests
from lab.rules.tables.readings import oracle_scrolls
from lab.rules.tables.stripe import stripe_events

SERVER, OWNER, OTHER, VISITOR, OPERATOR, AI = "server", "subject_a", "subject_b", "visitor", "operator", "ai"

question = TourStep(
    id="question",
    title="Question",
    story="Customer A asks a question. The site's server keeps it with its answer, and seals both.",
    promise=promises.question_stays_private,
    writes=((SERVER, "ask"), (SERVER, "seal")),
    shows=(Show(oracle_scrolls, "read_scroll"),),
    tries=(
        Try(OWNER, "read the question", "find_scroll", 1),
        Try(OTHER, "read the question", "find_scroll", 0),
        Try(VISITOR, "read the question, not signed in", "find_scroll", Refused()),
        Try(OPERATOR, "read the question", "find_scroll", Refused()),
        Try(AI, "read the question", "find_scroll", Refused()),
    ),
    links=(
        ReadOn("schema", "Every column of a scroll", {"table": "oracle_scrolls"}),
        ReadOn("access", "What customer B reaches", {"who": "subject_b"}),
    ),
)
payment = TourStep(
    id="payment",
    title="Payment",
    story="Customer A buys the Artifacts for 19 euros. Stripe reports the payment, and the purchase is unlocked.",
    promise=promises.stripe_counts_once,
    writes=((SERVER, "offer"), (SERVER, "link"), (SERVER, "order"), (SERVER, "report"), (SERVER, "settle")),
    shows=(Show(purchases, "read_purchase"), Show(stripe_events, "read_event")),
    tries=(
        Try(SERVER, "record the same Stripe event again", "report", [False]),
        Try(SERVER, "use the checkout session for a second purchase", "repeat_session",
            Refused("purchases_checkout_session", "23505")),
        Try(OWNER, "read the purchase", "find_purchase", 1),
        Try(OTHER, "read the purchase", "find_purchase", 0),
        Try(VISITOR, "read the events of Stripe", "find_event", Refused()),
    ),
    links=(
        ReadOn("payments", "Payments that wait for a person"),
        ReadOn("rehearsal", "A purchase in which something goes wrong"),
    ),
)  # fmt: skip
gates = TourStep(
    id="gates",
    title="No consent yet",
    story="The PDF and the share-card are prepared in the account. Customer A has not allowed an e-mail, a share or a "
    "Passport yet, so nothing may leave.",
    promise=promises.email_waits_for_consent,
    writes=((SERVER, "make_artifacts"),),
    shows=(Show(oracle_artifacts, "read_artifacts"),),
    tries=(
        Try(SERVER, "queue the e-mail", "queue_email", Refused("require_job_consents")),
        Try(SERVER, "open the share-card", "open_card", Refused("require_consent")),
        Try(SERVER, "write to the Passport", "write_passport", Refused("require_consent")),
        Try(LOGIN, "write to the Passport", "write_passport", Refused("require_consent")),
    ),
    links=(
        ReadOn("lab", "What each channel needs", {"layer": "artifacts", "channel": ["email", "share_card"]}),
        ReadOn("chapters", "The sixteen promises"),
    ),
)
consent = TourStep(
    id="consent",
    title="Consent",
    story="Customer A allows the e-mail, the share and the Passport, each by itself. The ledger keeps every decision, "
    "and the current state follows from it.",
    promise=promises.consent_is_decided_by_its_person,
    writes=((OWNER, "allow_email"), (OWNER, "allow_share"), (OWNER, "allow_passport")),
    shows=(Show(consent_events, "read_ledger"), Show(consents, "read_state")),
    tries=(
        Try(OTHER, "allow an e-mail in A's name", "allow_for_a", Refused()),
        Try(OTHER, "read A's decisions", "find_ledger", 0),
        Try(LOGIN, "change the current state by hand", "change_state", Refused("guard_consent_state")),
        Try(SERVER, "queue the e-mail now", "queue_email", 1),
    ),
    links=(
        ReadOn("lab", "What each consent allows", {"layer": "artifacts", "channel": ["email"], "view": "Consents"}),
        ReadOn("schema", "Every column of the ledger", {"table": "consent_events"}),
    ),
)
delivery = TourStep(
    id="delivery",
    title="Delivery",
    story="The server queues the PDF and the e-mail. A worker takes the e-mail, and holds its lease for a minute.",
    promise=promises.a_worker_needs_its_lease,
    writes=((SERVER, "queue_pdf"), (SERVER, "queue_email"), (LOGIN, "lease")),
    shows=(Show(delivery_jobs, "read_jobs"),),
    tries=(
        Try(SERVER, "complete the job without its lease", "complete_without_lease", [False]),
        Try(SERVER, "complete it with the lease", "complete_with_lease", [True]),
        Try(OPERATOR, "read the state of the job in their view", "operate", 1),
        Try(OTHER, "read the jobs", "find_jobs", Refused()),
        Try(OPERATOR, "read the rows themselves", "find_jobs", Refused()),
    ),
    links=(
        ReadOn("deliveries", "What is delivered, and what waits"),
        ReadOn("rehearsal", "A delivery whose answer is lost"),
    ),
)
share = TourStep(
    id="share",
    title="Public share",
    story="The share-card opens. It has four fields of approved words, and its address cannot be guessed.",
    promise=promises.share_card_shows_safe_fields,
    writes=((SERVER, "open_card"),),
    shows=(Show(share_cards, "read_card"),),
    tries=(
        Try(VISITOR, "open the card by its link", "visit", 1),
        Try(VISITOR, "open a card by a guessed link", "guess", 0),
        Try(VISITOR, "list the cards", "find_cards", Refused()),
        Try(OTHER, "read the card's row", "find_cards", 0),
        Try(SERVER, "put the question on the card", "leak", Refused("share_cards_one_line_fkey", "23503")),
    ),
    links=(
        ReadOn("lab", "What the public sees", {"layer": "artifacts", "channel": ["share_card"],
                                               "consent": ["public_share"], "view": "Person"}),
        ReadOn("schema", "Every column of a share-card", {"table": "share_cards"}),
    ),
)  # fmt: skip
passport = TourStep(
    id="passport",
    title="Passport",
    story="The reading goes into A's Passport, and the entry is sealed.",
    promise=promises.sealed_never_changes,
    writes=((SERVER, "write_passport"), (SERVER, "seal")),
    shows=(Show(passport_records, "read_passport"),),
    tries=(
        Try(OWNER, "verify the seal", "verify", [True]),
        Try(OTHER, "read the entry", "find_passport", 0),
        Try(SERVER, "change the sealed entry", "change", Refused("seal_row")),
        Try(LOGIN, "change the sealed answer", "change_answer", Refused("seal_row")),
        Try(LOGIN, "delete the sealed entry", "remove", Refused("refuse_removal")),
    ),
    links=(
        ReadOn("schema", "Every column of a Passport entry", {"table": "passport_records"}),
        ReadOn("chapters", "The sixteen promises"),
    ),
)
withdrawal = TourStep(
    id="withdrawal",
    title="Consent withdrawn",
    story="Customer A takes back the e-mail and the share. In the same transaction the card closes, and the job of the "
    "e-mail is told to stop.",
    promise=promises.public_share_waits_for_consent,
    writes=((OWNER, "stop_email"), (OWNER, "stop_share")),
    shows=(Show(share_cards, "read_card"), Show(delivery_jobs, "read_jobs")),
    tries=(
        Try(VISITOR, "open the card by its old link", "visit", 0),
        Try(SERVER, "open the card again", "reopen_card", Refused("require_consent")),
        Try(SERVER, "queue another e-mail", "queue_email", Refused("require_job_consents")),
    ),
    links=(
        ReadOn("deliveries", "What is delivered, and what waits"),
        ReadOn("schema", "Every column of a job", {"table": "delivery_jobs"}),
    ),
)
request = TourStep(
    id="request",
    title="Request of deletion",
    story="Customer A asks to be deleted. The request has a deadline of one month, and the operator sees no name.",
    promise=promises.own_things_only,
    writes=((OWNER, "request"),),
    shows=(Show(privacy_requests, "read_request"),),
    tries=(
        Try(OTHER, "request the deletion of A", "request_for_a", Refused()),
        Try(OTHER, "read A's request", "find_request", 0),
        Try(SERVER, "delete before the request is verified", "erase", Refused("erase_subject")),
        Try(OPERATOR, "read the state of the request in their view", "operate", 1),
    ),
    links=(
        ReadOn("chapters", "The sixteen promises"),
        ReadOn("schema", "Every column of a request", {"table": "privacy_requests"}),
    ),
)
deletion = TourStep(
    id="deletion",
    title="Deletion",
    story="The server verifies the request and deletes. The purchase keeps its amount and its date, and loses its "
    "person. The audit trail keeps codes and counts.",
    promise=promises.audit_trail_holds_no_text,
    writes=((SERVER, "verify"), (SERVER, "run"), (SERVER, "erase")),
    shows=(Show(purchases, "read_purchase"), Show(admin_audit_events, "read_trail")),
    tries=(
        Try(OWNER, "read the question", "find_scroll", 0),
        Try(LOGIN, "find the question or its Passport entry anywhere", "find_rest", [0]),
        Try(SERVER, "write a new question for A", "write_again", Refused("refuse_erased_subject_id")),
        Try(LOGIN, "write a sentence into the audit trail", "write_sentence",
            Refused("admin_audit_events_details_are_operational", "23514")),
    ),
    links=(
        ReadOn("schema", "What a deletion does to every column", {"table": "purchases"}),
        ReadOn("readiness", "Whether this database still matches the rules"),
    ),
)  # fmt: skip

STEPS = (question, payment, gates, consent, delivery, share, passport, withdrawal, request, deletion)
