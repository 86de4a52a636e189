"""Share-cards: four safe fields for whoever holds the link, and the question for its owner alone."""

from collections.abc import Callable, Mapping

import psycopg
import pytest

from fixtures.servers import Database
from lab.access.matrix import VIEWS, may_call, reach
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.rules.model import Command, PrivacyClass
from tests.wall.actors import AI, ANON, OPERATOR, OWNER, SERVICE, guest, person
from tests.wall.crowds import Connection, ask, overtake, prepare
from tests.wall.scenes import Scene
from tests.wall.seeds import World, add_card, begin_world, give, make_world, withdraw
from tests.wall.violations import printed

Databases = Callable[..., Database]

OPEN = "select * from public.open_share_card(%s)"
CARD = ("The Tower", "tower", "dusk", "Something falls, and light comes in.")


def test_whoever_holds_the_link_sees_four_fields(scene: Scene) -> None:
    world = begin_world(scene)
    give(scene, world.subject, "public_share", world.ids["share_card"])
    slug = add_card(scene, world)
    for actor in (ANON, person(scene.make_person()), world.actor, SERVICE):
        assert scene.rows(actor, OPEN, slug) == [CARD]
        with scene.acting(actor) as connection:
            columns = [column.name for column in connection.execute(OPEN, [slug]).description or ()]
        assert columns == ["title", "symbol", "palette", "one_line"]
    public = {c.name for c in RULES.table("share_cards").columns if c.privacy is PrivacyClass.PUBLIC}
    assert set(columns) == public
    assert scene.refusal(AI, OPEN, slug) == scene.refusal(OPERATOR, OPEN, slug) == "42501"


@pytest.mark.parametrize("end", ["revoked", "withdrawn", "unknown", "no slug"])
def test_a_closed_card_shows_nothing(scene: Scene, end: str) -> None:
    world = begin_world(scene)
    give(scene, world.subject, "public_share", world.ids["share_card"])
    slug: str | None = add_card(scene, world)
    if end == "revoked":
        scene.count(SERVICE, "update public.share_cards set revoked_at = now() where slug = %s", slug)
    elif end == "withdrawn":
        withdraw(scene, world.subject, "public_share", world.ids["share_card"])
    else:
        slug = "0" * 32 if end == "unknown" else None
    for actor in (ANON, world.actor, SERVICE):
        assert scene.rows(actor, OPEN, slug) == []


def test_a_card_that_lost_its_consent_by_other_means_shows_nothing(scene: Scene) -> None:
    """The door asks for the consent itself, and does not rely on the card having been closed."""
    world = begin_world(scene)
    give(scene, world.subject, "public_share", world.ids["share_card"])
    slug = add_card(scene, world)
    withdraw(scene, world.subject, "public_share", world.ids["share_card"])
    with scene.past_every_trigger() as connection:
        connection.execute("update public.share_cards set revoked_at = null where slug = %s", [slug])
    assert scene.rows(ANON, OPEN, slug) == []


def test_one_open_card_for_an_artifact(scene: Scene) -> None:
    world = begin_world(scene)
    give(scene, world.subject, "public_share", world.ids["share_card"])
    slug = add_card(scene, world)
    assert scene.refusal(SERVICE, INSERT, world.ids["share_card"], "The Moon", "A light at night.") == "23505"
    assert scene.refusal(SERVICE, "update public.share_cards set slug = repeat('0', 32)") == "42501"
    scene.count(SERVICE, "update public.share_cards set revoked_at = now() where slug = %s", slug)
    assert scene.refusal(SERVICE, INSERT, world.ids["share_card"], "The Moon", "A light at night.") == ""


INSERT = (
    "insert into public.share_cards (artifact_id, title, symbol, palette, one_line)"
    " values (%s, %s, 'moon', 'night', %s)"
)
QUESTION = "Will my mother survive the operation, José?"
TYPED = {
    "the question": QUESTION,
    "a name": "Ada Lovelace",
    "an address": "ada@example.test",
    "one word of it": "mother",
    "full width": "".join(chr(ord(letter) + 0xFEE0) for letter in "Mother"),
    "Cyrillic letters in Latin words": "\u0422h\u0435 \u0422\u043ew\u0435r",
    "hidden characters": "The\u200b Tower",
    "another case": "the tower",
    "a space more": "The Tower ",
    "Chinese": "我母親會活下來嗎",
    "the answer": "She will.",
    "nothing": "",
}
SLOTS = ("title", "symbol", "palette", "one_line")


