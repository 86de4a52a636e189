"""Reads the SQL of invariants: the query that counts offending rows, and the repair."""

from lab.checks.data.catalogue_questions import count_blocking, count_exhausted
from lab.checks.data.orphans import count_orphans
from lab.checks.data.wording import count_missing, count_undeclared
from lab.rules import RULES
from lab.rules.model import Invariant, Question
from lab.sql.migrations import write_wordings
from lab.text.product_files import SQL

QUESTION_FOLDER = SQL / "questions"
REPAIR_FOLDER = SQL / "repairs"


def read_question(asked: Invariant | Question) -> str:
    """Return the query whose single value is the number of offending rows.

    It reads every row, or as many as the setting `lab.recent` allows.
    """
    match asked:
        case Invariant(derived="orphans"):
            return count_orphans(asked.table)
        case Invariant(derived="phrases"):
            return count_undeclared(RULES.phrases)
        case Invariant(derived="wordings"):
            return count_missing(RULES.wordings, RULES.phrases)
        case Invariant(derived="sequences"):
            return count_exhausted(RULES.tables)
        case Invariant(derived="blocking keys"):
            return count_blocking(RULES.tables)
    return (QUESTION_FOLDER / f"{asked.id}.sql").read_text(encoding="utf-8").strip()


def read_repair(invariant: Invariant) -> str | None:
    """Return the SQL that restores an invariant, if SQL alone can do it."""
    if invariant.derived == "wordings":
        return "\n".join(write_wordings())
    return (REPAIR_FOLDER / f"{invariant.id}.sql").read_text(encoding="utf-8").strip() if invariant.repairs else None
