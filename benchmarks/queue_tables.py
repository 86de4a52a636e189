"""The bound of the queue's benchmark: a bare table whose jobs are completed and claimed in one statement.

It promises nothing: no consents, no keys, no states, no history. pgbench runs the statement without Python.
"""

import re
import shutil
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from lab.database.embedded.server import EmbeddedPostgres, binaries

TABLE = """
drop table if exists bare_jobs;
create table bare_jobs (
  id bigint generated always as identity primary key,
  status text not null default 'pending',
  priority smallint not null default 100,
  attempts smallint not null default 0,
  next_run_at timestamptz not null default now(),
  payload_ref uuid not null default gen_random_uuid(),
  lease_token uuid,
  lease_until timestamptz,
  worker text,
  finished_at timestamptz
) with (fillfactor = 85);
create index bare_jobs_ready on bare_jobs (priority, next_run_at, id) where status = 'pending';
"""
FILL = "insert into bare_jobs (next_run_at) select now() from generate_series(1, %s)"
FUSED = """
with done as (
  update bare_jobs set status = 'done', lease_token = null, lease_until = null, finished_at = now()
   where id = any ({done}::bigint[]) and lease_token = {token}::uuid
), due as materialized (
  select id from bare_jobs where status = 'pending' and next_run_at <= now()
   order by priority, next_run_at, id limit {most} for update skip locked
), taken as (
  update bare_jobs j set status = 'running', attempts = attempts + 1, lease_token = lease.token,
         lease_until = now() + interval '30 seconds', worker = 'bench:1'
    from due, (select {fresh}::uuid as token) lease
   where j.id = due.id
  returning j.id
)
"""
BY_CLIENT = FUSED.format(done="%(done)s", token="%(token)s", most="%(most)s", fresh="%(fresh)s")
BY_PGBENCH = FUSED.format(done=":done", token=":token", most=":most", fresh=":fresh")
SCRIPT = f"""{BY_PGBENCH}
select coalesce(array_agg(id), '{{}}')::text as done, :fresh::uuid as token, gen_random_uuid() as fresh
  from taken \\gset
"""


@dataclass
class BareTable:
    """The fused statement through psycopg: one commit for each batch."""

    connection: psycopg.Connection[Any]
    batch: int

    @property
    def name(self) -> str:
        """Its name in the report."""
        return f"bare table, psycopg, batch {self.batch}"

    def fill(self, jobs: int) -> None:
        """Make the table anew with some jobs."""
        fill_bare(self.connection, jobs)

    def drain(self) -> None:
        """Claim and complete until nothing is due."""
        done: list[int] = []
        token = uuid.uuid4()
        while True:
            fresh = uuid.uuid4()
            asked = {"done": done, "token": token, "most": self.batch, "fresh": fresh}
            done = [job for (job,) in self.connection.execute(f"{BY_CLIENT} select id from taken".encode(), asked)]
            token = fresh
            if not done:
                return


def fill_bare(connection: psycopg.Connection[Any], jobs: int) -> None:
    """Make the bare table anew with some jobs."""
    connection.execute(TABLE.encode(), prepare=False)
    connection.execute(FILL, [jobs])
    connection.execute("vacuum analyze bare_jobs")


def find_pgbench() -> Path | None:
    """Return pgbench of the embedded server or of this machine; None when there is none."""
    packaged = binaries() / "pgbench"
    found = packaged if packaged.exists() else shutil.which("pgbench")
    return Path(found) if found else None


@dataclass
class Pgbench:
    """The fused statement in pgbench, which tells its speed itself."""

    program: Path
    server: EmbeddedPostgres
    database: str
    connection: psycopg.Connection[Any]
    batch: int
    script: Path

    @property
    def name(self) -> str:
        """Its name in the report."""
        return f"bare table, pgbench, batch {self.batch}"

    def fill(self, jobs: int) -> None:
        """Make the table anew, and write the script for this batch."""
        fill_bare(self.connection, jobs)
        self.script.write_text(SCRIPT)

    def drain(self, jobs: int) -> float:
        """Claim and complete so many jobs; return the seconds without those of connecting.

        Raises:
            RuntimeError: pgbench failed, or said no speed.
        """
        turns = jobs // self.batch + 1
        variables = {"done": "{}", "token": str(uuid.uuid4()), "fresh": str(uuid.uuid4()), "most": self.batch}
        told = subprocess.run(
            [self.program, "-n", "-M", "prepared", "-c", "1", "-t", str(turns), "-f", self.script,
             *(f"-D{name}={value}" for name, value in variables.items()),
             "-h", self.server.socket_folder, "-U", "supabase_admin", self.database],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        speed = re.search(r"^tps = ([0-9.]+)", told.stdout, re.MULTILINE)
        if told.returncode or speed is None:
            raise RuntimeError(f"pgbench failed: {told.stderr[-300:]}")
        return turns / float(speed[1])
