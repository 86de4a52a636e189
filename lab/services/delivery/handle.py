"""Handles one claimed job: whatever fails in it ends this attempt, and not the worker."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from lab.services.delivery.artifacts import fill_account, make_for_account
from lab.services.delivery.claims import ClaimedJob, Connection, fail_job, release_job
from lab.services.delivery.outcome import JobFailed, JobPostponed
from lab.services.delivery.sending import send_message
from lab.services.delivery.site import DeliverySite
from lab.text.secret_patterns import hide_secrets

DEFECT = "handler.defect"


@dataclass(frozen=True, kw_only=True)
class Handled:
    """How an attempt ended.

    Args:
        job: The job.
        state: The job's state now; released when the attempt did not count, fenced when the lease was lost, made when
            its work is done and it is still to be completed.
        code: Short code of what kept it from being done; None when it was.
    """

    job: ClaimedJob
    state: str
    code: str | None = None


def handle_job(
    site: DeliverySite, connection: Connection, job: ClaimedJob, tell: Callable[[str], None], *, complete: bool = True
) -> Handled:
    """Run a job once.

    Args:
        site: What deliveries work with.
        connection: One without an open transaction.
        job: The job.
        tell: Gets a defect of the program: its kind and place, never its words, which may quote a reading.
        complete: False to leave a job of the account leg to the caller, who completes several at once.

    Raises:
        psycopg.Error: The connection was lost; the lease ends by itself, and the queue decides what happens then.
    """
    act = send_message if job.leg == "email" else fill_account if complete else make_for_account
    try:
        return Handled(job=job, state=act(site, connection, job))
    except JobPostponed as reason:
        return Handled(job=job, state=release_job(connection, job, reason.seconds), code=reason.code)
    except JobFailed as fault:
        state = fail_job(connection, job, fault.code, permanent=fault.permanent, pause=fault.pause)
        return Handled(job=job, state=state, code=fault.code)
    except psycopg.Error as error:
        if connection.broken or error.sqlstate is None:
            raise
        code = f"database.{error.sqlstate.lower()}"
        return Handled(job=job, state=fail_job(connection, job, code), code=code)
    except Exception as defect:  # a defect of one handler; other jobs go on
        tell(_describe(defect))
        return Handled(job=job, state=fail_job(connection, job, DEFECT), code=DEFECT)


def _describe(defect: Exception) -> str:
    """Return the kind of a defect and the lines through which it came."""
    frames = traceback.extract_tb(defect.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    return hide_secrets("\n  ".join([f"defect: {type(defect).__name__}", *places]))
