"""What is adopted of an AI's output: only with consent, in its layer's schema, without links or hidden signs."""

import unicodedata

import pytest

from tests.wall.actors import OWNER, SERVICE
from tests.wall.ai_runs import BY_HAND, PROMOTE, WORDS, written
from tests.wall.scenes import Scene
from tests.wall.seeds import World, withdraw


@pytest.mark.parametrize("by", ["door", "hand"])
def test_nothing_is_taken_over_after_a_withdrawal(scene: Scene, allowed: World, by: str) -> None:
    """Words that wait are discarded, and no one brings them back."""
    run = written(scene, allowed, WORDS.obj)
    withdraw(scene, allowed.subject, "ai_processing")
    assert scene.truth("select status from public.ai_runs where id = %s", run) == "discarded"
    for actor in (SERVICE, OWNER):
        refused = scene.refusal(actor, PROMOTE if by == "door" else BY_HAND, run)
        assert refused in ("55000", "42501", "23514")
    with scene.past_every_trigger() as connection:
        connection.execute("update public.ai_runs set status = 'written', output = %s where id = %s", [WORDS, run])
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, PROMOTE if by == "door" else BY_HAND, run) == "42501"


def test_the_database_dates_what_is_taken_over(scene: Scene, allowed: World) -> None:
    run = written(scene, allowed, WORDS.obj)
    early = "update public.ai_runs set status = 'promoted', promoted_at = created_at - interval '1 year' where id = %s"
    assert scene.refusal(SERVICE, "update public.ai_runs set promoted_at = now() where id = %s", run) in (
        "42501",
        "23514",
    )
    assert scene.count(SERVICE, early, run) == 1
    assert scene.truth("select promoted_at >= created_at from public.ai_runs where id = %s", run)
    assert scene.refusal(OWNER, "update public.ai_runs set model = 'other' where id = %s", run) == "42501"


VOICE = {"name": "Moon", "words": "Wait for the tide."}
COUNCIL = {"voices": [VOICE, {"name": "Sun", "words": "Go."}], "summary": "They agree to wait."}
SHAPES: dict[str, tuple[str, object, bool]] = {
    "echo": ("echo", WORDS.obj, True),
    "longest echo": ("echo", {"reply": "ab " * 2666}, True),
    "too long": ("echo", {"reply": "a" * 8001}, False),
    "empty": ("echo", {"reply": ""}, False),
    "blank": ("echo", {"reply": " \n "}, False),
    "no key": ("echo", {}, False),
    "another key": ("echo", {"answer": "x"}, False),
    "one key more": ("echo", {"reply": "x", "note": "y"}, False),
    "a number": ("echo", {"reply": 1}, False),
    "null": ("echo", {"reply": None}, False),
    "an object inside": ("echo", {"reply": {"text": "x"}}, False),
    "a list inside": ("echo", {"reply": ["x"]}, False),
    "another layer's": ("echo", COUNCIL, False),
    "council": ("council", COUNCIL, True),
    "twelve voices": ("council", {**COUNCIL, "voices": [VOICE] * 12}, True),
    "thirteen voices": ("council", {**COUNCIL, "voices": [VOICE] * 13}, False),
    "no voices": ("council", {**COUNCIL, "voices": []}, False),
    "voices as an object": ("council", {**COUNCIL, "voices": VOICE}, False),
    "a voice as a text": ("council", {**COUNCIL, "voices": ["Moon"]}, False),
    "a voice as null": ("council", {**COUNCIL, "voices": [None]}, False),
    "a voice without words": ("council", {**COUNCIL, "voices": [{"name": "Moon"}]}, False),
    "a voice with a key more": ("council", {**COUNCIL, "voices": [{**VOICE, "id": "1"}]}, False),
    "a nameless voice": ("council", {**COUNCIL, "voices": [{**VOICE, "name": "x" * 81}]}, False),
    "no summary": ("council", {"voices": [VOICE]}, False),
}


