"""The AI's boundary: one token is one run, read in its fields alone, written once, and looked at before it is kept."""

import unicodedata
import uuid
from collections.abc import Callable

import psycopg
import pytest
from psycopg.types.json import Jsonb

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules.ai import LEASE_SECONDS, LEASES
from tests.wall.actors import AI, OWNER, SERVICE
from tests.wall.crowds import ask, overtake, prepare
from tests.wall.scenes import Scene
from tests.wall.seeds import World, add_run, begin_world, give, lease, withdraw, write_run

BRIEF = "select question, locale from ai.briefs"
WRITE = "select public.write_ai_run(%s, %s)"
PROMOTE = "select public.promote_ai_run(%s)"
BY_HAND = "update public.ai_runs set status = 'promoted' where id = %s"
WORDS = Jsonb({"reply": "Wait for the tide."})


def present(scene: Scene, token: str, name: str = "lab.ai_run_token") -> None:
    """Come with a token, until the transaction ends."""
    scene.connection.execute("select set_config(%s, %s, true)", [name, token])


@pytest.fixture
def allowed(scene: Scene) -> World:
    """A person who allows the AI to read their question."""
    world = begin_world(scene)
    give(scene, world.subject, "ai_processing")
    return world


def written(scene: Scene, world: World, output: object, layer: str = "echo") -> uuid.UUID:
    """Return a run that the AI has written."""
    run = add_run(scene, world, layer=layer)
    write_run(scene, lease(scene, run), output)
    return run


def test_a_token_shows_its_run_alone(each_scene: Scene) -> None:
    first, second = (begin_world(each_scene) for _ in range(2))
    for world in (first, second):
        give(each_scene, world.subject, "ai_processing")
    tokens = [lease(each_scene, add_run(each_scene, world)) for world in (first, second)]
    assert each_scene.rows(AI, BRIEF) == []
    for token, world in zip(tokens, (first, second), strict=True):
        present(each_scene, token)
        assert each_scene.rows(AI, BRIEF) == [(world.words["oracle_scrolls.question"], None)]
    for guess in ("", "null", str(uuid.uuid4()), tokens[0][:-1], tokens[0].upper(), "\\x00"):
        present(each_scene, guess)
        assert each_scene.rows(AI, BRIEF) == []


@pytest.mark.parametrize("fields", ["question", "locale", "question,locale"])
def test_a_brief_shows_the_fields_that_were_given(scene: Scene, allowed: World, fields: str) -> None:
    """Of a run that was given its language alone, nobody reads the question."""
    present(scene, lease(scene, add_run(scene, allowed, fields=fields)))
    question = allowed.words["oracle_scrolls.question"]
    shown = {"question": question, "locale": "en"}
    assert scene.rows(AI, BRIEF) == [tuple(shown[name] if name in fields else None for name in ("question", "locale"))]


@pytest.mark.parametrize("newest", ["given", "withdrawn"])
def test_a_brief_follows_the_ledger_and_not_its_copy(scene: Scene, allowed: World, newest: str) -> None:
    """The copy of a decision may come later than the decision: somebody held it."""
    present(scene, lease(scene, add_run(scene, allowed)))
    with scene.past_every_trigger() as connection:
        connection.execute(
            "insert into public.consent_events (request_id, subject_id, purpose, action, notice_id, personal_digest,"
            " row_hash) select gen_random_uuid(), subject_id, purpose, %s, notice_id, personal_digest, row_hash"
            " from public.consent_events where subject_id = %s",
            [newest, allowed.subject],
        )
        connection.execute(
            "update public.consents set standing = not %s where subject_id = %s", [newest == "given", allowed.subject]
        )
    assert len(scene.rows(AI, BRIEF)) == (newest == "given")


@pytest.mark.parametrize("fields", ["answer", "subject_id", "question,answer", "", "{question}"])
def test_no_other_field_is_given(scene: Scene, allowed: World, fields: str) -> None:
    with pytest.raises(Exception, match=r"ai_runs_fields_are_given_alone|malformed"), scene.connection.transaction():
        add_run(scene, allowed, fields=fields)


