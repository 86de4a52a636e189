"""The AI's boundary: one token is one run, read only in its given fields, and written once."""

import uuid

import pytest
from psycopg.types.json import Jsonb

from tests.wall.actors import AI, OWNER, SERVICE
from tests.wall.ai_runs import BRIEF, PROMOTE, WORDS, WRITE, present
from tests.wall.scenes import Scene
from tests.wall.seeds import World, add_run, begin_world, give, lease


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
    with pytest.raises(Exception, match="JSON object") as refusal, scene.connection.transaction():
        scene.value(AI, WRITE, token, output)
    assert str(allowed.subject) not in repr(vars(refusal.value)) + str(refusal.value)


def test_an_ai_run_begins_as_requested(scene: Scene, allowed: World) -> None:
    insert = (
        "insert into public.ai_runs (subject_id, layer, scroll_id, fields_given, model, status, output)"
        " values (%s, 'echo', %s, '{question}', 'm', %s, '{}')"
    )
    for state in ("written", "promoted", "discarded"):
        assert scene.refusal(SERVICE, insert, allowed.subject, allowed.ids["scroll"], state) == "23514"
