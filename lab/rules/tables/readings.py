"""The sealed reading and everything that is made of it."""

from lab.rules.consents import gift_recipient, public_share
from lab.rules.functions.triggers import (
    bind_gift,
    guard_gift,
    keep_accepted_gift,
    refuse_change,
    refuse_private_text,
    require_consent,
    require_consent_at_commit,
    seal_row,
)
from lab.rules.model import Policy, Table, Trigger
from lab.rules.roles import authenticated
from lab.rules.tables.consent import consent_events
from lab.rules.words import (
    INSERT,
    ROW,
    SELECT,
    UPDATE,
    at_commit,
    before,
    check,
    created,
    index,
    key,
    operational,
    owner_reads,
    owner_select,
    personal,
    public,
    ref,
    secret,
    server,
    stamp,
    subject,
    unique,
)

oracle_scrolls = Table(
    id="oracle_scrolls",
    title="Scrolls",
    description="The sealed reading itself: what was asked, what was answered, and the seal over both.",
    loss="The question and the answer that somebody paid for would be gone, or could be changed behind their back.",
    columns=(
        key(erase=ROW),
        subject("The person whose reading it is.", erase=ROW, fixed=True),
        operational("locale", "text", "Language of the reading.", erase=ROW, default="'en'"),
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
            "insert or update or delete",
            seal_row,
            "Seals the reading and keeps it as it was sealed.",
        ),
        Trigger(
            name="oracle_scrolls_keep",
            timing="before",
            events="truncate",
            level="statement",
            function=refuse_change,
            why="Sealed readings cannot be swept away in one go.",
        ),
    ),
    source="product",
)

oracle_artifacts = Table(
    id="oracle_artifacts",
    title="Oracle artifacts",
    description="PDF, share-card, gift artifact, and print-view as separate deliverable entities.",
    loss="Nobody could say which PDF, card or gift was made of which reading, or whether it was ever ready.",
    columns=(
        key(erase=ROW),
        subject("The person whose artifact it is.", erase=ROW, fixed=True),
        ref("scroll_id", oracle_scrolls, "The reading it was made of.", erase=ROW, fixed=True),
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
            "storage_path_is_opaque",
            "storage_path is null or storage_path ~ '^[0-9a-f][0-9a-f/-]{15,120}(\\.[a-z0-9]{2,4})?$'",
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
            "update of state, storage_path",
            keep_accepted_gift,
            "What somebody was given and has accepted is not taken from them.",
            when="new.kind = 'gift' and (new.state = 'withdrawn' or new.storage_path is null"
            " and old.storage_path is not null)",
        ),
    ),
    source="product",
)

share_cards = Table(
    id="share_cards",
    title="Share-cards",
    description="The public part alone: a link nobody can guess, a title, a symbol, a palette and one line.",
    loss="A shared card would have to be cut out of the private reading each time, and one slip would show it all.",
    columns=(
        key(erase=ROW),
        ref("artifact_id", oracle_artifacts, "The artifact it shows.", erase=ROW, fixed=True),
        operational(
            "slug",
            "text",
            "The unguessable end of the link: 122 random bits.",
            erase=ROW,
            default="replace(gen_random_uuid()::text, '-', '')",
            fixed=True,
        ),
        public("title", "text", "The title on the card.", erase=ROW),
        public("symbol", "text", "Name of the symbol on the card.", erase=ROW),
        public("palette", "text", "Name of the card's colours.", erase=ROW),
        public("one_line", "text", "The single line that everybody may read.", erase=ROW),
        stamp("revoked_at", "When the card was closed; its link is dead from then on.", erase=ROW),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check("slug_is_long", "slug ~ '^[0-9a-f]{32}$'", "A short link could be guessed."),
        check("title_length", "char_length(title) between 1 and 80", "A title fits on the card."),
        check(
            "symbol_is_a_name",
            "symbol ~ '^[a-z][a-z_-]{1,30}$'",
            "A symbol is chosen from a list, not written.",
        ),
        check(
            "palette_is_a_name",
            "palette ~ '^[a-z][a-z_-]{1,30}$'",
            "A palette is chosen from a list, not written.",
        ),
        check("one_line_length", "char_length(one_line) between 1 and 140", "One line is one line."),
    ),
    indexes=(
        unique("share_cards_slug", "slug", serves="Opening a card by its link."),
        index(
            "share_cards_artifact",
            "artifact_id",
            serves="Every card ever made of an artifact, for its owner.",
        ),
        unique(
            "share_cards_one_open",
            "artifact_id",
            serves="One open card for an artifact; a withdrawal closes it by this.",
            where="revoked_at is null",
        ),
        index(
            "share_cards_open",
            "created_at",
            serves="The newest open cards, whose consents are looked at again.",
            where="revoked_at is null",
        ),
    ),
    policies=(
        Policy(
            name="owner_reads_share_cards",
            command=SELECT,
            role=authenticated,
            using=(
                "(select auth.uid()) is not null and artifact_id in "
                "(select a.id from public.oracle_artifacts a where a.subject_id = (select auth.uid()))"
            ),
            why="The owner sees the cards that were made of their artifacts, open and closed.",
        ),
    ),
    grants=(
        owner_select(),
        server(SELECT, INSERT, UPDATE, why="The site's server publishes a card and closes it."),
    ),
    triggers=(
        before(
            "share_cards_need_consent",
            "insert or update",
            require_consent,
            "A card is open only while its owner allows it; opening it again asks again.",
            public_share.id,
            when="new.revoked_at is null",
        ),
        before(
            "share_cards_keep_secrets",
            "insert or update of title, symbol, palette, one_line",
            refuse_private_text,
            "The card's words must not repeat the question.",
        ),
    ),
    source="product",
)

