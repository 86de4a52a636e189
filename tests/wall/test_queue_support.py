"""Support retries and parks jobs: on the record, for a reason, and under the consents that stand now."""

import pytest

from tests.wall.actors import OPERATOR, OWNER, SERVICE, Actor
from tests.wall.jobs import FAIL, STATE, begin_job, claim
from tests.wall.scenes import Scene
from tests.wall.seeds import World, enqueue, give, withdraw

RETRY = "select public.retry_delivery_job(%s, 'address_corrected')"
PARK = "select public.park_delivery_job(%s, 'under_review')"


def kill(scene: Scene, world: World, channel: str = "email") -> int:
    """Queue a job and let it die."""
    job, token = begin_job(scene, world, channel)
    assert scene.value(SERVICE, FAIL, job, token, True, None) == "dead"
    return job


@pytest.mark.parametrize("actor", [SERVICE, OPERATOR, OWNER], ids=lambda actor: actor.id)
def test_support_retries_a_dead_job(scene: Scene, world: World, actor: Actor) -> None:
    job = kill(scene, world)
    assert scene.value(actor, RETRY, job) == "pending"
    assert scene.rows(SERVICE, "select status, attempts, finished_at from public.delivery_jobs where id = %s", job) == [
        ("pending", 0, None)
    ]
    assert last_line(scene, job) == (
        "operator" if actor is OPERATOR else "server",
        "job.retried",
        {"from": "dead", "reason": "address_corrected"},
    )


def last_line(scene: Scene, job: int) -> tuple[object, ...]:
    """Return what the audit trail says of a job."""
    return scene.rows(
        OWNER,
        "select actor_kind, action, details from public.admin_audit_events"
        " where object_table = 'delivery_jobs' and object_id = %s order by id desc limit 1",
        str(job),
    )[0]


def test_the_trail_names_the_operator(scene: Scene, world: World) -> None:
    operator = Actor("operator", "oracle_operator", scene.make_person())
    job = kill(scene, world)
    scene.value(operator, RETRY, job)
    named = "select actor_id from public.admin_audit_events where object_table = 'delivery_jobs' and object_id = %s"
    code = scene.truth("select id::text from public.audit_codes where subject_id = %s", operator.subject)
    assert scene.truth(named, str(job)) == code != str(operator.subject)


@pytest.mark.parametrize("actor", [SERVICE, OPERATOR], ids=lambda actor: actor.id)
def test_a_retry_asks_for_the_consents_again(scene: Scene, world: World, actor: Actor) -> None:
    job = kill(scene, world)
    withdraw(scene, world.subject, "email_delivery")
    assert scene.refusal(actor, RETRY, job) == "42501"
    assert scene.value(SERVICE, STATE, job) == "dead"
    give(scene, world.subject, "email_delivery")
    assert scene.refusal(actor, RETRY, job) == ""


@pytest.mark.parametrize("actor", [SERVICE, OPERATOR], ids=lambda actor: actor.id)
def test_support_parks_a_job(scene: Scene, world: World, actor: Actor) -> None:
    job = enqueue(scene, world, "email")[0]
    assert scene.value(actor, PARK, job) == "parked"
    assert job not in dict(claim(scene, 1000))
    assert last_line(scene, job)[1:] == ("job.parked", {"from": "pending", "reason": "under_review"})
    assert scene.refusal(actor, PARK, job) == "55000"
    assert scene.value(actor, RETRY, job) == "pending"


@pytest.mark.parametrize("actor", [SERVICE, OPERATOR], ids=lambda actor: actor.id)
def test_support_leaves_running_and_unknown_jobs_alone(scene: Scene, world: World, actor: Actor) -> None:
    job, _ = begin_job(scene, world)
    for call in (RETRY, PARK):
        assert scene.refusal(actor, call, job) == "55000"
        assert scene.refusal(actor, call, -1) == "55000"


def test_reasons_are_codes(scene: Scene, world: World) -> None:
    job = kill(scene, world)
    call = "select public.retry_delivery_job(%s, 'the customer said that her mother died')"
    assert scene.refusal(OPERATOR, call, job) == "23514"
    assert scene.value(SERVICE, STATE, job) == "dead"
