"""Measures what waking workers costs and gives: enqueueing by eight clients, pick-up by an idle worker, its idle load.

Enqueueing is measured with and without the trigger that wakes, in turn, beside a worker that empties the queue.
"""

import json
import re
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.queue import WALL, prepare
from benchmarks.queue_tables import find_pgbench
from benchmarks.queue_wall import fill_queue
from benchmarks.timing import read_options, summarise
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres, start_embedded
from lab.services.delivery.bell import Bell
from lab.services.delivery.claims import claim_jobs, complete_jobs
from lab.services.delivery.drain import CHANNELS, FIRST_LOOK_SECONDS, LISTEN_SECONDS
from lab.services.worker import Stop

CLIENTS = 8
ENQUEUE = """
\\set number random(1, 2000000000)
select public.enqueue_delivery_job('pdf', a.subject_id, a.id, generation => :number) from public.oracle_artifacts a;
"""
ONE = "select public.enqueue_delivery_job('pdf', a.subject_id, a.id, generation => %s) from public.oracle_artifacts a"
SWITCH = "alter table public.delivery_jobs {} trigger jobs_wake_workers"
COMMITTED = "select xact_commit from pg_stat_database where datname = %s"


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, rounds=5, seconds=3, jobs=300, idle=30)
    with tempfile.TemporaryDirectory() as folder:
        server = start_embedded(Path(folder) / "postgres")
        try:
            prepare(server)
            result = measure(server, Path(folder), options.rounds, options.seconds, options.jobs, options.idle)
        finally:
            server.stop()
    print(json.dumps(result, indent=2) if options.json else write_text(result))


def measure(
    server: EmbeddedPostgres, folder: Path, rounds: int, seconds: int, jobs: int, idle: int
) -> dict[str, float]:
    """Measure all three on a prepared server."""
    with psycopg.connect(server.admin_url(WALL), autocommit=True) as admin:
        return _enqueue(server, admin, folder, rounds, seconds) | _pick_up(server, admin, jobs, idle)


def _enqueue(
    server: EmbeddedPostgres, admin: psycopg.Connection[Any], folder: Path, rounds: int, seconds: int
) -> dict[str, float]:
    if not find_pgbench():
        return {}
    speeds: dict[str, list[float]] = {"disable": [], "enable always": []}
    with _working(server, [], Stop()):
        for _ in range(rounds):
            for switch, taken in speeds.items():
                admin.execute(SWITCH.format(switch).encode())
                taken.append(_run_pgbench(server, folder, seconds))
    without, waking = speeds.values()
    return {
        "enqueued a second, without waking": statistics.median(without),
        "of that, with a worker that is woken": statistics.median(b / a for a, b in zip(without, waking, strict=True)),
    }


def _run_pgbench(server: EmbeddedPostgres, folder: Path, seconds: int) -> float:
    (folder / "enqueue.sql").write_text(ENQUEUE)
    told = subprocess.run(
        [str(find_pgbench()), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds),
         "-f", folder / "enqueue.sql", "-h", server.socket_folder, "-U", "supabase_admin", WALL],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    speed = re.search(r"^tps = ([0-9.]+)", told.stdout, re.MULTILINE)
    return float(speed[1]) if speed else 0.0


@contextmanager
def _working(server: EmbeddedPostgres, picked: list[float], stop: Stop) -> Iterator[None]:
    """Let a worker sleep, claim and complete in a thread, as the delivery lane does, and note when it begins a job."""

    def work() -> None:
        bell = Bell(lambda: connect(server.url(WALL)), stop)
        looks = 0
        with connect(server.url(WALL)) as connection:
            while not stop.asked:
                jobs = claim_jobs(connection, "bench:1", 10, 30, CHANNELS)
                picked.extend([time.perf_counter()] * len(jobs))
                if jobs:
                    complete_jobs(connection, jobs)
                    bell.get_up()
                    looks = 0
                elif not bell.lie_down():
                    bell.pause(min(LISTEN_SECONDS, FIRST_LOOK_SECONDS * 2.0**looks))
                    looks = min(looks + 1, 10)
        bell.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.ask()
        thread.join()


def _pick_up(server: EmbeddedPostgres, admin: psycopg.Connection[Any], jobs: int, idle: int) -> dict[str, float]:
    fill_queue(admin, due=0)
    picked: list[float] = []
    waits: list[float] = []
    with _working(server, picked, Stop()):
        time.sleep(3)
        for number in range(jobs):
            begun = time.perf_counter()
            admin.execute(ONE, [number])
            while len(picked) <= number:
                time.sleep(0.0002)
            waits.append(picked[number] - begun)
            time.sleep(0.02)
        time.sleep(12)  # an idle session reports its transactions after ten seconds
        before, start = _count(admin), time.monotonic()
        time.sleep(idle)
        # Of these, one is of the count itself.
        rate = (_count(admin) - before - 1) / (time.monotonic() - start)
    row = summarise("pick-up", waits)
    return {"pick-up p50, ms": row.p50 * 1000, "pick-up p99, ms": row.p99 * 1000, "idle transactions a second": rate}


def _count(admin: psycopg.Connection[Any]) -> int:
    row = admin.execute(COMMITTED, [WALL]).fetchone()
    return int(row[0]) if row else 0


def write_text(result: dict[str, float]) -> str:
    """Return the result as lines for people."""
    return "\n".join(f"{name:40} {value:>10.2f}" for name, value in result.items())


if __name__ == "__main__":
    main()
