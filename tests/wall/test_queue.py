"""The queue: each delivery once, each job with one worker, each failure seen, each consent asked again."""

import uuid

import psycopg
import pytest

from lab.rules import RULES
from lab.rules.model import Job, Table
from lab.sql.functions import FUNCTION_FOLDER
from tests.wall.actors import OPERATOR, OWNER, SERVICE, Actor
from tests.wall.scenes import Scene
from tests.wall.seeds import World, begin_world, enqueue, give, withdraw

Claimed = tuple[int, uuid.UUID]
STATE = "select status from public.delivery_jobs where id = %s"
DUE = "update public.delivery_jobs set next_run_at = now() - interval '1 second' where id = %s"
LATE = "update public.delivery_jobs set lease_until = now() - interval '1 second' where id = %s"
FAIL = "select public.fail_delivery_job(%s, %s, 'smtp.4_2_1', %s, %s)"
RETRY = "select public.retry_delivery_job(%s, 'address_corrected')"
PARK = "select public.park_delivery_job(%s, 'under_review')"


@pytest.fixture
def world(scene: Scene) -> World:
    """A person who allows e-mail."""
    made = begin_world(scene)
    give(scene, made.subject, "email_delivery")
    return made


def claim(scene: Scene, most: int = 10, seconds: int = 30) -> list[Claimed]:
    """Claim what is due; returns numbers and tokens."""
    call = "select job_id, lease_token from public.claim_delivery_jobs('worker-1', %s, %s)"
    return scene.rows(SERVICE, call, most, seconds)  # type: ignore[return-value]


def begin_job(scene: Scene, world: World, channel: str = "email") -> Claimed:
    """Queue a job and claim it."""
    number = enqueue(scene, world, channel)[-1]
    scene.connection.execute("update public.delivery_jobs set priority = 0 where id = %s", [number])
    taken = claim(scene, 1)
    assert taken[0][0] == number
    return taken[0]


def attempts(scene: Scene, job: int) -> list[tuple[int, str]]:
    """Return the history of a job."""
    return scene.rows(
        SERVICE, "select attempt, outcome from public.delivery_attempts where job_id = %s order by id", job
    )  # type: ignore[return-value]


# Enqueue ----------------------------------------------------------------------------------------------


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


BAD_JOBS = {
    "unknown channel": ("pigeon", {"artifact_id": "pdf"}, "22023"),
    "nothing to deliver": ("pdf", {"generation": None}, "22023"),
    "unknown artifact": ("pdf", {"artifact_id": "unknown"}, "23503"),
}


@pytest.mark.parametrize("what", BAD_JOBS)
def test_a_job_that_delivers_nothing_is_refused(scene: Scene, world: World, what: str) -> None:
    channel, target, state = BAD_JOBS[what]
    values = [world.ids.get(str(key), uuid.uuid4()) if key else 0 for key in target.values()]
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


# Claim and leave ----------------------------------------------------------------------------------------


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


# Failures -------------------------------------------------------------------------------------------------


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


# Support ------------------------------------------------------------------------------------------------------


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
    assert scene.truth(named, str(job)) == str(operator.subject)


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


# The status machine ---------------------------------------------------------------------------------------------

STATUS = RULES.table("delivery_jobs").column("status")
PAIRS = [(origin, to) for origin in STATUS.allowed for to in STATUS.allowed if origin != to]


def move_to(state: str) -> str:
    """Return the statement that moves a job, with a lease when it is to run."""
    lease = "gen_random_uuid(), now()" if state == "running" else "null, null"
    return f"update public.delivery_jobs set (status, lease_token, lease_until) = (%s, {lease}) where id = %s"


def test_moves_are_those_of_the_rules(scene: Scene, world: World) -> None:
    """Also for the owner of the table: every other pair of states is refused."""
    give(scene, world.subject, "gift_recipient", world.ids["gift"])
    job = enqueue(scene, world, "email")[0]
    wrong = {}
    for origin, to in PAIRS:
        with scene.past_every_trigger() as connection:
            connection.execute(move_to(origin), [origin, job])
        refused = scene.refusal(OWNER, move_to(to), to, job)
        if refused != ("" if (origin, to) in STATUS.moves else "23514"):
            wrong[origin, to] = refused
    assert wrong == {}


BEGINNINGS = [table for table in RULES.tables if any(column.starts for column in table.columns)]


@pytest.mark.parametrize("table", BEGINNINGS, ids=lambda table: table.id)
def test_beginnings_are_those_of_the_rules(scene: Scene, table: Table) -> None:
    """A row cannot begin in a later state: the refusal comes before anything else is looked at."""
    (column,) = [column for column in table.columns if column.starts]
    for state in column.allowed:
        insert = f"insert into {table.qualified} ({column.name}) values (%s)"
        message = "" if state in column.starts else f"cannot go from the beginning to {state}"
        said = _complaint(scene, insert, state)
        assert message in said or "needs the consent" in said


def _complaint(scene: Scene, statement: str, value: str) -> str:
    with pytest.raises(psycopg.Error) as refusal, scene.connection.transaction():
        scene.count(OWNER, statement, value)
    return str(refusal.value)


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
