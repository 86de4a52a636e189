"""The functions for AI runs: lease, brief, output, and the checks before an output is adopted."""

from lab.rules.ai import LEASE_SECONDS
from lab.rules.function_constructors import argument
from lab.rules.model import Function
from lab.rules.roles import ai_worker, service_role

lease_ai_run = Function(
    id="lease_ai_run",
    db_schema="public",
    arguments=(
        argument("run_id", "uuid", "Id of an open AI run."),
        argument("lease_seconds", "integer", "Length of the lease in seconds.", str(LEASE_SECONDS)),
    ),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="Leases a run and returns its one-time token. Pass the AI's process this token and nothing else.",
    derived=True,
)

presented_token = Function(
    id="presented_token",
    db_schema="wall",
    returns="bytea",
    language="plpgsql",
    volatility="stable",
    definer=False,
    execute=(ai_worker,),
    why="Returns the SHA-256 of the run token that the session or request presents; null without one.",
)

presented_consent = Function(
    id="presented_consent",
    db_schema="wall",
    returns="boolean",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(ai_worker,),
    why="Tells whether the owner of the presented token's run consents to AI processing, by the ledger's newest entry.",
)

write_ai_run = Function(
    id="write_ai_run",
    db_schema="public",
    arguments=(
        argument("token", "text", "Token of the lease."),
        argument("output", "jsonb", "The AI's output."),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(ai_worker,),
    why="Writes the AI's output into the run of its token: once, during the lease, and while the owner's consent is valid.",
)

promote_ai_run = Function(
    id="promote_ai_run",
    db_schema="public",
    arguments=(argument("run_id", "uuid", "Id of a run that has an output."),),
    returns="jsonb",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="Adopts the output of a run after checking it, and returns it.",
)

fits_layer = Function(
    id="fits_layer",
    db_schema="wall",
    arguments=(
        argument("layer", "text", "The layer that the answer is for."),
        argument("output", "jsonb", "The AI's answer."),
    ),
    returns="boolean",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(),
    why="Tells whether an answer has the keys, types and lengths that its layer's rule lists.",
    derived=True,
)

forbidden_words = Function(
    id="forbidden_words",
    db_schema="wall",
    arguments=(argument("output", "jsonb", "The AI's answer."),),
    returns="text",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(),
    why="Returns what an answer holds although it must not, such as a link, an address or an invisible character; or null.",
    derived=True,
)

word_digests = Function(
    id="word_digests",
    db_schema="wall",
    arguments=(
        argument("words", "text", "Text of any length."),
        argument(
            "every", "boolean", "True for every run of four to eight words, false for the digests that are indexed."
        ),
    ),
    returns="bigint[]",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Digests runs of words in a text, so that an index finds the same words elsewhere without storing them twice.",
    stage="foundation",
    derived=True,
)

json_digests = Function(
    id="json_digests",
    db_schema="wall",
    arguments=(
        argument("words", "jsonb", "JSON with texts in any structure."),
        argument(
            "every", "boolean", "True for every run of four to eight words, false for the digests that are indexed."
        ),
    ),
    returns="bigint[]",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Digests runs of words in each text inside JSON, like word_digests.",
    stage="foundation",
)

repeats_others = Function(
    id="repeats_others",
    db_schema="wall",
    arguments=(argument("person", "uuid", "The owner of the AI run."), argument("output", "jsonb", "The AI's answer.")),
    returns="boolean",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(),
    why="Tells whether an answer repeats another person's question or answer.",
    derived=True,
)

AI = (
    lease_ai_run,
    presented_token,
    presented_consent,
    write_ai_run,
    promote_ai_run,
    fits_layer,
    forbidden_words,
    word_digests,
    json_digests,
    repeats_others,
)
