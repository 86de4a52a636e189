"""The functions that constraints, triggers, policies and workers call; none is for the browser."""

from lab.rules.function_constructors import argument, inner_function
from lab.rules.model import Function
from lab.rules.roles import authenticated, oracle_operator, service_role

is_audit_object = Function(
    id="is_audit_object",
    db_schema="wall",
    arguments=(
        argument("place", "text", "Name of the table, or the kind of object."),
        argument("id", "text", "Key of the row, or the code of a person."),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Tells whether an object is named by a table and a key, and by no name or address.",
    stage="foundation",
)

is_audit_line = Function(
    id="is_audit_line",
    db_schema="wall",
    arguments=(
        argument("actor_kind", "text", "Kind of actor."),
        argument("action", "text", "What was done, as noun.verb."),
        argument("object_table", "text", "Table of the row."),
        argument("object_id", "text", "Key of the row."),
        argument("outcome", "text", "Outcome of the action."),
        argument("actor_id", "text", "Code of the actor, or null."),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Tells whether a line of the audit trail has a listed actor and outcome, and otherwise only codes and ids.",
    derived=True,
    stage="foundation",
)

is_operational = Function(
    id="is_operational",
    db_schema="wall",
    arguments=(argument("details", "jsonb", "Details of a line of the audit trail."),),
    returns="boolean",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Tells whether details are a flat JSON object of numbers, booleans and short codes, without free text.",
    stage="foundation",
)

is_evidence = Function(
    id="is_evidence",
    db_schema="wall",
    arguments=(argument("evidence", "jsonb", "Evidence of a consent."),),
    returns="boolean",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(authenticated, service_role),
    why="Tells whether evidence is a small JSON object of short facts.",
    stage="foundation",
)

stripe_type = Function(
    id="stripe_type",
    db_schema="wall",
    arguments=(argument("type", "text", "Stripe's event type."),),
    returns="text",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Returns the event type if it consists of Stripe's own words, otherwise unknown, so that no free text is stored.",
    stage="foundation",
    derived=True,
)

is_stripe_payload = Function(
    id="is_stripe_payload",
    db_schema="wall",
    arguments=(argument("payload", "jsonb", "Reduced payload of an event."),),
    returns="boolean",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Tells whether a payload holds only the keys and forms that the rules list, at every depth.",
    stage="foundation",
    derived=True,
)

ledger_content = Function(
    id="ledger_content",
    db_schema="wall",
    arguments=(argument("entry", "jsonb", "Ledger row as JSON."),),
    returns="bytea",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Returns the digest of a ledger row without the columns that an erasure clears, so that an erasure breaks no chain.",
    stage="foundation",
    derived=True,
)

seal_content = Function(
    id="seal_content",
    db_schema="wall",
    arguments=(argument("entry", "jsonb", "Sealed row as JSON."),),
    returns="bytea",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(authenticated, service_role),
    why="Returns the SHA-256 that seals a row. The same content always gives the same seal.",
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
    why="Returns the consents that a leg of a job needs.",
    stage="foundation",
    derived=True,
)

consent_scope = Function(
    id="consent_scope",
    db_schema="wall",
    arguments=(
        argument("purpose", "text", "Purpose of the consent."),
        argument("artifact_id", "uuid", "The artifact, or null."),
    ),
    returns="uuid",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(authenticated, service_role),
    why="Returns the scope of a consent: the artifact for purposes that cover one, null for those that cover the account.",
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
    why="Returns the legs of a job with their settings: whether they wait for a consent, attempts and support path.",
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
    why="Tells whether a leg without its consent waits for it; otherwise the job is cancelled.",
    stage="foundation",
    derived=True,
)

_decided = (
    argument("subject", "uuid", "The person."),
    argument("purpose", "text", "The purpose."),
    argument("scope", "uuid", "The artifact, or null for the account."),
)

consent_is_valid = Function(
    id="consent_is_valid",
    db_schema="wall",
    arguments=_decided,
    returns="boolean",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(),
    why="Tells whether a consent is valid: the newest entry of the ledger gave it.",
)

consent_still_valid = Function(
    id="consent_still_valid",
    db_schema="wall",
    arguments=(argument("entry_id", "bigint", "The ledger entry that a row depends on."),),
    returns="boolean",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(),
    why="Tells whether a ledger entry gave a consent that was not withdrawn since. A later consent does not count.",
)

written_in_transaction = Function(
    id="written_in_transaction",
    db_schema="wall",
    arguments=(argument("number", "xid", "The xmin of a visible row."),),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="Tells whether the current transaction, or one of its savepoints, wrote a row.",
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
    why="Returns the id of the newest ledger entry for a person, purpose and scope; null when there is none.",
)

job_consents_valid = Function(
    id="job_consents_valid",
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
    why="Tells whether every consent that a leg needs is valid now. Takes no lock.",
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
    why="Returns an amount as people read it, such as 49.00 EUR.",
    derived=True,
)

record_support_act = inner_function(
    "record_support_act",
    "void",
    "Writes the line of the audit trail about what support did, by an operator or by the site's server.",
    argument("action", "text", "What was done, as noun.verb."),
    argument("object_table", "text", "Table of the row."),
    argument("object_id", "text", "Key of the row."),
    argument("details", "jsonb", "Further facts as codes."),
    volatility="volatile",
)

INTERNAL = (
    is_audit_object,
    is_audit_line,
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
    consent_is_valid,
    newest_consent,
    consent_still_valid,
    written_in_transaction,
    job_consents_valid,
    amount_text,
    record_support_act,
)
