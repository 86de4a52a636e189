"""The queue as a worker uses it: every call is one short transaction as the site's server."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from lab.services.acting import acting_as_server
from lab.services.delivery.leases import Lease

Connection = psycopg.Connection[Any]
_ROW = (
    "job_id, channel, leg, subject_id, artifact_id, purchase_id, echo_entry_id, attempts, idempotency_key, lease_token"
)
_NAMES = ("id", "channel", "leg", "subject", "artifact", "purchase", "echo", "attempt", "key", "token")
_CLAIM = f"select {_ROW} from public.claim_delivery_jobs(%s, %s, %s, %s, %s)"
_CONTINUE = f"select completed, {_ROW} from public.continue_delivery_jobs(%s::bigint[], %s, %s, %s, %s, %s)"
_EXTEND = "select public.extend_delivery_leases(%s::bigint[], %s, %s)"
# For each channel and priority the first pending job: one entry of an index each. Behind a job, the first priority is
# its own, and nothing is read that comes before it.
GATE = """
select g.fault, g.stopped, (
         select extract(epoch from min(n.next_run_at) - now())::float
           from unnest(%(channels)s::text[]) as c (channel)
          cross join lateral (
                  with recursive level (priority, from_time, from_job) as (
                    (select p.priority, p.next_run_at, p.id from public.delivery_jobs p where p.id = %(after)s)
                     union all
                    (select j.priority, '-infinity'::timestamptz, 0::bigint from public.delivery_jobs j
                      where j.queued and j.channel = c.channel
                        and not exists (select from public.delivery_jobs p where p.id = %(after)s)
                      order by j.priority limit 1)
                     union all
                    select (select j.priority from public.delivery_jobs j
                             where j.queued and j.channel = c.channel and j.priority > l.priority
                             order by j.priority limit 1), '-infinity'::timestamptz, 0::bigint
                      from level l where l.priority is not null)
                  select f.next_run_at
                    from level l
                   cross join lateral (
                           select j.next_run_at from public.delivery_jobs j
                            where j.queued and j.status = 'pending' and j.channel = c.channel
                              and j.priority = l.priority and (j.next_run_at, j.id) > (l.from_time, l.from_job)
                            order by j.next_run_at limit 1) f) n
          where c.channel <> all (g.stopped))
  from public.delivery_gate(%(environment)s) g
"""


@dataclass(frozen=True, kw_only=True)
class ClaimedJob:
    """A job that this worker may run while it holds its lease. It holds ids and codes alone."""

    id: int
    channel: str
    leg: str
    subject: UUID = field(repr=False)
    artifact: UUID | None
    purchase: UUID | None
    echo: UUID | None
    attempt: int
    key: str
    token: UUID = field(repr=False)
    lease: Lease = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Whether anything may be sent from here.

    Args:
        fault: Why nothing may be sent; None if it may.
        stopped: The channels that an operator has stopped; all when everything is.
        due_in: Seconds until the next job of the other channels is due, not more than 0 if one is; None without one.
    """

    fault: str | None
    stopped: frozenset[str]
    due_in: float | None


def read_gate(connection: Connection, environment: str, channels: Sequence[str], after: int | None = None) -> Gate:
    """Return whether anything may be sent from here, what is stopped, and when the next job of some channels is due.

    Args:
        connection: One without an open transaction.
        environment: Where this worker delivers.
        channels: The channels.
        after: A job that is done: only jobs behind it are looked at.
    """
    asked = {"channels": list(channels), "environment": environment, "after": after}
    with acting_as_server(connection):
        row = connection.execute(GATE.encode(), asked).fetchone()
    fault, stopped, due_in = row or (None, [], None)
    return Gate(fault=fault, stopped=frozenset(stopped), due_in=due_in)


def claim_jobs(
    connection: Connection,
    worker: str,
    most: int,
    lease_seconds: int,
    channels: Sequence[str],
    after: int | None = None,
) -> list[ClaimedJob]:
    """Lease due jobs, the most urgent first; of those behind a job that is done, if one is named."""
    until = time.monotonic() + lease_seconds
    return _read_jobs(_call(connection, _CLAIM, worker, most, lease_seconds, list(channels), after), until)


