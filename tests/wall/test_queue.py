"""The queue: each delivery once, each job with one worker, and none that lost it changes anything."""

import uuid

import pytest

from lab.rules import RULES
from lab.rules.model import Job
from lab.sql.functions import FUNCTION_FOLDER
from tests.wall.actors import OWNER, SERVICE
from tests.wall.jobs import DUE, LATE, attempts, begin_job, claim
from tests.wall.scenes import Scene
from tests.wall.seeds import World, enqueue, give, withdraw


@pytest.mark.parametrize("job", RULES.jobs, ids=lambda job: job.id)
def test_a_job_has_its_legs_once(scene: Scene, world: World, job: Job) -> None:
    give(scene, world.subject, "gift_recipient", world.ids["gift"])
    give(scene, world.subject, "echo_followup")
    world.ids["echo"] = scene.value(
        SERVICE,
        "insert into public.echo_entries (subject_id, scroll_id, due_at) values (%s, %s, now()) returning id",
        *(world.subject, world.ids["scroll"]),
    )
    numbers = enqueue(scene, world, job.id)
    assert enqueue(scene, world, job.id) == numbers
    listed = "select leg, status, max_attempts, support_path, attempts from public.delivery_jobs where id = any(%s)"
    rows = scene.rows(SERVICE, f"{listed} order by id", numbers)
    assert rows == [(leg, "pending", job.max_attempts, job.support_path, 0) for leg in job.legs]


def test_support_sends_again_under_a_new_number(scene: Scene, world: World) -> None:
    first = enqueue(scene, world, "email")
    again = enqueue(scene, world, "email", artifact_id=world.ids["pdf"], generation=1)
    assert again != first
    assert enqueue(scene, world, "email", artifact_id=world.ids["pdf"], generation=1) == again


def test_enqueueing_again_says_what_became_of_the_job(scene: Scene, world: World) -> None:
    call = "select job_id, leg, status, made from public.enqueue_delivery_job('email', %s, %s)"
    asked = (call, world.subject, world.ids["pdf"])
    ((job, leg, status, made),) = scene.rows(SERVICE, *asked)
    assert (leg, status, made) == ("email", "pending", True)
    withdraw(scene, world.subject, "email_delivery")
    give(scene, world.subject, "email_delivery")
    assert scene.rows(SERVICE, *asked) == [(job, "email", "cancelled", False)]


def test_a_key_holds_no_id_of_the_person_or_of_the_delivery(scene: Scene, world: World) -> None:
    job = enqueue(scene, world, "email")[0]
    key = scene.value(SERVICE, "select idempotency_key from public.delivery_jobs where id = %s", job)
    assert [len(part) for part in key.split(":")] == [5, 5, 32, 1]
    assert world.subject.hex not in key.replace("-", "")
    assert str(world.ids["pdf"]).replace("-", "") not in key


BAD_JOBS: dict[str, tuple[str, dict[str, str | None], str]] = {
    "unknown channel": ("pigeon", {"artifact_id": "pdf"}, "22023"),
    "nothing to deliver": ("pdf", {"generation": None}, "22023"),
    "unknown artifact": ("pdf", {"artifact_id": "unknown"}, "42501"),
}


@pytest.mark.parametrize("what", BAD_JOBS)
def test_a_job_that_delivers_nothing_is_refused(scene: Scene, world: World, what: str) -> None:
    channel, target, state = BAD_JOBS[what]
    values = [world.ids.get(key, uuid.uuid4()) if key else 0 for key in target.values()]
    named = "".join(f", {name} => %s" for name in target)
    call = f"select public.enqueue_delivery_job(%s, %s{named})"
    assert scene.refusal(SERVICE, call, channel, world.subject, *values) == state


def test_a_job_is_not_written_past_the_queues_functions(scene: Scene, world: World) -> None:
    job = enqueue(scene, world, "email")[0]
    assert scene.refusal(SERVICE, "update public.delivery_jobs set status = 'done' where id = %s", job) == "42501"
    assert scene.refusal(SERVICE, "delete from public.delivery_jobs where id = %s", job) == "42501"
    assert scene.refusal(OWNER, "update public.delivery_jobs set channel = 'pdf' where id = %s", job) == "42501"
    assert scene.refusal(OWNER, "update public.delivery_jobs set worker = 'x', lease_until = now(),"
                         " lease_token = gen_random_uuid() where id = %s", job) == "23514"  # fmt: skip


def test_a_claim_is_counted_leased_and_named(scene: Scene, world: World) -> None:
    job, token = begin_job(scene, world)
    row = scene.rows(
        SERVICE,
        "select status, attempts, worker, lease_until - now() from public.delivery_jobs where id = %s",
        job,
    )[0]
    assert row[:3] == ("running", 1, "worker-1")
    assert row[3].total_seconds() == 30
    assert job not in [number for number, _ in claim(scene, 1000)]
    assert token


