"""The AI's boundary: the lease, the brief, the one write, and what is asked before words are taken over."""

from lab.rules.ai import LEASE_SECONDS
from lab.rules.model import Function
from lab.rules.roles import ai_worker, service_role
from lab.rules.words import argument

lease_ai_run = Function(
    id="lease_ai_run",
    db_schema="public",
    arguments=(
        argument("run_id", "uuid", "An open run."),
        argument("lease_seconds", "integer", "How long the AI may read and write.", str(LEASE_SECONDS)),
    ),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="Gives out the token of one run, once; the process that talks to the AI gets that token and nothing else.",
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
    why="The hash of the token that this transaction came with, or nothing.",
)

presented_consent = Function(
    id="presented_consent",
    db_schema="wall",
    returns="boolean",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(ai_worker,),
    why="Whether the person of the run that this transaction has the token of allows AI, by the ledger's newest entry.",
)

write_ai_run = Function(
    id="write_ai_run",
    db_schema="public",
    arguments=(
        argument("token", "text", "The token of the lease."),
        argument("output", "jsonb", "What the AI wrote."),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(ai_worker,),
    why="The AI writes the one run of its token, once, while the lease lasts and its owner allows it.",
)

promote_ai_run = Function(
    id="promote_ai_run",
    db_schema="public",
    arguments=(argument("run_id", "uuid", "A run that was written."),),
    returns="jsonb",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="Takes an AI's words over once they were checked, and answers with them.",
)

fits_layer = Function(
    id="fits_layer",
    db_schema="wall",
    arguments=(argument("layer", "text", "The layer that is written for."), argument("output", "jsonb", "The answer.")),
    returns="boolean",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(),
    why="Tells whether an answer has the keys, types and lengths of its layer, straight from the rules.",
    derived=True,
)

forbidden_words = Function(
    id="forbidden_words",
    db_schema="wall",
    arguments=(argument("output", "jsonb", "The answer."),),
    returns="text",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(),
    why="Names what an answer holds and must not: a link, an address, an invisible character; null for nothing.",
    derived=True,
)

word_digests = Function(
    id="word_digests",
    db_schema="wall",
    arguments=(
        argument("words", "text", "A text of any length."),
        argument("every", "boolean", "True for every run of four to eight words, false for what is indexed."),
    ),
    returns="bigint[]",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Digests the words of a text, so that an index finds who else wrote them without keeping them twice.",
    stage="foundation",
    derived=True,
)

json_digests = Function(
    id="json_digests",
    db_schema="wall",
    arguments=(
        argument("words", "jsonb", "Texts in any structure."),
        argument("every", "boolean", "True for every run of four to eight words, false for what is indexed."),
    ),
    returns="bigint[]",
    language="plpgsql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Digests the words of every text inside JSON, each by itself, as word_digests does.",
    stage="foundation",
)

repeats_others = Function(
    id="repeats_others",
    db_schema="wall",
    arguments=(argument("person", "uuid", "Whose run it is."), argument("output", "jsonb", "The answer.")),
    returns="boolean",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(),
    why="Tells whether an answer repeats what somebody else asked or was told.",
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