@pytest.fixture
def carded(scene: Scene) -> World:
    """A person with an open card."""
    world = begin_world(scene)
    give(scene, world.subject, "public_share", world.ids["share_card"])
    world.words["slug"] = add_card(scene, world)
    return world


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("variant", TYPED)
def test_no_typed_word_reaches_a_card(scene: Scene, carded: World, slot: str, variant: str) -> None:
    words = {"title": "The Moon", "symbol": "moon", "palette": "night", "one_line": "A light at night."}
    words[slot] = TYPED[variant]
    fresh = f"insert into public.share_cards (artifact_id, {', '.join(SLOTS)}) values (%s, %s, %s, %s, %s)"
    change = f"update public.share_cards set {slot} = %s where artifact_id = %s"
    upsert = f"{fresh} on conflict (artifact_id) where revoked_at is null do update set {slot} = excluded.{slot}"
    artifact = carded.ids["share_card"]
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, change, TYPED[variant], artifact) == "23503"
        assert scene.refusal(actor, upsert, artifact, *words.values()) == "23503"
        assert scene.refusal(actor, f"{fresh} on conflict do nothing", artifact, *words.values()) == "23503"
    assert scene.rows(ANON, OPEN, carded.words["slug"]) == [CARD]


MIXED = {
    "a line as the title": "title = 'A light at night.'",
    "a title as the line": "one_line = 'The Moon'",
    "a symbol as the palette": "palette = 'moon'",
    "the title in another language": "title = 'Der Mond'",
    "the line in another language": "one_line = 'Ein Licht in der Nacht.'",
    "another language alone": "locale = 'de'",
    "a kind of its own": "title_kind = 'line', title = 'A light at night.'",
    "an unknown language": "locale = 'will-my-mother-survive'",
    "no language": "locale = null",
    "no title": "title = null",
}


@pytest.mark.parametrize("mixture", MIXED)
def test_phrases_stand_in_their_place_and_in_one_language(scene: Scene, carded: World, mixture: str) -> None:
    for actor in (SERVICE, OWNER):
        change = f"update public.share_cards set {MIXED[mixture]} where artifact_id = %s"
        assert scene.refusal(actor, change, carded.ids["share_card"]) in ("23503", "23502", "23514", "42501")
    german = "locale = 'de', title = 'Der Mond', one_line = 'Ein Licht in der Nacht.'"
    scene.count(SERVICE, f"update public.share_cards set {german} where artifact_id = %s", carded.ids["share_card"])
    assert scene.rows(ANON, OPEN, carded.words["slug"])[0][0] == "Der Mond"


ADDED = (
    "insert into public.card_phrases (kind, name, locale, version, words) values ('line', 'x_y', 'en', 1, 'Mother?')"
)
TRICKS = {
    "insert": ADDED,
    "upsert": f"{ADDED} on conflict (kind, name, locale, version) do update set words = excluded.words",
    "copy of a row": "insert into public.card_phrases select gen_random_uuid(), kind, name, locale, 9, 'Mother?', now()"
    " from public.card_phrases limit 1",
    "update": "update public.card_phrases set words = 'Mother?' where name = 'moon' and kind = 'title'",
    "delete": "delete from public.card_phrases",
    "truncate": "truncate public.card_phrases cascade",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_nobody_but_a_migration_changes_the_phrases(scene: Scene, carded: World, trick: str) -> None:
    for actor in (SERVICE, carded.actor, ANON, AI, OPERATOR):
        assert scene.refusal(actor, TRICKS[trick]) == "42501"
    if trick in ("update", "delete", "truncate"):
        scene.end_as_committed()
        assert scene.refusal(OWNER, TRICKS[trick]) == "42501"


def test_people_read_what_they_may_choose(scene: Scene, carded: World) -> None:
    wanted = {(phrase.kind, phrase.words, phrase.locale) for phrase in RULES.phrases}
    for actor in (SERVICE, carded.actor):
        assert set(scene.rows(actor, "select kind, words, locale from public.card_phrases")) == wanted


def test_every_place_of_a_card_is_held_by_the_catalogue() -> None:
    """Every public field of a card points at an approved phrase, of one kind and in the card's language."""
    public = [c for c in RULES.table("share_cards").columns if c.privacy is PrivacyClass.PUBLIC]
    assert [column.name for column in public] == list(SLOTS)
    for column in public:
        assert column.references
        assert column.references.table.qualified == "public.card_phrases"
        assert {own for own, _ in column.references.along} == {"locale", f"{column.name}_kind"}


def test_a_refused_phrase_is_not_quoted(scene: Scene, carded: World) -> None:
    change = "update public.share_cards set title = %s where artifact_id = %s"
    with pytest.raises(psycopg.errors.ForeignKeyViolation) as refused, scene.connection.transaction():
        scene.count(OWNER, change, QUESTION, carded.ids["share_card"])
    assert QUESTION not in printed(refused.value)
    assert refused.value.diag.constraint_name == "share_cards_title_fkey"


def test_a_card_on_a_withdrawn_artifact_closes(scene: Scene, carded: World) -> None:
    artifact, state = carded.ids["share_card"], "update public.oracle_artifacts set state = %s where id = %s"
    scene.count(SERVICE, state, "withdrawn", artifact)
    assert scene.rows(ANON, OPEN, carded.words["slug"]) == []
    assert scene.truth("select revoked_at is not null from public.share_cards where artifact_id = %s", artifact)
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, "update public.share_cards set revoked_at = null") == "42501"
        assert scene.refusal(actor, INSERT, artifact, "The Moon", "A light at night.") == "42501"
    scene.count(SERVICE, state, "ready", artifact)
    assert scene.rows(ANON, OPEN, carded.words["slug"]) == []
    assert scene.refusal(SERVICE, INSERT, artifact, "The Moon", "A light at night.") == ""


