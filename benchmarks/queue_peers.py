"""Other queues on Postgres, as their packages come. One that is not installed is said to be so."""

import asyncio
import importlib
import importlib.util
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from lab.database.embedded.server import EmbeddedPostgres

PEERS = ("procrastinate", "pgqueuer", "pgmq")


def is_installed(peer: str) -> bool:
    """Tell whether a peer's package is installed; pgqueuer needs its driver as well."""
    needed = {"procrastinate": ("procrastinate", "psycopg_pool"), "pgqueuer": ("pgqueuer", "asyncpg")}.get(
        peer, (peer,)
    )
    return all(importlib.util.find_spec(name) for name in needed)


@dataclass
class Pgmq:
    """pgmq's SQL as its Python package brings it: read so many, archive them."""

    connection: psycopg.Connection[Any]
    batch: int = 100
    name: str = "pgmq, read and archive 100"

    def prepare(self) -> None:
        """Install its functions and make the queue."""
        folder = Path(str(importlib.import_module("pgmq").__file__)).parent
        self.connection.execute((folder / "sql" / "pgmq.sql").read_bytes(), prepare=False)
        self.connection.execute("select pgmq.create('bench')")

    def fill(self, jobs: int) -> None:
        """Send so many messages."""
        self.connection.execute("truncate pgmq.q_bench, pgmq.a_bench")
        message = "array_fill('{\"job\": 1}'::jsonb, array[%s])"
        self.connection.execute(f"select count(*) from pgmq.send_batch('bench', {message})".encode(), [jobs])
        self.connection.execute("vacuum analyze pgmq.q_bench")

    def drain(self) -> None:
        """Read and archive until nothing is left."""
        read = "select msg_id from pgmq.read('bench', 30, %s)"
        archive = "select pgmq.archive('bench', %s::bigint[])"
        while taken := [number for (number,) in self.connection.execute(read, [self.batch])]:
            self.connection.execute(archive, [taken])


@dataclass
class Procrastinate:
    """procrastinate's worker with its default of one job at a time."""

    url: str
    connection: psycopg.Connection[Any]
    batch: int = 1
    name: str = "procrastinate, as it comes"
    app: Any = field(default=None)

    def prepare(self) -> None:
        """Install its schema and declare a task that does nothing."""
        module = importlib.import_module("procrastinate")
        logging.getLogger("procrastinate").setLevel(logging.ERROR)
        self.app = module.App(connector=module.PsycopgConnector(conninfo=self.url))
        asyncio.run(self._install())
        self.app.task(name="nothing")(_nothing)

    async def _install(self) -> None:
        async with self.app.open_async():
            await self.app.schema_manager.apply_schema_async()

    def fill(self, jobs: int) -> None:
        """Defer so many jobs."""
        self.connection.execute("truncate procrastinate_jobs cascade")
        asyncio.run(self._defer(jobs))
        self.connection.execute("vacuum analyze procrastinate_jobs")

    async def _defer(self, jobs: int) -> None:
        async with self.app.open_async():
            await self.app.tasks["nothing"].batch_defer_async(*({} for _ in range(jobs)))

    def drain(self) -> None:
        """Work until nothing is left."""
        asyncio.run(self._work())

    async def _work(self) -> None:
        async with self.app.open_async():
            await self.app.run_worker_async(wait=False, install_signal_handlers=False)


async def _nothing() -> None:
    """Do nothing, as a task."""


async def _ignore(job: object) -> None:
    """Do nothing with a job."""


@dataclass
class Pgqueuer:
    """pgqueuer's worker with its default of ten jobs a query."""

    url: str
    connection: psycopg.Connection[Any]
    batch: int = 10
    name: str = "pgqueuer, as it comes"

    def prepare(self) -> None:
        """Install its schema."""
        logging.getLogger("pgqueuer").setLevel(logging.ERROR)
        asyncio.run(self._with_queries(lambda queries: queries.install()))

    def fill(self, jobs: int) -> None:
        """Enqueue so many jobs."""
        self.connection.execute("truncate pgqueuer, pgqueuer_log")
        enqueue = ["nothing"] * jobs, [None] * jobs, [0] * jobs
        asyncio.run(self._with_queries(lambda queries: queries.enqueue(*enqueue)))
        self.connection.execute("vacuum analyze pgqueuer")

    async def _with_queries(self, work: Any) -> None:
        connection = await importlib.import_module("asyncpg").connect(self.url)
        try:
            await work(importlib.import_module("pgqueuer").Queries.from_asyncpg_connection(connection))
        finally:
            await connection.close()

    def drain(self) -> None:
        """Work until nothing is left."""
        asyncio.run(self._with_queries(self._work))

    async def _work(self, queries: Any) -> None:
        manager = importlib.import_module("pgqueuer.qm").QueueManager(queries)
        manager.entrypoint("nothing")(_ignore)
        mode = importlib.import_module("pgqueuer.types").QueueExecutionMode.drain
        await manager.run(batch_size=self.batch, mode=mode)


def make_peers(server: EmbeddedPostgres, database: str, connection: psycopg.Connection[Any]) -> list[Any]:
    """Return the peers that are installed, ready to work in a database."""
    url = server.admin_url(database)
    known: dict[str, Callable[[], Any]] = {
        "procrastinate": lambda: Procrastinate(url, connection),
        "pgqueuer": lambda: Pgqueuer(url, connection),
        "pgmq": lambda: Pgmq(connection),
    }
    peers = [known[name]() for name in PEERS if is_installed(name)]
    for peer in peers:
        peer.prepare()
    return peers
