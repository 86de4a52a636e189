"""How sequences are compared."""

from lab.checks.schema.aspects import EXTRA, FOLLOWS, RELATION
from lab.checks.schema.kind import Kind
from lab.checks.schema.queries import read_query

KIND = Kind(
    name="sequence",
    plural="sequences",
    title="A sequence is not as the rules make it",
    means=(
        "A sequence of the rules counts in another way, or has another owner. The numbers of jobs "
        "and ledger entries come from sequences."
    ),
    example="alter sequence public.delivery_jobs_id_seq increment by 5;",
    accept="When it skips numbers on purpose, such as after a copy of the database.",
    query=read_query("relations"),
    family="schema",
    stage=25,
    missing=None,
    extra=EXTRA,
    aspects={**RELATION, "owner": FOLLOWS},  # an identity's sequence belongs to the table's owner
)
