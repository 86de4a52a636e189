"""The functions inside the database: the wall's own law, and the doors the site's server calls it through."""

from lab.rules.model import Function
from lab.rules.roles import anon, authenticated, oracle_operator, service_role
from lab.rules.words import argument, trigger_function

# Pure questions that checks and triggers ask.

is_operational = Function(
    id="is_operational",
    db_schema="wall",
    arguments=(argument("details", "jsonb", "A flat object of numbers, booleans and short codes."),),
    returns="boolean",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Keeps free text out of the audit trail, so that nobody's question can end up in it.",
    stage="foundation",
)
ledger_content = Function(
    id="ledger_content",
    db_schema="wall",
    arguments=(argument("entry", "jsonb", "A ledger row as JSON."),),
    returns="bytea",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="The digest of a ledger row without what erasure may remove, so that erasing somebody breaks no chain.",
    stage="foundation",
    derived=True,
)
seal_content = Function(
    id="seal_content",
    db_schema="wall",
    arguments=(argument("entry", "jsonb", "A sealed row as JSON."),),
    returns="bytea",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(authenticated, service_role),
    why="The digest that a seal is made of; the same words always give the same seal.",
    stage="foundation",
)
job_purposes = Function(
    id="job_purposes",
    db_schema="wall",
    arguments=(
        argument("channel", "text", "Channel of the job."),
        argument("leg", "text", "Leg of the job: account or email."),
    ),
    returns="text[]",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Which consents a job needs, straight from the rules.",
    stage="foundation",
    derived=True,
)
consent_scope = Function(
    id="consent_scope",
    db_schema="wall",
    arguments=(
        argument("purpose", "text", "Purpose of the consent."),
        argument("artifact_id", "uuid", "The artifact in question, if any."),
    ),
    returns="uuid",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(authenticated, service_role),
    why="Some consents cover the whole account, some one artifact alone; this tells which, from the rules.",
    stage="foundation",
    derived=True,
)

job_settings = Function(
    id="job_settings",
    db_schema="wall",
    arguments=(argument("channel", "text", "Channel of the job."),),
    returns="table(leg text, waits boolean, max_attempts smallint, support_path text)",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="The legs of a job, and what the rules say of each.",
    stage="foundation",
    derived=True,
)

# Questions about people, asked by triggers and workers.

