"""The queue: each delivery once, each job with one worker, and none that lost it changes anything."""

import uuid

import pytest

from lab.rules import RULES
from lab.rules.model import Job
from tests.wall.actors import OWNER, SERVICE
from tests.wall.jobs import DUE, LATE, STATE, attempts, begin_job, claim
from tests.wall.scenes import Scene
from tests.wall.seeds import World, enqueue, give, withdraw


@pytest.mark.parametrize("job", RULES.jobs, ids=lambda job: job.id)
def test_a_job_has_its_legs_once(scene: Scene, world: World, job: Job) -> None:
    give(scene, world.subject, "gift_recipient", world.ids["gift"])
    give(scene, world.subject, "public_share", world.ids["share_card"])
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


SPOKEN = "Will it rain in Paris?"
SMUGGLED = """
insert into public.delivery_jobs
       (idempotency_key, channel, leg, subject_id, artifact_id, support_path, status, lease_token, lease_until, worker)
values (%s, 'pdf', 'account', %s, %s, '/operate/queue?channel=pdf', %s, %s, %s, %s)
"""
STATES = {"pending": (None, None, None), "running": (uuid.uuid4(), "2999-01-01", "w"), "done": (None, None, None)}


@pytest.mark.parametrize("state", STATES)
def test_no_words_get_into_a_key_in_any_state(scene: Scene, world: World, state: str) -> None:
    """A claim does not read the key once more: a job never begins as running, and its key never changes."""
    row = (SPOKEN, world.subject, world.ids["pdf"], state, *STATES[state])
    assert scene.refusal(OWNER, SMUGGLED, *row) == "23514"
    job, _ = begin_job(scene, world)
    change = "update public.delivery_jobs set idempotency_key = %s where id = %s"
    assert scene.refusal(OWNER, change, SPOKEN, job) == "42501"


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


def test_extending_a_lease_writes_no_index(scene: Scene, world: World) -> None:
    """No index has the lease's end, so that a worker's heartbeat writes its rows and nothing else."""
    job, token = begin_job(scene, world)
    in_place = "select pg_stat_get_xact_tuples_hot_updated('public.delivery_jobs'::regclass)"
    before = scene.truth(in_place)
    scene.rows(SERVICE, "select public.extend_delivery_leases(%s, %s, 300)", [job], token)
    assert scene.truth(in_place) == before + 1


def test_jobs_are_done_together(scene: Scene, world: World) -> None:
    scene.connection.execute("update public.delivery_jobs set status = 'parked' where status = 'pending'")
    jobs = enqueue(scene, world, "receipt") + enqueue(scene, world, "pdf")
    token = claim(scene, 100)[0][1]
    done = "select public.complete_delivery_jobs(%s::bigint[], %s)"
    assert sorted(scene.rows(SERVICE, done, [*jobs, -1], token)) == [(job,) for job in jobs]
    assert scene.rows(SERVICE, done, jobs, token) == []
    states = "select distinct status, lease_token, finished_at is null from public.delivery_jobs where id = any(%s)"
    assert scene.rows(SERVICE, states, jobs) == [("done", None, False)]
    assert [attempts(scene, job) for job in jobs] == [[(1, "done")]] * 3
    assert scene.refusal(SERVICE, done, list(range(1001)), token) == "22023"


CONTINUE = "select completed, job_id, lease_token from public.continue_delivery_jobs(%s::bigint[], %s, 'w', %s)"


def test_one_call_ends_jobs_and_takes_the_next(scene: Scene, world: World) -> None:
    scene.connection.execute("update public.delivery_jobs set status = 'parked' where status = 'pending'")
    first, second, third = enqueue(scene, world, "receipt") + enqueue(scene, world, "pdf")
    taken = scene.rows(SERVICE, CONTINUE, [], None, 1)
    assert [row[:2] for row in taken] == [(False, first)]
    ended = scene.rows(SERVICE, CONTINUE, [first], taken[0][2], 2)
    assert [row[:2] for row in ended] == [(True, first), (False, second), (False, third)]
    assert len({row[2] for row in ended}) == 2
    fenced = scene.rows(SERVICE, CONTINUE, [second], taken[0][2], 1)
    assert fenced == []
    assert scene.value(SERVICE, STATE, second) == "running"


