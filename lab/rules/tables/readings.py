"""The sealed reading and everything that is made of it."""

from lab.rules.consents import gift_recipient, public_share
from lab.rules.forms import LOCALE
from lab.rules.functions.triggers import (
    bind_gift,
    close_cards,
    guard_gift,
    keep_accepted_gift,
    refuse_change,
    refuse_withdrawn,
    require_consent,
    require_consent_at_commit,
    seal_row,
)
from lab.rules.model import Grant, Policy, Table
from lab.rules.roles import authenticated
from lab.rules.tables.consent import consent_events
from lab.rules.words import (
    INSERT,
    KEEP,
    ROW,
    SELECT,
    UPDATE,
    after,
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
    phrase_kind,
    phrase_slot,
    public,
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
    loss="The question and the answer that somebody paid for would be gone, or could be changed behind their back.",
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
    loss="Nobody could say which PDF, card or gift was made of which reading, or whether it was ever ready.",
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

card_phrases = Table(
    id="card_phrases",
    title="Card phrases",
    description="The approved phrases that a share-card is made of. Only a migration adds to them.",
    loss="A card would say whatever somebody typed, and no filter finds every way of writing a question.",
    columns=(
        key(erase=KEEP),
        operational(
            "kind",
            "text",
            "The place on a card that it is for.",
            erase=KEEP,
            allowed=("title", "line", "symbol", "palette"),
        ),
        operational(
            "name", "text", "What it is called in every language and version.", erase=KEEP, closed_by="name_is_a_code"
        ),
        operational("locale", "text", "Language of the words.", erase=KEEP, form=LOCALE),
        operational("version", "integer", "Counts up when the words change.", erase=KEEP),
        public("words", "text", "What the card says, word for word.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check("version_counts", "version >= 1", "Versions count from one."),
        check("name_is_a_code", "name ~ '^[a-z][a-z_-]{1,30}$'", "A name, never a text."),
        check("words_fit", "char_length(words) between 1 and 140", "A phrase fits on the card."),
    ),
    indexes=(
        unique("card_phrases_wording", "kind", "name", "locale", "version", serves="A phrase's words in a version."),
        unique(
            "card_phrases_words", "words", "locale", "kind", serves="Are these words approved? Asked by every card."
        ),
    ),
    policies=(
        Policy(
            name="everybody_reads_phrases",
            command=SELECT,
            role=authenticated,
            using="true",
            why="People choose from the phrases; they hold nothing about anybody.",
        ),
    ),
    grants=(
        Grant(role=authenticated, commands=(SELECT,), why="People choose what their card says."),
        server(SELECT, why="The site's server shows the choice; it can add no phrase."),
    ),
    triggers=(before("card_phrases_keep", "update", refuse_change, "A phrase on a card stays as it was approved."),),
    by_migration=True,
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
            closed_by="slug_is_long",
        ),
        operational(
            "locale", "text", "Language of the phrases; one card has one.", erase=ROW, default="'en'", form=LOCALE
        ),
        phrase_slot("title", card_phrases, "The title on the card.", erase=ROW),
        phrase_slot("symbol", card_phrases, "Name of the symbol on the card.", erase=ROW),
        phrase_slot("palette", card_phrases, "Name of the card's colours.", erase=ROW),
        phrase_slot("one_line", card_phrases, "The single line that everybody may read.", erase=ROW),
        phrase_kind("title", "title", erase=ROW),
        phrase_kind("symbol", "symbol", erase=ROW),
        phrase_kind("palette", "palette", erase=ROW),
        phrase_kind("one_line", "line", erase=ROW),
        stamp("revoked_at", "When the card was closed; its link is dead from then on.", erase=ROW),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(check("slug_is_long", "slug ~ '^[0-9a-f]{32}$'", "A short link could be guessed."),),
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
        index("share_cards_title", "title", serves="Which cards bear a title."),
        index("share_cards_symbol", "symbol", serves="Which cards bear a symbol."),
        index("share_cards_palette", "palette", serves="Which cards have a palette."),
        index("share_cards_one_line", "one_line", serves="Which cards say a line."),
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
            "share_cards_need_artifact",
            "insert or update",
            refuse_withdrawn,
            "What was withdrawn is not shown again.",
            when="new.revoked_at is null",
        ),
    ),
    source="product",
)

_KEPT_BY_RECIPIENT = shared(
    "t.accepted_subject_id <> person and not wall.erased(t.accepted_subject_id)",
    "The recipient keeps what they accepted; who gave it is forgotten, and so is how they were invited.",
    subject_id="null",
    contact="null",
    recipient_name="null",
)
_KEPT_BY_GIVER = shared(
    "t.subject_id <> person",
    "The giver keeps the record of their gift, without the recipient's account, name and address.",
    accepted_subject_id="null",
    contact="null",
    recipient_name="null",
)
# An invitation that somebody else wrote to the erased person's address.
_ADDRESS_GOES = (
    ("contact", "null"),
    ("recipient_name", "null"),
    ("withdrawn_at", "case when t.accepted_at is null then coalesce(t.withdrawn_at, now()) else t.withdrawn_at end"),
)

gift_recipients = Table(
    id="gift_recipients",
    title="Gift recipients",
    description="The person a gift is meant for, kept apart from the gift: address, acceptance and expiry.",
    loss="A gift would be tied to an address for ever, and nobody could tell whether its recipient wanted it.",
    columns=(
        key(erase=ROW),
        subject(
            "The person who gives; empty once they are erased and the recipient keeps the gift.",
            erase=ROW,
            nullable=True,
            fixed=True,
            shared=_KEPT_BY_RECIPIENT,
        ),
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
            "The recipient's e-mail address, for this one invitation; blank once it is taken back, or they are erased.",
            erase=ROW,
            nullable=True,
            by_address=_ADDRESS_GOES,
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
            shared=_KEPT_BY_GIVER,
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
            "giver_or_acceptance",
            "subject_id is not null or accepted_subject_id is not null",
            "An invitation belongs to its giver, and an accepted gift to its recipient.",
        ),
        check(
            "contact_is_an_address",
            "contact is null or contact ~ '^[^@\\s]+@[^@\\s]+$' and char_length(contact) <= 320",
            "It must look like an e-mail address.",
        ),
        check("token_is_sha256", "octet_length(token_sha256) = 32", "SHA-256 has 32 bytes."),
        check("expires_later", "expires_at > created_at", "An invitation lasts for a while."),
        check(
            "expires_in_time",
            "expires_at <= created_at + interval '90 days'",
            "An invitation expires after 90 days at the latest, so that its address is not kept for longer.",
        ),
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
