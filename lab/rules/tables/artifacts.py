"""Artifacts: the files and entities that are made from a reading."""

from lab.rules.constructors import (
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
    server,
    shared,
    stamp,
    subject,
    taken_back_from,
    unique,
)
from lab.rules.functions.triggers import (
    close_cards,
    keep_accepted_gift,
    make_file_again,
    require_open_card,
)
from lab.rules.model import Table
from lab.rules.tables.payments import purchases
from lab.rules.tables.readings import oracle_scrolls

# Recipients who accepted the artifact and are not erased. The first of them gets it when its giver is erased.
_REMAINING_RECIPIENTS = (
    "from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person "
    "and not wall.is_erased(g.accepted_subject_id)"
)

_ACCEPTED_GIFT = shared(
    f"exists (select {_REMAINING_RECIPIENTS})",
    "An accepted gift belongs to its recipient: the file stays, and the giver's reading is deleted.",
    subject_id=f"(select g.accepted_subject_id {_REMAINING_RECIPIENTS} order by g.accepted_at, g.id limit 1)",
    scroll_id="null",
    purchase_id="null",
)

oracle_artifacts = Table(
    id="oracle_artifacts",
    title="Oracle artifacts",
    description="PDF, share-card, gift artifact, and print-view as separate deliverable entities.",
    loss="Nobody could tell which PDF, card or gift belongs to which reading, and whether it is ready.",
    columns=(
        key(erase=ROW),
        subject("The owner of the artifact.", erase=ROW, fixed=True, shared=_ACCEPTED_GIFT),
        ref(
            "scroll_id",
            oracle_scrolls,
            "The reading that the artifact was made from. Null for an accepted gift whose giver was erased.",
            erase=ROW,
            nullable=True,
            fixed=True,
        ),
        ref(
            "purchase_id",
            purchases,
            "The purchase that paid for it. Null when it was given away, and after its giver's erasure.",
            erase=ROW,
            nullable=True,
            fixed=True,
        ),
        operational(
            "kind",
            "text",
            "Kind of artifact.",
            erase=ROW,
            allowed=("pdf", "share_card", "gift", "print_view"),
            fixed=True,
        ),
        operational(
            "state",
            "text",
            "State of the artifact.",
            erase=ROW,
            default="'draft'",
            allowed=("draft", "ready", "withdrawn"),
            starts=("draft", "ready"),
            moves=(
                ("draft", "ready"),
                ("draft", "withdrawn"),
                ("ready", "withdrawn"),
                ("withdrawn", "ready"),
                ("withdrawn", "draft"),
            ),
        ),
        taken_back_from("draft", "ready", to="withdrawn"),
        operational(
            "storage_path",
            "text",
            "Random path of the file in private storage. Null when there is no file.",
            erase=ROW,
            nullable=True,
            stored_file=True,
            closed_by="storage_path_is_opaque",
        ),
        operational(
            "content_sha256",
            "bytea",
            "SHA-256 of the file, to prove what was delivered. Null when there is no file.",
            erase=ROW,
            nullable=True,
        ),
        stamp("ready_at", "When the artifact became ready. Null until then.", erase=ROW),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check(
            "only_a_gift_outlives",
            "scroll_id is not null or kind = 'gift'",
            "Every artifact has a reading, except an accepted gift whose giver was erased.",
        ),
        check(
            "storage_path_is_opaque",
            "storage_path is null or storage_path ~ '^[0-9a-f][0-9a-f/-]{15,79}(\\.[a-z0-9]{2,4})?$'",
            "The path is random hexadecimal, so it holds no name and no question.",
        ),
        check(
            "content_is_sha256",
            "content_sha256 is null or octet_length(content_sha256) = 32",
            "The hash has 32 bytes.",
        ),
    ),
    indexes=(
        index("oracle_artifacts_subject", "subject_id", serves="Finds a person's artifacts."),
        index(
            "oracle_artifacts_purchase",
            "purchase_id",
            serves="Finds the artifacts of a purchase, to take it back after a refund.",
            where="purchase_id is not null",
        ),
        unique(
            "oracle_artifacts_one_of_a_kind",
            "scroll_id",
            "kind",
            serves="A reading has at most one artifact of each kind.",
        ),
        index(
            "oracle_artifacts_ready",
            "ready_at",
            serves="Finds the artifacts that became ready last, to check that they were paid.",
            where="state = 'ready'",
        ),
        unique(
            "oracle_artifacts_file",
            "storage_path",
            serves="A file belongs to one artifact, so that deleting it affects no other.",
            where="storage_path is not null",
        ),
        index(
            "oracle_artifacts_stale_files",
            "kind",
            serves="Finds files that should not be in storage: of withdrawn artifacts, and of print-views.",
            where="storage_path is not null and (state = 'withdrawn' or kind = 'print_view')",
        ),
        index(
            "oracle_artifacts_card_pictures",
            "ready_at",
            serves="Finds the pictures of share-cards, to check that their cards are open.",
            where="storage_path is not null and kind = 'share_card'",
        ),
    ),
    policies=(
        owner_reads(
            "oracle_artifacts",
            also=" or (select auth.uid()) is not null and id = any (wall.accepted_gifts((select auth.uid())))",
            why="Signed-in people read their own artifacts and the gifts that they have accepted.",
        ),
    ),
    grants=(
        owner_select(),
        server(SELECT, INSERT, UPDATE, why="The site's server writes artifacts and their state."),
    ),
    triggers=(
        before(
            "accepted_gifts_stay",
            "update",
            keep_accepted_gift,
            "An accepted gift cannot be withdrawn, and its file cannot be replaced.",
            of=("state", "storage_path", "content_sha256"),
            when="new.kind = 'gift' and (new.state = 'withdrawn'"
            " or old.storage_path is not null and new.storage_path is distinct from old.storage_path"
            " or old.content_sha256 is not null and new.content_sha256 is distinct from old.content_sha256)",
        ),
        before(
            "pictures_need_open_card",
            "insert or update",
            require_open_card,
            "A share-card has a picture only while it is open.",
            of=("storage_path",),
            when="new.kind = 'share_card' and new.storage_path is not null",
        ),
        after(
            "withdrawn_artifacts_close_cards",
            "update",
            close_cards,
            "Closes the cards of a withdrawn artifact. They stay closed when the artifact is ready again.",
            of=("state",),
            when="old.state <> new.state and 'withdrawn' in (old.state, new.state)",
        ),
        after(
            "given_back_files_are_made_again",
            "update",
            make_file_again,
            "What is given back after its file was deleted gets the file again.",
            of=("state",),
            when="old.state = 'withdrawn' and new.state = 'draft' and new.kind in ('pdf', 'gift')"
            " and new.storage_path is null and new.content_sha256 is not null",
        ),
    ),
    source="product",
)