def test_the_header_of_the_data_api_is_a_token_too(scene: Scene, allowed: World) -> None:
    token = lease(scene, add_run(scene, allowed))
    for headers, seen in (
        (f'{{"x-ai-run-token": "{token}"}}', 1),
        ('{"x-ai-run-token": null}', 0),
        ('["x-ai-run-token"]', 0),
        ("no json", 0),
        ("", 0),
    ):
        present(scene, headers, "request.headers")
        assert len(scene.rows(AI, BRIEF)) == seen, headers


def test_a_run_is_written_once(each_scene: Scene) -> None:
    world = begin_world(each_scene)
    give(each_scene, world.subject, "ai_processing")
    run = add_run(each_scene, world)
    token = lease(each_scene, run)
    present(each_scene, token)
    assert each_scene.value(AI, WRITE, token, WORDS) is True
    assert each_scene.refusal(AI, WRITE, token, WORDS) == "42501"
    assert each_scene.rows(AI, BRIEF) == []
    assert each_scene.rows(world.actor, "select id from public.ai_runs") == []
    for actor in (SERVICE, OWNER):
        assert each_scene.refusal(actor, "update public.ai_runs set output = '{}' where id = %s", run) == "23514"
    assert each_scene.value(SERVICE, PROMOTE, run) == WORDS.obj
    assert each_scene.rows(world.actor, "select id from public.ai_runs") == [(run,)]
    assert each_scene.refusal(SERVICE, PROMOTE, run) == "55000"


NO_TOKENS = {
    "update": "update public.ai_runs set output = '{}', status = 'written'",
    "read": "select id from public.ai_runs",
    "insert": "insert into public.ai_runs (layer) values ('echo')",
    "lease": "select public.lease_ai_run(gen_random_uuid())",
    "promote": "select public.promote_ai_run(gen_random_uuid())",
    "digests": "select wall.word_digests('a', true)",
    "token": "select wall.presented_token()",
}


@pytest.mark.parametrize("what", NO_TOKENS)
def test_the_ai_has_no_other_door(scene: Scene, allowed: World, what: str) -> None:
    present(scene, lease(scene, add_run(scene, allowed)))
    assert scene.refusal(AI, NO_TOKENS[what]) == "42501"


@pytest.mark.parametrize("output", [None, Jsonb([]), Jsonb("x"), Jsonb({"reply": "x" * 65536})])
def test_a_refused_answer_tells_nothing_of_its_row(scene: Scene, allowed: World, output: object) -> None:
    token = lease(scene, add_run(scene, allowed))
    with pytest.raises(Exception, match="one object") as refusal, scene.connection.transaction():
        scene.value(AI, WRITE, token, output)
    assert str(allowed.subject) not in repr(vars(refusal.value)) + str(refusal.value)


def test_an_ai_run_begins_as_requested(scene: Scene, allowed: World) -> None:
    insert = (
        "insert into public.ai_runs (subject_id, layer, scroll_id, fields_given, model, status, output)"
        " values (%s, 'echo', %s, '{question}', 'm', %s, '{}')"
    )
    for state in ("written", "promoted", "discarded"):
        assert scene.refusal(SERVICE, insert, allowed.subject, allowed.ids["scroll"], state) == "23514"


# The lease -------------------------------------------------------------------------------------------


def test_a_second_lease_ends_the_first(scene: Scene, allowed: World) -> None:
    run = add_run(scene, allowed)
    tokens = [lease(scene, run) for _ in range(LEASES)]
    for token in tokens[:-1]:
        present(scene, token)
        assert scene.rows(AI, BRIEF) == []
        assert scene.refusal(AI, WRITE, token, WORDS) == "42501"
    assert scene.refusal(SERVICE, "select public.lease_ai_run(%s)", run) == "55000"
    assert scene.refusal(OWNER, "update public.ai_runs set leases = 0 where id = %s", run) == "23514"
    assert scene.value(AI, WRITE, tokens[-1], WORDS) is True


@pytest.mark.parametrize("seconds", [0, -1, None, LEASE_SECONDS + 1])
def test_a_lease_has_a_limit(scene: Scene, allowed: World, seconds: int | None) -> None:
    assert scene.refusal(SERVICE, "select public.lease_ai_run(%s, %s)", add_run(scene, allowed), seconds) == "22023"


