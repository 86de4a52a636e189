"""Jobs of the queue, as a worker takes and leaves them."""

import uuid

from tests.wall.actors import SERVICE
from tests.wall.scenes import Scene
from tests.wall.seeds import World, enqueue

Claimed = tuple[int, uuid.UUID]
STATE = "select status from public.delivery_jobs where id = %s"
DUE = "update public.delivery_jobs set next_run_at = now() - interval '1 second' where id = %s"
LATE = "update public.delivery_jobs set lease_until = now() - interval '1 second' where id = %s"
HISTORY = """
select attempt, outcome from operations.newest_delivery_attempts where job_id = %s order by created_at, id nulls last
"""
FAIL = "select public.fail_delivery_job(%s, %s, 'smtp.4_2_1', %s, %s)"


def claim(scene: Scene, most: int = 10, seconds: int = 30) -> list[Claimed]:
    """Claim what is due; returns numbers and tokens."""
    call = "select job_id, lease_token from public.claim_delivery_jobs('worker-1', %s, %s)"
    return scene.rows(SERVICE, call, most, seconds)


def begin_job(scene: Scene, world: World, channel: str = "email") -> Claimed:
    """Queue a job and claim it."""
    number = enqueue(scene, world, channel)[-1]
    scene.connection.execute("update public.delivery_jobs set priority = 0 where id = %s", [number])
    taken = claim(scene, 1)
    assert taken[0][0] == number
    return taken[0]


def attempts(scene: Scene, job: int) -> list[tuple[int, str]]:
    """Return the history of a job, as operators see it."""
    return scene.connection.execute(HISTORY, [job]).fetchall()