consent_stands = Function(
    id="consent_stands",
    db_schema="wall",
    arguments=(
        argument("subject", "uuid", "The person."),
        argument("purpose", "text", "The purpose."),
        argument("scope", "uuid", "The artifact, or null for the account."),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="Asks for the consent and holds it until the transaction ends, so that a withdrawal cannot slip between.",
)
hold_job_consents = Function(
    id="hold_job_consents",
    db_schema="wall",
    arguments=(
        argument("subject", "uuid", "The person."),
        argument("channel", "text", "Channel of the job."),
        argument("leg", "text", "Leg of the job: account or email."),
        argument("artifact_id", "uuid", "The artifact, or null."),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="Tells whether every consent of a job stands, and holds the answer until the transaction ends.",
)
erasing = Function(
    id="erasing",
    db_schema="wall",
    arguments=(argument("subject", "uuid", "The person."),),
    returns="boolean",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(),
    why="What is sealed or appended gives way to one thing alone: a running deletion request of its own subject.",
)

# Trigger functions.

refuse_change = trigger_function(
    "refuse_change",
    "Append-only means that no role changes or removes a row, the owner of the table included.",
)
refuse_rewrite = trigger_function(
    "refuse_rewrite", "What identifies a row never changes; a different thing is a different row."
)
refuse_illegal_move = trigger_function(
    "refuse_illegal_move", "A state only moves the way its rules allow, whoever writes it."
)
refuse_private_text = trigger_function(
    "refuse_private_text", "A share-card that repeats the question, or a good part of it, is refused."
)
require_consent = trigger_function(
    "require_consent", "The row is refused unless the person has given the consent it rests on."
)
require_job_consents = trigger_function(
    "require_job_consents", "A job joins the queue only while every consent it needs stands."
)
require_account = trigger_function(
    "require_account",
    "A Passport belongs to somebody who can come back: an anonymous sign-in cannot keep one.",
)
require_own = trigger_function(
    "require_own", "What a row is made of belongs to the same person: nobody's reading ends up in another's hands."
)
stamp_consent_event = trigger_function(
    "stamp_consent_event",
    "Copies the wording's version and hash into the ledger, and digests what erasure may later remove.",
    stable_text=True,
)
stamp_ledger = trigger_function(
    "stamp_ledger", "Dates and digests a ledger row by the database's own clock and hand.", stable_text=True
)
stamp_notice = trigger_function(
    "stamp_notice", "Hashes the wording that is shown, so that it can be proved word for word."
)
derive_consent = trigger_function(
    "derive_consent",
    "Derives the current state from the ledger; a withdrawal cancels queued jobs and closes cards at once.",
)
guard_consent_state = trigger_function("guard_consent_state", "The current state may only say what the ledger says.")
seal_row = trigger_function(
    "seal_row", "Seals a row when it is sealed, and refuses every change from then on.", stable_text=True
)

# Doors for people.

open_share_card = Function(
    id="open_share_card",
    db_schema="public",
    arguments=(argument("slug", "text", "The unguessable end of the link."),),
    returns="table(title text, symbol text, palette text, one_line text)",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(anon, authenticated, service_role),
    why="Shows the public fields of one card to whoever holds its link, while the consent stands.",
    exposed_because=(
        "Whoever holds the link has no account, and a policy for anon would let anybody list all cards. "
        "The function takes the slug, answers with public fields only, and checks the consent itself."
    ),
)
give_consent = Function(
    id="give_consent",
    db_schema="public",
    arguments=(
        argument("purpose", "text", "What the consent is for."),
        argument("notice_id", "uuid", "The wording that was shown."),
        argument("request_id", "uuid", "Made by the caller; the same request counts once."),
        argument("scope_id", "uuid", "The artifact, for consents that cover one.", "null"),
        argument("evidence", "jsonb", "Where and how it was given.", "null"),
    ),
    returns="bigint",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(authenticated,),
    why="A signed-in person gives a consent; the ledger entry is theirs and nobody else's.",
)
withdraw_consent = Function(
    id="withdraw_consent",
    db_schema="public",
    arguments=(
        argument("purpose", "text", "What the consent was for."),
        argument("request_id", "uuid", "Made by the caller; the same request counts once."),
        argument("scope_id", "uuid", "The artifact, for consents that cover one.", "null"),
    ),
    returns="bigint",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(authenticated,),
    why="Withdrawing is one call and no harder than giving.",
)
record_consent = Function(
    id="record_consent",
    db_schema="public",
    arguments=(
        argument("subject_id", "uuid", "The person."),
        argument("purpose", "text", "What the consent is for."),
        argument("action", "text", "given or withdrawn."),
        argument("request_id", "uuid", "Made by the caller; the same request counts once."),
        argument("notice_id", "uuid", "The wording that was shown; needed to give.", "null"),
        argument("scope_id", "uuid", "The artifact, for consents that cover one.", "null"),
        argument("evidence", "jsonb", "Where and how it was given.", "null"),
    ),
    returns="bigint",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="The site's server records what a visitor answered, with the wording they saw.",
)
accept_gift = Function(
    id="accept_gift",
    db_schema="public",
    arguments=(argument("token", "text", "The one-time token of the invitation."),),
    returns="uuid",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(authenticated,),
    why="A gift opens only when its recipient accepts it, signed in as themselves.",
    exposed_because=(
        "The recipient owns nothing yet, so no policy can let them reach the invitation. The function takes the "
        "token from their link, compares hashes, and answers with the artifact's id alone."
    ),
)
request_privacy = Function(
    id="request_privacy",
    db_schema="public",
    arguments=(argument("kind", "text", "export, deletion or anonymization."),),
    returns="uuid",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(authenticated,),
    why="A person asks for their data, or for its end, in one call; the month starts to run.",
)
verify_passport_record = Function(
    id="verify_passport_record",
    db_schema="public",
    arguments=(argument("record_id", "uuid", "The Passport record."),),
    returns="boolean",
    language="plpgsql",
    volatility="stable",
    definer=False,
    execute=(authenticated, service_role),
    why="Anybody who may read a Passport record can verify its seal, and that of the scroll behind it.",
    stable_text=True,
)

# Doors for the site's server.

seal_scroll = Function(
    id="seal_scroll",
    db_schema="public",
    arguments=(argument("scroll_id", "uuid", "The scroll to seal."),),
    returns="bytea",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="Seals a finished reading; from here on not a letter of it changes.",
)
seal_passport_record = Function(
    id="seal_passport_record",
    db_schema="public",
    arguments=(argument("record_id", "uuid", "The Passport record to seal."),),
    returns="bytea",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="Seals a Passport record together with the seal of its scroll.",
)
broken_seals = Function(
    id="broken_seals",
    db_schema="wall",
    returns="table(table_name text, row_id uuid)",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(service_role, oracle_operator),
    why="Names every sealed row whose content no longer gives its seal.",
    stable_text=True,
)
record_stripe_event = Function(
    id="record_stripe_event",
    db_schema="public",
    arguments=(
        argument("event_id", "text", "Stripe's id of the event."),
        argument("type", "text", "Stripe's type of the event."),
        argument("stripe_created_at", "timestamptz", "When Stripe made it; whole seconds, no order."),
        argument("livemode", "boolean", "False for test money."),
        argument("payload", "jsonb", "The reduced payload: ids and amounts, no person."),
        argument("object_id", "text", "The Stripe object it speaks of.", "null"),
        argument("checkout_session_id", "text", "The checkout session, if it names one.", "null"),
        argument("api_version", "text", "Version of the payload.", "null"),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="Records an event exactly once: true for the first delivery, false for every repetition.",
)
record_audit_event = Function(
    id="record_audit_event",
    db_schema="public",
    arguments=(
        argument("actor_kind", "text", "subject, operator, server, worker or system."),
        argument("action", "text", "What was done, as noun.verb."),
        argument("object_table", "text", "Table of the object."),
        argument("object_id", "text", "Key of the object."),
        argument("outcome", "text", "done, refused or failed.", "'done'"),
        argument("details", "jsonb", "Numbers and short codes only.", "'{}'"),
        argument("actor_id", "text", "Opaque id of the actor.", "null"),
    ),
    returns="bigint",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="Writes one line of the audit trail; free text does not fit into it.",
)
seal_ledgers = Function(
    id="seal_ledgers",
    db_schema="public",
    arguments=(argument("most", "integer", "Most rows to seal for each ledger in one call.", "10000"),),
    returns="table(ledger text, sealed bigint, head bytea)",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Chains what was written since the last call; writers never wait for it, or for each other.",
)
verify_ledger = Function(
    id="verify_ledger",
    db_schema="public",
    arguments=(argument("ledger", "text", "consent_events or admin_audit_events."),),
    returns="table(intact boolean, checked bigint, unsealed bigint, broken_row bigint, problem text)",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(service_role, oracle_operator),
    why="Walks the chain and names the first row that was changed, removed or slipped in.",
    stable_text=True,
)
erase_subject = Function(
    id="erase_subject",
    db_schema="public",
    arguments=(argument("privacy_request_id", "uuid", "A deletion request that is running."),),
    returns="table(table_name text, affected bigint)",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Erases one person from every table, each column as its rule says, and counts what it touched.",
    derived=True,
)

# Doors of the delivery queue.

end_attempt = Function(
    id="end_attempt",
    db_schema="wall",
    arguments=(
        argument("job_id", "bigint", "Number of a running job."),
        argument("lease_token", "uuid", "Token from the claim; null for a lease that has run out."),
        argument("outcome", "text", "What came of the attempt."),
        argument("error_class", "text", "Short code of what went wrong, or null."),
        argument("retry_after_seconds", "integer", "Least pause before the next attempt, or null."),
    ),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="One place decides what follows an attempt that did not succeed: another one, a dead letter, or the end.",
)
_job = argument("job_id", "bigint", "Number of the job.")
_token = argument("lease_token", "uuid", "Token from the claim; an old one changes nothing.")

enqueue_delivery_job = Function(
    id="enqueue_delivery_job",
    db_schema="public",
    arguments=(
        argument("channel", "text", "Which job."),
        argument("subject_id", "uuid", "Whose delivery it is."),
        argument("artifact_id", "uuid", "The artifact, if any.", "null"),
        argument("purchase_id", "uuid", "The purchase, if any.", "null"),
        argument("echo_entry_id", "uuid", "The Echo, if any.", "null"),
        argument("generation", "integer", "Raised only when support sends again on purpose.", "0"),
        argument("run_at", "timestamptz", "Not before this moment.", "now()"),
    ),
    returns="setof bigint",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Queues a delivery once, in the transaction of what it delivers; one job for each leg.",
)
claim_delivery_jobs = Function(
    id="claim_delivery_jobs",
    db_schema="public",
    arguments=(
        argument("worker", "text", "Name of the worker, for people."),
        argument("most", "integer", "Most jobs to take.", "10"),
        argument("lease_seconds", "integer", "How long they are the worker's, in seconds.", "30"),
        argument("channels", "text[]", "Only these channels; null for all.", "null"),
    ),
    returns=(
        "table(job_id bigint, channel text, leg text, subject_id uuid, artifact_id uuid, purchase_id uuid, "
        "echo_entry_id uuid, attempts smallint, idempotency_key text, lease_token uuid)"
    ),
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Hands out due jobs, each to one worker, for a limited time.",
)
extend_delivery_leases = Function(
    id="extend_delivery_leases",
    db_schema="public",
    arguments=(_token, argument("lease_seconds", "integer", "New length from now, in seconds.", "30")),
    returns="setof bigint",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="A slow job stays with its worker as long as the worker is alive; a missing number means: stop.",
)
may_send_delivery_job = Function(
    id="may_send_delivery_job",
    db_schema="public",
    arguments=(_job, _token),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="The last question before anything leaves: is the job still mine, and does every consent still stand?",
)
complete_delivery_job = Function(
    id="complete_delivery_job",
    db_schema="public",
    arguments=(_job, _token),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Marks a delivery as done; false when the lease had passed to somebody else.",
)
fail_delivery_job = Function(
    id="fail_delivery_job",
    db_schema="public",
    arguments=(
        _job,
        _token,
        argument("error_class", "text", "Short code of what went wrong; never the provider's text."),
        argument("permanent", "boolean", "True when trying again cannot help.", "false"),
        argument("retry_after_seconds", "integer", "The provider's own wish, in seconds.", "null"),
    ),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Plans the next attempt with growing, random pauses, or moves the job to the dead letters.",
)
release_delivery_job = Function(
    id="release_delivery_job",
    db_schema="public",
    arguments=(_job, _token),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="A worker that stops gives an unstarted job back at once, and the attempt does not count.",
)
reap_delivery_leases = Function(
    id="reap_delivery_leases",
    db_schema="public",
    arguments=(argument("most", "integer", "Most jobs to recover in one call.", "100"),),
    returns="integer",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Recovers the jobs of workers that died; one that keeps killing its worker ends as a dead letter.",
)
retry_delivery_job = Function(
    id="retry_delivery_job",
    db_schema="public",
    arguments=(_job, argument("reason_code", "text", "Why, as a short code.")),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role, oracle_operator),
    why="Support puts a dead or parked job back into the queue; the consents are asked again.",
)
park_delivery_job = Function(
    id="park_delivery_job",
    db_schema="public",
    arguments=(_job, argument("reason_code", "text", "Why, as a short code.")),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role, oracle_operator),
    why="Support takes a job out of the queue until somebody has looked into it.",
)

FUNCTIONS = (
    is_operational,
    ledger_content,
    seal_content,
    job_purposes,
    consent_scope,
    job_settings,
    consent_stands,
    hold_job_consents,
    erasing,
    refuse_change,
    refuse_rewrite,
    refuse_illegal_move,
    refuse_private_text,
    require_consent,
    require_job_consents,
    require_account,
    require_own,
    stamp_consent_event,
    stamp_ledger,
    stamp_notice,
    derive_consent,
    guard_consent_state,
    seal_row,
    open_share_card,
    give_consent,
    withdraw_consent,
    record_consent,
    accept_gift,
    request_privacy,
    verify_passport_record,
    seal_scroll,
    seal_passport_record,
    broken_seals,
    record_stripe_event,
    record_audit_event,
    seal_ledgers,
    verify_ledger,
    erase_subject,
    end_attempt,
    enqueue_delivery_job,
    claim_delivery_jobs,
    extend_delivery_leases,
    may_send_delivery_job,
    complete_delivery_job,
    fail_delivery_job,
    release_delivery_job,
    reap_delivery_leases,
    retry_delivery_job,
    park_delivery_job,
)