@pytest.mark.parametrize("what", SHAPES)
def test_an_answer_has_the_schema_of_its_layer(scene: Scene, allowed: World, what: str) -> None:
    layer, output, fits = SHAPES[what]
    run = written(scene, allowed, output, layer)
    for actor in (SERVICE, OWNER):
        for statement in (PROMOTE, BY_HAND):
            assert scene.refusal(actor, statement, run) == ("" if fits else "23514"), what


SOUND = (
    "Wait for the tide. It comes at 7.30, and again on 29 November 2026 (a Sunday).",
    "Zwischen 1999 und 2024 hat sich viel verändert; z. B. das Haus am Fluss. 3,5 Jahre …",
    'She said: "Go!" — and so it was... really. The U.S. and the Ph.D. are fine, e.g. here.',
    "你问的事会有结果。好的开始已经在路上了。",
    "Est-ce vrai ? Oui ; « bien sûr » ! Le 12.11.2026 à 10 h.",
    "Line one\nline two\ttabbed\r\n1. first 2. second",
    "هل سأجد طريقي؟ نعم، قريبا.",
    "Ratio 3:2, and/or both; data: none. 50 % of 1,000,000 people.",
)
UNSAFE = (
    "See https://example.test/a",
    "See HTTP://EXAMPLE",
    "See ftp://a",
    "//evil",
    "www.example",
    "go to example.com now",
    "go to sub.domain.example.io/path",
    "go to домен.рф",
    "go to \uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\uff0e\uff43\uff4f\uff4d",
    "go to example。com",
    "192.168.0.1",
    "[here](somewhere)",
    "[here] [1]",
    "[1]: somewhere",
    "![x](y)",
    "<a href=x>",
    "<script>",
    "<!-- x -->",
    "data:text/html",
    "mailto:someone",
    "tel:112",
    "javascript:alert",
    "write to a@b",
    "write to @someone",
    "write to a\uff20b",
    "call +49 (30) 123456",
    "call 0049 30 1234567",
    "call 030/1234-56789",
    "call ٠٣٠١٢٣٤٥٦٧",
    "card 4242 4242 4242 4242",
    "run 6f1c2a3e-1b2c-4d5e-8f90-123456789abc",
    "run 6F1C2A3E1B2C4D5E8F90123456789ABC",
)


@pytest.mark.parametrize("text", [*SOUND, *UNSAFE])
def test_no_link_address_number_or_id_is_taken_over(scene: Scene, allowed: World, text: str) -> None:
    run = written(scene, allowed, {"reply": text})
    assert scene.refusal(SERVICE, PROMOTE, run) == ("23514" if text in UNSAFE else ""), text
    council = written(scene, allowed, {"voices": [{"name": "Moon", "words": text}], "summary": "So be it."}, "council")
    assert scene.refusal(OWNER, BY_HAND, council) == ("23514" if text in UNSAFE else ""), text


def unseen_characters() -> str:
    """Return every character that Unicode calls control, format or private, and those that draw nothing."""
    kinds = {"Cc", "Cf", "Co", "Zl", "Zp"}
    drawn = "\t\n\r"
    found = [chr(place) for place in range(1, 0x110000) if unicodedata.category(chr(place)) in kinds]
    few = [c for c in found if unicodedata.category(c) != "Co"] + ["\ue000", "\uf8ff", "\U000f0000", "\U0010fffd"]
    selectors = [*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0)), *map(chr, range(0x180B, 0x1810))]
    return "".join(dict.fromkeys([*few, *selectors, *"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"])).translate(
        dict.fromkeys(map(ord, drawn))
    )


def test_no_invisible_character_is_taken_over(each_scene: Scene) -> None:
    """Each by itself, between two words."""
    let_through = each_scene.truth(
        "select string_agg(to_hex(ascii(c)), ' ') from unnest(%s::text[]) c"
        " where wall.forbidden_words(jsonb_build_object('reply', 'wait' || c || 'here')) is distinct from"
        " 'an invisible character'",
        list(unseen_characters()),
    )
    assert let_through is None
    assert each_scene.truth("""select wall.forbidden_words('{"reply": "äöü ß é 好 \\ud83c\\udf19 — “x”"}')""") is None
