"""Share-cards: four safe fields for whoever holds the link, and the question for its owner alone."""

import pytest

from lab.access import VIEWS, may_call, reach
from lab.rules import RULES
from lab.rules.model import Command, PrivacyClass
from tests.wall.actors import AI, ANON, OPERATOR, OWNER, SERVICE, guest, person
from tests.wall.scenes import Scene
from tests.wall.seeds import add_card, begin_world, give, make_world, withdraw

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
    assert scene.refusal(SERVICE, INSERT, world.ids["share_card"], "Moon", "A light at night.") == "23505"
    assert scene.refusal(SERVICE, "update public.share_cards set slug = repeat('0', 32)") == "42501"
    scene.count(SERVICE, "update public.share_cards set revoked_at = now() where slug = %s", slug)
    assert scene.refusal(SERVICE, INSERT, world.ids["share_card"], "Moon", "A light at night.") == ""


INSERT = (
    "insert into public.share_cards (artifact_id, title, symbol, palette, one_line)"
    " values (%s, %s, 'moon', 'night', %s)"
)
QUESTION = "Will my mother survive the operation, José?"
REPEATS = {
    "word for word": ("The Moon", QUESTION),
    "in the title": (QUESTION, "A light."),
    "shouted": ("The Moon", "WILL MY MOTHER SURVIVE THE OPERATION JOSÉ"),
    "spaced out": ("The Moon", "W.i.l.l m.y m-o-t-h-e-r s_u_r_v_i_v_e the operation, José"),
    "hidden characters": ("The Moon", "Will my mo\u200bther sur\u00advive the opera\u2060tion, Jose\u0301?"),
    "without accents": ("The Moon", "will my mother survive the operation jose"),
    "in a sentence": ("The Moon", "She asked: will my mother survive the night?"),
    "the greater part": ("The Moon", "mother survive the operation"),
    "over title and line": ("Will my mother", "survive the operation, José?"),
    "full width": ("The Moon", "".join(chr(ord(letter) + 0xFEE0) for letter in "Willmymothersurvivethe")),
}
PASSES = {
    "other words": ("The Moon", "Something falls, and light comes in."),
    "a few words of it": ("My mother", "The operation of light."),
    "its words in another order": ("The Moon", "Operation: survive. Mother will."),
    "the name alone": ("José", "A light at night."),
}


@pytest.mark.parametrize("variant", [*REPEATS, *PASSES])
def test_a_card_does_not_repeat_the_question(scene: Scene, variant: str) -> None:
    world = begin_world(scene)
    scene.count(SERVICE, "update public.oracle_scrolls set question = %s where id = %s", QUESTION, world.ids["scroll"])
    give(scene, world.subject, "public_share", world.ids["share_card"])
    expected = "42501" if variant in REPEATS else ""
    words = {**REPEATS, **PASSES}[variant]
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, INSERT, world.ids["share_card"], *words) == expected
    scene.count(SERVICE, INSERT, world.ids["share_card"], "Star", "A light at night.")
    for actor in (SERVICE, OWNER):
        change = "update public.share_cards set title = %s, one_line = %s where artifact_id = %s"
        assert scene.refusal(actor, change, *words, world.ids["share_card"]) == expected


@pytest.mark.parametrize(
    ("field", "words"), [("symbol", "will_i_ever_see_her_again"), ("palette", "will-i-ever-see-her-again")]
)
def test_names_of_symbols_carry_no_question(scene: Scene, field: str, words: str) -> None:
    world = begin_world(scene)
    question = "Will I ever see her again?"
    scene.count(SERVICE, "update public.oracle_scrolls set question = %s where id = %s", question, world.ids["scroll"])
    give(scene, world.subject, "public_share", world.ids["share_card"])
    add_card(scene, world)
    change = f"update public.share_cards set {field} = %s where artifact_id = %s"
    assert scene.refusal(SERVICE, change, words, world.ids["share_card"]) == "42501"
    assert scene.refusal(SERVICE, change, "moonlight", world.ids["share_card"]) == ""


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


def _calls(name: str, types: list[str], ids: dict[str, object]) -> list[str]:
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
