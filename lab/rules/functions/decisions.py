"""How a consent decision is applied to the rows that depend on it."""

from lab.rules.function_constructors import argument
from lab.rules.model import Function
from lab.rules.roles import service_role

_entry = (
    argument("subject", "uuid", "The person."),
    argument("purpose", "text", "The purpose."),
    argument("scope", "uuid", "The artifact, or null for the account."),
    argument("event_id", "bigint", "Id of the newest ledger entry."),
    argument("given", "boolean", "True when that entry gave the consent, false when it withdrew it."),
    argument("decided_at", "timestamptz", "When that entry was written."),
)

lock_person = Function(
    id="lock_person",
    db_schema="wall",
    arguments=(
        argument("subject", "uuid", "The person."),
        argument("exclusive", "boolean", "True to write a decision, false to write a row that depends on one."),
        argument("milliseconds", "integer", "Maximum wait in milliseconds."),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="Takes the lock of a person for the length of a commit; returns false after the maximum wait.",
)

refuse_stale_snapshot = Function(
    id="refuse_stale_snapshot",
    db_schema="wall",
    returns="void",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="Refuses a transaction at REPEATABLE READ or SERIALIZABLE if others have committed since it began.",
)

settle_consent = Function(
    id="settle_consent",
    db_schema="wall",
    arguments=(
        *_entry,
        argument(
            "incomplete", "boolean", "True when another transaction may be writing a row that is not visible yet."
        ),
    ),
    returns="jsonb",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="Applies the newest ledger entry to all dependent rows and updates the current consent. Never waits for a lock.",
)

apply_consent = Function(
    id="apply_consent",
    db_schema="wall",
    arguments=(
        argument("subject", "uuid", "The person."),
        argument("purpose", "text", "The purpose."),
        argument("scope", "uuid", "The artifact, or null for the account."),
        argument("given", "boolean", "True when the consent is given, false when it was withdrawn."),
        argument("before", "timestamptz", "A withdrawal is applied only to rows written before this time."),
    ),
    returns="bigint[]",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="Applies a decision to jobs, cards, gifts, Echoes and AI runs. Returns two counts, and 1 if a row was locked.",
)

settle_job = Function(
    id="settle_job",
    db_schema="wall",
    arguments=(argument("job_id", "bigint", "Id of the job."),),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="Queues, holds back or cancels an e-mail job according to its consents. Returns true if the job changed.",
)

settle_consents = Function(
    id="settle_consents",
    db_schema="public",
    arguments=(argument("most", "integer", "Maximum number of entries and jobs.", "1000"),),
    returns="integer",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Applies decisions to rows that were locked before. The worker calls it regularly.",
)

DECISIONS = (
    lock_person,
    refuse_stale_snapshot,
    apply_consent,
    settle_consent,
    settle_job,
    settle_consents,
)
