"""Workers that are killed while they deliver, through PgBouncer: `python -m tests.outages`.

Workers run as they are deployed, in network namespaces of their own where the system allows it. Jobs are queued all the
time, and a worker that holds some is killed now and then; another one takes its place. In the end every job is done,
none was completed by a worker that had lost it, and what a killed worker held has gone on in time.
"""

import argparse
import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from fixtures import servers
from fixtures.servers import Database
from lab.database.embedded.programs import MAJORS
from lab.rules.schedule import recover_deliveries
from lab.text.product_files import PROJECT
from tests.connections import network
from tests.wall.actors import SERVICE
from tests.wall.scenes import Scene
from tests.wall.seeds import World, begin_world

HERE = "outages"
RECOVERED_SECONDS = 15  # at most, from the kill until another worker or the queue has the job
PATIENCE_SECONDS = 120
ROOMS, SUBNET = 4, "10.97.83"
QUEUE = """
select count(*) from generate_series(%s::integer, %s::integer) g,
       public.enqueue_delivery_job('receipt', %s, null, %s, null, g)
"""
HELD = "select id, attempts from public.delivery_jobs where status = 'running' and worker = %s"
BEGUN = "select count(*) = 0 from public.delivery_jobs where leg = 'account' and status = 'done'"
OPEN = "select count(*) > 0 from public.delivery_jobs where leg = 'account' and status not in ('done', 'cancelled')"
STILL = "select count(*) from public.delivery_jobs where id = any(%s) and status = 'running' and worker = %s"
ENDS = "select id, worker from public.delivery_jobs where leg = 'account' and status = 'done'"
HOLDERS = "select distinct worker from public.delivery_jobs where queued and status = 'running'"


@dataclass
class Outcome:
    """What came of it.

    Args:
        queued: Jobs that were queued.
        kills: Workers that were killed while they held jobs.
        recovered: For each kill, the seconds until nothing was left under the killed worker's name.
        faults: What should not have been.
        fenced: Completions that came too late, and were refused.
        rooms: Network namespaces; 0 when the system allows none.
    """

    queued: int = 0
    kills: int = 0
    recovered: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    fenced: int = 0
    rooms: int = 0