STRETCHED = {
    "longer": "update public.ai_runs set lease_until = lease_until + interval '1 hour' where id = %s",
    "later": "update public.ai_runs set leased_at = now() + interval '1 hour' where id = %s",
    "begun again": "update public.ai_runs set leased_at = clock_timestamp() where id = %s",
    "for ever": "update public.ai_runs set lease_until = 'infinity' where id = %s",
    "without a beginning": "update public.ai_runs set leased_at = null where id = %s",
    "another token": "update public.ai_runs set token_sha256 = sha256('x') where id = %s",
}


@pytest.mark.parametrize("what", STRETCHED)
def test_a_lease_is_not_stretched(scene: Scene, allowed: World, what: str) -> None:
    run = add_run(scene, allowed)
    lease(scene, run)
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, STRETCHED[what], run) in ("23514", "42501")


def end_lease(scene: Scene, run: uuid.UUID) -> None:
    """Let the whole time of a run be over."""
    with scene.past_every_trigger() as connection:
        connection.execute(
            "update public.ai_runs set created_at = now() - interval '1 hour', leased_at = now() - interval '1 hour',"
            " lease_until = now() - interval '50 minutes' where id = %s",
            [run],
        )


@pytest.mark.parametrize("end", ["lease over", "withdrawn", "discarded"])
def test_the_ai_loses_its_brief(scene: Scene, allowed: World, end: str) -> None:
    run = add_run(scene, allowed)
    token = lease(scene, run)
    present(scene, token)
    assert len(scene.rows(AI, BRIEF)) == 1
    if end == "withdrawn":
        withdraw(scene, allowed.subject, "ai_processing")
    elif end == "discarded":
        scene.count(SERVICE, "update public.ai_runs set status = 'discarded' where id = %s", run)
    else:
        end_lease(scene, run)
        assert scene.refusal(SERVICE, "select public.lease_ai_run(%s)", run) == "55000"
    assert scene.rows(AI, BRIEF) == []
    assert scene.refusal(AI, WRITE, token, WORDS) == "42501"
    by_hand = "update public.ai_runs set status = 'written', output = '{}' where id = %s"
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, by_hand, run) in ("42501", "23514")


def test_the_lease_ends_by_the_clock(server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    """Also inside one transaction, whose own time stands still."""
    own = database(server)
    tokens: list[str] = []

    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "ai_processing")
        tokens.append(lease(scene, add_run(scene, world), seconds=1))

    prepare(own, arrange)
    with psycopg.connect(own.admin_url) as connection:
        connection.execute("set local role ai_worker")
        connection.execute("select set_config('lab.ai_run_token', %s, true)", tokens)
        seen = [connection.execute("select count(*) from ai.briefs").fetchone()]
        connection.execute("select pg_sleep(1.1)")
        seen.append(connection.execute("select count(*) from ai.briefs").fetchone())
    assert seen == [(1,), (0,)]


def test_a_transaction_with_an_old_view_reads_nothing(
    server: EmbeddedPostgres, database: Callable[..., Database]
) -> None:
    """What it would see of a consent that was withdrawn meanwhile is the past."""
    own = database(server)
    tokens: list[str] = []

    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "ai_processing")
        tokens.append(lease(scene, add_run(scene, world)))

    prepare(own, arrange)
    with psycopg.connect(own.admin_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute(
            "select set_config('role', 'ai_worker', true), set_config('lab.ai_run_token', %s, true)", tokens
        )
        with pytest.raises(psycopg.errors.ActiveSqlTransaction):
            connection.execute(BRIEF)


def test_two_writers_with_one_token_write_once(
    each_server: EmbeddedPostgres, database: Callable[..., Database]
) -> None:
    own = database(each_server)
    tokens: list[str] = []

    def arrange(scene: Scene, world: World) -> None:
        give(scene, world.subject, "ai_processing")
        tokens.append(lease(scene, add_run(scene, world)))

    prepare(own, arrange)
    answer = overtake(
        own,
        lambda first: first.execute(WRITE, [tokens[0], Jsonb({"reply": "First."})]),
        lambda second: second.execute(WRITE, [tokens[0], Jsonb({"reply": "Second."})]).fetchone(),
    )
    assert answer == "42501"
    assert ask(own, "select output ->> 'reply' from public.ai_runs") == [("First.",)]


# What is taken over ----------------------------------------------------------------------------------


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


# What belongs to other people ------------------------------------------------------------------------

THEIRS = {
    "long": "Will my brother come back from the mountains before the winter sets in?",
    "short": "Should I leave Robert now?",
    "chinese": "我应该在冬天之前离开这座城市吗",
    "accents": "Werde ich Zoë Müller über Ostern wiedersehen dürfen oder nicht?",
}
REPEATED: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "in a sentence": lambda text: f"Somebody asked: {text} And the cards were silent.",
    "in capitals": lambda text: text.upper(),
    "with other marks": lambda text: text.replace(" ", " - ").replace("?", "!"),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
}


