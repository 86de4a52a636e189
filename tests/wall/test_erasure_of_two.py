"""Rows of two people: erasing one of them leaves the other theirs, without the one who is gone."""

import hashlib
import uuid
from typing import Any

import pytest

from tests.wall.actors import OWNER, SERVICE, person
from tests.wall.scenes import Scene
from tests.wall.seeds import World, ask_for_erasure, begin_world, give, make_world

GIFT = "select subject_id, accepted_subject_id, contact, recipient_name from public.gift_recipients where id = %s"
ARTIFACT = "select subject_id, scroll_id, storage_path from public.oracle_artifacts where id = %s"


def invite(scene: Scene, giver: World, contact: str) -> tuple[uuid.UUID, str]:
    """Invite somebody to a gift, with a consent for it; returns the invitation and its token."""
    give(scene, giver.subject, "gift_recipient", giver.ids["gift"])
    token = uuid.uuid4().hex
    statement = (
        "insert into public.gift_recipients (subject_id, artifact_id, contact, recipient_name, token_sha256)"
        " values (%s, %s, %s, 'A friend', %s) returning id"
    )
    values = (giver.subject, giver.ids["gift"], contact, hashlib.sha256(token.encode()).digest())
    return scene.value(SERVICE, statement, *values), token


def accept(scene: Scene, subject: uuid.UUID, token: str) -> None:
    """Accept as the recipient."""
    scene.value(person(subject), "select public.accept_gift(%s)", token)


def erase(scene: Scene, subject: uuid.UUID) -> dict[str, int]:
    """Erase somebody whom the scene has made; return how many files are left to delete."""
    request = ask_for_erasure(scene, subject)
    rows = scene.rows(SERVICE, "select table_name, affected from public.erase_subject(%s)", request)
    scene.connection.execute("set constraints all immediate")
    assert scene.truth("select count(*) from wall.erasure_left(%s)", subject) == 0
    listed = "select count(*) from public.storage_deletions where request_id = %s"
    return {"files": scene.truth(listed, request), "rows": sum(count for _, count in rows)}


@pytest.fixture
def giver(scene: Scene) -> World:
    """Somebody who gives: their gift is ready, as a file."""
    world = make_world(scene)
    world.token = uuid.uuid4().hex
    scene.count(OWNER, "update public.oracle_artifacts set storage_path = %s, state = 'ready' where id = %s",
                world.token, world.ids["gift"])  # fmt: skip
    return world


def gift_of(scene: Scene, giver: World) -> tuple[Any, ...]:
    rows = scene.rows(OWNER, ARTIFACT, giver.ids["gift"])
    return rows[0] if rows else ()


def test_the_giver_goes_and_the_recipient_keeps_the_gift(scene: Scene, giver: World) -> None:
    friend = begin_world(scene)
    invitation, token = invite(scene, giver, "friend@example.test")
    never, _ = invite(scene, giver, "other@example.test")
    accept(scene, friend.subject, token)
    assert erase(scene, giver.subject)["files"] == 0
    assert scene.rows(OWNER, GIFT, invitation) == [(None, friend.subject, None, None)]
    assert scene.rows(OWNER, GIFT, never) == []
    assert gift_of(scene, giver) == (friend.subject, None, giver.token)
    mine = "select storage_path from public.oracle_artifacts where id = %s"
    assert scene.rows(person(friend.subject), mine, giver.ids["gift"]) == [(giver.token,)]


def test_the_recipient_goes_and_the_giver_keeps_the_record(scene: Scene, giver: World) -> None:
    friend = begin_world(scene)
    invitation, token = invite(scene, giver, "friend@example.test")
    accept(scene, friend.subject, token)
    assert erase(scene, friend.subject)["files"] == 0
    assert scene.rows(OWNER, GIFT, invitation) == [(giver.subject, None, None, None)]
    assert gift_of(scene, giver)[0] == giver.subject
    assert scene.truth("select accepted_at is not null from public.gift_recipients where id = %s", invitation)


