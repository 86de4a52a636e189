"""Claims in a full queue: few pages are read, whatever else is queued, on every major version."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.services.delivery.claims import GATE
from tests.wall.actors import SERVICE
from tests.wall.crowds import ask, prepare
from tests.wall.scenes import Scene, open_scene
from tests.wall.seeds import World, begin_world

MANY = 4000
FILL = """
insert into public.delivery_jobs
       (idempotency_key, channel, leg, subject_id, purchase_id, status, support_path, next_run_at)
select 'pdf:account:' || gen_random_uuid() || ':0', 'pdf', 'account', %s, %s, %s, '/operate/queue?channel=pdf',
       now() + %s * interval '1 h'
  from generate_series(1, %s) n
"""
EXPLAIN = "explain (analyze, buffers, format json) "
CONTINUE = (
    "select job_id, lease_token from public.continue_delivery_jobs(%s::bigint[], %s::uuid, 'w', 100)"
    " where not completed"
)
REACHED = "select max(id) from public.delivery_jobs where status <> 'pending'"
FEW = 20  # pages; seven are read, and a few more in a table that was often filled. One that reads past others: 26


@pytest.fixture
def full(each_server: EmbeddedPostgres, database: Callable[..., Database]) -> Iterator[Scene]:
    """A scene in its own database, on each major: rows that are rolled back would count as dead in a shared one."""
    url = database(each_server).admin_url
    with psycopg.connect(url, prepare_threshold=None) as session, open_scene(session) as opened:
        yield opened


def fill(scene: Scene, world: World, status: str, hours: int, count: int = MANY) -> None:
    """Add jobs that are finished, due or of the future."""
    with scene.past_every_trigger() as connection:
        connection.execute(FILL, [world.subject, world.ids["purchase"], status, hours, count])
    scene.connection.execute("analyze public.delivery_jobs")


def count_pages(scene: Scene, statement: str, *values: object) -> int:
    """Return the pages that a statement reads; without those of its first runs, which read the catalogue."""
    with scene.acting(SERVICE) as connection:
        return min(_pages(connection, statement, *values) for _ in range(7))


def _pages(connection: psycopg.Connection[Any], statement: str, *values: Any) -> int:
    asked = values[0] if values and isinstance(values[0], dict) else values
    row = connection.execute(EXPLAIN.encode() + statement.encode(), asked, prepare=False).fetchone()
    assert row is not None
    return int(row[0][0]["Plan"]["Shared Hit Blocks"] + row[0][0]["Plan"]["Shared Read Blocks"])


CLAIMS = {
    "all channels": "select from public.claim_delivery_jobs('w', 10)",
    "some channels": "select from public.claim_delivery_jobs('w', 10, 30, '{gift,echo}')",
}


@pytest.mark.parametrize("what", CLAIMS)
def test_jobs_of_the_future_and_finished_ones_are_not_read(full: Scene, what: str) -> None:
    world = begin_world(full)
    full.connection.execute("update public.delivery_jobs set status = 'parked' where status = 'pending'")
    fill(full, world, "done", -1)
    fill(full, world, "pending", 24)
    assert count_pages(full, CLAIMS[what]) <= FEW


def test_jobs_of_other_channels_are_not_read(full: Scene) -> None:
    fill(full, begin_world(full), "pending", -1)
    assert count_pages(full, CLAIMS["some channels"]) <= FEW


def test_an_old_transaction_does_not_slow_the_reads_behind_a_job(own: Database) -> None:
    """Entries of claimed jobs stay in the index while the transaction is open; a read behind them meets none."""
    world = prepare(own)
    made = "select job_id from generate_series(1, 1200) n, public.enqueue_delivery_job('pdf', %s, %s, null, null, n)"
    ask(own, made, world.subject, world.ids["pdf"])
    with psycopg.connect(own.admin_url) as other, psycopg.connect(own.admin_url, autocommit=True) as worker:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute("select pg_current_xact_id()")
        done: list[int] = []
        token: uuid.UUID | None = None
        for _ in range(10):
            rows = worker.execute(CONTINUE, [done, token]).fetchall()
            done, token = [job for job, _ in rows], rows[0][1]
        claim = "select from public.claim_delivery_jobs('w', 1, 30, null, %s)"
        behind = min(_pages(worker, claim, _reached(worker)) for _ in range(7))
        front = min(_pages(worker, claim, None) for _ in range(7))
        asked = {"channels": ["pdf"], "environment": "tests"}
        due_behind = min(_pages(worker, GATE, asked | {"after": _reached(worker)}) for _ in range(7))
        due = min(_pages(worker, GATE, asked | {"after": None}) for _ in range(7))
    assert behind <= FEW + 10 < front
    assert due_behind <= FEW + 10 < due


def _reached(worker: psycopg.Connection[Any]) -> int:
    row = worker.execute(REACHED).fetchone()
    assert row
    return int(row[0])
