"""What leaves the shop: messages with their intents and links, addresses that get none, switches, and environments."""

from lab.rules.constructors import (
    INSERT,
    KEEP,
    ROW,
    SELECT,
    at_commit,
    before,
    check,
    created,
    ids,
    index,
    key,
    number,
    operational,
    personal,
    ref,
    server,
    stamp,
    unique,
)
from lab.rules.forms import ENVIRONMENT, PROVIDER_ID, RULES_VERSION
from lab.rules.functions.triggers import judge_intent_at_commit, refuse_change
from lab.rules.jobs import JOBS
from lab.rules.model import Table
from lab.rules.providers import PROVIDERS
from lab.rules.tables.consent import consent_events
from lab.rules.tables.delivery import delivery_jobs

ALL_CHANNELS = "all"

delivery_effects = Table(
    id="delivery_effects",
    title="Delivery effects",
    description="Every message that was handed to a provider, or was about to be: the intent first, then the result.",
    loss="After a crash it would be unknown whether a message was sent. It would be sent twice, or never.",
    columns=(
        number(erase=ROW),
        ref("job_id", delivery_jobs, "The job that sends it.", erase=ROW, on_delete="cascade", fixed=True),
        operational(
            "attempt", "smallint", "Number of the job's attempt in which it was intended.", erase=ROW, fixed=True
        ),
        operational(
            "state",
            "text",
            "State of the message. Intent allows the call to the provider; uncertain is without an answer, and may have been sent.",
            erase=ROW,
            default="'intent'",
            allowed=("intent", "sent", "refused", "uncertain"),
            starts=("intent",),
            moves=(
                ("intent", "sent"),
                ("intent", "refused"),
                ("intent", "uncertain"),
                ("uncertain", "sent"),
                ("uncertain", "refused"),
            ),
        ),
        operational("provider", "text", "The provider that is called.", erase=ROW, allowed=ids(PROVIDERS), fixed=True),
        ref(
            "consent_event_id",
            consent_events,
            "The ledger entry that allows it to be sent by e-mail; set by the database.",
            erase=ROW,
            own_by="begin_send sets it to the newest entry of the job's person.",
            fixed=True,
        ),
        operational(
            "content_sha256", "bytea", "SHA-256 of the rendered message, to prove what was sent.", erase=ROW, fixed=True
        ),
        operational(
            "rules_version",
            "text",
            "The first digits of the SHA-256 of the rules under which it was sent.",
            erase=ROW,
            form=RULES_VERSION,
            fixed=True,
        ),
        operational(
            "calls", "smallint", "How often the provider was called with the same key.", erase=ROW, default="1"
        ),
        operational(
            "lease_token",
            "uuid",
            "Token of the lease under which the provider was last called.",
            erase=ROW,
            internal=True,
        ),
        operational(
            "provider_id",
            "text",
            "The provider's id of the message. Null when it named none.",
            erase=ROW,
            nullable=True,
            form=PROVIDER_ID,
        ),
        stamp(
            "settled_at",
            "When the result was known. Null until then, also while it is uncertain.",
            erase=ROW,
            needed_in=("sent", "refused"),
            only_in=("sent", "refused"),
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check("content_is_sha256", "octet_length(content_sha256) = 32", "The hash has 32 bytes."),
        check("called_at_least_once", "calls >= 1 and attempt >= 1", "An intent belongs to an attempt and a call."),
    ),
    indexes=(
        unique(
            "delivery_effects_once",
            "job_id",
            serves="A job has at most one message that was sent or may have been sent.",
            where="state <> 'refused'",
        ),
        index("delivery_effects_job", "job_id", "id", serves="Finds the messages of a job, in order."),
        index(
            "delivery_effects_open",
            "id",
            serves="Finds intents without a result, and messages that wait for an operator's decision.",
            where="state in ('intent', 'uncertain')",
        ),
        index("delivery_effects_content", "content_sha256", serves="Finds out whether a message was allowed to leave."),
        index("delivery_effects_consent", "consent_event_id", serves="Counts what was sent under a consent."),
    ),
    grants=(server(SELECT, why="The site's server reads what was sent; only the functions of sending write it."),),
    triggers=(
        at_commit(
            "intents_need_consent",
            "insert or update",
            judge_intent_at_commit,
            "An intent is committed only while the consents of its job are valid.",
            of=("calls",),
        ),
    ),
    quotes_no_text="Only the functions of sending write it, from checked ids and codes.",
    source="product",
)

LINK_PURPOSES = ("open", "recover", "unsubscribe")

delivery_links = Table(
    id="delivery_links",
    title="Delivery links",
    description="The opaque links in messages: what each is for, how long it is valid, and whether it was used.",
    loss="A link in an e-mail would lead nowhere, or would open a purchase to everybody who has the e-mail, for good.",
    columns=(
        number(erase=ROW),
        ref("job_id", delivery_jobs, "The job whose message holds it.", erase=ROW, on_delete="cascade", fixed=True),
        operational("purpose", "text", "What it is for.", erase=ROW, allowed=LINK_PURPOSES, fixed=True),
        operational(
            "token_sha256",
            "bytea",
            "SHA-256 of the token in the link; the token itself is not stored.",
            erase=ROW,
            fixed=True,
            internal=True,
        ),
        operational(
            "expires_at", "timestamptz", "After this time the link is invalid.", erase=ROW, fixed=True, ahead=True
        ),
        stamp("used_at", "When it was first used. Null until then.", erase=ROW, once=True),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check("token_is_sha256", "octet_length(token_sha256) = 32", "The hash has 32 bytes."),
        check("expires_later", "expires_at > created_at", "A link expires after it was made."),
    ),
    indexes=(
        unique("delivery_links_token", "token_sha256", serves="Finds a link by its token."),
        index("delivery_links_job", "job_id", serves="Finds the links of a job."),
    ),
    grants=(
        server(SELECT, why="The site's server reads which links are used; only the functions of sending write it."),
    ),
    quotes_no_text="Only the functions of sending write it, from checked codes and hashes.",
    source="product",
)

delivery_switches = Table(
    id="delivery_switches",
    title="Delivery switches",
    description="Switches with which an operator stops deliveries: those of one channel, or all of them.",
    loss="A fault in a message could be stopped only by stopping the whole shop.",
    columns=(
        key(erase=KEEP),
        operational(
            "channel",
            "text",
            "The channel, or all.",
            erase=KEEP,
            allowed=(ALL_CHANNELS, *ids(JOBS)),
            fixed=True,
        ),
        operational("stopped", "boolean", "True while its deliveries are stopped.", erase=KEEP, default="true"),
        operational("changed_at", "timestamptz", "When it was last switched.", erase=KEEP, default="now()"),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    indexes=(unique("delivery_switches_channel", "channel", serves="Each channel has one switch."),),
    grants=(server(SELECT, why="The worker reads what is stopped; only operators' functions write it."),),
    quotes_no_text="Only switch_deliveries writes it, from a checked channel.",
    source="product",
)

delivery_environments = Table(
    id="delivery_environments",
    title="Delivery environments",
    description="The database and the environment in which deliveries may be sent; the newest row counts.",
    loss="A restored or copied database would send every message once more.",
    columns=(
        number(erase=KEEP),
        operational(
            "environment", "text", "Name of the environment, such as production.", erase=KEEP, form=ENVIRONMENT
        ),
        operational(
            "system_identifier",
            "bigint",
            "Identifier of the database cluster; a restored dump has another.",
            erase=KEEP,
        ),
        operational("timeline", "integer", "Timeline of the cluster; a restored backup has a later one.", erase=KEEP),
        operational("database_oid", "bigint", "Id of the database in its cluster; a copy has another.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    grants=(
        server(SELECT, why="The worker reads where deliveries may be sent; only an operator's function writes it."),
    ),
    triggers=(before("delivery_environments_keep", "update", refuse_change, "A recorded environment never changes."),),
    quotes_no_text="Only open_environment writes it, from a checked name and what the server says of itself.",
    source="PostgreSQL documentation of pg_control_system() and pg_control_checkpoint()",
)

email_suppressions = Table(
    id="email_suppressions",
    title="E-mail suppressions",
    description="E-mail addresses that bounced or complained and get no more e-mail. Only their hashes are stored.",
    loss="The shop would write to addresses that bounce or complain, and providers would block its e-mail.",
    columns=(
        key(erase=KEEP),
        personal(
            "address_sha256",
            "bytea",
            "SHA-256 of the address in lower case. It stays after an erasure, so that the address still gets no e-mail.",
            erase=KEEP,
        ),
        operational(
            "reason",
            "text",
            "Why the address gets no e-mail.",
            erase=KEEP,
            allowed=("hard_bounce", "complaint", "unsubscribed", "manual"),
        ),
        operational(
            "provider_code",
            "text",
            "Short code from the e-mail provider. Null when there is none.",
            erase=KEEP,
            nullable=True,
            closed_by="code_is_short",
        ),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "address_is_sha256",
            "octet_length(address_sha256) = 32",
            "The hash has 32 bytes, so an address cannot be stored instead.",
        ),
        check(
            "code_is_short",
            "provider_code is null or provider_code ~ '^[0-9a-z._-]{1,24}$'",
            "The provider's code is short and holds no text.",
        ),
    ),
    indexes=(
        unique(
            "email_suppressions_address",
            "address_sha256",
            serves="Finds out whether an address may get e-mail. Each address is listed once.",
        ),
    ),
    grants=(server(SELECT, INSERT, why="The site's server adds addresses that bounced or complained."),),
    source="product; RFC 3463 on permanent failures",
)