def test_a_withdrawn_artifact_keeps_even_an_open_card_shut(scene: Scene, carded: World) -> None:
    """The door asks for the artifact itself, and does not rely on the card having been closed."""
    with scene.past_every_trigger() as connection:
        connection.execute(
            "update public.oracle_artifacts set state = 'withdrawn' where id = %s", [carded.ids["share_card"]]
        )
    assert scene.truth("select revoked_at from public.share_cards where slug = %s", carded.words["slug"]) is None
    assert scene.rows(ANON, OPEN, carded.words["slug"]) == []


def test_a_withdrawal_waits_for_nobody_who_writes_the_card(server: EmbeddedPostgres, database: Databases) -> None:
    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "public_share", world.ids["share_card"])
        world.words["slug"] = add_card(scene, world)

    own = database(server)
    world = prepare(own, arrange)
    values = [world.ids["share_card"]]

    def withdraw_artifact(connection: Connection) -> str:
        connection.execute("set local lock_timeout = '500ms'")
        connection.execute("update public.oracle_artifacts set state = 'withdrawn' where id = %s", values)
        connection.commit()
        return "withdrawn"

    touch = "update public.share_cards set palette = 'night' where artifact_id = %s"
    assert overtake(own, lambda connection: connection.execute(touch, values), withdraw_artifact) == "withdrawn"
    assert ask(own, OPEN, world.words["slug"]) == []


@pytest.mark.parametrize("role", ["anon", "stranger", "anonymous", "oracle_operator", "ai_worker"])
def test_the_question_is_its_owners_alone(scene: Scene, role: str) -> None:
    """Every table, view and function that a role can read is searched for what somebody asked."""
    world = make_world(scene)
    subject = scene.make_person(anonymous=role == "anonymous")
    signed_in = guest(subject) if role == "anonymous" else person(subject)
    actor = {"anon": ANON, "oracle_operator": OPERATOR, "ai_worker": AI}.get(role, signed_in)
    secrets = [words for place, words in world.words.items() if "evidence" not in place]
    for table in RULES.tables:
        columns = reach(actor.role, table, Command.SELECT).columns
        if columns:
            _search(
                scene,
                actor,
                f"select row_to_json(t)::text from (select {', '.join(columns)} from {table.qualified}) t",
                secrets,
            )
    for view in VIEWS:
        if view.role.id == actor.role:
            _search(scene, actor, f"select to_jsonb(v)::text from {view.qualified} v", secrets)
    for function in RULES.functions:
        if may_call(actor.role, function) and function.volatility != "volatile":
            for call in _calls(function.qualified, [argument.type for argument in function.arguments], world.ids):
                if not scene.refusal(actor, call):
                    _search(scene, actor, call, secrets)
    assert scene.value(world.actor, "select question from public.oracle_scrolls") in secrets


def _calls(name: str, types: list[str], ids: Mapping[str, object]) -> list[str]:
    values = {"uuid": [f"'{one}'::uuid" for one in ids.values() if not isinstance(one, int)],
              "jsonb": ["'{}'::jsonb"], "text": ["'consent_events'", "'moon'"]}  # fmt: skip
    longest = max([len(values.get(one, ["null"])) for one in types], default=1)
    chosen = [values.get(one, ["null"]) for one in types]
    return [
        f"select to_jsonb(r)::text from {name}({', '.join(c[place % len(c)] for c in chosen)}) r"
        for place in range(longest)
    ]


def _search(scene: Scene, actor: object, statement: str, secrets: list[str]) -> None:
    for (text,) in scene.rows(actor, statement):  # type: ignore[arg-type]
        assert not [secret for secret in secrets if secret in (text or "")], statement
