"""An AI's output repeats nobody else's words."""

import unicodedata
from collections.abc import Callable

import pytest
from psycopg.types.json import Jsonb

from tests.wall.actors import OWNER, SERVICE
from tests.wall.ai_runs import BY_HAND, PROMOTE, written
from tests.wall.scenes import Scene
from tests.wall.seeds import World, begin_world, give, withdraw

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
