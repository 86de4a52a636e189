"""What an erasure leaves: tombstones, their keys, and files that storage still has to delete."""

from lab.rules.functions.triggers import (
    check_erasure,
    guard_erasure,
    refuse_rewrite,
)
from lab.rules.model import Table
from lab.rules.tables.privacy import privacy_requests
from lab.rules.words import (
    KEEP,
    NULL,
    SELECT,
    at_commit,
    before,
    check,
    created,
    index,
    key,
    operational,
    ref,
    server,
    stamp,
    subject,
    unique,
)

erasure_keys = Table(
    id="erasure_keys",
    title="Erasure key",
    description="One row: the random key of the tombstones, and a count that each erasure raises.",
    loss="A tombstone could be computed from an id, so a list of ids would show who was erased.",
    columns=(
        operational("id", "bigint", "Always 1: there is one key.", erase=KEEP, default="1", fixed=True),
        operational(
            "key",
            "bytea",
            "Random; made by this database, and granted to nobody. Leave the table out of copies.",
            erase=KEEP,
            default="sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))",
            fixed=True,
            internal=True,
        ),
        operational(
            "tombstones",
            "bigint",
            "How many were written; a transaction that works with an older view of the data is refused by this.",
            erase=KEEP,
            default="0",
        ),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(check("only_one", "id = 1", "A second key would hide the tombstones of the first."),),
    source="product; GDPR article 4(5) on keeping what identifies apart",
)

erased_subjects = Table(
    id="erased_subjects",
    title="Erased people",
    description="A keyed digest of each erased person's id, so that nothing is written for them again; no personal data.",
    loss="A late worker, a webhook or a valid token could write for an erased person.",
    columns=(
        operational(
            "tombstone",
            "bytea",
            "SHA-256 over this database's own key and the person's id.",
            erase=KEEP,
            fixed=True,
        ),
        ref(
            "request_id",
            privacy_requests,
            "The request that it comes from.",
            erase=KEEP,
            fixed=True,
            own_by="guard_erasure lets it be a running request of the same person alone.",
        ),
        subject("The person, until their rows are gone.", erase=NULL, nullable=True),
        operational(
            "tombstone_xid",
            "xid8",
            "The transaction that wrote the tombstone.",
            erase=KEEP,
            fixed=True,
            internal=True,
        ),
        operational(
            "barrier_xid",
            "xid8",
            "A later transaction: once all older ones have ended, every open transaction sees the tombstone.",
            erase=KEEP,
            nullable=True,
            internal=True,
        ),
        operational(
            "erasing_xid",
            "xid8",
            "The transaction that erases; it cannot end before nothing is left.",
            erase=KEEP,
            nullable=True,
            internal=True,
        ),
        created(erase=KEEP),
    ),
    primary_key=("tombstone",),
    indexes=(
        unique("erased_subjects_request", "request_id", serves="How far the erasure of a request is."),
        unique(
            "erased_subjects_subject",
            "subject_id",
            serves="Whether this transaction erases a person; asked before anything sealed gives way.",
            where="subject_id is not null",
        ),
    ),
    triggers=(
        before(
            "erased_subjects_guard",
            "insert or update",
            guard_erasure,
            "A tombstone rests on a running request; what it says of transactions is the database's own.",
        ),
        at_commit(
            "erased_subjects_whole",
            "update",
            check_erasure,
            "An erasure is complete in its transaction, or nothing of it happens.",
            of=("erasing_xid",),
            when="new.subject_id is not null and new.erasing_xid is distinct from old.erasing_xid",
        ),
    ),
    source="product; GDPR article 17",
)

storage_deletions = Table(
    id="storage_deletions",
    title="Storage deletions",
    description="Files that must be deleted in storage, of erased people or given up; each is listed until that is done.",
    loss="The rows would be deleted, but the files would stay under unknown paths.",
    columns=(
        key(erase=KEEP),
        ref(
            "request_id",
            privacy_requests,
            "The deletion request that waits for it; empty for a file that its row gave up.",
            erase=KEEP,
            nullable=True,
            once=True,
        ),
        operational(
            "row_id",
            "uuid",
            "Key of the row that the file belonged to: the erasure of that row takes over what it gave up.",
            erase=KEEP,
            nullable=True,
            fixed=True,
        ),
        operational(
            "storage_path",
            "text",
            "Random path of the file; empty once the file is deleted.",
            erase=KEEP,
            nullable=True,
            closed_by="storage_path_is_opaque",
        ),
        stamp("done_at", "When storage had deleted it.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "storage_path_is_opaque",
            "storage_path is null or storage_path ~ '^[0-9a-f][0-9a-f/-]{15,79}(\\.[a-z0-9]{2,4})?$'",
            "A path is random hexadecimal, so that no name and no question can stand in it.",
        ),
        check(
            "listed_until_done",
            "(done_at is null) = (storage_path is not null)",
            "The path stays until the file is deleted, and no longer.",
        ),
        check(
            "listed_for_something",
            "request_id is not null or row_id is not null",
            "A file is listed for a request or for the row that gave it up.",
        ),
    ),
    indexes=(
        index("storage_deletions_request", "request_id", serves="What a request still waits for."),
        index("storage_deletions_open", "created_at", serves="Which files to delete next.", where="done_at is null"),
        index(
            "storage_deletions_path",
            "storage_path",
            serves="Whether a path may be taken; asked whenever a row is given one.",
            where="done_at is null",
        ),
        index(
            "storage_deletions_row",
            "row_id",
            serves="What a row gave up; its erasure takes that over.",
            where="done_at is null",
        ),
    ),
    grants=(server(SELECT, why="The site's server deletes the files and says so by finish_storage_deletion."),),
    triggers=(
        before(
            "storage_deletions_path",
            "update",
            refuse_rewrite,
            "A listed file stays that file until it is deleted.",
            "storage_path, done_at",
            when=(
                "old.done_at is not null and new is distinct from old"
                " or new.storage_path is not null and new.storage_path is distinct from old.storage_path"
            ),
        ),
    ),
    source="product; GDPR article 17",
)
