"""What constraints, triggers and workers ask; none of it is called from outside but by the site's own server."""

from lab.rules.model import Function
from lab.rules.roles import authenticated, oracle_operator, service_role
from lab.rules.words import argument

names_row = Function(
    id="names_row",
    db_schema="wall",
    arguments=(
        argument("place", "text", "Name of the table, or what kind of thing it is."),
        argument("id", "text", "The key of the row, or what stands for a person."),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Keeps names and addresses out of the audit trail: what it speaks of has an id.",
    stage="foundation",
)

names_line = Function(
    id="names_line",
    db_schema="wall",
    arguments=(
        argument("action", "text", "What was done, as noun.verb."),
        argument("object_table", "text", "Table of the row."),
        argument("object_id", "text", "The key of the row."),
        argument("actor_id", "text", "What stands for whoever did it, or null."),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Keeps sentences, names and addresses out of the audit trail: what was done has a code, and the rest an id.",
    stage="foundation",
)

is_operational = Function(
    id="is_operational",
    db_schema="wall",
    arguments=(argument("details", "jsonb", "A flat object of numbers, booleans and short codes."),),
    returns="boolean",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Keeps free text out of the audit trail, so that nobody's question can end up in it.",
    stage="foundation",
)

is_evidence = Function(
    id="is_evidence",
    db_schema="wall",
    arguments=(argument("evidence", "jsonb", "Where and how a consent was decided, or null."),),
    returns="boolean",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(authenticated, service_role),
    why="Evidence is an object of a few facts, and no recording.",
    stage="foundation",
)

stripe_type = Function(
    id="stripe_type",
    db_schema="wall",
    arguments=(argument("type", "text", "What Stripe calls an event."),),
    returns="text",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="The type of an event when it is made of Stripe's words, otherwise the word unknown: no free text is kept.",
    stage="foundation",
    derived=True,
)

is_stripe_payload = Function(
    id="is_stripe_payload",
    db_schema="wall",
    arguments=(argument("payload", "jsonb", "The reduced payload of an event."),),
    returns="boolean",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Keeps whatever the rules do not list out of the mirror of Stripe: keys, nested objects and lists included.",
    stage="foundation",
    derived=True,
)

ledger_content = Function(
    id="ledger_content",
    db_schema="wall",
    arguments=(argument("entry", "jsonb", "A ledger row as JSON."),),
    returns="bytea",
    language="plpgsql",
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
    language="plpgsql",
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
    language="plpgsql",
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
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="The legs of a job, and what the rules say of each.",
    stage="foundation",
    derived=True,
)

job_waits = Function(
    id="job_waits",
    db_schema="wall",
    arguments=(
        argument("channel", "text", "Channel of the job."),
        argument("leg", "text", "Leg of the job: account or email."),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Tells whether a leg without its consent waits for it, or ends.",
    stage="foundation",
    derived=True,
)

_decided = (
    argument("subject", "uuid", "The person."),
    argument("purpose", "text", "The purpose."),
    argument("scope", "uuid", "The artifact, or null for the account."),
)

consent_stands = Function(
    id="consent_stands",
    db_schema="wall",
    arguments=_decided,
    returns="boolean",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(),
    why="Tells whether the newest entry of the ledger gave the consent; the truth that everything else follows.",
)

consent_lasts = Function(
    id="consent_lasts",
    db_schema="wall",
    arguments=(argument("entry_id", "bigint", "The entry of the ledger that a row rests on."),),
    returns="boolean",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(),
    why="Tells whether an entry gave a consent that was not withdrawn since, whatever was given again later.",
)

written_here = Function(
    id="written_here",
    db_schema="wall",
    arguments=(argument("number", "xid", "The xmin of a row that is seen."),),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="Tells whether a row was written by the transaction that asks, also within a savepoint of it.",
)

newest_consent = Function(
    id="newest_consent",
    db_schema="wall",
    arguments=_decided,
    returns="bigint",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(),
    why="The number of the newest entry for one person, purpose and scope; null when there is none.",
)

job_consents_stand = Function(
    id="job_consents_stand",
    db_schema="wall",
    arguments=(
        argument("subject", "uuid", "The person."),
        argument("channel", "text", "Channel of the job."),
        argument("leg", "text", "Leg of the job: account or email."),
        argument("artifact_id", "uuid", "The artifact, or null."),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(),
    why="Tells whether every consent of a job stands at this moment; holds nothing.",
    derived=True,
)

amount_text = Function(
    id="amount_text",
    db_schema="wall",
    arguments=(
        argument("amount_minor", "bigint", "Amount in the currency's smallest unit."),
        argument("currency", "text", "ISO 4217 code, lower case."),
    ),
    returns="text",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(service_role, oracle_operator),
    why="An amount as people read it, by the exponents of the currencies that the rules declare.",
    derived=True,
)

QUESTIONS = (
    names_row,
    names_line,
    is_operational,
    is_evidence,
    stripe_type,
    is_stripe_payload,
    ledger_content,
    seal_content,
    job_purposes,
    consent_scope,
    job_settings,
    job_waits,
    consent_stands,
    newest_consent,
    consent_lasts,
    written_here,
    job_consents_stand,
    amount_text,
)
