"""Share-cards: the approved phrases, and the cards that are made of them."""

from lab.rules.consents import public_share
from lab.rules.forms import LOCALE
from lab.rules.functions.triggers import (
    refuse_change,
    refuse_withdrawn,
    require_consent,
)
from lab.rules.model import Grant, Policy, Table
from lab.rules.roles import authenticated
from lab.rules.tables.readings import oracle_artifacts
from lab.rules.words import (
    INSERT,
    KEEP,
    ROW,
    SELECT,
    UPDATE,
    before,
    check,
    created,
    index,
    key,
    operational,
    owner_select,
    phrase_kind,
    phrase_slot,
    public,
    ref,
    server,
    stamp,
    unique,
)

card_phrases = Table(
    id="card_phrases",
    title="Card phrases",
    description="The approved phrases that a share-card is made of. Only a migration adds to them.",
    loss="A card could show typed text, and no filter finds every question.",
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
            "name", "text", "Its name, the same in every language and version.", erase=KEEP, closed_by="name_is_a_code"
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
            "card_phrases_words",
            "words",
            "locale",
            "kind",
            serves="Whether the words are approved; every card checks it.",
        ),
    ),
    policies=(
        Policy(
            name="everybody_reads_phrases",
            command=SELECT,
            role=authenticated,
            using="true",
            why="People choose from the phrases, which hold no personal data.",
        ),
    ),
    grants=(
        Grant(role=authenticated, commands=(SELECT,), why="People choose what their card says."),
        server(SELECT, why="The site's server shows the phrases and cannot add one."),
    ),
    triggers=(before("card_phrases_keep", "update", refuse_change, "An approved phrase never changes."),),
    by_migration=True,
    source="product",
)

share_cards = Table(
    id="share_cards",
    title="Share-cards",
    description="Only the public fields: an unguessable link, a title, a symbol, a palette and one line.",
    loss="Each shared card would be extracted from the private reading, and one mistake would publish it.",
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
        stamp("revoked_at", "When the card was closed. Its link no longer works.", erase=ROW),
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
            "A card is open only while the consent is valid. Opening it again checks the consent again.",
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
