"""What waits for an operator: each kind is shown with its next step, and each act is carried out once and audited."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from lab.rules.deliveries import (
    DELIVERY_ACTS,
    DELIVERY_WAITING,
    arrived,
    cancel,
    open_here,
    park,
    release,
    resume,
    retry,
    send_again,
    stop,
)
from lab.rules.model import OperatorAct
from lab.services.delivery.metrics import write_metrics
from lab.services.delivery.operate import ConsentMissing, UnknownDelivery
from lab.services.delivery.overview import PARTS, Deliveries, WaitingDelivery, read_deliveries
from lab.services.delivery.summary import answer
from lab.text.product_files import SQL
from tests.delivery.people import ADDRESS, HERE, SENDER, Shop
from tests.delivery.waiting import MAKERS, act, copy, forget, kill, lose_answer, park_one
from tests.wall.seeds import withdraw

KINDS = [kind.id for kind in DELIVERY_WAITING]
OPENED = "select actor_kind, action, details ->> 'reason' from public.admin_audit_events order by id"


def read(shop: Shop) -> Deliveries:
    """Read what operators see."""
    return read_deliveries(shop.database.url)


def waiting(shop: Shop) -> dict[str, WaitingDelivery]:
    """Return what waits by its kind."""
    return {item.waiting.id: item for item in read(shop).waiting}


def state(shop: Shop, job: str) -> str:
    """Return the state of a job."""
    return str(shop.read("select status from public.delivery_jobs where id = %s", job)[0][0])


def audits(shop: Shop) -> list[tuple[str, ...]]:
    """Return who did what, and why, without the making of the shop."""
    return [line for line in shop.read(OPENED) if line[0] == "operator"]


def test_everything_that_waits_has_a_case() -> None:
    assert set(MAKERS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_it_waits_with_what_an_operator_needs(shop: Shop, kind: str) -> None:
    found = read(shop)
    assert (found.waiting, found.unread, answer(found)) == ((), {}, ("Yes, everything that is due is delivered", True))
    id = MAKERS[kind](shop)
    item = waiting(shop)[kind]
    assert (item.id, read(shop).totals) == (id, {kind: 1})
    assert item.waiting.acts or item.waiting.command


NEAR: dict[str, Callable[[Shop], object]] = {
    "a job that was just queued": lambda shop: shop.queue("pdf"),
    "a job that was delivered": lambda shop: (shop.queue("email"), shop.run()),
}


@pytest.mark.parametrize("name", NEAR)
def test_what_comes_near_does_not_wait(shop: Shop, name: str) -> None:
    NEAR[name](shop)
    assert (read(shop).waiting, answer(read(shop))[1]) == ((), True)


@pytest.mark.parametrize("channel", ["pdf", "all"])
def test_a_stopped_channel_has_no_overdue_job(shop: Shop, channel: str) -> None:
    forget(shop)
    act(shop, stop, channel)
    found = read(shop)
    assert set(found.totals) == {"channel_stopped"}
    assert answer(found) == ("Stopped: 1 due, and held until deliveries are resumed", False)


def test_queue_and_attempts_are_counted(shop: Shop) -> None:
    kill(shop)
    park_one(shop)
    shop.queue("recovery")
    found = read(shop)
    counted = {(row["channel"], row["status"]): row["jobs"] for row in found.queue}
    assert counted == {
        ("email", "dead"): 1,
        ("pdf", "parked"): 1,
        ("recovery", "pending"): 2,
    }
    assert (found.count_outcomes(), found.count_errors()) == ({"permanent": 1}, {"smtp.5_1_1": 1})
    assert found.workers
    assert found.workers["last_attempt_at"]
    assert answer(found) == ("No: 1 waits for a person", False)


# Acts -------------------------------------------------------------------------------------------------


def test_a_dead_letter_is_retried_once_and_arrives(shop: Shop) -> None:
    job = kill(shop)
    assert [act(shop, retry, job, "cause_solved") for _ in range(2)] == [True, False]
    assert audits(shop) == [("operator", "job.retried", "cause_solved")]
    assert [done.state for done in shop.run()] == ["done"]
    assert (len(shop.mailbox.messages()), read(shop).waiting) == (1, ())


def test_a_job_is_parked_released_and_cancelled_once(shop: Shop) -> None:
    job = kill(shop)
    for one, status in ((park, "parked"), (release, "pending"), (cancel, "cancelled")):
        assert [act(shop, one, job) for _ in range(2)] == [True, False]
        assert state(shop, job) == status
    assert [line[1] for line in audits(shop)] == ["job.parked", "job.retried", "job.cancelled"]


@pytest.mark.parametrize(
    ("one", "status", "sent"), [(arrived, "done", 1), (send_again, "pending", 2)], ids=["arrived", "again"]
)
def test_a_message_without_an_answer_is_decided_once(shop: Shop, one: OperatorAct, status: str, sent: int) -> None:
    job = lose_answer(shop)
    assert [act(shop, other, job) for other in (retry, cancel)] == [False, False]
    assert [act(shop, one, job) for _ in range(2)] == [True, False]
    assert (state(shop, job), read(shop).waiting) == (status, ())
    shop.run()
    assert len(shop.mailbox.messages()) == sent


def test_ten_operators_at_once_retry_once(shop: Shop) -> None:
    job = kill(shop)
    with ThreadPoolExecutor(10) as pool:
        done = list(pool.map(lambda _: act(shop, retry, job), range(10)))
    assert (sorted(done), len(audits(shop))) == ([False] * 9 + [True], 1)


def test_channels_are_stopped_and_resumed_once(shop: Shop) -> None:
    done = [act(shop, one, "all") for one in (resume, stop, stop, resume, resume)]
    assert done == [False, True, False, True, False]
    assert [line[1] for line in audits(shop)] == ["deliveries.stopped", "deliveries.resumed"]


def test_a_copy_is_opened_once(shop: Shop) -> None:
    copy(shop)
    assert not read(shop).is_open
    assert [act(shop, open_here, HERE) for _ in range(2)] == [True, False]
    assert (read(shop).is_open, read(shop).waiting) == (True, ())


def test_a_job_whose_consent_is_missing_is_not_retried(shop: Shop) -> None:
    job = kill(shop)
    with shop.committing() as scene:
        withdraw(scene, shop.world.subject, "email_delivery")
    shop.change("update public.delivery_jobs set status = 'dead' where status <> 'dead'")
    with pytest.raises(ConsentMissing, match="is not given"):
        act(shop, retry, job)
    assert (state(shop, job), audits(shop)) == ("dead", [])


@pytest.mark.parametrize(
    ("one", "id", "reason"),
    [
        pytest.param(retry, "x", None, id="no number"),
        pytest.param(retry, "4711", None, id="no such job"),
        pytest.param(arrived, "4711", None, id="no such message"),
        pytest.param(retry, "1", "Because she said so", id="a sentence"),
        pytest.param(stop, "fax", None, id="no channel"),
        pytest.param(open_here, "Production!", None, id="no environment"),
    ],
)
def test_what_is_no_id_is_refused(shop: Shop, one: OperatorAct, id: str, reason: str | None) -> None:
    with pytest.raises(UnknownDelivery):
        act(shop, one, id, reason)
    assert audits(shop) == []


@pytest.mark.parametrize("one", DELIVERY_ACTS, ids=lambda one: one.id)
@pytest.mark.parametrize("role", ["anon", "authenticated", "ai_worker"])
def test_nobody_else_acts(shop: Shop, one: OperatorAct, role: str) -> None:
    assert one.function
    given = ["1", *([one.decision or "x"] if one.decision or one.reasons else [])]
    call = f"select {one.function.qualified}({', '.join(['%s'] * len(given))})"
    with shop.committing() as scene:
        scene.connection.execute("select set_config('role', %s, true)", [role])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            scene.connection.execute(call.encode(), given)
        scene.connection.rollback()


# What is seen -----------------------------------------------------------------------------------------


def test_nothing_personal_is_read(shop: Shop) -> None:
    """No person, address, key or token is anywhere in it, nor in the metrics."""
    for make in (kill, lose_answer, park_one, forget):
        make(shop)
    found = read(shop)
    told = repr(found) + write_metrics(found)
    private = [str(shop.world.subject), str(shop.world.ids["pdf"]), "@", ADDRESS, SENDER, "idempotency", "lease_token"]
    private += [str(key) for (key,) in shop.read("select idempotency_key from public.delivery_jobs")]
    assert [word for word in private if word in told] == []
    assert "smtp.5_1_1" in told


def test_reading_needs_no_more_than_an_operator_has(shop: Shop) -> None:
    shop.change("revoke all on all tables in schema operations from oracle_operator")
    found = read(shop)
    assert set(found.unread) == set(PARTS)
    assert answer(found) == ("Unknown: not everything could be read", False)


def test_metrics_hold_every_channel_and_no_id(shop: Shop) -> None:
    job = lose_answer(shop)
    forget(shop)
    told = write_metrics(read(shop))
    assert 'oracle_delivery_jobs{channel="email",state="dead"} 1.0' in told
    assert 'oracle_delivery_jobs{channel="gift",state="dead"} 0.0' in told
    assert 'oracle_delivery_recent_attempts{outcome="uncertain"} 1.0' in told
    assert "oracle_delivery_uncertain_sends 1.0" in told
    assert "oracle_delivery_environment_open 1.0" in told
    oldest = next(
        line for line in told.splitlines() if line.startswith('oracle_delivery_oldest_due_seconds{channel="pdf"')
    )
    assert float(oldest.split()[-1]) >= 1200
    assert f'"{job}"' not in told


MANY = """
alter table public.delivery_jobs disable trigger user;
alter table public.delivery_attempts disable trigger user;
insert into public.delivery_jobs (idempotency_key, channel, leg, subject_id, artifact_id, status, support_path,
                                  finished_at)
select 'pdf:account:0:' || number, j.channel, j.leg, j.subject_id, j.artifact_id, 'done', j.support_path, now()
  from public.delivery_jobs j, generate_series(1, 100000) number;
insert into public.delivery_attempts (job_id, attempt, outcome) select j.id, 1, 'transient' from public.delivery_jobs j;
analyze public.delivery_jobs;
analyze public.delivery_attempts
"""


def test_finished_jobs_are_not_read(shop: Shop) -> None:
    """Postgres plans to find everything by indexes, however many jobs are finished."""
    shop.queue("pdf")
    shop.change(MANY)
    told = {part: explain(shop, part) for part in PARTS}
    scans = {part: re.findall(r"Seq Scan on (delivery_(?:jobs|attempts|effects))", plan) for part, plan in told.items()}
    assert not any(scans.values()), scans


def explain(shop: Shop, part: str) -> str:
    """Return how Postgres reads a part for an operator."""
    query = (SQL / "deliveries" / f"{part}.sql").read_text()
    values = {"most": 200, "order": KINDS}
    with shop.committing() as scene:
        scene.connection.execute("set local role oracle_operator")
        return "\n".join(line for (line,) in scene.connection.execute(f"explain {query}".encode(), values).fetchall())
