"""The doors for the site's own server: seals, events and ledgers."""

from lab.rules.model import Function
from lab.rules.roles import oracle_operator, service_role
from lab.rules.words import argument, inner_function

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

ledgers = inner_function("ledgers", "text[]", "The ledgers, by name.", volatility="immutable", derived=True)

longest_write = inner_function(
    "longest_write",
    "interval",
    "How much later than it was dated a row of a ledger may be committed.",
    volatility="immutable",
    derived=True,
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
    arguments=(
        argument("ledger", "text", "consent_events or admin_audit_events."),
        argument("latest", "bigint", "How many of the newest links and rows to look at; null for all.", "null"),
    ),
    returns="table(intact boolean, checked bigint, unsealed bigint, broken_row bigint, problem text)",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(service_role, oracle_operator),
    why="Walks the chain and names the first row that was changed, removed or slipped in.",
    stable_text=True,
)

reseal_ledger = Function(
    id="reseal_ledger",
    db_schema="wall",
    arguments=(
        argument("ledger", "text", "consent_events or admin_audit_events."),
        argument("place", "bigint", "The first link to make anew; null for the first that does not hold.", "null"),
    ),
    returns="table(intact boolean, remade bigint, broken_row bigint, problem text)",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="The way back when somebody with the whole server broke a chain: makes its links anew and records that.",
)

SERVER = (
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