@pytest.mark.parametrize("first", ["giver", "recipient"])
def test_when_both_are_gone_nothing_is_left(scene: Scene, giver: World, first: str) -> None:
    friend = begin_world(scene)
    invitation, token = invite(scene, giver, "friend@example.test")
    accept(scene, friend.subject, token)
    both = [giver.subject, friend.subject]
    files = sum(erase(scene, one)["files"] for one in (both if first == "giver" else both[::-1]))
    assert scene.rows(OWNER, GIFT, invitation) == []
    assert gift_of(scene, giver) == ()
    assert files == 1


def test_of_two_recipients_each_keeps_it_until_the_last_goes(scene: Scene, giver: World) -> None:
    friends = [begin_world(scene) for _ in range(2)]
    for friend in friends:
        accept(scene, friend.subject, invite(scene, giver, f"{friend.token}@example.test")[1])
    assert erase(scene, giver.subject)["files"] == 0
    owner = gift_of(scene, giver)[0]
    other = next(friend.subject for friend in friends if friend.subject != owner)
    assert erase(scene, owner)["files"] == 0
    assert gift_of(scene, giver)[0] == other
    assert erase(scene, other)["files"] == 1
    assert gift_of(scene, giver) == ()


def test_a_recipient_who_is_about_to_go_is_given_nothing(scene: Scene, giver: World) -> None:
    friend = begin_world(scene)
    accept(scene, friend.subject, invite(scene, giver, "friend@example.test")[1])
    request = ask_for_erasure(scene, friend.subject)
    scene.connection.execute("select wall.begin_erasure(%s, %s)", [request, friend.subject])
    assert erase(scene, giver.subject)["files"] == 1
    assert gift_of(scene, giver) == ()


@pytest.mark.parametrize("consent", ["stands", "was withdrawn"])
def test_the_giver_may_go_whatever_they_allowed(scene: Scene, giver: World, consent: str) -> None:
    friend = begin_world(scene)
    accept(scene, friend.subject, invite(scene, giver, "friend@example.test")[1])
    if consent == "was withdrawn":
        give(scene, giver.subject, "gift_recipient", giver.ids["gift"], action="withdrawn")
    erase(scene, friend.subject)
    erase(scene, giver.subject)


@pytest.mark.parametrize("spelling", [str, str.upper, str.title], ids=["as it is", "upper", "title"])
def test_an_address_in_invitations_of_others_goes(scene: Scene, giver: World, spelling: Any) -> None:
    friend, stranger = begin_world(scene), begin_world(scene)
    address = scene.truth("select email from auth.users where id = %s", friend.subject)
    still_open, _ = invite(scene, giver, spelling(address))
    taken, token = invite(scene, giver, spelling(address))
    other, _ = invite(scene, giver, f"not-{address}")
    accept(scene, stranger.subject, token)
    erase(scene, friend.subject)
    assert scene.rows(OWNER, GIFT, still_open) == [(giver.subject, None, None, None)]
    assert scene.rows(OWNER, GIFT, taken) == [(giver.subject, stranger.subject, None, None)]
    assert scene.rows(OWNER, GIFT, other) == [(giver.subject, None, f"not-{address}", "A friend")]
    withdrawn = "select withdrawn_at is not null from public.gift_recipients where id = %s"
    assert [scene.truth(withdrawn, id) for id in (still_open, taken, other)] == [True, False, False]


@pytest.mark.parametrize("gone", ["buyer_subject_id", "recipient_subject_id"])
def test_a_purchase_keeps_the_other_one(scene: Scene, gone: str) -> None:
    buyer, recipient = begin_world(scene), begin_world(scene)
    scene.count(SERVICE, "update public.purchases set recipient_subject_id = %s where id = %s",
                recipient.subject, buyer.ids["purchase"])  # fmt: skip
    people = {"buyer_subject_id": buyer.subject, "recipient_subject_id": recipient.subject}
    erase(scene, people[gone])
    kept = f"select {', '.join(people)} from public.purchases where id = %s"
    expected = tuple(None if name == gone else subject for name, subject in people.items())
    assert scene.rows(OWNER, kept, buyer.ids["purchase"]) == [expected]
