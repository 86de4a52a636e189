"""Premium layers: Echo, Council and Passport, each with records of its own."""

from lab.rules.consents import passport_write
from lab.rules.functions.triggers import require_account, require_consent, seal_row
from lab.rules.model import Table
from lab.rules.tables.payments import purchases
from lab.rules.tables.readings import oracle_artifacts, oracle_scrolls
from lab.rules.words import (
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
    unique,
    words_index,
)

echo_entries = Table(
    id="echo_entries",
    title="Echo entries",
    description="A follow-up that comes back later: what was left to resound, when, and what came back.",
    loss="An Echo would be promised by e-mail only, and could not be delivered on its day.",
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
    loss="The voices would be shown once and could not be read again.",
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
    loss="The collection would be a list on a page, without proof of its content.",
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
