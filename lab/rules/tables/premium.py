"""Premium layers: Echo, Council and Passport, each with records of its own."""

from lab.rules.consents import passport_write
from lab.rules.constructors import (
    INSERT,
    ROW,
    SELECT,
    UPDATE,
    before,
    check,
    created,
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
    taken_back_from,
    unique,
    words_index,
)
from lab.rules.functions.triggers import require_account, require_consent, seal_row
from lab.rules.model import Table
from lab.rules.tables.artifacts import oracle_artifacts
from lab.rules.tables.payments import purchases
from lab.rules.tables.readings import oracle_scrolls

echo_entries = Table(
    id="echo_entries",
    title="Echo entries",
    description="A follow-up to a reading that returns on a later day: the visitor's words, the day and the reply.",
    loss="An Echo would be promised by e-mail only, and nobody could deliver it on its day.",
    columns=(
        key(erase=ROW),
        subject("The person whose Echo it is.", erase=ROW, fixed=True),
        ref("scroll_id", oracle_scrolls, "The reading that the Echo follows up.", erase=ROW, fixed=True),
        ref(
            "purchase_id",
            purchases,
            "The purchase that paid for it. Null when it was given away.",
            erase=ROW,
            nullable=True,
            fixed=True,
        ),
        secret(
            "prompt",
            "text",
            "Words that the visitor left for the Echo, up to 4,000 characters. Null when they left none.",
            erase=ROW,
            nullable=True,
        ),
        secret(
            "reply",
            "text",
            "The text of the Echo. Null until it returns.",
            erase=ROW,
            nullable=True,
            needed_in=("returned",),
        ),
        operational(
            "status",
            "text",
            "State of the Echo.",
            erase=ROW,
            default="'scheduled'",
            allowed=("scheduled", "returned", "cancelled"),
            starts=("scheduled",),
            moves=(("scheduled", "returned"), ("scheduled", "cancelled"), ("cancelled", "scheduled")),
        ),
        taken_back_from("scheduled", to="cancelled"),
        operational("due_at", "timestamptz", "When the Echo is due to return.", erase=ROW, ahead=True),
        stamp(
            "returned_at",
            "When the Echo returned. Null until then.",
            erase=ROW,
            needed_in=("returned",),
            only_in=("returned",),
            once=True,
            past=True,
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check(
            "prompt_length", "prompt is null or char_length(prompt) <= 4000", "The words have at most 4,000 characters."
        ),
    ),
    indexes=(
        index("echo_entries_subject", "subject_id", serves="Finds a person's Echoes."),
        index("echo_entries_scroll", "scroll_id", serves="Finds the Echoes of a reading."),
        index(
            "echo_entries_purchase",
            "purchase_id",
            serves="Finds the Echoes of a purchase, to take it back after a refund.",
            where="purchase_id is not null",
        ),
        index("echo_entries_due", "due_at", serves="Finds Echoes that are due.", where="status = 'scheduled'"),
        words_index("echo_entries", "prompt"),
        words_index("echo_entries", "reply"),
    ),
    policies=(owner_reads("echo_entries"),),
    grants=(
        owner_select(),
        server(SELECT, INSERT, UPDATE, why="The site's server schedules Echoes and records their return."),
    ),
    source="product",
)

council_sessions = Table(
    id="council_sessions",
    title="Council sessions",
    description="A reading in several voices, with the words of each voice and their summary.",
    loss="The voices would be shown once and could not be read again.",
    columns=(
        key(erase=ROW),
        subject("The person whose Council it is.", erase=ROW, fixed=True),
        ref("scroll_id", oracle_scrolls, "The reading that the Council discusses.", erase=ROW, fixed=True),
        ref(
            "purchase_id",
            purchases,
            "The purchase that paid for it. Null when it was given away.",
            erase=ROW,
            nullable=True,
            fixed=True,
        ),
        secret(
            "voices",
            "jsonb",
            "The voices in order, as a JSON array of objects with name and words.",
            erase=ROW,
            default="'[]'",
        ),
        secret(
            "summary", "text", "What the voices agreed on. Null when there is no summary.", erase=ROW, nullable=True
        ),
        operational(
            "status",
            "text",
            "State of the Council.",
            erase=ROW,
            default="'gathering'",
            allowed=("gathering", "closed", "cancelled"),
            starts=("gathering",),
            moves=(("gathering", "closed"), ("gathering", "cancelled"), ("cancelled", "gathering")),
        ),
        taken_back_from("gathering", to="cancelled"),
        stamp(
            "closed_at",
            "When the Council was closed. Null until then.",
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
            "The voices are an array of at most twelve.",
        ),
        check(
            "closed_with_voices",
            "status <> 'closed' or jsonb_array_length(voices) > 0",
            "A closed Council has at least one voice.",
        ),
    ),
    indexes=(
        index("council_sessions_subject", "subject_id", serves="Finds a person's Councils."),
        index("council_sessions_scroll", "scroll_id", serves="Finds the Councils of a reading."),
        index(
            "council_sessions_purchase",
            "purchase_id",
            serves="Finds the Councils of a purchase, to take it back after a refund.",
            where="purchase_id is not null",
        ),
        words_index("council_sessions", "voices", digests="json_digests"),
        words_index("council_sessions", "summary"),
    ),
    policies=(owner_reads("council_sessions"),),
    grants=(
        owner_select(),
        server(SELECT, INSERT, UPDATE, why="The site's server writes the voices and closes the Council."),
    ),
    source="product",
)

passport_records = Table(
    id="passport_records",
    title="Passport records",
    description="Connects a person with a sealed reading, its artifact and its purchase. A sealed record never changes.",
    loss="The collection would be a list on a page, and nobody could prove its content.",
    columns=(
        key(erase=ROW),
        subject("The person whose Passport it is.", erase=ROW, fixed=True),
        ref("scroll_id", oracle_scrolls, "The sealed reading.", erase=ROW, fixed=True),
        ref(
            "artifact_id",
            oracle_artifacts,
            "The artifact of the reading that is kept with it. Null when there is none.",
            erase=ROW,
            nullable=True,
        ),
        ref(
            "purchase_id",
            purchases,
            "The purchase that the record comes from. Null when there is none.",
            erase=ROW,
            nullable=True,
        ),
        operational(
            "scroll_seal_hash",
            "bytea",
            "The seal of the reading, copied by the database when the record is sealed. Null until then.",
            erase=ROW,
            nullable=True,
        ),
        stamp("sealed_at", "When the record was sealed; it never changes afterwards. Null until then.", erase=ROW),
        operational(
            "seal_hash",
            "bytea",
            "SHA-256 of the sealed row, computed by the database. Null until the row is sealed.",
            erase=ROW,
            nullable=True,
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check("seal_present", "(sealed_at is null) = (seal_hash is null)", "A sealed row has both a date and a hash."),
        check(
            "sealed_with_scroll",
            "sealed_at is null or scroll_seal_hash is not null",
            "A record is sealed only together with the seal of its reading.",
        ),
    ),
    indexes=(
        unique(
            "passport_records_once",
            "subject_id",
            "scroll_id",
            serves="Finds a person's Passport records. Each reading is in a Passport once.",
        ),
        index(
            "passport_records_sealed",
            "sealed_at",
            serves="Finds the rows that were sealed last, to verify their seals.",
            where="sealed_at is not null",
        ),
        index("passport_records_scroll", "scroll_id", serves="Finds the Passport records of a reading."),
        index(
            "passport_records_artifact",
            "artifact_id",
            serves="Finds the Passport records of an artifact.",
            where="artifact_id is not null",
        ),
        index(
            "passport_records_purchase",
            "purchase_id",
            serves="Finds the Passport records of a purchase.",
            where="purchase_id is not null",
        ),
    ),
    policies=(
        owner_reads(
            "passport_records",
            also=" and coalesce(((select auth.jwt()) ->> 'is_anonymous')::boolean, false) is false",
            why="Signed-in people with a permanent account read their own Passport records.",
        ),
    ),
    grants=(
        owner_select(),
        server(SELECT, INSERT, UPDATE, why="The site's server adds and seals Passport records."),
    ),
    triggers=(
        before(
            "passport_needs_account",
            "insert",
            require_account,
            "An anonymous account cannot have a Passport.",
        ),
        before(
            "passport_needs_consent",
            "insert or update",
            require_consent,
            "A Passport record is written only while its owner's consent is valid.",
            passport_write.id,
        ),
        before(
            "passport_seal",
            "insert or update",
            seal_row,
            "Computes the seal when the record is sealed, and refuses every later change.",
        ),
    ),
    source="product",
)