@pytest.mark.parametrize("how", REPEATED)
@pytest.mark.parametrize("what", THEIRS)
def test_nobody_elses_question_is_taken_over(scene: Scene, allowed: World, what: str, how: str) -> None:
    text = REPEATED[how](THEIRS[what])
    run = written(scene, allowed, {"reply": text})
    assert scene.refusal(SERVICE, PROMOTE, run) == ""
    other = begin_world(scene)
    ask_for = "update public.oracle_scrolls set question = %s where id = %s"
    scene.count(SERVICE, ask_for, THEIRS[what], other.ids["scroll"])
    for actor, statement in ((SERVICE, PROMOTE), (OWNER, BY_HAND)):
        assert scene.refusal(actor, statement, run) == "23514"
    scene.count(SERVICE, ask_for, THEIRS[what], allowed.ids["scroll"])
    assert scene.refusal(SERVICE, PROMOTE, run) == ""  # their own words may come back to them


def test_a_part_of_an_answer_or_a_prompt_is_not_taken_over(scene: Scene, allowed: World) -> None:
    other = begin_world(scene)
    text = "The road bends twice before the river, and at the second bend somebody is waiting with a lantern."
    run = written(scene, allowed, {"reply": "At the second bend somebody is waiting with a lantern, they say."})
    assert scene.refusal(SERVICE, PROMOTE, run) == ""
    scene.count(SERVICE, "update public.oracle_scrolls set answer = %s where id = %s", text, other.ids["scroll"])
    assert scene.refusal(SERVICE, PROMOTE, run) == "23514"
    scene.count(SERVICE, "update public.oracle_scrolls set answer = 'x' where id = %s", other.ids["scroll"])
    assert scene.refusal(SERVICE, PROMOTE, run) == ""
    echo = "insert into public.echo_entries (subject_id, scroll_id, prompt, due_at) values (%s, %s, %s, now())"
    scene.count(SERVICE, echo, other.subject, other.ids["scroll"], text)
    assert scene.refusal(SERVICE, PROMOTE, run) == "23514"


VOICES = "update public.council_sessions set voices = %s where id = %s"
THEIR_JSON: dict[str, Callable[[str], object]] = {
    "a voice": lambda text: [{"name": "Moon", "words": text}],
    "the second voice": lambda text: [{"name": "Sun", "words": "Go."}, {"name": "Moon", "words": text}],
    "deep inside": lambda text: [[{"name": {"words": ["x", text]}}]],
}


@pytest.mark.parametrize("where", THEIR_JSON)
@pytest.mark.parametrize("what", THEIRS)
def test_nobody_elses_voices_are_taken_over(scene: Scene, allowed: World, what: str, where: str) -> None:
    run = written(scene, allowed, {"reply": f"Somebody said: {THEIRS[what]}"})
    voices = Jsonb(THEIR_JSON[where](THEIRS[what]))
    other, council = begin_world(scene), "insert into public.council_sessions (subject_id, scroll_id) values (%s, %s)"
    sessions = [
        scene.value(SERVICE, f"{council} returning id", world.subject, world.ids["scroll"])
        for world in (allowed, other)
    ]
    assert scene.refusal(SERVICE, PROMOTE, run) == ""
    scene.count(SERVICE, VOICES, voices, sessions[1])
    for actor, statement in ((SERVICE, PROMOTE), (OWNER, BY_HAND)):
        assert scene.refusal(actor, statement, run) == "23514"
    scene.count(SERVICE, VOICES, voices, sessions[0])
    assert scene.refusal(SERVICE, PROMOTE, run) == ""  # their own voices may come back to them


