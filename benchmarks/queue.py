"""Measures the delivery queue beside its bound and its peers: draining, claims in a full queue, enqueueing.

All contenders drain the same number of jobs, one after the other in each round, on one server with durable settings.
The bound is a bare table in pgbench. Machines are noisy: each ratio is the median of the ratios of one round.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.queue_peers import PEERS, is_installed, make_peers
from benchmarks.queue_tables import TABLE, BareTable, Pgbench, find_pgbench
from benchmarks.queue_wall import BEFORE, ENQUEUE, PEOPLE, WallQueue, fill_queue
from benchmarks.timing import read_options
from lab.database.embedded.server import BOOTSTRAP, EmbeddedPostgres, start_embedded
from lab.migrations.apply import apply_migrations
from lab.services.delivery.claims import GATE
from lab.services.delivery.drain import CHANNELS

WALL, BARE = "benchmark_wall", "benchmark_bare"
BATCHES = (1, 10, 100)
SHARES = {1: 10, 10: 2, 100: 1}  # a small batch drains the number of jobs divided by this
QUIET = ("max_wal_size = '8GB'", "checkpoint_timeout = '1h'", "shared_buffers = '256MB'")
OLD_SNAPSHOT_TURNS, SEEN, WARM = 600, 12, 5
EXPLAIN = "explain (analyze, buffers, timing off, format json)"


@dataclass(frozen=True, kw_only=True)
class Drained:
    """How a contender drained its jobs.

    Args:
        name: The contender.
        jobs_per_second: The median.
        of_bound: Median of the ratios to the bare table in pgbench with the same batch; none without pgbench.
        of_bare: The same beside the bare table through psycopg.
        wal_bytes: Bytes of the write-ahead log a job; the median.
    """

    name: str
    jobs_per_second: float
    of_bound: float | None
    of_bare: float | None
    wal_bytes: float


@dataclass(frozen=True, kw_only=True)
class Touched:
    """What one claim touches: the median of its buffers, and of its milliseconds."""

    name: str
    buffers: float
    milliseconds: float


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, rounds=5, jobs=20_000, depth=100_000)
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder), rounds=options.rounds, jobs=options.jobs, depth=options.depth)
    print(json.dumps(result, indent=2) if options.json else write_text(result))


def measure(folder: Path, *, rounds: int, jobs: int, depth: int) -> dict[str, Any]:
    """Measure on a server of its own in a folder."""
    server = start_embedded(folder / "postgres")
    try:
        prepare(server)
        with _connected(server) as (admin, worker, bare):
            drained = _drain_all(server, (admin, worker, bare), folder, rounds, jobs)
            touched = [*_touch_deep(admin, worker, depth), *_touch_old(server, admin, worker, min(depth, jobs))]
            enqueued = [_enqueue(admin, worker, size, rounds) for size in (1, 100)]
    finally:
        server.stop()
    missing = [f"{peer}: not installed" for peer in PEERS if not is_installed(peer)]
    return {
        "drained": [asdict(one) for one in drained],
        "touched": [asdict(one) for one in touched],
        "enqueued": enqueued,
        "missing": missing if find_pgbench() else [*missing, "pgbench: not at hand"],
    }


def prepare(server: EmbeddedPostgres) -> None:
    """Make a quiet server's two databases: one with the wall and one person, and an empty one."""
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        for setting in QUIET:
            admin.execute(f"alter system set {setting}".encode())
        admin.execute("select pg_reload_conf()")
        for database in (WALL, BARE):
            admin.execute(f"create database {database} owner postgres".encode())
    with psycopg.connect(server.admin_url(WALL)) as admin:
        admin.execute(BOOTSTRAP.read_bytes())
    apply_migrations(server.url(WALL))
    with psycopg.connect(server.admin_url(WALL)) as admin:
        admin.execute(PEOPLE)
        admin.execute(TABLE.replace("bare_jobs", "bare_enqueued"))


@contextmanager
def _connected(server: EmbeddedPostgres) -> Iterator[tuple[psycopg.Connection[Any], ...]]:
    urls = (server.admin_url(WALL), server.url(WALL), server.admin_url(BARE))
    admin, worker, bare = (psycopg.connect(url, autocommit=True, prepare_threshold=0) for url in urls)
    with admin, worker, bare:
        worker.execute(BEFORE)
        yield admin, worker, bare