def test_a_claim_goes_on_behind_a_job(scene: Scene, world: World) -> None:
    """What comes before the job is found from the front alone; what is less urgent comes after it."""
    scene.connection.execute("update public.delivery_jobs set status = 'parked' where status = 'pending'")
    made = "select job_id from generate_series(1, 40) n, public.enqueue_delivery_job('pdf', %s, %s, null, null, n)"
    jobs = [job for (job,) in scene.rows(SERVICE, made, world.subject, world.ids["pdf"])]
    behind = "select job_id from public.claim_delivery_jobs('w', %s, 30, %s, %s)"
    middle, urgent, slow = jobs[10], jobs[20], jobs[2]
    scene.connection.execute("update public.delivery_jobs set priority = 1 where id = %s", [urgent])
    scene.connection.execute("update public.delivery_jobs set priority = 900 where id = %s", [slow])
    assert [job for (job,) in scene.rows(SERVICE, behind, 3, None, middle)] == jobs[11:14]
    assert [job for (job,) in scene.rows(SERVICE, behind, 3, ["pdf"], middle)] == jobs[14:17]
    rest = {job for (job,) in scene.rows(SERVICE, behind, 100, None, middle)}
    assert rest == {*jobs[17:], slow} - {urgent}
    assert scene.rows(SERVICE, behind, 1, None, middle) == []
    front = {job for (job,) in scene.rows(SERVICE, behind, 100, None, None)}
    assert front == {*jobs[:11], urgent} - {slow}


def test_a_claim_behind_a_job_that_is_gone_begins_at_the_front(scene: Scene, world: World) -> None:
    scene.connection.execute("update public.delivery_jobs set status = 'parked' where status = 'pending'")
    jobs = enqueue(scene, world, "pdf")
    behind = "select job_id from public.claim_delivery_jobs('w', 10, 30, null, %s)"
    assert scene.rows(SERVICE, behind, -1) == [(job,) for job in jobs]


def test_priorities_come_before_dates_in_one_claim(scene: Scene, world: World) -> None:
    scene.connection.execute("update public.delivery_jobs set status = 'parked' where status = 'pending'")
    pdf, mail = enqueue(scene, world, "pdf")[0], enqueue(scene, world, "email")[0]
    account, letter = enqueue(scene, world, "receipt")
    scene.connection.execute("update public.delivery_jobs set priority = 1 where id = %s", [letter])
    scene.connection.execute("update public.delivery_jobs set priority = 2 where id = %s", [mail])
    call = "select job_id from public.claim_delivery_jobs('w', 2, 30, %s)"
    assert scene.rows(SERVICE, call, ["receipt", "email", "pdf"]) == [(letter,), (mail,)]
    assert scene.rows(SERVICE, call, None) == [(pdf,), (account,)]


STALE = {
    "complete some": ("select array(select public.complete_delivery_jobs(array[%s::bigint], %s))", []),
    "continue": (
        "select exists (select from public.continue_delivery_jobs(array[%s::bigint], %s, 'w') c where c.completed)",
        False,
    ),
    "complete": ("select public.complete_delivery_job(%s, %s)", False),
    "fail": ("select public.fail_delivery_job(%s, %s, 'smtp.4_2_1')", "fenced"),
    "release": ("select public.release_delivery_job(%s, %s)", False),
    "may send": ("select public.delivery_address(%s, %s) is not null", False),
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
    assert scene.rows(SERVICE, "select public.extend_delivery_leases(%s, %s)", [job], stale) == []
    assert scene.rows(OWNER, "select * from public.delivery_jobs where id = %s", job) == before
    assert attempts(scene, job) == [(1, "lease_expired")]
    assert scene.value(SERVICE, call, job, taken[job]) != answer


def test_a_lease_is_extended(scene: Scene, world: World) -> None:
    job, token = begin_job(scene, world)
    assert scene.rows(SERVICE, "select public.extend_delivery_leases(%s, %s, 300)", [job], token) == [(job,)]
    assert (
        scene.value(SERVICE, "select lease_until - now() from public.delivery_jobs where id = %s", job).total_seconds()
        == 300
    )
    for seconds in (0, -5, 3601, None):
        assert (
            scene.refusal(SERVICE, "select public.extend_delivery_leases(%s, %s, %s)", [job], token, seconds) == "22023"
        )
    assert scene.refusal(SERVICE, "select public.extend_delivery_leases(%s, %s)", [job] * 1001, token) == "22023"