def test_nobody_elses_run_is_taken_over(scene: Scene, allowed: World) -> None:
    """Words that an AI wrote for one person, taken over or not, are not handed to another."""
    other = begin_world(scene)
    give(scene, other.subject, "ai_processing")
    theirs = written(scene, other, {"reply": THEIRS["long"]})
    run = written(scene, allowed, {"reply": f"They say: {THEIRS['long']}"})
    assert scene.refusal(SERVICE, PROMOTE, run) == "23514"
    scene.count(SERVICE, "update public.ai_runs set status = 'discarded' where id = %s", theirs)
    assert scene.refusal(SERVICE, PROMOTE, run) == ""


@pytest.mark.parametrize("how", ["by the server", "by the owner, with words", "by a withdrawal"])
def test_a_discarded_run_keeps_no_words(scene: Scene, allowed: World, how: str) -> None:
    run = written(scene, allowed, {"reply": THEIRS["long"]})
    if how == "by a withdrawal":
        withdraw(scene, allowed.subject, "ai_processing")
    else:
        words = ", output = output" if how == "by the owner, with words" else ""
        actor = OWNER if words else SERVICE
        scene.count(actor, f"update public.ai_runs set status = 'discarded'{words} where id = %s", run)
    assert scene.rows(OWNER, "select status, output from public.ai_runs where id = %s", run) == [("discarded", None)]
    again = "update public.ai_runs set output = '{}' where id = %s"
    assert scene.refusal(OWNER, again, run) in ("23514", "42501") or scene.truth(
        "select output is null from public.ai_runs where id = %s", run
    )


def test_a_run_is_not_its_own_permission(scene: Scene, allowed: World) -> None:
    """Runs that were written for a person but never given to them allow nothing."""
    other = begin_world(scene)
    ask_for = "update public.oracle_scrolls set question = %s where id = %s"
    scene.count(SERVICE, ask_for, THEIRS["long"], other.ids["scroll"])
    runs = [written(scene, allowed, {"reply": THEIRS["long"]}) for _ in range(2)]
    assert [scene.refusal(SERVICE, PROMOTE, run) for run in runs] == ["23514"] * 2


def test_what_was_taken_over_may_come_back(scene: Scene, allowed: World) -> None:
    other = begin_world(scene)
    ask_for = "update public.oracle_scrolls set question = %s where id = %s"
    first, second = (written(scene, allowed, {"reply": THEIRS["long"]}) for _ in range(2))
    scene.value(SERVICE, PROMOTE, first)
    scene.count(SERVICE, ask_for, THEIRS["long"], other.ids["scroll"])
    assert scene.refusal(SERVICE, PROMOTE, second) == ""


def test_few_words_are_nobodys(scene: Scene, allowed: World) -> None:
    """The limit, said aloud: fewer than four words, or twelve letters and spaces, are found by nobody."""
    other = begin_world(scene)
    ask_for = "update public.oracle_scrolls set question = %s where id = %s"
    scene.count(SERVICE, ask_for, "Is it love?", other.ids["scroll"])
    assert scene.refusal(SERVICE, PROMOTE, written(scene, allowed, {"reply": "Is it love?"})) == ""


def test_words_are_found_by_an_index(scene: Scene, allowed: World) -> None:
    scene.connection.execute("set local enable_seqscan = off")
    plan = scene.rows(
        OWNER,
        "explain select from public.oracle_scrolls t"
        " where wall.word_digests(t.question, false) && array[1, 2]::bigint[]",
    )
    assert any("oracle_scrolls_question_words" in line for (line,) in plan)
    sampled = "select count(*) from pg_catalog.pg_stats where right(tablename, 6) = '_words'"
    scene.connection.execute("analyze public.oracle_scrolls")
    assert scene.truth(sampled) == 0
