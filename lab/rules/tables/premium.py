"""The premium layers' durable records: Echo, Council, Passport, and what an AI wrote for them."""

from lab.rules.ai import ANSWERS, LEASE_SECONDS, LEASES
from lab.rules.consents import ai_processing, passport_write
from lab.rules.forms import MODEL
from lab.rules.functions.triggers import guard_ai_run, require_account, require_consent, seal_row
from lab.rules.model import BriefField, Table
from lab.rules.tables.commerce import purchases
from lab.rules.tables.readings import oracle_artifacts, oracle_scrolls
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

echo_entries = Table(
    id="echo_entries",
    title="Echo entries",
    description="A follow-up that comes back later: what was left to resound, when, and what came back.",
    loss="An Echo would be a promise in somebody's inbox, with nothing behind it when the day comes.",
    columns=(
        key(erase=ROW),
        subject("The person whose Echo it is.", erase=ROW, fixed=True),
        ref("scroll_id", oracle_scrolls, "The reading that resounds.", erase=ROW, fixed=True),
        secret(
            "prompt",
            "text",
            "What the visitor left to come back to, if they added words.",
            erase=ROW,
            nullable=True,
        ),
        secret("reply", "text", "What came back.", erase=ROW, nullable=True, needed_in=("returned",)),
        operational(
            "status",
            "text",
            "Where the Echo is.",
            erase=ROW,
            default="'scheduled'",
            allowed=("scheduled", "returned", "cancelled"),
            starts=("scheduled",),
            moves=(("scheduled", "returned"), ("scheduled", "cancelled")),
        ),
        operational("due_at", "timestamptz", "When it is to return.", erase=ROW),
        stamp(
            "returned_at",
            "When it did return.",
            erase=ROW,
            needed_in=("returned",),
            only_in=("returned",),
            once=True,
            past=True,
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(check("prompt_length", "prompt is null or char_length(prompt) <= 4000", "A few words, no novel."),),
    indexes=(
        index("echo_entries_subject", "subject_id", serves="The owner's Echoes."),
        index("echo_entries_scroll", "scroll_id", serves="The Echoes of a reading."),
        index("echo_entries_due", "due_at", serves="Which Echoes are due.", where="status = 'scheduled'"),
        words_index("echo_entries", "prompt"),
        words_index("echo_entries", "reply"),
    ),
    policies=(owner_reads("echo_entries"),),
    grants=(
        owner_select(),
        server(SELECT, INSERT, UPDATE, why="The site's server plans an Echo and notes its return."),
    ),
    source="product",
)

council_sessions = Table(
    id="council_sessions",
    title="Council sessions",
    description="A reading in several voices, each voice with its words, and what they agreed on.",
    loss="The voices would speak once on a screen and could never be read again.",
    columns=(
        key(erase=ROW),
        subject("The person whose Council it is.", erase=ROW, fixed=True),
        ref("scroll_id", oracle_scrolls, "The reading that the Council speaks about.", erase=ROW, fixed=True),
        secret(
            "voices",
            "jsonb",
            "The voices in their order, each with a name and its words.",
            erase=ROW,
            default="'[]'",
        ),
        secret("summary", "text", "What the voices agreed on.", erase=ROW, nullable=True),
        operational(
            "status",
            "text",
            "Where the Council stands.",
            erase=ROW,
            default="'gathering'",
            allowed=("gathering", "closed", "cancelled"),
            starts=("gathering",),
            moves=(("gathering", "closed"), ("gathering", "cancelled")),
        ),
        stamp(
            "closed_at",
            "When the last voice had spoken.",
            erase=ROW,
            needed_in=("closed",),
            only_in=("closed",),
            once=True,
            past=True,
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check(
            "voices_are_a_list",
            "jsonb_typeof(voices) = 'array' and jsonb_array_length(voices) <= 12",
            "A Council has up to twelve voices.",
        ),
        check(
            "closed_with_voices",
            "status <> 'closed' or jsonb_array_length(voices) > 0",
            "A Council that closes has spoken.",
        ),
    ),
    indexes=(
        index("council_sessions_subject", "subject_id", serves="The owner's Councils."),
        index("council_sessions_scroll", "scroll_id", serves="The Councils on a reading."),
        words_index("council_sessions", "voices", digests="json_digests"),
        words_index("council_sessions", "summary"),
    ),
    policies=(owner_reads("council_sessions"),),
    grants=(
        owner_select(),
        server(SELECT, INSERT, UPDATE, why="The site's server gathers the voices and closes the Council."),
    ),
    source="product",
)

passport_records = Table(
    id="passport_records",
    title="Passport records",
    description="Connects a person with a sealed reading, its artifact and its purchase. Once sealed, it never changes.",
    loss="The collection would be a list on a page; nobody could prove what was in it, or that it is untouched.",
    columns=(
        key(erase=ROW),
        subject("The person whose Passport it is.", erase=ROW, fixed=True),
        ref("scroll_id", oracle_scrolls, "The sealed reading.", erase=ROW, fixed=True),
        ref("artifact_id", oracle_artifacts, "The artifact that is kept with it.", erase=ROW, nullable=True),
        ref("purchase_id", purchases, "The purchase it came from.", erase=ROW, nullable=True),
        operational(
            "scroll_seal_hash",
            "bytea",
            "The reading's own seal, so that both hold together.",
            erase=ROW,
            nullable=True,
        ),
        stamp("sealed_at", "When it was sealed; nothing changes after it.", erase=ROW),
        operational(
            "seal_hash",
            "bytea",
            "SHA-256 over the sealed row, made by the database.",
            erase=ROW,
            nullable=True,
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check("seal_present", "(sealed_at is null) = (seal_hash is null)", "A seal and its date come together."),
        check(
            "sealed_with_scroll",
            "sealed_at is null or scroll_seal_hash is not null",
            "Only a sealed reading is sealed in.",
        ),
    ),
    indexes=(
        unique(
            "passport_records_once",
            "subject_id",
            "scroll_id",
            serves="The owner's Passport; a reading stands in it once.",
        ),
        index(
            "passport_records_sealed",
            "sealed_at",
            serves="What was sealed lately, to verify it again.",
            where="sealed_at is not null",
        ),
        index("passport_records_scroll", "scroll_id", serves="Whether a reading is in a Passport."),
        index(
            "passport_records_artifact",
            "artifact_id",
            serves="Whether an artifact is in a Passport.",
            where="artifact_id is not null",
        ),
        index(
            "passport_records_purchase",
            "purchase_id",
            serves="Which record a purchase brought.",
            where="purchase_id is not null",
        ),
    ),
    policies=(
        owner_reads(
            "passport_records",
            also=" and coalesce(((select auth.jwt()) ->> 'is_anonymous')::boolean, false) is false",
        ),
    ),
    grants=(
        owner_select(),
        server(SELECT, INSERT, UPDATE, why="The site's server adds a record and seals it."),
    ),
    triggers=(
        before(
            "passport_needs_account",
            "insert",
            require_account,
            "Only somebody who can come back has a Passport.",
        ),
        before(
            "passport_needs_consent",
            "insert or update",
            require_consent,
            "Nothing enters a Passport without its owner's consent.",
            passport_write.id,
        ),
        before(
            "passport_seal",
            "insert or update",
            seal_row,
            "Seals the record and keeps it as it was sealed.",
        ),
    ),
    source="product",
)

ai_runs = Table(
    id="ai_runs",
    title="AI runs",
    description="The AI's staging table: which fields it was given, what it wrote, and whether that was taken over.",
    loss="Nobody could say what an AI was told about a person, or which words are its own.",
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
            "Hash of the token of the lease that runs; the token itself is not kept.",
            erase=ROW,
            nullable=True,
            internal=True,
            only_in=("requested",),
        ),
        operational("leases", "smallint", "How often it was leased.", erase=ROW, default="0", grows=True),
        stamp("leased_at", "When it was leased first; all leases end a while after.", erase=ROW, once=True, past=True),
        stamp("lease_until", "Until then the AI may read its brief and write.", erase=ROW),
        secret(
            "output",
            "jsonb",
            "What the AI wrote; nobody sees it before it is taken over.",
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
            "When its words were taken over, by the database's clock.",
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
        check("leases_are_few", f"leases between 0 and {LEASES}", "A run that is leased over and over reads for ever."),
        check(
            "lease_has_a_limit",
            f"lease_until is null or lease_until <= leased_at + interval '{LEASE_SECONDS} seconds'",
            "All leases of a run end a while after the first began.",
        ),
        check(
            "leased_as_a_whole",
            "(leases > 0) = (leased_at is not null) and (leases > 0) = (lease_until is not null)"
            " and (token_sha256 is null or leases > 0)",
            "A lease has a beginning and an end, and no token goes without one.",
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
            serves="Runs that wait to be leased, written or taken over.",
            where="status in ('requested', 'written')",
        ),
        index(
            "ai_runs_unwritten",
            "id",
            serves="Runs whose words were taken over without having been written; there should be none.",
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
            why="The site's server asks for a run, leases it, and takes its words over or discards them.",
        ),
    ),
    triggers=(
        before(
            "ai_runs_need_consent",
            "insert or update",
            require_consent,
            "No AI reads a question, writes or is taken over before its owner has allowed it, or after they withdrew.",
            ai_processing.id,
            when="new.status <> 'discarded'",
        ),
        before(
            "ai_runs_guard",
            "update",
            guard_ai_run,
            "One lease, one answer: written while the lease lasts, and taken over only as its layer's schema says.",
        ),
    ),
    source="product; OWASP Top 10 for LLM applications 2026: least database identity",
)