def continue_jobs(
    connection: Connection,
    done: Sequence[ClaimedJob],
    worker: str,
    most: int,
    lease_seconds: int,
    channels: Sequence[str],
) -> tuple[set[int], list[ClaimedJob]]:
    """Mark jobs of one claim as done and lease those behind the last one, in one commit; return the ids and these.

    A job whose id is not returned was lost: its lease ended, and it is not done.
    """
    until = time.monotonic() + lease_seconds
    held = [job.id for job in done if job.lease.held]
    rows = _call(connection, _CONTINUE, held, done[0].token, worker, most, lease_seconds, list(channels))
    return {row[1] for row in rows if row[0]}, _read_jobs((row[1:] for row in rows if not row[0]), until)


def _read_jobs(rows: Iterable[tuple[Any, ...]], until: float) -> list[ClaimedJob]:
    return [ClaimedJob(**dict(zip(_NAMES, row, strict=True)), lease=Lease(until)) for row in rows]


def extend_leases(connection: Connection, jobs: Sequence[ClaimedJob], seconds: int) -> set[int]:
    """Extend the leases of jobs of one claim; return the ids of those that are still held."""
    return {row[0] for row in _call(connection, _EXTEND, [job.id for job in jobs], jobs[0].token, seconds)}


def complete_jobs(connection: Connection, jobs: Sequence[ClaimedJob]) -> set[int]:
    """Mark jobs of one claim as done; return their ids. A job whose id is not returned was lost."""
    held = [job.id for job in jobs if job.lease.held]
    call = "select public.complete_delivery_jobs(%s::bigint[], %s)"
    return {row[0] for row in _call(connection, call, held, jobs[0].token)} if held else set()


def complete_job(connection: Connection, job: ClaimedJob) -> str:
    """Mark a job as done; done, or fenced when its lease was lost.

    Raises:
        JobFailed: The worker knows that it was lost.
    """
    job.lease.require()
    done = _value(connection, "select public.complete_delivery_job(%s, %s)", job.id, job.token)
    return "done" if done else "fenced"


def fail_job(
    connection: Connection, job: ClaimedJob, code: str, *, permanent: bool = False, pause: int | None = None
) -> str:
    """Record a failed attempt, and return the job's state."""
    call = "select public.fail_delivery_job(%s, %s, %s, %s, %s)"
    return str(_value(connection, call, job.id, job.token, code, permanent, pause))


def release_job(connection: Connection, job: ClaimedJob, pause_seconds: int = 0) -> str:
    """Return a job to the queue without counting the attempt."""
    call = "select public.release_delivery_job(%s, %s, %s)"
    return "released" if _value(connection, call, job.id, job.token, pause_seconds) else "fenced"


def read_address(connection: Connection, job: ClaimedJob) -> str | None:
    """Return the address to which a running job writes; None when there is none, or nothing may be sent.

    Raises:
        JobFailed: The lease was lost.
    """
    job.lease.require()
    address = _value(connection, "select public.delivery_address(%s, %s)", job.id, job.token)
    return None if address is None else str(address)


def keep_link(connection: Connection, job: ClaimedJob, purpose: str, digest: bytes, seconds: int) -> datetime | None:
    """Keep a link of a running job's message; return when it expires, None when the lease was lost.

    Raises:
        JobFailed: The worker knows that it was lost.
    """
    job.lease.require()
    call = "select public.keep_delivery_link(%s, %s, %s, %s, %s)"
    until = _value(connection, call, job.id, job.token, purpose, digest, seconds)
    return until if isinstance(until, datetime) else None


def begin_send(
    connection: Connection, job: ClaimedJob, *, environment: str, provider: str, to: str, sha256: bytes, rules: str
) -> str:
    """Record the intent to send, if it may be sent: send, or the reason why not. It is committed on return.

    Raises:
        JobFailed: The lease was lost.
    """
    job.lease.require()
    call = "select public.begin_send(%s, %s, %s, %s, %s, %s, %s)"
    return str(_value(connection, call, job.id, job.token, environment, provider, to, sha256, rules))


def finish_send(
    connection: Connection,
    job: ClaimedJob,
    outcome: str,
    *,
    provider_id: str | None = None,
    code: str | None = None,
    permanent: bool = False,
    pause: int | None = None,
) -> str:
    """Record what became of a message, and return the job's state."""
    call = "select public.finish_send(%s, %s, %s, %s, %s, %s, %s)"
    return str(_value(connection, call, job.id, job.token, outcome, provider_id, code, permanent, pause))


def _call(connection: Connection, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with acting_as_server(connection):
        return connection.execute(statement.encode(), values).fetchall()


def _value(connection: Connection, statement: str, *values: object) -> object:
    rows = _call(connection, statement, *values)
    return rows[0][0] if rows else None
