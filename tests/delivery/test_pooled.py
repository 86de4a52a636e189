"""The delivery lane through PgBouncer in transaction mode: one of two workers is killed, and nothing shows it."""

from collections import Counter
from collections.abc import Iterator

import pytest

from lab.services.mailbox import faults
from tests.connections import network
from tests.connections.network import Missing, make_url
from tests.delivery.conftest import Start
from tests.delivery.people import HERE, Shop
from tests.waits import wait_until

JOBS = 40
QUEUE = "select public.enqueue_delivery_job('email', %s, %s, null, null, g) from generate_series(1, %s) g"
LATE = """
update public.delivery_jobs set lease_until = now() - interval '1 second' where status = 'running' and worker like %s
"""
HELD = "select count(*) from public.delivery_jobs where status = 'running' and worker like %s"
OPEN = "select count(*) from public.delivery_jobs where queued"
SENDING = """
select count(*) from public.delivery_effects e join public.delivery_jobs j on j.id = e.job_id
 where e.state = 'intent' and j.worker like %s
"""
ENDS = """
select j.idempotency_key, j.status, j.attempts, j.finished_at is not null, e.state
  from public.delivery_jobs j left join public.delivery_effects e on e.job_id = j.id and e.state <> 'refused'
"""


@pytest.fixture
def pooled(shop: Shop) -> Iterator[str]:
    """The URL of a worker's login through a pooler in transaction mode."""
    try:
        with network.pool(shop.database.server.socket_folder, default_pool_size="4") as port:
            yield make_url(port, shop.database.name, "authenticator")
    except Missing as reason:
        pytest.skip(str(reason))


def test_a_killed_worker_loses_nothing_and_sends_nothing_twice(shop: Shop, start: Start, pooled: str) -> None:
    shop.read(QUEUE, shop.world.subject, shop.world.ids["pdf"], JOBS)
    shop.mailbox.order(*[faults.wait(0.05)] * JOBS)  # so that the worker is killed while it sends
    killed, _ = (start("--environment", HERE, DATABASE_URL=pooled) for _ in range(2))
    name = f"%:{killed.pid}"
    wait_until(lambda: shop.read(SENDING, name) > [(0,)] and shop.mailbox.messages())
    killed.kill()
    killed.communicate()
    assert shop.read(HELD, name) > [(0,)]
    shop.change(LATE, name)
    shop.read("select public.reap_delivery_leases()")

    def settled() -> bool:
        shop.be_due()
        return shop.read(OPEN) == [(0,)]

    wait_until(settled)
    sent = Counter(letter.header("Message-ID") for letter in shop.mailbox.messages())
    assert max(sent.values()) == 1
    ends = shop.read(ENDS)
    assert len(ends) == JOBS
    states = Counter((state, effect) for _, state, _, _, effect in ends)
    assert set(states) <= {("done", "sent"), ("dead", "uncertain")}, states
    unknown = states["dead", "uncertain"]
    assert unknown <= 1  # the message that was under way when the worker was killed
    assert states["done", "sent"] <= len(sent) <= states["done", "sent"] + unknown
    recovered = shop.read(
        "select count(*) from public.delivery_attempts where outcome in ('lease_expired', 'uncertain')"
    )
    assert recovered > [(0,)]
    assert all(attempts >= 1 and finished for _, _, attempts, finished, _ in ends)
