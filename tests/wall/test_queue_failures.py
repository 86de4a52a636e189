"""Failures in the queue: each is seen, tried again at a random time, and in the end a dead letter."""

import pytest

from tests.wall.actors import SERVICE
from tests.wall.jobs import DUE, FAIL, LATE, STATE, attempts, begin_job, claim
from tests.wall.scenes import Scene
from tests.wall.seeds import World


@pytest.mark.parametrize(("tries", "limit"), [(1, 20), (3, 80), (9, 5120)])
def test_a_transient_failure_is_tried_again(scene: Scene, world: World, tries: int, limit: int) -> None:
    job, token = begin_job(scene, world)
    scene.connection.execute("update public.delivery_jobs set attempts = %s where id = %s", [tries, job])
    assert scene.value(SERVICE, FAIL, job, token, False, None) == "pending"
    pause = scene.value(SERVICE, "select next_run_at - now() from public.delivery_jobs where id = %s", job)
    assert 0 <= pause.total_seconds() <= limit
    assert attempts(scene, job) == [(tries, "transient")]
    assert scene.value(SERVICE, "select error_class from public.delivery_jobs where id = %s", job) == "smtp.4_2_1"


def test_pauses_are_random(scene: Scene, world: World) -> None:
    job, token = begin_job(scene, world)
    pauses = set()
    for _ in range(3):
        scene.value(SERVICE, FAIL, job, token, False, None)
        pauses.add(scene.value(SERVICE, "select next_run_at - now() from public.delivery_jobs where id = %s", job))
        scene.connection.execute(DUE, [job])
        token = dict(claim(scene, 1000))[job]
    assert len(pauses) == 3


@pytest.mark.parametrize(("asked", "least"), [(3600, 3600), (10**9, 86400), (-5, 0)])
def test_the_providers_wish_is_honoured_within_a_day(scene: Scene, world: World, asked: int, least: int) -> None:
    job, token = begin_job(scene, world)
    assert scene.value(SERVICE, FAIL, job, token, False, asked) == "pending"
    pause = scene.value(SERVICE, "select next_run_at - now() from public.delivery_jobs where id = %s", job)
    assert least <= pause.total_seconds() <= max(least, 20)


@pytest.mark.parametrize("spent", [False, True], ids=["permanent", "attempts spent"])
def test_a_hopeless_job_becomes_a_dead_letter(scene: Scene, world: World, spent: bool) -> None:
    job, token = begin_job(scene, world)
    if spent:
        scene.connection.execute("update public.delivery_jobs set max_attempts = attempts where id = %s", [job])
    assert scene.value(SERVICE, FAIL, job, token, not spent, None) == "dead"
    assert scene.rows(
        SERVICE, "select status, finished_at is not null from public.delivery_jobs where id = %s", job
    ) == [("dead", True)]
    assert job not in dict(claim(scene, 1000))


@pytest.mark.parametrize("code", ["550 5.1.1 somebody@example.test unknown", "", "UPPER", None, "x" * 81])
def test_an_error_is_a_code(scene: Scene, world: World, code: str | None) -> None:
    job, token = begin_job(scene, world)
    assert scene.refusal(SERVICE, "select public.fail_delivery_job(%s, %s, %s)", job, token, code) == "22023"


def test_a_released_attempt_does_not_count(scene: Scene, world: World) -> None:
    job, token = begin_job(scene, world)
    assert scene.value(SERVICE, "select public.release_delivery_job(%s, %s)", job, token) is True
    kept = "select status, attempts, next_run_at <= now() from public.delivery_jobs where id = %s"
    assert scene.rows(SERVICE, kept, job) == [("pending", 0, True)]
    assert attempts(scene, job) == [(1, "released")]


def test_a_healthy_lease_is_not_reaped(scene: Scene, world: World) -> None:
    job, _ = begin_job(scene, world)
    scene.value(SERVICE, "select public.reap_delivery_leases(1000)")
    assert scene.value(SERVICE, STATE, job) == "running"


def test_a_job_that_kills_its_worker_ends_dead(scene: Scene, world: World) -> None:
    job, _ = begin_job(scene, world, "pdf")
    most = scene.value(SERVICE, "select max_attempts from public.delivery_jobs where id = %s", job)
    for attempt in range(1, most + 1):
        assert scene.value(SERVICE, STATE, job) == "running"
        scene.connection.execute(LATE, [job])
        scene.value(SERVICE, "select public.reap_delivery_leases(1000)")
        assert attempts(scene, job)[-1] == (attempt, "lease_expired")
        scene.connection.execute(DUE, [job])
        claim(scene, 1000)
    assert scene.value(SERVICE, STATE, job) == "dead"