def _drain_all(
    server: EmbeddedPostgres,
    connections: tuple[psycopg.Connection[Any], ...],
    folder: Path,
    rounds: int,
    jobs: int,
) -> list[Drained]:
    admin, worker, bare = connections
    program = find_pgbench()
    contenders: list[Any] = [
        *(Pgbench(program, server, BARE, bare, batch, folder / "fused.sql") for batch in BATCHES if program),
        *(BareTable(bare, batch) for batch in BATCHES),
        *(WallQueue(admin, worker, batch) for batch in BATCHES),
        *make_peers(server, BARE, bare),
    ]
    speeds: dict[str, list[float]] = {one.name: [] for one in contenders}
    wal: dict[str, list[float]] = {one.name: [] for one in contenders}
    for _ in range(rounds):
        for one in contenders:
            count = max(one.batch, jobs // SHARES[one.batch])
            one.fill(count)
            seconds, written = drain_once(one, count, admin)
            speeds[one.name].append(count / seconds)
            wal[one.name].append(written / count)
    return [_judge(one, contenders, speeds, wal) for one in contenders]


def drain_once(one: Any, jobs: int, admin: psycopg.Connection[Any]) -> tuple[float, int]:
    """Let a contender drain its jobs; return the seconds, and the bytes of the write-ahead log."""
    before = _wal(admin)
    start = time.perf_counter()
    told = one.drain(jobs) if isinstance(one, Pgbench) else one.drain()
    return told or time.perf_counter() - start, _wal(admin) - before


def _wal(admin: psycopg.Connection[Any]) -> int:
    row = admin.execute("select pg_current_wal_lsn() - '0/0'::pg_lsn").fetchone()
    return int(row[0]) if row else 0


def _judge(one: Any, contenders: list[Any], speeds: dict[str, list[float]], wal: dict[str, list[float]]) -> Drained:
    bounds = {type(other): other.name for other in contenders if other.batch == one.batch}
    return Drained(
        name=one.name,
        jobs_per_second=statistics.median(speeds[one.name]),
        of_bound=_ratio(speeds, one.name, bounds.get(Pgbench)),
        of_bare=_ratio(speeds, one.name, bounds.get(BareTable)),
        wal_bytes=statistics.median(wal[one.name]),
    )


def _ratio(speeds: dict[str, list[float]], name: str, bound: str | None) -> float | None:
    if bound is None:
        return None
    return statistics.median(ours / theirs for ours, theirs in zip(speeds[name], speeds[bound], strict=True))


CLAIMS = {
    "a claim of 1, all channels": "select from public.claim_delivery_jobs('bench:1', 1)",
    "a claim of 10, all channels": "select from public.claim_delivery_jobs('bench:1', 10)",
    "a claim of 10, one channel that has jobs": "select from public.claim_delivery_jobs('bench:1', 10, 30, '{pdf}')",
    "a claim of 10, channels without jobs": "select from public.claim_delivery_jobs('bench:1', 10, 30, '{gift,echo}')",
}


def _touch_deep(admin: psycopg.Connection[Any], worker: psycopg.Connection[Any], depth: int) -> list[Touched]:
    fill_queue(admin, due=depth, future=depth)
    full = [_touch(f"{what}; {depth} due and {depth} future", worker, claim) for what, claim in CLAIMS.items()]
    fill_queue(admin, due=0, future=depth)
    return [*full, _touch(f"a claim, nothing due and {depth} future", worker, next(iter(CLAIMS.values())))]


def _touch(name: str, worker: psycopg.Connection[Any], claim: str) -> Touched:
    return _middle(name, [_explain(worker, claim, []) for _ in range(SEEN)])


def _explain(worker: psycopg.Connection[Any], claim: str, values: Any) -> dict[str, Any]:
    row = worker.execute(f"{EXPLAIN} {claim}".encode(), values, prepare=False).fetchone()
    return dict(row[0][0]) if row else {}


def _middle(name: str, plans: list[dict[str, Any]]) -> Touched:
    """Return the medians; without the first plans, which read the catalogue."""
    buffers = [plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] for plan in plans[WARM:]]
    times = [plan["Execution Time"] for plan in plans[WARM:]]
    return Touched(name=name, buffers=statistics.median(buffers), milliseconds=statistics.median(times))


