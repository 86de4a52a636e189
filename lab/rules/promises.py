"""What probes try to break: the sentences of the product, the most asked for first."""

from lab.rules.model import GeneralPromise, Promise, Severity

passport_waits_for_consent = Promise(
    id="passport_waits_for_consent",
    title="Nothing is written to a Passport without explicit consent.",
    chapter=3,
    severity=Severity.HIGH,
    subject="public.passport_records",
    rule="passport_needs_consent",
    why="The Passport is a lasting collection about a person; only they may start it.",
)
email_waits_for_consent = Promise(
    id="email_waits_for_consent",
    title="No e-mail is queued without explicit consent.",
    chapter=3,
    severity=Severity.HIGH,
    subject="public.delivery_jobs",
    rule="jobs_need_consent",
    why="An e-mail cannot be called back.",
)
public_share_waits_for_consent = Promise(
    id="public_share_waits_for_consent",
    title="No public share without explicit consent, and none after it was withdrawn.",
    chapter=3,
    severity=Severity.CRITICAL,
    subject="public.share_cards",
    rule="share_cards_need_consent",
    why="What was once in public stays in somebody's screenshots.",
)
question_stays_private = Promise(
    id="question_stays_private",
    title="A question and its answer are reached by nobody but their owner.",
    chapter=11,
    severity=Severity.CRITICAL,
    subject="public.oracle_scrolls",
    rule="oracle_scrolls.question",
    why="Share-card receives safe fields only; full question remains private.",
)
sealed_never_changes = Promise(
    id="sealed_never_changes",
    title="A sealed record does not change, whoever tries.",
    chapter=4,
    severity=Severity.HIGH,
    subject="public.oracle_scrolls",
    rule="oracle_scrolls_seal",
    why="A seal that can be broken in silence proves nothing.",
)
stripe_counts_once = Promise(
    id="stripe_counts_once",
    title="The same Stripe event or checkout session counts once.",
    chapter=8,
    severity=Severity.HIGH,
    subject="public.stripe_events",
    rule="stripe_events_pkey",
    why="Stripe delivers twice, and out of order; nobody may pay or receive twice for that.",
)
share_card_shows_safe_fields = Promise(
    id="share_card_shows_safe_fields",
    title="A share-card shows its safe fields and nothing else, and only to whoever holds its link.",
    chapter=2,
    severity=Severity.CRITICAL,
    subject="public.open_share_card(text)",
    rule="open_share_card",
    why="The full question remains private, whatever is shared.",
)
gift_waits_for_consent = Promise(
    id="gift_waits_for_consent",
    title="Nobody's address is used for a gift without the giver's consent; a gift opens for its recipient alone.",
    chapter=3,
    severity=Severity.HIGH,
    subject="public.gift_recipients",
    rule="gifts_need_consent",
    why="The recipient is a third person who was never asked.",
)
ai_reads_and_writes_one_run = Promise(
    id="ai_reads_and_writes_one_run",
    title="The AI reads the brief of the run that it holds the token of, writes it once, and writes nothing else.",
    chapter=14,
    severity=Severity.HIGH,
    subject="public.write_ai_run(text, jsonb)",
    rule="write_ai_run",
    why="Whatever a prompt talks the AI into, this is all that it can do.",
)
consent_is_decided_by_its_person = Promise(
    id="consent_is_decided_by_its_person",
    title="A person decides for themselves alone, and what stands is what the ledger says.",
    chapter=3,
    severity=Severity.HIGH,
    subject="public.consent_events",
    rule="owner_writes_consent_events",
    why="A consent that somebody else can give is none.",
)
own_things_only = Promise(
    id="own_things_only",
    title="What belongs to one person never ends up with another, and only their own request erases it.",
    chapter=11,
    severity=Severity.HIGH,
    subject="public.oracle_artifacts",
    rule="a_oracle_artifacts_own",
    why="A mix-up shows one person's reading to another.",
)
audit_trail_holds_no_text = Promise(
    id="audit_trail_holds_no_text",
    title="The audit trail takes codes and counts, never a sentence.",
    chapter=9,
    severity=Severity.MEDIUM,
    subject="public.admin_audit_events",
    rule="admin_audit_events_details_are_operational",
    why="A sentence may quote a question, and the trail is kept for years.",
)
a_worker_needs_its_lease = Promise(
    id="a_worker_needs_its_lease",
    title="A worker whose lease is gone changes nothing, and nothing leaves that way.",
    chapter=6,
    severity=Severity.HIGH,
    subject="public.delivery_jobs",
    rule="complete_delivery_job",
    why="Two workers with one job would send it twice.",
)
states_move_legally = GeneralPromise(
    id="states_move_legally",
    title="A state begins and moves the way its rules allow, whoever writes it.",
    severity=Severity.MEDIUM,
    why="A state that can jump hides what did not happen.",
)
kept_for_good = GeneralPromise(
    id="kept_for_good",
    title="What identifies a row never changes, what is only added to never changes, and no row is deleted.",
    severity=Severity.HIGH,
    why="A row that is quietly made into another one proves nothing.",
)
counts_once = GeneralPromise(
    id="counts_once",
    title="What counts once cannot be written twice.",
    severity=Severity.HIGH,
    why="What is counted twice is paid or delivered twice.",
)
get_writes_nothing = Promise(
    id="get_writes_nothing",
    title="A reading request writes nothing.",
    chapter=11,
    severity=Severity.HIGH,
    subject="public",
    rule="read-only transactions of the Data API",
    why="A link that is only opened, by a person or by a mail scanner, must change nothing.",
)
access = GeneralPromise(
    id="access",
    title="Everybody reaches what the rules give them, and nothing else.",
    severity=Severity.HIGH,
    why="What somebody reaches beyond the rules is another person's, or the shop's alone.",
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
    states_move_legally,
    kept_for_good,
    counts_once,
    get_writes_nothing,
    access,
)
