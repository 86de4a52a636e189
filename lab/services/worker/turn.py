"""Runs one task: begins its run, does it, and finishes the run with how it ended."""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import psycopg
import stripe

from lab.rules.model import ScheduledTask
from lab.services.billing.processing import explain_stripe
from lab.services.worker.runs import begin_run, finish_run
from lab.services.worker.tasks import TASKS, TaskFailed, TaskStopped, Work
from lab.text.secret_patterns import hide_secrets

DEFECT = "worker.defect"
Tasks = Mapping[str, Callable[[Work], str]]


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a run ended.

    Args:
        task: The task.
        outcome: done, failed or stopped; lost when its lease had ended and another worker has the task.
        error_class: Short code of the error of a failed run.
        summary: What was done, in a few words; empty when there was nothing to do.
    """

    task: ScheduledTask
    outcome: str
    error_class: str | None = None
    summary: str = ""


def run_if_due(work: Work, task: ScheduledTask, tell: Callable[[str], None], tasks: Tasks = TASKS) -> Ran | None:
    """Run a task if the database leases it to this worker; None if not.

    Args:
        work: What it works with.
        task: The task.
        tell: Gets a defect of the program, without secrets.
        tasks: What each task does, by its id.

    Raises:
        psycopg.Error: The connection is lost. The lease ends by itself, and the task is run again.
        WorkerUnusable: Another attempt cannot succeed.
    """
    token = begin_run(work.connection, work.site, task)
    return None if token is None else _finish(work, token, _run(work, task, tell, tasks))


def _run(work: Work, task: ScheduledTask, tell: Callable[[str], None], tasks: Tasks) -> Ran:
    """Run a task; whatever fails in it ends this run, and not the worker. A lost connection shows at the finish."""
    try:
        return Ran(task=task, outcome="done", summary=tasks[task.id](work))
    except TaskStopped:
        return Ran(task=task, outcome="stopped")
    except TaskFailed as failed:
        return Ran(task=task, outcome="failed", error_class=failed.error_class, summary=failed.summary)
    except stripe.StripeError as error:
        return Ran(task=task, outcome="failed", error_class=explain_stripe(error).error_class)
    except psycopg.Error as error:
        return Ran(task=task, outcome="failed", error_class=f"database.{(error.sqlstate or 'error').lower()}")
    except Exception:  # a defect of one task; the others go on
        tell(hide_secrets(traceback.format_exc()))
        return Ran(task=task, outcome="failed", error_class=DEFECT)


def _finish(work: Work, token: UUID, ran: Ran) -> Ran:
    if finish_run(work.connection, ran.task, token, ran.outcome, ran.error_class):
        return ran
    return Ran(task=ran.task, outcome="lost", error_class=ran.error_class, summary=ran.summary)