def test_claims_go_by_priority_and_date_and_channel(scene: Scene, world: World) -> None:
    scene.connection.execute("update public.delivery_jobs set status = 'parked' where status = 'pending'")
    pdf, mail = enqueue(scene, world, "pdf")[0], enqueue(scene, world, "email")[0]
    receipt, _ = enqueue(scene, world, "receipt")
    late = enqueue(scene, world, "recovery", purchase_id=world.ids["purchase"], run_at="2999-01-01")
    scene.connection.execute("update public.delivery_jobs set priority = 1 where id = %s", [mail])
    scene.connection.execute(DUE, [receipt])
    call = "select job_id from public.claim_delivery_jobs('w', 1, 30, %s)"
    order = [scene.value(SERVICE, call, None) for _ in range(2)]
    assert order == [mail, receipt]
    assert scene.rows(SERVICE, call, ["gift"]) == []
    assert scene.rows(SERVICE, call, ["pdf", "gift"]) == [(pdf,)]
    rest = {number for number, _ in claim(scene, 100)}
    assert not rest & set(late)


@pytest.mark.parametrize("most", [0, -1, 1001, None])
def test_a_claim_has_limits(scene: Scene, most: int | None) -> None:
    assert scene.refusal(SERVICE, "select public.claim_delivery_jobs('w', %s)", most) == "22023"
    assert scene.refusal(SERVICE, "select public.claim_delivery_jobs('w', 1, %s)", 0) == "22023"


def test_a_job_is_done_once(scene: Scene, world: World) -> None:
    job, token = begin_job(scene, world)
    done = "select public.complete_delivery_job(%s, %s)"
    assert scene.value(SERVICE, done, job, token) is True
    assert scene.value(SERVICE, done, job, token) is False
    kept = "select status, finished_at is not null, lease_token from public.delivery_jobs where id = %s"
    assert scene.rows(SERVICE, kept, job) == [("done", True, None)]
    assert attempts(scene, job) == [(1, "done")]
    assert enqueue(scene, world, "email") == [job]


STALE = {
    "complete": ("select public.complete_delivery_job(%s, %s)", False),
    "fail": ("select public.fail_delivery_job(%s, %s, 'smtp.4_2_1')", "fenced"),
    "release": ("select public.release_delivery_job(%s, %s)", False),
    "may send": ("select public.may_send_delivery_job(%s, %s)", False),
}


@pytest.mark.parametrize("token", ["old", "null", "made up"])
@pytest.mark.parametrize("door", STALE)
def test_a_worker_that_lost_its_lease_changes_nothing(scene: Scene, world: World, door: str, token: str) -> None:
    call, answer = STALE[door]
    job, old = begin_job(scene, world)
    scene.connection.execute(LATE, [job])
    assert scene.value(SERVICE, "select public.reap_delivery_leases(1000)") >= 1
    scene.connection.execute(DUE, [job])
    taken = dict(claim(scene, 1000))
    before = scene.rows(OWNER, "select * from public.delivery_jobs where id = %s", job)
    stale = {"old": old, "null": None, "made up": uuid.uuid4()}[token]
    assert scene.value(SERVICE, call, job, stale) == answer
    assert scene.rows(SERVICE, "select public.extend_delivery_leases(%s)", stale) == []
    assert scene.rows(OWNER, "select * from public.delivery_jobs where id = %s", job) == before
    assert attempts(scene, job) == [(1, "lease_expired")]
    assert scene.value(SERVICE, call, job, taken[job]) != answer


def test_a_lease_is_extended(scene: Scene, world: World) -> None:
    job, token = begin_job(scene, world)
    assert scene.rows(SERVICE, "select public.extend_delivery_leases(%s, 300)", token) == [(job,)]
    assert (
        scene.value(SERVICE, "select lease_until - now() from public.delivery_jobs where id = %s", job).total_seconds()
        == 300
    )
    for seconds in (0, -5, 3601, None):
        assert scene.refusal(SERVICE, "select public.extend_delivery_leases(%s, %s)", token, seconds) == "22023"


def test_the_next_jobs_are_found_by_their_index(scene: Scene, world: World) -> None:
    """With many finished jobs and a few due ones, the claim reads the index of ready jobs alone."""
    with scene.past_every_trigger() as connection:
        connection.execute(
            "insert into public.delivery_jobs (idempotency_key, channel, leg, subject_id, purchase_id, status,"
            " support_path) select 'pdf:account:' || gen_random_uuid() || ':0', 'pdf', 'account', %s, %s,"
            " case when n %% 20 = 0 then 'pending' else 'done' end, '/operate' from generate_series(1, 2000) n",
            [world.subject, world.ids["purchase"]],
        )
    scene.connection.execute("analyze public.delivery_jobs")
    body = next(f for f in RULES.functions if f.id == "claim_delivery_jobs")
    query = _due_query(body.id)
    plan = "\n".join(line for (line,) in scene.connection.execute(f"explain (costs off) {query}").fetchall())
    assert "delivery_jobs_ready" in plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan


def _due_query(function: str) -> str:
    """Return the query inside the claim that finds what is due."""
    text = (FUNCTION_FOLDER / f"{function}.sql").read_text()
    query = text[text.index("select j.id") : text.index("for update skip locked")] + "for update skip locked"
    return query.replace("claim_delivery_jobs.channels", "null::text[]").replace("limit most", "limit 10")
