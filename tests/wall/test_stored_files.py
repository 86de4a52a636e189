"""Files in storage: what a row gives up stays listed, and the file of an accepted gift is not swapped."""

import hashlib
import uuid
from collections.abc import Callable

import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from tests.wall.actors import OWNER, SERVICE, Actor, person
from tests.wall.crowds import ask, prepare
from tests.wall.erasures import call, proceed, request_erasure
from tests.wall.scenes import Scene
from tests.wall.seeds import World, add_gift, begin_world, give

SET_PATH = "update public.oracle_artifacts set storage_path = %s where id = %s returning 1"
OPEN = "select storage_path from public.storage_deletions where row_id = %s and done_at is null order by created_at"


def make_path() -> str:
    return f"{uuid.uuid4().hex}.pdf"


@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
def test_a_path_that_is_replaced_or_emptied_is_listed(scene: Scene, actor: Actor) -> None:
    artifact = begin_world(scene).ids["pdf"]
    first, second = make_path(), make_path()
    scene.count(actor, SET_PATH, first, artifact)
    scene.count(actor, SET_PATH, first, artifact)
    assert scene.rows(OWNER, OPEN, artifact) == []
    scene.count(actor, SET_PATH, second, artifact)
    assert scene.rows(OWNER, OPEN, artifact) == [(first,)]
    scene.count(actor, SET_PATH, None, artifact)
    assert set(scene.rows(OWNER, OPEN, artifact)) == {(first,), (second,)}


@pytest.mark.parametrize("row", ["pdf", "print_view"])
def test_a_listed_file_is_taken_by_no_row(scene: Scene, row: str) -> None:
    """The file would be deleted under the row that took it."""
    world = begin_world(scene)
    path = make_path()
    for value in (path, None):
        scene.count(SERVICE, SET_PATH, value, world.ids["pdf"])
    assert scene.refusal(SERVICE, SET_PATH, path, world.ids[row]) == "23514"
    insert = (
        "insert into public.oracle_artifacts (subject_id, scroll_id, kind, storage_path)"
        " values (%s, (select scroll_id from public.oracle_artifacts where id = %s), 'gift', %s)"
    )
    other = begin_world(scene)
    assert scene.refusal(SERVICE, insert, other.subject, other.ids["pdf"], path) in ("23514", "23505")


def test_one_file_belongs_to_one_row(scene: Scene) -> None:
    world = begin_world(scene)
    path = make_path()
    scene.count(SERVICE, SET_PATH, path, world.ids["pdf"])
    assert scene.refusal(SERVICE, SET_PATH, path, world.ids["print_view"]) == "23505"


def test_an_erasure_waits_for_what_was_given_up_before_it(
    server: EmbeddedPostgres, database: Callable[..., Database]
) -> None:
    own = database(server)
    world, other = prepare(own), prepare(own)
    paths = {who: [make_path(), make_path()] for who in (world.subject, other.subject)}
    for who in (world, other):
        for path in (*paths[who.subject], None):
            ask(own, SET_PATH, path, who.ids["pdf"])
    request = request_erasure(own, world.subject)
    assert [call(own, request), proceed(own, request)] == ["waiting", "files"]
    listed = ask(own, "select storage_path, id from public.storage_deletions where request_id = %s", request)
    assert {path for path, _ in listed} == set(paths[world.subject])
    assert {path for (path,) in ask(own, OPEN, other.ids["pdf"])} == set(paths[other.subject])
    for _, deletion in listed:
        assert call(own, request) == "files"
        ask(own, "select public.finish_storage_deletion(%s)", deletion)
    assert call(own, request) == "processors"


# The file of a gift.

SWAPS = {
    "another file": "storage_path = '0123456789abcdef0123456789abcdef.pdf'",
    "no file": "storage_path = null",
    "another digest": "content_sha256 = sha256('other')",
    "no digest": "content_sha256 = null",
}


def add_file(scene: Scene, world: World) -> None:
    statement = (
        "update public.oracle_artifacts set storage_path = %s, content_sha256 = %s, state = 'ready' where id = %s"
    )
    scene.count(SERVICE, statement, make_path(), hashlib.sha256(b"gift").digest(), world.ids["gift"])


@pytest.mark.parametrize("accepted", [True, False], ids=["accepted", "invited"])
@pytest.mark.parametrize("actor", [SERVICE, OWNER], ids=lambda actor: actor.id)
@pytest.mark.parametrize("how", SWAPS)
def test_the_file_of_an_accepted_gift_is_fixed(scene: Scene, how: str, actor: Actor, accepted: bool) -> None:
    giver, friend = begin_world(scene), begin_world(scene)
    add_file(scene, giver)
    give(scene, giver.subject, "gift_recipient", giver.ids["gift"])
    token = add_gift(scene, giver)
    if accepted:
        scene.value(person(friend.subject), "select public.accept_gift(%s)", token)
    change = f"update public.oracle_artifacts set {SWAPS[how]} where id = %s"
    assert scene.refusal(actor, change, giver.ids["gift"]) == ("42501" if accepted else "")


def test_a_gift_that_was_accepted_early_still_gets_its_file(scene: Scene) -> None:
    giver, friend = begin_world(scene), begin_world(scene)
    give(scene, giver.subject, "gift_recipient", giver.ids["gift"])
    scene.value(person(friend.subject), "select public.accept_gift(%s)", add_gift(scene, giver))
    add_file(scene, giver)
    assert scene.refusal(SERVICE, SET_PATH, make_path(), giver.ids["gift"]) == "42501"
