"""AI runs: what an AI is given, and what it wrote."""

from lab.rules.ai import ANSWERS, LEASE_SECONDS, LEASES
from lab.rules.consents import ai_processing
from lab.rules.forms import MODEL
from lab.rules.functions.triggers import guard_ai_run, require_consent
from lab.rules.model import BriefField, Table
from lab.rules.tables.readings import oracle_scrolls
from lab.rules.words import (
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

BRIEF_FIELDS = (
    BriefField(id="locale", column=oracle_scrolls.column("locale"), why="The language that it is to answer in."),
    BriefField(id="question", column=oracle_scrolls.column("question"), why="What it is to answer."),
)

_GIVEN = ", ".join(f"'{field}'" for field in ids(BRIEF_FIELDS))

ai_runs = Table(
    id="ai_runs",
    title="AI runs",
    description="The AI's staging table: which fields it was given, what it wrote, and whether that was taken over.",
    loss="It would be unknown what an AI was told about a person, and which words are its own.",
    columns=(
        key(erase=ROW),
        subject("The person whose question it reads.", erase=ROW, fixed=True),
        operational("layer", "text", "The layer it writes for.", erase=ROW, allowed=ids(ANSWERS), fixed=True),
        ref("scroll_id", oracle_scrolls, "The reading it works from.", erase=ROW, fixed=True),
        operational(
            "fields_given",
            "text[]",
            "Names of the fields it was given; never their content.",
            erase=ROW,
            fixed=True,
            closed_by="fields_are_given_alone",
        ),
        operational("model", "text", "The model that writes.", erase=ROW, form=MODEL, fixed=True),
        operational(
            "status",
            "text",
            "Where the run stands.",
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
            "Hash of the current lease's token. The token itself is not stored.",
            erase=ROW,
            nullable=True,
            internal=True,
            only_in=("requested",),
        ),
        operational("leases", "smallint", "How often it was leased.", erase=ROW, default="0", grows=True),
        stamp(
            "leased_at",
            "When it was first leased. All leases end a fixed time after it.",
            erase=ROW,
            once=True,
            past=True,
        ),
        stamp("lease_until", "The AI may read its brief and write until then.", erase=ROW),
        secret(
            "output",
            "jsonb",
            "The output of the AI. Nobody sees it before it is adopted.",
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
            "When its output was adopted, by the database's clock.",
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
            "An endless answer is refused.",
        ),
        check(
            "fields_are_given_alone",
            f"coalesce(array_ndims(fields_given), 0) = 1 and fields_given <@ array[{_GIVEN}]::text[]",
            "Names of fields that a brief has, never what is in them.",
        ),
        check(
            "leases_are_few", f"leases between 0 and {LEASES}", "A run without a limit of leases could be read forever."
        ),
        check(
            "lease_has_a_limit",
            f"lease_until is null or lease_until <= leased_at + interval '{LEASE_SECONDS} seconds'",
            "All leases of a run end a while after the first began.",
        ),
        check(
            "leased_as_a_whole",
            "(leases > 0) = (leased_at is not null) and (leases > 0) = (lease_until is not null)"
            " and (token_sha256 is null or leases > 0)",
            "A lease has a start and an end, and a token needs a lease.",
        ),
    ),
    indexes=(
        index("ai_runs_subject", "subject_id", serves="What an AI was told about a person."),
        words_index("ai_runs", "output", digests="json_digests"),
        index("ai_runs_scroll", "scroll_id", serves="The runs on a reading."),
        unique(
            "ai_runs_token",
            "token_sha256",
            serves="The one run of a token: what its AI may read and write.",
            where="token_sha256 is not null",
        ),
        index(
            "ai_runs_open",
            "created_at",
            serves="Runs that wait to be leased, written or adopted.",
            where="status in ('requested', 'written')",
        ),
        index(
            "ai_runs_unwritten",
            "id",
            serves="Runs that were adopted without an output; there should be none.",
            where="status = 'promoted' and (output is null or promoted_at is null)",
        ),
    ),
    policies=(owner_reads("ai_runs", also=" and status = 'promoted'"),),
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
            "One lease gives one output: written during the lease, and adopted only in its layer's schema.",
        ),
    ),
    source="product; OWASP Top 10 for LLM applications 2026: least database identity",
)
