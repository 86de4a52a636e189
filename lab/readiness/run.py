"""Checks a target: runs the requested families, and joins their results into one report."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime

import psycopg
from psycopg import errors

from lab.checks.finding import Unknown
from lab.database.connect import DatabaseUnavailable
from lab.database.failures import say_break, say_refusal
from lab.readiness.acceptances import Acceptance
from lab.readiness.families import FAMILIES, Family
from lab.readiness.reads import Reads
from lab.readiness.report import Answer, Basis, Report, make_report
from lab.readiness.request import Request

# Errors that concern one family alone: it is then unknown, and the others go on.
_REFUSALS = (
    errors.QueryCanceled,
    errors.LockNotAvailable,
    errors.InsufficientPrivilege,
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedFunction,
    errors.InvalidSchemaName,
)


def inspect_target(
    request: Request,
    *,
    acceptances: Iterable[Acceptance] = (),
    families: tuple[Family, ...] = FAMILIES,
    now: datetime | None = None,
) -> Report:
    """Run every family that the request names, and join their results.

    Args:
        request: What is to be checked.
        acceptances: Findings that a person accepted.
        families: All families.
        now: The time, with its zone; its day decides which acceptances have expired.

    Raises:
        DatabaseUnavailable: The target can't be reached. If that happens after a family has run, the rest is unknown.
    """
    started_at, started = now or datetime.now(UTC), time.perf_counter()
    reads, answers, accepted = Reads(request), list[Answer](), tuple(acceptances)
    for family in families:
        answers.append(run_family(family, reads, already=any(answer.checked for answer in answers)))
    report = make_report(
        request.target,
        answers,
        acceptances=accepted,
        started_at=started_at,
        seconds=time.perf_counter() - started,
        layers=request.layers,
    )
    return report.model_copy(update={"basis": Basis(request, accepted, tuple(answers), reads.made)})


def run_family(family: Family, reads: Reads, *, already: bool) -> Answer:
    """Run a family, if the request names it; what it cannot check is unknown.

    Args:
        family: What is run.
        reads: What it shares with other families.
        already: Whether another family has checked anything, so that a lost target makes only the rest unknown.

    Raises:
        DatabaseUnavailable: The target can't be reached, and nothing was checked before.
    """
    if not family.is_run(reads.request):
        return Answer(family=family.id, title=family.title, asked=False, how_to_run=family.how_to_run)
    started = time.perf_counter()
    try:
        answer = family.answer(reads)
    except _REFUSALS as error:
        told = say_refusal(error)
        why = f"{told[0].upper()}{told[1:]}."
        answer = Answer(unknown=(Unknown(what=family.title, why=why),))
    except psycopg.OperationalError as error:  # what other families have found is not lost with it
        answer = Answer(unknown=(Unknown(what=family.title, why=f"It broke off: {say_break(error)}. Try again."),))
    except DatabaseUnavailable as error:
        if not already:
            raise
        answer = Answer(unknown=(Unknown(what=family.title, why=str(error)),))
    return answer._replace(family=family.id, title=family.title, seconds=time.perf_counter() - started)