FRONT = "select from public.claim_delivery_jobs('bench:1', 1)"
BEHIND = "select from public.claim_delivery_jobs('bench:1', 1, 30, null, %s)"
REACHED = "select max(id) from public.delivery_jobs where status = 'running'"


def _touch_old(
    server: EmbeddedPostgres, admin: psycopg.Connection[Any], worker: psycopg.Connection[Any], jobs: int
) -> list[Touched]:
    """Hold a snapshot open, work through some jobs, and look at what a worker reads next, with two ways to begin."""
    fill_queue(admin, due=jobs)
    queue, turns = WallQueue(admin, worker, 10), min(OLD_SNAPSHOT_TURNS, jobs // 20)
    gate = {"channels": list(CHANNELS), "environment": "benchmark"}
    with psycopg.connect(server.admin_url(WALL)) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute("select pg_current_xact_id()")
        taken = queue.step(())
        for _ in range(turns):
            taken = queue.step(taken)
        seen = range(SEEN)
        behind = [_explain(worker, BEHIND, [_reached(admin)]) for _ in seen]
        read = [_explain(worker, GATE, gate | {"after": _reached(admin)}) for _ in seen]
        front = [_explain(worker, FRONT, []) for _ in seen]
        whole = [_explain(worker, GATE, gate | {"after": None}) for _ in seen]
    after = f"after {turns * 10} jobs under an old snapshot"
    return [
        _middle(f"a claim of 1 behind them, {after}", behind),
        _middle(f"when the next job is due behind them, {after}", read),
        _middle(f"a claim of 1 from the front, {after}", front),
        _middle(f"when the next job is due from the front, {after}", whole),
    ]


def _reached(admin: psycopg.Connection[Any]) -> int:
    row = admin.execute(REACHED).fetchone()
    return int(row[0]) if row else 0


def _enqueue(
    admin: psycopg.Connection[Any], worker: psycopg.Connection[Any], size: int, rounds: int
) -> dict[str, float | str]:
    """Measure how long it takes to queue, beside as many bare inserts with the same commits."""
    fill_queue(admin, due=0)
    ours, theirs = [], []
    for turn in range(rounds * 20):
        first = turn * size + 1
        bounds = {"first": first, "last": first + size - 1}
        ours.append(_time(worker, ENQUEUE, bounds))
        theirs.append(_time(admin, BARE_INSERT, bounds))
    ratio = statistics.median(bare / wall for wall, bare in zip(ours, theirs, strict=True))
    name = f"enqueue_delivery_job, {size} a transaction"
    return {"name": name, "jobs_per_second": size / statistics.median(ours), "of_bare": ratio}


BARE_INSERT = """
insert into bare_enqueued (next_run_at)
select now() from generate_series(%(first)s::integer, %(last)s::integer)
"""


def _time(connection: psycopg.Connection[Any], statement: str, values: dict[str, int]) -> float:
    start = time.perf_counter()
    connection.execute(statement.encode(), values)
    return time.perf_counter() - start


def write_text(result: dict[str, Any]) -> str:
    """Return the result as tables for people."""
    drained = [
        f"{one['name']:34} {one['jobs_per_second']:>9.0f} {_share(one['of_bound'])} {_share(one['of_bare'])}"
        f" {one['wal_bytes']:>8.0f}"
        for one in result["drained"]
    ]
    touched = [f"{one['name']:68} {one['buffers']:>8.0f} {one['milliseconds']:>8.2f}" for one in result["touched"]]
    enqueued = [
        f"{one['name']:44} {one['jobs_per_second']:>9.0f} {_share(one['of_bare'])}" for one in result["enqueued"]
    ]
    return "\n".join(
        [
            f"{'Draining, one worker':34} {'jobs/s':>9} {'/pgbench':>8} {'/psycopg':>8} {'WAL B/job':>8}",
            *drained,
            f"\n{'One claim':68} {'buffers':>8} {'ms':>8}",
            *touched,
            f"\n{'Enqueueing':44} {'jobs/s':>9} {'/insert':>8}",
            *enqueued,
            *("", *result["missing"]),
        ]
    )


def _share(ratio: float | None) -> str:
    return f"{'-':>8}" if ratio is None else f"{ratio:>8.2f}"


if __name__ == "__main__":
    main()