@dataclass
class Crew:
    """The workers, each with a file of what it told.

    Args:
        address: Where PgBouncer listens.
        port: Its port.
        database: The database's name.
        folder: Where the files are.
        rooms: The network namespaces.
    """

    address: str
    port: int
    database: str
    folder: Path
    rooms: list[str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    killed: set[str] = field(default_factory=set)
    _count: Iterator[int] = field(default_factory=itertools.count)

    def start(self) -> None:
        """Start one more worker."""
        number = next(self._count)
        room = ["ip", "netns", "exec", self.rooms[number % len(self.rooms)]] if self.rooms else []
        command = [*room, sys.executable, "-m", "lab", "worker", "--json", "--environment", HERE,
                   "--only", recover_deliveries.id]  # fmt: skip
        url = f"postgresql://authenticator@{self.address}:{self.port}/{self.database}"
        names = ("DATABASE", "STRIPE", "LAB_", "EMAIL", "SUPABASE", "NEXT_", "PYTEST")
        known = {name: value for name, value in os.environ.items() if not name.startswith(names)} | {
            "DATABASE_URL": url,
            "PERSISTENCE_LAB_HOME": str(self.folder),
            "EMAIL_FROM": "Oracle <notices@oracle.example.test>",
            "EMAIL_PROVIDER_URL": "smtp://nobody:made-up@127.0.0.1:9",
            "NEXT_PUBLIC_SITE_URL": "https://oracle.example.test",
            "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_made_up_for_tests_000",
        }
        with (self.folder / f"{number}.told").open("wb") as told, (self.folder / f"{number}.error").open("wb") as error:
            process = subprocess.Popen(command, cwd=PROJECT, env=known, stdout=told, stderr=error)
        self.running[str(process.pid)] = process

    def kill(self, worker: str) -> bool:
        """Kill a worker by its name; False if it is none of ours any more."""
        process = self.running.pop(worker.rpartition(":")[2], None)
        if process is None:
            return False
        process.kill()
        process.wait()
        self.killed.add(worker)
        return True

    def end(self) -> None:
        """End all of them in good order."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(timeout=PATIENCE_SECONDS)

    def told(self) -> list[dict[str, Any]]:
        """Return what the workers told of jobs; the last line of a killed one may be cut."""
        lines = [line for file in sorted(self.folder.glob("*.told")) for line in file.read_text().split("\n")]
        found = []
        for line in lines:
            with contextlib.suppress(json.JSONDecodeError):
                found.append(json.loads(line))
        return [one for one in found if "job" in one]


@contextlib.contextmanager
def make_rooms(count: int) -> Iterator[list[str]]:
    """Make network namespaces that reach this machine over a bridge; none where the system does not allow it."""
    bridge = f"lab{os.getpid() % 100_000}"
    rooms = [f"{bridge}-{number}" for number in range(count)]
    made = [f"link add {bridge} type bridge", f"addr add {SUBNET}.1/24 dev {bridge}", f"link set {bridge} up"]
    for number, room in enumerate(rooms):
        near, far = f"{bridge}n{number}", f"{bridge}f{number}"
        made += [
            f"netns add {room}",
            f"link add {near} type veth peer name {far}",
            f"link set {near} master {bridge} up",
            f"link set {far} netns {room}",
            f"-n {room} addr add {SUBNET}.{number + 2}/24 dev {far}",
            f"-n {room} link set {far} up",
            f"-n {room} link set lo up",
        ]
    try:
        allowed = all(_ip(command) for command in made) if count else False
        yield rooms if allowed else []
    finally:
        for room in rooms:
            _ip(f"netns del {room}")
        _ip(f"link del {bridge}")


def _ip(command: str) -> bool:
    try:
        return not subprocess.run(["ip", *command.split()], capture_output=True, check=False).returncode
    except OSError:
        return False


def run_outages(
    database: Database, *, seconds: float, workers: int, every: float, rate: int, snapshot: bool, rooms: int = ROOMS
) -> Outcome:
    """Deliver for some seconds, and kill workers.

    Args:
        database: A database of its own.
        seconds: How long jobs are queued.
        workers: How many workers there are.
        every: Seconds from one kill to the next.
        rate: Jobs a second.
        snapshot: Whether a transaction with an old snapshot is open all the time.
        rooms: Network namespaces to try.

    Raises:
        Missing: PgBouncer is not installed.
    """
    outcome, world = Outcome(), _prepare(database)
    with contextlib.ExitStack() as stack:
        names = stack.enter_context(make_rooms(rooms))
        outcome.rooms, address = len(names), f"{SUBNET}.1" if names else network.HOST
        listen = f"{network.HOST},{address}" if names else network.HOST
        port = stack.enter_context(
            network.pool(database.server.socket_folder, default_pool_size="8", listen_addr=listen)
        )
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if snapshot:
            old = stack.enter_context(psycopg.connect(database.admin_url))
            old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            old.execute("select pg_current_xact_id()")
        crew = Crew(address=address, port=port, database=database.name, folder=folder, rooms=names)
        watch = stack.enter_context(psycopg.connect(database.admin_url, autocommit=True, prepare_threshold=None))
        try:
            for _ in range(workers):
                crew.start()
            _deliver(database, world, crew, watch, outcome, seconds=seconds, every=every, rate=rate)
            if not _wait_until(watch, OPEN):
                outcome.faults.append("some jobs are not done")
        finally:
            crew.end()
        _judge(watch, crew, outcome)
    return outcome


def _prepare(database: Database) -> World:
    with psycopg.connect(database.admin_url, prepare_threshold=None) as connection:
        scene = Scene(connection)
        world = begin_world(scene)
        scene.value(SERVICE, "select public.open_environment(%s)", HERE)
        scene.connection.execute("update public.delivery_jobs set status = 'parked' where status = 'pending'")
        scene.connection.execute("update public.delivery_jobs set status = 'cancelled' where status = 'parked'")
        return world


def _deliver(
    database: Database,
    world: World,
    crew: Crew,
    watch: psycopg.Connection[Any],
    outcome: Outcome,
    *,
    seconds: float,
    every: float,
    rate: int,
) -> None:
    """Queue jobs all the time, and kill a worker that holds some now and then."""
    over = threading.Event()
    feeder = threading.Thread(target=_feed, args=[database, world, outcome, over, rate])
    feeder.start()
    watchers: list[threading.Thread] = []
    try:
        _wait_until(watch, BEGUN)
        until = time.monotonic() + seconds
        while time.monotonic() + every < until:
            time.sleep(every)
            worker, held = _kill_one(crew, watch, until)
            if worker:
                outcome.kills += 1
                crew.start()
                watchers.append(threading.Thread(target=_time_recovery, args=[database, worker, held, outcome]))
                watchers[-1].start()
        time.sleep(max(0.0, until - time.monotonic()))
    finally:
        over.set()
        for thread in (feeder, *watchers):
            thread.join(timeout=PATIENCE_SECONDS)


def _feed(database: Database, world: World, outcome: Outcome, over: threading.Event, rate: int) -> None:
    few = max(1, rate // 10)
    with psycopg.connect(database.url, autocommit=True, prepare_threshold=None) as connection:
        while not over.wait(0.1):
            first = outcome.queued + 1
            connection.execute(QUEUE, [first, first + few - 1, world.subject, world.ids["purchase"]])
            outcome.queued += few


def _kill_one(crew: Crew, watch: psycopg.Connection[Any], until: float) -> tuple[str, list[int]]:
    """Kill a worker that holds jobs; its name and what it held. Nothing when no worker held any for a while."""
    while time.monotonic() < until:
        for (worker,) in watch.execute(HOLDERS).fetchall():
            if worker in crew.killed or not crew.kill(worker):
                continue
            if held := [job for job, _ in watch.execute(HELD, [worker]).fetchall()]:
                return worker, held
            crew.start()  # it had just finished
        time.sleep(0.02)
    return "", []


def _time_recovery(database: Database, worker: str, held: list[int], outcome: Outcome) -> None:
    begun = time.monotonic()
    with psycopg.connect(database.admin_url, autocommit=True, prepare_threshold=None) as connection:
        while time.monotonic() < begun + PATIENCE_SECONDS:
            row = connection.execute(STILL, [held, worker]).fetchone()
            if row == (0,):
                outcome.recovered.append(time.monotonic() - begun)
                return
            time.sleep(0.1)
    outcome.faults.append(f"what {worker} held was not recovered")


def _wait_until(watch: psycopg.Connection[Any], query: str) -> bool:
    """Wait until a query says false; False when it did not in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if watch.execute(query.encode()).fetchone() == (False,):
            return True
        time.sleep(0.2)
    return False


def _judge(watch: psycopg.Connection[Any], crew: Crew, outcome: Outcome) -> None:
    if outcome.faults:
        outcome.faults += [
            line for file in sorted(crew.folder.glob("*.error")) for line in file.read_text().split("\n")
        ]
    ends = dict(watch.execute(ENDS).fetchall())
    if len(ends) != outcome.queued:
        outcome.faults.append(f"{outcome.queued} jobs were queued, and {len(ends)} are done")
    told = crew.told()
    done = Counter(one["job"] for one in told if one["state"] == "done")
    outcome.fenced = sum(one["state"] == "fenced" for one in told)
    outcome.faults += [f"job {job} was completed {times} times" for job, times in done.items() if times > 1]
    untold = {job for job, worker in ends.items() if job not in done and worker not in crew.killed}
    outcome.faults += [f"job {job} is done, and nobody told so" for job in sorted(untold)]


def write_text(outcome: Outcome) -> str:
    """Return what came of it, for people."""
    where = f"{outcome.rooms} network namespaces" if outcome.rooms else "separate processes; namespaces are not allowed"
    slowest = f"{max(outcome.recovered):.1f} s" if outcome.recovered else "unknown: no killed worker held a job"
    return "\n".join(
        [
            f"{outcome.queued} jobs, {outcome.kills} workers killed while they held some, in {where}",
            f"slowest recovery {slowest}; {outcome.fenced} late completions refused; {len(outcome.faults)} faults",
            *(f"  {fault}" for fault in outcome.faults[:20]),
        ]
    )


def main() -> None:
    """Run it on one major and print what came of it; exit 1 when something should not have been."""
    parser = argparse.ArgumentParser(prog="python -m tests.outages", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--kills-a-minute", type=float, default=2)
    parser.add_argument("--jobs-a-second", type=int, default=100)
    parser.add_argument("--snapshot", action="store_true", help="hold a snapshot open all the time")
    parser.add_argument("--major", type=int, default=17, choices=MAJORS)
    arguments = parser.parse_args()
    handle = servers.open_run()
    try:
        outcome = run_outages(
            servers.clone_database(servers.start_server(arguments.major), "migrated"),
            seconds=60 * arguments.minutes,
            workers=arguments.workers,
            every=60 / arguments.kills_a_minute,
            rate=arguments.jobs_a_second,
            snapshot=arguments.snapshot,
        )
    finally:
        servers.close_run(handle)
    slow = [seconds for seconds in outcome.recovered if seconds > RECOVERED_SECONDS]
    print(write_text(outcome))
    raise SystemExit(bool(outcome.faults or slow))


if __name__ == "__main__":
    main()