gift_recipients = Table(
    id="gift_recipients",
    title="Gift recipients",
    description="The person a gift is meant for, kept apart from the gift: address, acceptance and expiry.",
    loss="A gift would be tied to an address for ever, and nobody could tell whether its recipient wanted it.",
    columns=(
        key(erase=ROW),
        subject("The person who gives.", erase=ROW, fixed=True),
        ref("artifact_id", oracle_artifacts, "The gift.", erase=ROW, fixed=True),
        ref(
            "consent_event_id",
            consent_events,
            "The entry of the ledger that allowed this invitation, and no other.",
            erase=ROW,
            own_by="bind_gift sets it to the giver's newest entry, whatever was sent.",
            fixed=True,
            internal=True,
        ),
        personal(
            "contact",
            "text",
            "The recipient's e-mail address, for this one invitation; blank once it is taken back.",
            erase=ROW,
            nullable=True,
        ),
        personal("recipient_name", "text", "How the invitation addresses them.", erase=ROW, nullable=True),
        operational(
            "token_sha256",
            "bytea",
            "Hash of the invitation's one-time token; the token itself is not kept.",
            erase=ROW,
            fixed=True,
            internal=True,
        ),
        subject(
            "The recipient's own account, once they have accepted.",
            name="accepted_subject_id",
            erase=ROW,
            nullable=True,
        ),
        stamp("accepted_at", "When the recipient accepted.", erase=ROW),
        stamp("withdrawn_at", "When the giver took the invitation back.", erase=ROW),
        operational(
            "expires_at",
            "timestamptz",
            "After this the invitation is dead and its address is due to be deleted.",
            erase=ROW,
            default="now() + interval '30 days'",
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check(
            "contact_is_an_address",
            "contact is null or contact ~ '^[^@\\s]+@[^@\\s]+$' and char_length(contact) <= 320",
            "It must look like an e-mail address.",
        ),
        check("token_is_sha256", "octet_length(token_sha256) = 32", "SHA-256 has 32 bytes."),
        check("expires_later", "expires_at > created_at", "An invitation lasts for a while."),
    ),
    indexes=(
        unique("gift_recipients_token", "token_sha256", serves="Accepting an invitation by its token."),
        unique("gift_recipients_consent", "consent_event_id", serves="One consent is one recipient."),
        index(
            "gift_recipients_open",
            "expires_at",
            serves="Invitations nobody has accepted: the open ones, and the addresses that are due to be deleted.",
            where="accepted_at is null",
        ),
        index("gift_recipients_subject", "subject_id", serves="The giver's list of invitations."),
        index(
            "gift_recipients_artifact",
            "artifact_id",
            serves="The invitations of one gift; a withdrawal closes them.",
        ),
        index(
            "gift_recipients_accepted",
            "accepted_subject_id",
            serves="What a recipient has accepted.",
            where="accepted_subject_id is not null",
        ),
    ),
    policies=(
        owner_reads(
            "gift_recipients",
            also=" or (select auth.uid()) is not null and accepted_subject_id = (select auth.uid())",
        ),
    ),
    grants=(
        owner_select(),
        server(
            SELECT,
            INSERT,
            UPDATE,
            why="The site's server notes the recipient and what became of the invitation.",
        ),
    ),
    triggers=(
        before(
            "gifts_need_consent",
            "insert",
            require_consent,
            "Nobody's address is stored before the giver has allowed it for this gift.",
            gift_recipient.id,
        ),
        before(
            "gifts_of_one_consent",
            "insert",
            bind_gift,
            "One consent is one recipient; whoever was invited has not accepted yet.",
        ),
        at_commit(
            "gifts_rest_on_consent",
            "update",
            require_consent_at_commit,
            "An invitation is accepted only while the giver allows it.",
            gift_recipient.id,
            when="new.withdrawn_at is null and old.accepted_at is null",
        ),
        before(
            "gifts_stay_with_recipient",
            "update",
            guard_gift,
            "Nobody swaps the address, and nobody accepts in somebody's place.",
        ),
    ),
    source="product",
)
