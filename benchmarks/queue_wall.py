"""The delivery queue as the benchmark drives it: jobs of one person, through the wall's functions, as the server."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

PEOPLE = """
insert into auth.users (id, email) values (gen_random_uuid(), 'bench@example.org');
insert into public.oracle_scrolls (subject_id, question) select id, 'Will it rain?' from auth.users;
insert into public.oracle_artifacts (subject_id, scroll_id, kind)
select subject_id, id, 'pdf' from public.oracle_scrolls;
"""
EMPTY = "delete from public.delivery_attempts; delete from public.delivery_jobs"
FILL = """
insert into public.delivery_jobs
       (idempotency_key, channel, leg, subject_id, artifact_id, support_path, next_run_at)
select concat_ws(':', 'pdf', 'account', a.id, n), 'pdf', 'account', a.subject_id, a.id, '/operate/queue?channel=pdf',
       now() + %(after)s * interval '1 second'
  from public.oracle_artifacts a, generate_series(%(first)s::integer, %(last)s::integer) n
"""
TRIGGERS = """
update pg_catalog.pg_class set relhastriggers = %s
 where oid in ('public.delivery_jobs'::regclass, 'public.delivery_attempts'::regclass)
"""
ENQUEUE = """
select public.enqueue_delivery_job('pdf', a.subject_id, a.id, generation => n)
  from public.oracle_artifacts a, generate_series(%(first)s::integer, %(last)s::integer) n
"""
CONTINUE = """
select job_id, lease_token from public.continue_delivery_jobs(%s::bigint[], %s::uuid, 'bench:1', %s)
 where not completed
"""
BEFORE = "set role service_role"


@dataclass
class WallQueue:
    """The queue of the wall, with one worker.

    Args:
        admin: A superuser's connection, which fills and empties the tables past their triggers.
        worker: The worker's connection, with the server's role.
        batch: Jobs a claim.
    """

    admin: psycopg.Connection[Any]
    worker: psycopg.Connection[Any]
    batch: int

    @property
    def name(self) -> str:
        """Its name in the report."""
        return f"the wall's queue, batch {self.batch}"

    def fill(self, jobs: int) -> None:
        """Empty the queue and fill it with due jobs."""
        fill_queue(self.admin, due=jobs)

    def drain(self) -> None:
        """Claim and complete until nothing is due."""
        taken = self.step(())
        while taken:
            taken = self.step(taken)

    def step(self, taken: Sequence[Any]) -> Sequence[Any]:
        """Complete what was taken, and claim the next jobs."""
        return self.worker.execute(*self.asked(taken)).fetchall()

    def asked(self, taken: Sequence[Any]) -> tuple[str, list[Any]]:
        """Return the statement that completes and claims, and its values."""
        return CONTINUE, [[job for job, _ in taken], taken[0][1] if taken else None, self.batch]


def fill_queue(admin: psycopg.Connection[Any], *, due: int, future: int = 0) -> None:
    """Empty the queue and fill it: with jobs that are due, and with jobs of the next days."""
    with past_triggers(admin):
        admin.execute(EMPTY, prepare=False)
        admin.execute(FILL, {"after": -1, "first": 1, "last": due})
        admin.execute(FILL, {"after": 86_400, "first": due + 1, "last": due + future})
    admin.execute("vacuum analyze public.delivery_jobs, public.delivery_attempts")


@contextmanager
def past_triggers(admin: psycopg.Connection[Any]) -> Iterator[None]:
    """Write as somebody who has the whole server: no trigger fires."""
    admin.execute(TRIGGERS, [False])
    try:
        yield
    finally:
        admin.execute(TRIGGERS, [True])
