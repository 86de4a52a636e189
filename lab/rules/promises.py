"""The promises that probes try to break, the most important first."""

from lab.rules.model import GeneralPromise, Promise, Severity

passport_waits_for_consent = Promise(
    id="passport_waits_for_consent",
    title="Nothing is written to a Passport without explicit consent.",
    chapter=3,
    severity=Severity.HIGH,
    subject="public.passport_records",
    rule="passport_needs_consent",
    why="A Passport is a lasting collection about a person, so only that person may start it.",
)
email_waits_for_consent = Promise(
    id="email_waits_for_consent",
    title="No e-mail is queued without explicit consent.",
    chapter=3,
    severity=Severity.HIGH,
    subject="public.delivery_jobs",
    rule="jobs_need_consent",
    why="A sent e-mail cannot be recalled.",
)
public_share_waits_for_consent = Promise(
    id="public_share_waits_for_consent",
    title="No public share without explicit consent, and none after it was withdrawn.",
    chapter=3,
    severity=Severity.CRITICAL,
    subject="public.share_cards",
    rule="share_cards_need_consent",
    why="A public page stays in screenshots after it closes.",
)
question_stays_private = Promise(
    id="question_stays_private",
    title="Only the owner can read a question and its answer.",
    chapter=11,
    severity=Severity.CRITICAL,
    subject="public.oracle_scrolls",
    rule="oracle_scrolls.question",
    why="Share-card receives safe fields only; full question remains private.",
)
sealed_never_changes = Promise(
    id="sealed_never_changes",
    title="No role can change a sealed record.",
    chapter=4,
    severity=Severity.HIGH,
    subject="public.oracle_scrolls",
    rule="oracle_scrolls_seal",
    why="A seal proves nothing if a sealed record can change.",
)
stripe_counts_once = Promise(
    id="stripe_counts_once",
    title="The same Stripe event or checkout session counts once.",
    chapter=8,
    severity=Severity.HIGH,
    subject="public.stripe_events",
    rule="stripe_events_pkey",
    why="Stripe delivers events repeatedly and out of order. Nobody may pay or receive twice because of it.",
)
share_card_shows_safe_fields = Promise(
    id="share_card_shows_safe_fields",
    title="A share-card shows only its safe fields, and only to people with its link.",
    chapter=2,
    severity=Severity.CRITICAL,
    subject="public.open_share_card(text)",
    rule="open_share_card",
    why="The full question remains private, whatever is shared.",
)
gift_waits_for_consent = Promise(
    id="gift_waits_for_consent",
    title="A gift uses an address only with the giver's consent, and opens only for its recipient.",
    chapter=3,
    severity=Severity.HIGH,
    subject="public.gift_recipients",
    rule="gifts_need_consent",
    why="The recipient is a third person who has not consented.",
)
ai_reads_and_writes_one_run = Promise(
    id="ai_reads_and_writes_one_run",
    title="The AI reads only the brief of its own run, writes that run once, and writes nothing else.",
    chapter=14,
    severity=Severity.HIGH,
    subject="public.write_ai_run(text, jsonb)",
    rule="write_ai_run",
    why="This limits the damage of any prompt.",
)
consent_is_decided_by_its_person = Promise(
    id="consent_is_decided_by_its_person",
    title="People decide only for themselves, and the ledger decides which consent is valid.",
    chapter=3,
    severity=Severity.HIGH,
    subject="public.consent_events",
    rule="owner_writes_consent_events",
    why="A consent is worthless if somebody else can give it.",
)
own_things_only = Promise(
    id="own_things_only",
    title="Rows never move from one person to another, and only a person's own request erases them.",
    chapter=11,
    severity=Severity.HIGH,
    subject="public.oracle_artifacts",
    rule="a_oracle_artifacts_own",
    why="A row with the wrong owner shows one person's reading to another.",
)
audit_trail_holds_no_text = Promise(
    id="audit_trail_holds_no_text",
    title="The audit trail holds codes and counts, and no sentences.",
    chapter=9,
    severity=Severity.MEDIUM,
    subject="public.admin_audit_events",
    rule="admin_audit_events_details_are_operational",
    why="A sentence could quote a question, and the audit trail is kept for years.",
)
a_worker_needs_its_lease = Promise(
    id="a_worker_needs_its_lease",
    title="A worker without a valid lease cannot change or send anything.",
    chapter=6,
    severity=Severity.HIGH,
    subject="public.delivery_jobs",
    rule="complete_delivery_jobs",
    why="Two workers with the same job would deliver it twice.",
)
promised_acts_work = Promise(
    id="promised_acts_work",
    title="People can decide, ask and buy, and the site's server can deliver, as the product promises.",
    chapter=2,
    severity=Severity.HIGH,
    subject="public.consent_events",
    rule="acts that are granted",
    why="A rule that refuses a withdrawal, a deletion or a payment breaks the product as much as one that is missing.",
)
states_move_legally = GeneralPromise(
    id="states_move_legally",
    title="States start and change only as the rules allow, for every role.",
    severity=Severity.MEDIUM,
    why="A skipped state means that a step was left out unnoticed.",
)
kept_for_good = GeneralPromise(
    id="kept_for_good",
    title="Keys and append-only rows never change, and no row is deleted.",
    severity=Severity.HIGH,
    why="A row proves nothing if it can be changed later.",
)
counts_once = GeneralPromise(
    id="counts_once",
    title="No unique value can be written twice.",
    severity=Severity.HIGH,
    why="A duplicate would be paid or delivered twice.",
)
get_writes_nothing = Promise(
    id="get_writes_nothing",
    title="A GET request writes nothing.",
    chapter=11,
    severity=Severity.HIGH,
    subject="public",
    rule="read-only transactions of the Data API",
    why="Opening a link, by a person or by a mail scanner, must change nothing.",
)
access = GeneralPromise(
    id="access",
    title="Each role can read and write what the rules allow, and nothing else.",
    severity=Severity.HIGH,
    why="Everything beyond the rules belongs to other people or to the shop.",
)

PROMISES = (
    passport_waits_for_consent,
    email_waits_for_consent,
    public_share_waits_for_consent,
    question_stays_private,
    sealed_never_changes,
    stripe_counts_once,
    share_card_shows_safe_fields,
    gift_waits_for_consent,
    ai_reads_and_writes_one_run,
    consent_is_decided_by_its_person,
    own_things_only,
    audit_trail_holds_no_text,
    a_worker_needs_its_lease,
    promised_acts_work,
    states_move_legally,
    kept_for_good,
    counts_once,
    get_writes_nothing,
    access,
)
