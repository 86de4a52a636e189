"""What remains after an erasure: tombstones, their key, and files that must still be deleted in storage."""

from lab.rules.constructors import (
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
from lab.rules.functions.triggers import (
    check_erasure,
    guard_erasure,
    refuse_rewrite,
)
from lab.rules.model import Table
from lab.rules.tables.privacy import privacy_requests

erasure_keys = Table(
    id="erasure_keys",
    title="Erasure key",
    description="One row: the random key of the tombstones, and the number of erasures so far.",
    loss="Anybody with a list of ids could compute the tombstones and see who was erased.",
    columns=(
        operational("id", "bigint", "Always 1, because there is one key.", erase=KEEP, default="1", fixed=True),
        operational(
            "key",
            "bytea",
            "Random secret key, made by this database and granted to no role. Leave this table out of copies of the database.",
            erase=KEEP,
            default="sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))",
            fixed=True,
            internal=True,
        ),
        operational(
            "tombstones",
            "bigint",
            "Number of tombstones so far. Each erasure updates this row, which makes concurrent transactions with older data fail.",
            erase=KEEP,
            default="0",
        ),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(check("only_one", "id = 1", "There is one key, because tombstones of another key would not be found."),),
    source="product; GDPR article 4(5) on keeping what identifies apart",
)

erased_subjects = Table(
    id="erased_subjects",
    title="Erased people",
    description="A keyed digest of each erased person's id, so that nothing is written for them again. No personal data.",
    loss="A late worker, a webhook or a valid token could write data of an erased person again.",
    columns=(
        operational(
            "tombstone",
            "bytea",
            "SHA-256 of this database's secret key and the person's id.",
            erase=KEEP,
            fixed=True,
        ),
        ref(
            "request_id",
            privacy_requests,
            "The deletion request that the erasure carries out.",
            erase=KEEP,
            fixed=True,
            own_by="guard_erasure allows only a running request of the same person.",
        ),
        subject(
            "The person while the erasure is running. Null once their rows are deleted.", erase=NULL, nullable=True
        ),
        operational(
            "tombstone_xid",
            "xid8",
            "Id of the transaction that wrote the tombstone.",
            erase=KEEP,
            fixed=True,
            internal=True,
        ),
        operational(
            "barrier_xid",
            "xid8",
            "Id of a later transaction. Once all older transactions have ended, every open one sees the tombstone. Null until it is set.",
            erase=KEEP,
            nullable=True,
            internal=True,
        ),
        operational(
            "erasing_xid",
            "xid8",
            "Id of the transaction that erases the rows; it can commit only when no row is left. Null until then.",
            erase=KEEP,
            nullable=True,
            internal=True,
        ),
        created(erase=KEEP),
    ),
    primary_key=("tombstone",),
    indexes=(
        unique("erased_subjects_request", "request_id", serves="Finds the erasure of a request. A request has one."),
        unique(
            "erased_subjects_subject",
            "subject_id",
            serves="Finds out whether the current transaction erases a person, before a sealed row may be deleted.",
            where="subject_id is not null",
        ),
    ),
    triggers=(
        before(
            "erased_subjects_guard",
            "insert or update",
            guard_erasure,
            "A tombstone needs a running deletion request. The database sets its transaction ids.",
        ),
        at_commit(
            "erased_subjects_whole",
            "update",
            check_erasure,
            "An erasure deletes everything in one transaction, or that transaction fails.",
            of=("erasing_xid",),
            when="new.subject_id is not null and new.erasing_xid is distinct from old.erasing_xid",
        ),
    ),
    source="product; GDPR article 17",
)

storage_deletions = Table(
    id="storage_deletions",
    title="Storage deletions",
    description="Files that must be deleted in storage: of erased people, and files that no row refers to any more.",
    loss="Rows would be deleted, but their files would stay in storage under unknown paths.",
    columns=(
        key(erase=KEEP),
        ref(
            "request_id",
            privacy_requests,
            "The deletion request that waits for this file. Null for a file that was only replaced or removed from its row.",
            erase=KEEP,
            nullable=True,
            once=True,
        ),
        operational(
            "row_id",
            "uuid",
            "Key of the row that the file belonged to, so that the erasure of that row includes its old files.",
            erase=KEEP,
            nullable=True,
            fixed=True,
        ),
        operational(
            "storage_path",
            "text",
            "Random path of the file. Null once the file is deleted.",
            erase=KEEP,
            nullable=True,
            closed_by="storage_path_is_opaque",
        ),
        stamp("done_at", "When the file was deleted in storage. Null until then.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "storage_path_is_opaque",
            "storage_path is null or storage_path ~ '^[0-9a-f][0-9a-f/-]{15,79}(\\.[a-z0-9]{2,4})?$'",
            "The path is random hexadecimal, so it holds no name and no question.",
        ),
        check(
            "listed_until_done",
            "(done_at is null) = (storage_path is not null)",
            "A listed file has its path until it is deleted, and none afterwards.",
        ),
        check(
            "listed_for_something",
            "request_id is not null or row_id is not null",
            "A file is listed for a deletion request, or for the row that it belonged to.",
        ),
    ),
    indexes=(
        index("storage_deletions_request", "request_id", serves="Finds the files that a deletion request waits for."),
        index(
            "storage_deletions_open", "created_at", serves="Finds the files to delete next.", where="done_at is null"
        ),
        index(
            "storage_deletions_path",
            "storage_path",
            serves="Finds out whether a path is free, whenever a row gets one.",
            where="done_at is null",
        ),
        index(
            "storage_deletions_row",
            "row_id",
            serves="Finds the old files of a row when it is erased.",
            where="done_at is null",
        ),
    ),
    grants=(
        server(SELECT, why="The site's server reads the list, deletes the files and calls finish_storage_deletion."),
    ),
    triggers=(
        before(
            "storage_deletions_path",
            "update",
            refuse_rewrite,
            "The path of a listed file never changes; it is only cleared once the file is deleted.",
            "storage_path, done_at",
            when=(
                "old.done_at is not null and new is distinct from old"
                " or new.storage_path is not null and new.storage_path is distinct from old.storage_path"
            ),
        ),
    ),
    source="product; GDPR article 17",
)
