"""One inspection of a target: every family that is asked, one report."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime

from psycopg import errors

from lab.findings import Unknown
from lab.readiness.acceptances import Acceptance
from lab.readiness.families import FAMILIES, Family
from lab.readiness.question import Question
from lab.readiness.report import Answer, Report, make_report

# What a server may refuse to one family alone: it then could not be checked, and the others go on.
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
    question: Question,
    *,
    acceptances: Iterable[Acceptance] = (),
    families: tuple[Family, ...] = FAMILIES,
    now: datetime | None = None,
) -> Report:
    """Ask every family that the question asks, and join the answers.

    Args:
        question: What is to be checked.
        acceptances: What somebody decided to live with.
        families: All there are.
        now: The time, with its zone; its day decides which acceptances have expired.

    Raises:
        DatabaseUnavailable: The target can't be reached.
    """
    started_at, started = now or datetime.now(UTC), time.perf_counter()
    answers = [_ask(family, question) for family in families]
    return make_report(
        question.target,
        answers,
        acceptances=acceptances,
        started_at=started_at,
        seconds=time.perf_counter() - started,
        layers=question.layers,
    )


def _ask(family: Family, question: Question) -> Answer:
    if not family.is_asked(question):
        return Answer(family=family.id, title=family.title, asked=False, how_to_ask=family.how_to_ask)
    started = time.perf_counter()
    try:
        answer = family.answer(question)
    except _REFUSALS as error:
        why = f"The database refused: {error.diag.message_primary or 'no reason given'} (SQLSTATE {error.sqlstate})."
        answer = Answer(unknown=(Unknown(what=family.title, why=why),))
    return answer._replace(family=family.id, title=family.title, seconds=time.perf_counter() - started)
