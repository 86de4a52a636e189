"""How a decision takes effect: at once, waiting for nobody, and at every isolation level."""

from lab.rules.model import Function
from lab.rules.roles import service_role
from lab.rules.words import argument

_entry = (
    argument("subject", "uuid", "The person."),
    argument("purpose", "text", "The purpose."),
    argument("scope", "uuid", "The artifact, or null for the account."),
    argument("event_id", "bigint", "The newest entry of the ledger for them."),
    argument("given", "boolean", "True when it gave the consent, false when it withdrew it."),
    argument("decided_at", "timestamptz", "When it was written."),
)

lock_person = Function(
    id="lock_person",
    db_schema="wall",
    arguments=(
        argument("subject", "uuid", "The person."),
        argument("alone", "boolean", "True for a decision of theirs, false for a row that rests on one."),
        argument("milliseconds", "integer", "How long to try."),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="One lock for each person, held for the length of a commit, with a wait that is bounded.",
)

refuse_stale_snapshot = Function(
    id="refuse_stale_snapshot",
    db_schema="wall",
    returns="void",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="A transaction that sees the data of its beginning decides nothing about a consent once they have changed.",
)

settle_consent = Function(
    id="settle_consent",
    db_schema="wall",
    arguments=(
        *_entry,
        argument("incomplete", "boolean", "True when somebody may be writing a row that is not seen yet."),
    ),
    returns="jsonb",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="Makes everything follow the newest entry of the ledger, and writes what stands; waits for nobody.",
)

follow_consent = Function(
    id="follow_consent",
    db_schema="wall",
    arguments=(
        argument("subject", "uuid", "The person."),
        argument("purpose", "text", "The purpose."),
        argument("scope", "uuid", "The artifact, or null for the account."),
        argument("given", "boolean", "True when it stands now, false when it was withdrawn."),
        argument("before", "timestamptz", "Of a withdrawal, only what was written before this moment follows."),
    ),
    returns="bigint[]",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="Lets the queue, cards, gifts, Echoes and AI runs follow a decision, and tells what somebody else held.",
)

settle_job = Function(
    id="settle_job",
    db_schema="wall",
    arguments=(argument("job_id", "bigint", "Number of the job."),),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="Lets a queued e-mail wait, join the queue or end, as its consents stand; true when that changed it.",
)

settle_consents = Function(
    id="settle_consents",
    db_schema="public",
    arguments=(argument("most", "integer", "Most entries and jobs to look at in one call.", "1000"),),
    returns="integer",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Settles what decisions had to leave out because somebody held it; for the worker's schedule.",
)

SETTLING = (
    lock_person,
    refuse_stale_snapshot,
    follow_consent,
    settle_consent,
    settle_job,
    settle_consents,
)
