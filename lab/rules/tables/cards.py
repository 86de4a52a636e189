"""Share-cards and the approved phrases on them."""

from lab.rules.consents import public_share
from lab.rules.constructors import (
    INSERT,
    KEEP,
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
    owner_select,
    phrase_kind,
    phrase_slot,
    public,
    ref,
    server,
    stamp,
    unique,
)
from lab.rules.forms import LOCALE
from lab.rules.functions.triggers import (
    refuse_change,
    refuse_withdrawn,
    remove_card_picture,
    require_consent,
)
from lab.rules.model import Grant, Policy, Table
from lab.rules.roles import authenticated
from lab.rules.tables.artifacts import oracle_artifacts

card_phrases = Table(
    id="card_phrases",
    title="Card phrases",
    description="The approved phrases that a share-card can show. Only migrations add phrases.",
    loss="A share-card could show any typed text, even the question.",
    columns=(
        key(erase=KEEP),
        operational(
            "kind",
            "text",
            "The place on the card that the phrase is for.",
            erase=KEEP,
            allowed=("title", "line", "symbol", "palette"),
        ),
        operational(
            "name",
            "text",
            "Name of the phrase, the same in every language and version.",
            erase=KEEP,
            closed_by="name_is_a_code",
        ),
        operational("locale", "text", "Language of the phrase as a BCP 47 code.", erase=KEEP, form=LOCALE),
        operational(
            "version", "integer", "Version of the wording, from 1. Older share-cards keep their version.", erase=KEEP
        ),
        public("words", "text", "The phrase as the card shows it.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check("version_counts", "version >= 1", "Versions start at 1."),
        check("name_is_a_code", "name ~ '^[a-z][a-z_-]{1,30}$'", "The name is a short code in lower case."),
        check("words_fit", "char_length(words) between 1 and 140", "A phrase has 1 to 140 characters."),
    ),
    indexes=(
        unique(
            "card_phrases_wording",
            "kind",
            "name",
            "locale",
            "version",
            serves="Each version of a phrase has one wording in a language.",
        ),
        unique(
            "card_phrases_words",
            "words",
            "locale",
            "kind",
            serves="Each wording exists once in its place and language; share-cards point at it.",
        ),
    ),
    policies=(
        Policy(
            name="everybody_reads_phrases",
            command=SELECT,
            role=authenticated,
            using="true",
            why="Signed-in people can read every phrase; phrases hold no personal data.",
        ),
    ),
    grants=(
        Grant(role=authenticated, commands=(SELECT,), why="Signed-in people choose the phrases of their card."),
        server(SELECT, why="The site's server reads the phrases; it cannot add or change one."),
    ),
    triggers=(before("card_phrases_keep", "update", refuse_change, "An approved phrase never changes."),),
    by_migration=True,
    source="product",
)

share_cards = Table(
    id="share_cards",
    title="Share-cards",
    description="The public fields of a shared reading: an unguessable link, a title, a symbol, a palette and one line.",
    loss="Share-cards would be built from the private reading, and one mistake would publish it.",
    columns=(
        key(erase=ROW),
        ref(
            "artifact_id",
            oracle_artifacts,
            "The artifact of kind share_card that this card shows.",
            erase=ROW,
            fixed=True,
        ),
        operational(
            "slug",
            "text",
            "Last part of the card's link: 32 hexadecimal digits, of which 122 bits are random.",
            erase=ROW,
            default="replace(gen_random_uuid()::text, '-', '')",
            fixed=True,
            closed_by="slug_is_long",
        ),
        operational(
            "locale",
            "text",
            "Language of all phrases on the card, as a BCP 47 code.",
            erase=ROW,
            default="'en'",
            form=LOCALE,
        ),
        phrase_slot("title", card_phrases, "Title on the card, from card_phrases.", erase=ROW),
        phrase_slot("symbol", card_phrases, "Name of the symbol on the card, from card_phrases.", erase=ROW),
        phrase_slot("palette", card_phrases, "Name of the card's colours, from card_phrases.", erase=ROW),
        phrase_slot("one_line", card_phrases, "The one line of text on the card, from card_phrases.", erase=ROW),
        phrase_kind("title", "title", erase=ROW),
        phrase_kind("symbol", "symbol", erase=ROW),
        phrase_kind("palette", "palette", erase=ROW),
        phrase_kind("one_line", "line", erase=ROW),
        stamp(
            "revoked_at",
            "When the card was closed; from then on its link shows nothing. Null while the card is open.",
            erase=ROW,
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check(
            "slug_is_long",
            "slug ~ '^[0-9a-f]{32}$'",
            "The slug has 32 hexadecimal digits, so that nobody can guess it.",
        ),
    ),
    indexes=(
        unique("share_cards_slug", "slug", serves="Finds a card by its link."),
        index(
            "share_cards_artifact",
            "artifact_id",
            serves="Finds all cards of an artifact, open and closed.",
        ),
        unique(
            "share_cards_one_open",
            "artifact_id",
            serves="An artifact has at most one open card; a withdrawal finds it by this index.",
            where="revoked_at is null",
        ),
        index(
            "share_cards_open",
            "created_at",
            serves="Finds the newest open cards, to check their consents.",
            where="revoked_at is null",
        ),
        index("share_cards_title", "title", serves="Finds the cards with a title."),
        index("share_cards_symbol", "symbol", serves="Finds the cards with a symbol."),
        index("share_cards_palette", "palette", serves="Finds the cards with a palette."),
        index("share_cards_one_line", "one_line", serves="Finds the cards with a line."),
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
            why="Owners read the cards of their own artifacts, open and closed.",
        ),
    ),
    grants=(
        owner_select(),
        server(SELECT, INSERT, UPDATE, why="The site's server publishes and closes cards."),
    ),
    triggers=(
        before(
            "share_cards_need_consent",
            "insert or update",
            require_consent,
            "A card can be opened, or opened again, only while its owner's consent is valid.",
            public_share.id,
            when="new.revoked_at is null",
        ),
        before(
            "share_cards_need_artifact",
            "insert or update",
            refuse_withdrawn,
            "No card is opened for a withdrawn artifact.",
            when="new.revoked_at is null",
        ),
        after(
            "closed_cards_lose_picture",
            "update",
            remove_card_picture,
            "The picture of a closed card is listed for deletion.",
            of=("revoked_at",),
            when="old.revoked_at is null and new.revoked_at is not null",
        ),
    ),
    source="product",
)
