"""Measures what each promise of the delivery queue costs a job: the queue as it is, and without one promise at a time.

Each is drained by one worker in a database of its own, in a new order in each round, beside the bare table in pgbench
and the peers. A promise costs the difference to the whole queue.
"""

import json
import random
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.queue import BARE, BATCHES, SHARES, WALL, drain_once, prepare
from benchmarks.queue_peers import make_peers
from benchmarks.queue_tables import Pgbench, find_pgbench
from benchmarks.queue_wall import BEFORE, WallQueue
from benchmarks.timing import read_options
from lab.database.embedded.server import EmbeddedPostgres, start_embedded

WHOLE = "the wall's queue"
_DROP = """
do $drop$
declare
  one record;
begin
  for one in
    select k.conrelid::regclass as place, k.conname as name
      from pg_constraint k
     where k.contype = '{kind}' and 'public.delivery_jobs'::regclass in (k.conrelid, k.confrelid)
  loop
    execute format('alter table %s drop constraint %I', one.place, one.name);
  end loop;
end
$drop$;
"""
PROMISES = {
    "its state moves as the rules say": "drop trigger delivery_jobs_status_moves on public.delivery_jobs;",
    "it is queued only with its consents": "drop trigger jobs_need_consent on public.delivery_jobs;"
    " drop trigger jobs_follow_consent on public.delivery_jobs;",
    "what is done never changes": "drop trigger jobs_keep_when_done on public.delivery_jobs;",
    "every value has its form": _DROP.format(kind="c"),
    "it is for rows that exist": _DROP.format(kind="f"),
    "it is queued once": "drop index public.delivery_jobs_idempotency;",
    "it is found by person, artifact and purchase": "drop index public.delivery_jobs_subject,"
    " public.delivery_jobs_artifact, public.delivery_jobs_purchase, public.delivery_jobs_echo;",
    "a channel can be stopped alone": "drop index public.delivery_jobs_ready_by_channel;",
    "operators see what was done last": "drop index public.delivery_jobs_finished;",
}
VARIANTS = {
    WHOLE: "",
    **{f"without: {promise}": statement for promise, statement in PROMISES.items()},
    "without all of these": "".join(PROMISES.values()),
    "with a fillfactor of 85": "alter table public.delivery_jobs set (fillfactor = 85);",
}


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a job costs in one variant.

    Args:
        name: The variant, or the bound or peer beside it.
        batch: Jobs a claim.
        microseconds: The median, of a job.
        server: Microseconds of a job that its session computes, which other programs hardly change; the median. None
            for others than the queue's variants, and where the system does not tell.
        of_bound: Median of the ratios of its speed to the bare table in pgbench; none without pgbench.
        wal_bytes: Bytes of the write-ahead log a job; the median.
    """

    name: str
    batch: int
    microseconds: float
    server: float | None
    of_bound: float | None
    wal_bytes: float


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, rounds=5, jobs=10_000)
    with tempfile.TemporaryDirectory() as folder:
        costs = measure(Path(folder), rounds=options.rounds, jobs=options.jobs)
    print(json.dumps([asdict(cost) for cost in costs], indent=2) if options.json else write_text(costs))


def measure(folder: Path, *, rounds: int, jobs: int, batches: tuple[int, ...] = BATCHES) -> list[Cost]:
    """Measure on a server of its own in a folder."""
    server = start_embedded(folder / "postgres")
    try:
        prepare(server)
        with _opened(server) as (admin, bare, workers):
            peers = make_peers(server, BARE, bare)
            costs: list[Cost] = []
            for batch in batches:
                contenders: dict[str, Any] = {n: WallQueue(own, worker, batch) for n, (own, worker) in workers.items()}
                if program := find_pgbench():
                    bound = Pgbench(program, server, BARE, bare, batch, folder / "fused.sql")
                    contenders[bound.name] = bound
                contenders |= {peer.name: peer for peer in peers if peer.batch == batch}
                costs += _measure_batch(admin, contenders, batch, rounds, max(batch, jobs // SHARES[batch]))
            return costs
    finally:
        server.stop()


Workers = dict[str, tuple[psycopg.Connection[Any], psycopg.Connection[Any]]]


@contextmanager
def _opened(server: EmbeddedPostgres) -> Iterator[tuple[psycopg.Connection[Any], psycopg.Connection[Any], Workers]]:
    with ExitStack() as stack:

        def connect(url: str) -> psycopg.Connection[Any]:
            return stack.enter_context(psycopg.connect(url, autocommit=True, prepare_threshold=0))

        admin, workers = connect(server.admin_url()), {}
        for number, (name, statement) in enumerate(VARIANTS.items()):
            admin.execute(f"create database variant_{number} template {WALL}".encode())
            own, worker = connect(server.admin_url(f"variant_{number}")), connect(server.url(f"variant_{number}"))
            if statement:
                own.execute(statement.encode(), prepare=False)
            worker.execute(BEFORE)
            workers[name] = (own, worker)
        yield admin, connect(server.admin_url(BARE)), workers


def _measure_batch(
    admin: psycopg.Connection[Any], contenders: dict[str, Any], batch: int, rounds: int, count: int
) -> Iterator[Cost]:
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    wal: dict[str, list[float]] = {name: [] for name in contenders}
    server: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name in random.sample(sorted(contenders), len(contenders)):
            contenders[name].fill(count)
            before = _read_computed(contenders[name])
            taken, written = drain_once(contenders[name], count, admin)
            if before is not None and (after := _read_computed(contenders[name])):
                server[name].append((after - before) / count)
            seconds[name].append(taken / count)
            wal[name].append(written / count)
    floor = next((seconds[name] for name in contenders if isinstance(contenders[name], Pgbench)), None)
    for name, taken_each in seconds.items():
        yield Cost(
            name=name,
            batch=batch,
            microseconds=statistics.median(taken_each) * 1e6,
            server=statistics.median(server[name]) if server[name] else None,
            of_bound=statistics.median(f / own for f, own in zip(floor, taken_each, strict=True)) if floor else None,
            wal_bytes=statistics.median(wal[name]),
        )


def _read_computed(contender: Any) -> float | None:
    """Return the microseconds that the session of a variant has computed so far."""
    told = Path(f"/proc/{contender.worker.info.backend_pid}/schedstat") if isinstance(contender, WallQueue) else None
    return int(told.read_text().split()[0]) / 1000 if told and told.exists() else None


def write_text(costs: list[Cost]) -> str:
    """Return the costs as tables for people, one for each size of a claim."""
    lines = []
    for batch in dict.fromkeys(cost.batch for cost in costs):
        title = f"Claims of {batch}, one worker"
        lines.append(f"{title:58} {'us/job':>8} {'server':>7} {'/pgbench':>8} {'WAL B/job':>9}")
        lines += [_write_line(cost) for cost in costs if cost.batch == batch]
        lines.append("")
    return "\n".join(lines)


def _write_line(cost: Cost) -> str:
    ratio = f"{'-':>8}" if cost.of_bound is None else f"{cost.of_bound:>8.2f}"
    server = f"{'-':>7}" if cost.server is None else f"{cost.server:>7.1f}"
    return f"{cost.name:58} {cost.microseconds:>8.1f} {server} {ratio} {cost.wal_bytes:>9.0f}"


if __name__ == "__main__":
    main()
