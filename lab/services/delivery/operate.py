"""The acts of operators about deliveries, each in one transaction with the rights of an operator."""

import re
from typing import Any

import psycopg
from psycopg import errors

from lab.rules.forms import ENVIRONMENT
from lab.rules.model import OperatorAct
from lab.rules.roles import oracle_operator
from lab.rules.tables.sending import delivery_switches
from lab.services.acting import acting_as
from lab.text.errors import LabError
from lab.text.escape import show_line

REASON = r"[a-z][a-z0-9_.]{0,39}"
_FORMS = {
    "job_id": (r"[1-9][0-9]{0,17}", "a job, such as 4711"),
    "channel": ("|".join(delivery_switches.column("channel").allowed), "a channel, or all"),
    "environment": (ENVIRONMENT, "an environment, such as production"),
}
_NEXT = "`python -m lab deliveries` shows what there is"


class UnknownDelivery(LabError):
    """An act was given something that is nothing of what it is for."""


class ConsentMissing(LabError):
    """A job cannot be queued again: its person does not allow it any more."""


def check_given(act: OperatorAct, id: str, reason: str | None) -> None:
    """Refuse what cannot be given to an act.

    Raises:
        UnknownDelivery: The id or the reason has another form; the next step names it.
    """
    form, what = _FORMS[_subject_of(act)]
    if not re.fullmatch(form, id):
        raise UnknownDelivery(_name(act), f"{show_line(id, 80)} is no id of {what}", _NEXT)
    if act.reasons and not re.fullmatch(REASON, reason or ""):
        usual = ", ".join(act.reasons)
        raise UnknownDelivery(_name(act), "needs a reason as a short code", f"Usual reasons are {usual}")


def carry_out(connection: psycopg.Connection[Any], act: OperatorAct, id: str, reason: str | None = None) -> bool:
    """Carry out an act; a second call changes nothing.

    Args:
        connection: A connection without an open transaction, whose login may act as an operator.
        act: One of the acts about deliveries.
        id: A job, a channel or an environment.
        reason: A short code, for an act that has reasons; it is written into the audit trail.

    Returns:
        Whether something was changed. False also when somebody else has changed the job meanwhile.

    Raises:
        UnknownDelivery: The id or the reason cannot be one, or there is no such job.
        ConsentMissing: The job's consents are not valid.
        psycopg.Error: The database refused it, or cannot be reached. Nothing was changed.
    """
    check_given(act, id, reason)
    second = reason if act.reasons else act.decision
    given = [id, *([second] if second else [])]
    try:
        with acting_as(connection, oracle_operator.id):
            _check_job(connection, act, id)
            row = connection.execute(_write_call(act, len(given)), given).fetchone()
            return bool(row and row[0])
    except errors.ObjectNotInPrerequisiteState:
        return False
    except errors.InsufficientPrivilege as error:
        if "needs the consent" not in (error.diag.message_primary or ""):
            raise
    raise ConsentMissing(
        f"job {id}", "the consent that it needs is not given", "Cancel the job, or wait until its person allows it"
    )


def _subject_of(act: OperatorAct) -> str:
    return act.function.arguments[0].name if act.function else ""


def _write_call(act: OperatorAct, arguments: int) -> bytes:
    name = act.function.qualified if act.function else ""
    return f"select {name}({', '.join(['%s'] * arguments)})".encode()


def _check_job(connection: psycopg.Connection[Any], act: OperatorAct, id: str) -> None:
    known = "select from operations.delivery_jobs where id = %s"
    if _subject_of(act) == "job_id" and connection.execute(known, [id]).fetchone() is None:
        raise UnknownDelivery(_name(act), f"there is no job {id}", _NEXT)


def _name(act: OperatorAct) -> str:
    return f"deliveries {act.id.replace('_', '-')}"
