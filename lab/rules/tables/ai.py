"""AI runs: what an AI is given, and what it wrote."""

from lab.rules.ai import ANSWERS, LEASE_SECONDS, LEASES
from lab.rules.consents import ai_processing
from lab.rules.constructors import (
    INSERT,
    ROW,
    SELECT,
    UPDATE,
    before,
    check,
    created,
    ids,
    index,
    key,
    operational,
    owner_reads,
    owner_select,
    ref,
    secret,
    server,
    stamp,
    subject,
    unique,
    words_index,
)
from lab.rules.forms import MODEL
from lab.rules.functions.triggers import guard_ai_run, require_consent
from lab.rules.model import BriefField, Table
from lab.rules.tables.readings import oracle_scrolls

BRIEF_FIELDS = (
    BriefField(id="locale", column=oracle_scrolls.column("locale"), why="The language of the answer."),
    BriefField(id="question", column=oracle_scrolls.column("question"), why="The question that the AI answers."),
)

_GIVEN = ", ".join(f"'{field}'" for field in ids(BRIEF_FIELDS))

ai_runs = Table(
    id="ai_runs",
    title="AI runs",
    description="The AI's staging table: the fields that each run was given, its output, and whether the output was adopted.",
    loss="Nobody could tell what an AI was told about a person, or which text an AI wrote.",
    columns=(
        key(erase=ROW),
        subject("The person whose question the AI reads.", erase=ROW, fixed=True),
        operational("layer", "text", "The layer that the output is for.", erase=ROW, allowed=ids(ANSWERS), fixed=True),
        ref("scroll_id", oracle_scrolls, "The reading that the AI works from.", erase=ROW, fixed=True),
        operational(
            "fields_given",
            "text[]",
            "Names of the fields that the AI is given, never their content.",
            erase=ROW,
            fixed=True,
            closed_by="fields_are_given_alone",
        ),
        operational("model", "text", "Name of the AI model that writes the output.", erase=ROW, form=MODEL, fixed=True),
        operational(
            "status",
            "text",
            "State of the run. Promoted means that its output was adopted, discarded that it was deleted.",
            erase=ROW,
            default="'requested'",
            allowed=("requested", "written", "promoted", "discarded"),
            starts=("requested",),
            moves=(
                ("requested", "written"),
                ("requested", "discarded"),
                ("written", "promoted"),
                ("written", "discarded"),
            ),
        ),
        operational(
            "token_sha256",
            "bytea",
            "SHA-256 of the current lease's token; the token itself is not stored. Null before a lease and after the output is written.",
            erase=ROW,
            nullable=True,
            internal=True,
            only_in=("requested",),
        ),
        operational("leases", "smallint", "Number of leases so far.", erase=ROW, default="0", grows=True),
        stamp(
            "leased_at",
            "When the run was first leased; all its leases end a fixed time after this. Null before the first lease.",
            erase=ROW,
            ahead=True,
            once=True,
            past=True,
        ),
        stamp(
            "lease_until",
            "End of the lease: until then the AI can read its brief and write its output. Null before the first lease.",
            erase=ROW,
        ),
        secret(
            "output",
            "jsonb",
            "The AI's output as JSON; its owner can read it once it is adopted. Null before it is written, and once it is discarded.",
            erase=ROW,
            nullable=True,
            needed_in=("written", "promoted"),
            only_in=("written", "promoted"),
            set_in=("written",),
            given_in=("promoted",),
            once=True,
            cleared_in=("discarded",),
        ),
        stamp(
            "promoted_at",
            "When the output was adopted; set by the database. Null until then.",
            erase=ROW,
            needed_in=("promoted",),
            only_in=("promoted",),
            once=True,
            past=True,
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check(
            "output_is_bounded",
            "output is null or octet_length(output::text) <= 65536",
            "The output has at most 65,536 bytes.",
        ),
        check(
            "fields_are_given_alone",
            f"coalesce(array_ndims(fields_given), 0) = 1 and fields_given <@ array[{_GIVEN}]::text[]",
            "The list holds names of brief fields only, never their content.",
        ),
        check(
            "leases_are_few",
            f"leases between 0 and {LEASES}",
            "The number of leases is limited, so that a run cannot be read forever.",
        ),
        check(
            "lease_has_a_limit",
            f"lease_until is null or lease_until <= leased_at + interval '{LEASE_SECONDS} seconds'",
            "All leases of a run end within a fixed time after the first began.",
        ),
        check(
            "leased_as_a_whole",
            "(leases > 0) = (leased_at is not null) and (leases > 0) = (lease_until is not null)"
            " and (token_sha256 is null or leases > 0)",
            "A leased run has a start and an end time. Only a leased run has a token.",
        ),
    ),
    indexes=(
        index("ai_runs_subject", "subject_id", serves="Finds a person's AI runs."),
        words_index("ai_runs", "output", digests="json_digests"),
        index("ai_runs_scroll", "scroll_id", serves="Finds the AI runs of a reading."),
        unique(
            "ai_runs_token",
            "token_sha256",
            serves="Finds the run of a token when the AI reads or writes it.",
            where="token_sha256 is not null",
        ),
        index(
            "ai_runs_open",
            "created_at",
            serves="Finds runs that wait for a lease, an output or an adoption.",
            where="status in ('requested', 'written')",
        ),
        index(
            "ai_runs_unwritten",
            "id",
            serves="Finds runs that were adopted without an output. There should be none.",
            where="status = 'promoted' and (output is null or promoted_at is null)",
        ),
    ),
    policies=(
        owner_reads(
            "ai_runs",
            also=" and status = 'promoted'",
            why="Signed-in people read their own AI runs once the output is adopted.",
        ),
    ),
    grants=(
        owner_select(),
        server(
            SELECT,
            INSERT,
            UPDATE,
            why="The site's server requests a run, leases it, and adopts or discards its output.",
        ),
    ),
    triggers=(
        before(
            "ai_runs_need_consent",
            "insert or update",
            require_consent,
            "An AI run is read, written and adopted only while its owner's consent is valid.",
            ai_processing.id,
            when="new.status <> 'discarded'",
        ),
        before(
            "ai_runs_guard",
            "update",
            guard_ai_run,
            "An output is written once, during its lease. It is adopted only if it fits its layer's schema.",
        ),
    ),
    source="product; OWASP Top 10 for LLM applications 2026: least database identity",
)
