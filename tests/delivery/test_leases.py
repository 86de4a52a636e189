"""A lost lease ends its handler: it stops at its next step, nothing leaves any more, and it completes nothing."""

import dataclasses
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from lab.database.connect import connect
from lab.services.delivery.claims import ClaimedJob, claim_jobs, complete_jobs, continue_jobs, extend_leases
from lab.services.delivery.drain import CHANNELS
from lab.services.delivery.handle import handle_job
from lab.services.delivery.leases import LOST, Lease, Leases
from tests.delivery.people import Shop
from tests.wall.seeds import withdraw

LATE = "update public.delivery_jobs set lease_until = now() - interval '1 second' where status = 'running'"
JOB = "select status, worker, lease_token, attempts from public.delivery_jobs"


class Watched(Lease):
    """A lease that is really lost when a handler looks at it for the last time that it may.

    Args:
        looks: How often it is looked at before it is lost.
        lose: Loses it.
    """

    def __init__(self, looks: int, lose: Callable[[], None]) -> None:
        super().__init__(float("inf"))
        self.left, self._lose_really = looks, lose

    @property
    def held(self) -> bool:
        """Tell whether it is held, after it was lost at its time."""
        self.left -= 1
        if self.left == -1:
            self._lose_really()
        return super().held


def make_leases(shop: Shop) -> Leases:
    """Return what extends the leases of a worker."""
    return Leases(lambda: connect(shop.database.url), extend_leases, 30)


def give_to_another(shop: Shop) -> list[ClaimedJob]:
    """Let the lease end, the queue recover the job, and another worker claim it."""
    shop.change(LATE)
    assert shop.read("select public.reap_delivery_leases()") == [(1,)]
    shop.be_due()
    with shop.connect() as connection:
        return claim_jobs(connection, "tests:2", 10, 30, CHANNELS)


def handle_watched(shop: Shop, looks: int) -> tuple[str, Watched, list[ClaimedJob]]:
    """Handle the due job, whose lease is lost after some looks; return how it ended, and what the other worker has."""
    taken: list[ClaimedJob] = []
    with shop.connect() as connection:
        (job,) = shop.claim(connection)

        def lose() -> None:
            taken.extend(give_to_another(shop))
            leases.renew()

        lease = Watched(looks, lose)
        leases = make_leases(shop)
        leases.hold([watched := dataclasses.replace(job, lease=lease)])
        return handle_job(shop.site, connection, watched, print).state, lease, taken


def count_looks(shop: Shop, channel: str) -> int:
    """Return how often the handler of a channel looks at its lease when nothing goes wrong."""
    shop.queue(channel)
    state, lease, _ = handle_watched(shop, 1000)
    assert state == "done"
    return 1000 - lease.left


@pytest.mark.parametrize("channel", ["email", "pdf"])
def test_a_handler_stops_at_the_step_after_its_lease_was_lost(shop: Shop, channel: str) -> None:
    looks = count_looks(shop, channel)
    sent = len(shop.mailbox.messages())
    assert looks >= 3
    for place in range(looks):
        for file in shop.folder.rglob("*.pdf"):
            file.unlink()
        shop.read(
            "select public.enqueue_delivery_job(%s, %s, %s, null, null, %s)",
            *(channel, shop.world.subject, shop.world.ids["pdf"], place + 1),
        )
        _, _, taken = handle_watched(shop, place)
        assert len(shop.mailbox.messages()) == sent
        last = place == looks - 1
        assert bool(list(shop.folder.rglob("*.pdf"))) == (last and channel == "pdf")
        if last and channel == "email":  # the intent was recorded before, and is known not to have been carried out
            assert (taken, shop.read(f"{JOB} order by id desc limit 1")[0][0]) == ([], "dead")
            assert shop.read("select state from public.delivery_effects order by id desc limit 1") == [("refused",)]
        else:
            ((number, token),) = [(job.id, job.token) for job in taken]
            assert shop.read(f"{JOB} where id = %s", number) == [("running", "tests:2", token, 2)]
            with shop.connect() as connection:
                assert complete_jobs(connection, taken) == {number}


def test_a_lease_that_cannot_be_extended_ends_by_the_workers_own_clock(shop: Shop) -> None:
    now = [0.0]
    lease = Lease(30, clock=lambda: now[0])
    assert lease.held
    now[0] = 29.9
    assert lease.held
    lease.extend(40)
    now[0] = 39.9
    assert lease.held
    now[0] = 40
    assert not lease.held
    lease.extend(50)
    assert lease.held
    lease.lose()
    lease.extend(60)
    assert not lease.held


def test_a_withdrawn_consent_ends_the_lease_and_the_job_is_taken_out_at_once(shop: Shop) -> None:
    shop.queue("email")
    with shop.connect() as connection:
        (job,) = shop.claim(connection)
        leases = make_leases(shop)
        leases.hold([job])
        with shop.committing() as scene:
            withdraw(scene, shop.world.subject, "email_delivery")
        leases.renew()
        assert not job.lease.held
        done = handle_job(shop.site, connection, job, print)
    assert (done.state, done.code) == ("cancelled", LOST)
    assert shop.mailbox.messages() == ()


def test_a_database_that_does_not_answer_loses_no_lease_before_its_time(shop: Shop) -> None:
    def refuse() -> Any:
        raise psycopg.OperationalError("gone")

    shop.queue("email")
    with shop.connect() as connection:
        (job,) = shop.claim(connection)
        leases = Leases(refuse, extend_leases, 30)
        leases.hold([job])
        leases.renew()
        assert job.lease.held
        assert handle_job(shop.site, connection, job, print).state == "done"


def test_jobs_are_completed_with_the_next_claim_unless_they_were_lost(shop: Shop) -> None:
    shop.queue("receipt")
    shop.read(
        "select public.enqueue_delivery_job('pdf', %s, %s, null, null, g) from generate_series(1, 3) g",
        *(shop.world.subject, shop.world.ids["pdf"]),
    )
    with shop.connect() as connection:
        first = claim_jobs(connection, "tests:1", 2, 30, ["pdf"])
        shop.change("update public.delivery_jobs set lease_token = gen_random_uuid() where id = %s", first[0].id)
        completed, second = continue_jobs(connection, first, "tests:1", 2, 30, ["pdf"])
        assert completed == {first[1].id}
        assert len(second) == 1
        second[0].lease.lose()
        assert complete_jobs(connection, second) == set()
    assert [state for channel, _, state in shop.states() if channel == "pdf"] == ["running", "done", "running"]
