"""The queue as a worker uses it: every call is one short transaction as the site's server."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from lab.services.acting import acting_as_server

Connection = psycopg.Connection[Any]
_CLAIM = """select job_id, channel, leg, subject_id, artifact_id, purchase_id, echo_entry_id, attempts, idempotency_key,
                   lease_token
              from public.claim_delivery_jobs(%s, %s, %s, %s)"""


@dataclass(frozen=True, kw_only=True)
class ClaimedJob:
    """A job that this worker may run until its lease ends. It holds ids and codes alone."""

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


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Whether anything may be sent from here.

    Args:
        fault: Why nothing may be sent; None if it may.
        stopped: The channels that an operator has stopped; all when everything is.
    """

    fault: str | None
    stopped: frozenset[str]


def read_gate(connection: Connection, environment: str) -> Gate:
    """Return whether anything may be sent from here, and what is stopped."""
    fault, stopped = _call(connection, "select fault, stopped from public.delivery_gate(%s)", environment)[0]
    return Gate(fault=fault, stopped=frozenset(stopped))


def claim_jobs(
    connection: Connection, worker: str, most: int, lease_seconds: int, channels: Sequence[str]
) -> list[ClaimedJob]:
    """Lease due jobs, the most urgent first."""
    rows = _call(connection, _CLAIM, worker, most, lease_seconds, list(channels))
    names = ("id", "channel", "leg", "subject", "artifact", "purchase", "echo", "attempt", "key", "token")
    return [ClaimedJob(**dict(zip(names, row, strict=True))) for row in rows]


def extend_leases(connection: Connection, token: UUID, seconds: int) -> set[int]:
    """Extend the leases of a claim; a job that is not returned was lost."""
    return {row[0] for row in _call(connection, "select public.extend_delivery_leases(%s, %s)", token, seconds)}


def complete_job(connection: Connection, job: ClaimedJob) -> str:
    """Mark a job as done; done, or fenced when its lease was lost."""
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
    """Return the address to which a running job writes; None when there is none, or nothing may be sent."""
    address = _value(connection, "select public.delivery_address(%s, %s)", job.id, job.token)
    return None if address is None else str(address)


def keep_link(connection: Connection, job: ClaimedJob, purpose: str, digest: bytes, seconds: int) -> datetime | None:
    """Keep a link of a running job's message; return when it expires, None when the lease was lost."""
    call = "select public.keep_delivery_link(%s, %s, %s, %s, %s)"
    until = _value(connection, call, job.id, job.token, purpose, digest, seconds)
    return until if isinstance(until, datetime) else None


def begin_send(
    connection: Connection, job: ClaimedJob, *, environment: str, provider: str, to: str, sha256: bytes, rules: str
) -> str:
    """Record the intent to send, if it may be sent: send, or the reason why not. It is committed on return."""
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
