"""The functions for the site's own server: seals, events and ledgers."""

from lab.rules.function_constructors import argument, inner_function, server_function
from lab.rules.model import Function
from lab.rules.roles import oracle_operator, service_role

seal_scroll = Function(
    id="seal_scroll",
    db_schema="public",
    arguments=(argument("scroll_id", "uuid", "Id of the reading to seal."),),
    returns="bytea",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="Seals a finished reading. It never changes afterwards.",
)

seal_passport_record = Function(
    id="seal_passport_record",
    db_schema="public",
    arguments=(argument("record_id", "uuid", "Id of the Passport record to seal."),),
    returns="bytea",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="Seals a Passport record, including the seal of its reading.",
)

broken_seals = Function(
    id="broken_seals",
    db_schema="wall",
    returns="table(table_name text, row_id uuid)",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(service_role, oracle_operator),
    why="Returns every sealed row whose content does not match its seal.",
    stable_text=True,
)

record_stripe_event = Function(
    id="record_stripe_event",
    db_schema="public",
    arguments=(
        argument("event_id", "text", "Stripe's event id."),
        argument("type", "text", "Stripe's event type."),
        argument("stripe_created_at", "timestamptz", "When Stripe created the event, in whole seconds."),
        argument("livemode", "boolean", "False for test money."),
        argument("payload", "jsonb", "The payload, reduced to ids, states and amounts."),
        argument("object_id", "text", "Id of the Stripe object that the event is about.", "null"),
        argument("checkout_session_id", "text", "Id of the checkout session, or null.", "null"),
        argument("api_version", "text", "Stripe's API version of the payload.", "null"),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="Records a Stripe event exactly once. Returns true for its first delivery and false for a repetition.",
)

record_audit_event = Function(
    id="record_audit_event",
    db_schema="public",
    arguments=(
        argument("actor_kind", "text", "subject, operator, server, worker or system."),
        argument("action", "text", "What was done, as noun.verb."),
        argument("object_table", "text", "Table of the row that was acted on."),
        argument("object_id", "text", "Key of that row."),
        argument("outcome", "text", "done, refused or failed.", "'done'"),
        argument("details", "jsonb", "Flat JSON object of numbers, booleans and short codes.", "'{}'"),
        argument("actor_id", "text", "Id of the actor; a person's id is replaced with their code.", "null"),
    ),
    returns="bigint",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="Writes a line of the audit trail. Free text is refused.",
)

ledgers = inner_function("ledgers", "text[]", "Returns the names of the ledgers.", volatility="immutable", derived=True)

longest_write = inner_function(
    "longest_write",
    "interval",
    "Returns how long after its date a ledger row may be committed.",
    volatility="immutable",
    derived=True,
)

seal_ledgers = Function(
    id="seal_ledgers",
    db_schema="public",
    arguments=(argument("most", "integer", "Maximum number of rows to seal in each ledger.", "10000"),),
    returns="table(ledger text, sealed bigint, head bytea)",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Adds new ledger rows to the hash chain. Writers of rows never wait for it.",
)

verify_ledger = Function(
    id="verify_ledger",
    db_schema="public",
    arguments=(
        argument("ledger", "text", "consent_events or admin_audit_events."),
        argument("latest", "bigint", "Number of the newest links and rows to check; null for all.", "null"),
    ),
    returns="table(intact boolean, checked bigint, unsealed bigint, broken_row bigint, problem text)",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(service_role, oracle_operator),
    why="Verifies the hash chain of a ledger and returns the first row that was changed, removed or inserted later.",
    stable_text=True,
)

reseal_ledger = Function(
    id="reseal_ledger",
    db_schema="wall",
    arguments=(
        argument("ledger", "text", "consent_events or admin_audit_events."),
        argument("place", "bigint", "First link to replace; null for the first broken one.", "null"),
    ),
    returns="table(intact boolean, remade bigint, broken_row bigint, problem text)",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="Rebuilds the links of a broken chain from a place on and writes a line of the audit trail. Only for the owner.",
)

list_withdrawn_files = server_function(
    "list_withdrawn_files",
    "integer",
    "Lists the files of withdrawn artifacts for deletion, and returns how many. A file under a legal hold stays.",
    argument("most", "integer", "So many files at most, at most 1000.", "100"),
)

SERVER = (
    list_withdrawn_files,
    seal_scroll,
    seal_passport_record,
    broken_seals,
    record_stripe_event,
    record_audit_event,
    ledgers,
    longest_write,
    seal_ledgers,
    verify_ledger,
    reseal_ledger,
)
