"""Readings: the sealed scrolls and the artifacts made of them."""

from lab.rules.forms import LOCALE
from lab.rules.functions.triggers import (
    close_cards,
    keep_accepted_gift,
    seal_row,
)
from lab.rules.model import Table
from lab.rules.words import (
    INSERT,
    ROW,
    SELECT,
    UPDATE,
    after,
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
    shared,
    stamp,
    subject,
    unique,
    words_index,
)

oracle_scrolls = Table(
    id="oracle_scrolls",
    title="Scrolls",
    description="The sealed reading itself: what was asked, what was answered, and the seal over both.",
    loss="The question and the answer that somebody paid for would be lost, or could be changed.",
    columns=(
        key(erase=ROW),
        subject("The person whose reading it is.", erase=ROW, fixed=True),
        operational("locale", "text", "Language of the reading.", erase=ROW, default="'en'", form=LOCALE),
        secret("question", "text", "What the visitor asked, in their own words.", erase=ROW),
        secret("answer", "text", "The full reading; empty until it has been written.", erase=ROW, nullable=True),
        stamp("sealed_at", "When the reading was sealed; nothing changes after it.", erase=ROW),
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
        check(
            "question_length",
            "char_length(question) between 1 and 4000",
            "A question has words, but no novels.",
        ),
        check(
            "sealed_with_answer",
            "sealed_at is null or answer is not null",
            "Only a finished reading is sealed.",
        ),
        check("seal_present", "(sealed_at is null) = (seal_hash is null)", "A seal and its date come together."),
    ),
    indexes=(
        index(
            "oracle_scrolls_subject",
            "subject_id",
            "created_at",
            serves="The owner's list of readings, newest last.",
        ),
        index(
            "oracle_scrolls_sealed",
            "sealed_at",
            serves="What was sealed lately, to verify it again.",
            where="sealed_at is not null",
        ),
        words_index("oracle_scrolls", "question"),
        words_index("oracle_scrolls", "answer"),
    ),
    policies=(owner_reads("oracle_scrolls"),),
    grants=(
        owner_select(),
        server(
            SELECT,
            INSERT,
            UPDATE,
            why="The site's server writes the reading, and seals it when it is finished.",
        ),
    ),
    triggers=(
        before(
            "oracle_scrolls_seal",
            "insert or update",
            seal_row,
            "Seals the reading and keeps it as it was sealed.",
        ),
    ),
    source="product",
)

# The recipients of an artifact who have accepted it and stay; the first of them has it when its giver is erased.
_STAYING = (
    "from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person "
    "and not wall.erased(g.accepted_subject_id)"
)

_ACCEPTED_GIFT = shared(
    f"exists (select {_STAYING})",
    "A gift that was accepted is the recipient's: the file stays and is theirs, the giver's reading goes.",
    subject_id=f"(select g.accepted_subject_id {_STAYING} order by g.accepted_at, g.id limit 1)",
    scroll_id="null",
)

oracle_artifacts = Table(
    id="oracle_artifacts",
    title="Oracle artifacts",
    description="PDF, share-card, gift artifact, and print-view as separate deliverable entities.",
    loss="It would be unknown which PDF, card or gift belongs to which reading, and whether it was ready.",
    columns=(
        key(erase=ROW),
        subject("The person whose artifact it is.", erase=ROW, fixed=True, shared=_ACCEPTED_GIFT),
        ref(
            "scroll_id",
            oracle_scrolls,
            "The reading it was made of; empty once a gift has outlived its giver, whose secret the reading is.",
            erase=ROW,
            nullable=True,
            fixed=True,
        ),
        operational(
            "kind",
            "text",
            "What it is.",
            erase=ROW,
            allowed=("pdf", "share_card", "gift", "print_view"),
            fixed=True,
        ),
        operational(
            "state",
            "text",
            "Where its making stands.",
            erase=ROW,
            default="'draft'",
            allowed=("draft", "ready", "withdrawn"),
            starts=("draft", "ready"),
            moves=(
                ("draft", "ready"),
                ("draft", "withdrawn"),
                ("ready", "withdrawn"),
                ("withdrawn", "ready"),
            ),
        ),
        operational(
            "storage_path",
            "text",
            "Random path of the file in private storage; says nothing about its content.",
            erase=ROW,
            nullable=True,
            stored_file=True,
            closed_by="storage_path_is_opaque",
        ),
        operational(
            "content_sha256",
            "bytea",
            "SHA-256 of the file, to prove what was delivered.",
            erase=ROW,
            nullable=True,
        ),
        stamp("ready_at", "When it could first be delivered.", erase=ROW),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check(
            "only_a_gift_outlives",
            "scroll_id is not null or kind = 'gift'",
            "Every artifact is made of a reading; only an accepted gift may outlive it.",
        ),
        check(
            "storage_path_is_opaque",
            "storage_path is null or storage_path ~ '^[0-9a-f][0-9a-f/-]{15,79}(\\.[a-z0-9]{2,4})?$'",
            "A path is random hexadecimal, so that no name and no question can stand in it.",
        ),
        check(
            "content_is_sha256",
            "content_sha256 is null or octet_length(content_sha256) = 32",
            "SHA-256 has 32 bytes.",
        ),
    ),
    indexes=(
        index("oracle_artifacts_subject", "subject_id", serves="The owner's list of artifacts."),
        unique(
            "oracle_artifacts_one_of_a_kind",
            "scroll_id",
            "kind",
            serves="One artifact of each kind for a reading.",
        ),
        index(
            "oracle_artifacts_ready",
            "ready_at",
            serves="What became ready lately, to see that it was paid.",
            where="state = 'ready'",
        ),
        unique(
            "oracle_artifacts_file",
            "storage_path",
            serves="One file belongs to one artifact, so that deleting it takes nothing from another.",
            where="storage_path is not null",
        ),
        index(
            "oracle_artifacts_stale_files",
            "kind",
            serves="Files that should not be in storage: of what was withdrawn, and of print-views.",
            where="storage_path is not null and (state = 'withdrawn' or kind = 'print_view')",
        ),
    ),
    policies=(
        owner_reads(
            "oracle_artifacts",
            also=" or (select auth.uid()) is not null and id = any (wall.gifts_of((select auth.uid())))",
        ),
    ),
    grants=(
        owner_select(),
        server(SELECT, INSERT, UPDATE, why="The site's server makes artifacts and says when they are ready."),
    ),
    triggers=(
        before(
            "accepted_gifts_stay",
            "update",
            keep_accepted_gift,
            "What somebody was given and has accepted is neither taken from them nor swapped.",
            of=("state", "storage_path", "content_sha256"),
            when="new.kind = 'gift' and (new.state = 'withdrawn'"
            " or old.storage_path is not null and new.storage_path is distinct from old.storage_path"
            " or old.content_sha256 is not null and new.content_sha256 is distinct from old.content_sha256)",
        ),
        after(
            "withdrawn_artifacts_close_cards",
            "update",
            close_cards,
            "A card on a withdrawn artifact closes, and does not open by itself when the artifact is back.",
            of=("state",),
            when="old.state <> new.state and 'withdrawn' in (old.state, new.state)",
        ),
    ),
    source="product",
)
