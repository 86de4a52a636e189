"""Reads the state of each chapter: it holds if its schema matches the rules and no row breaks its promise."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg
from pydantic import BaseModel, ConfigDict

from lab.checks.data.questions import read_question
from lab.checks.finding import Finding
from lab.checks.schema.check import LOCK_SECONDS, STATEMENT_SECONDS, SchemaCheck, inspect_connection
from lab.checks.schema.every_kind import KINDS
from lab.checks.schema.severity import find_table
from lab.checks.state import State
from lab.database.connect import DatabaseUnavailable, connect, name_database
from lab.database.failures import say_break
from lab.database.read_only import QueryFailed, read_only_transaction, run_queries
from lab.rehearsal.record import Recorded, read_recorded
from lab.rules import RULES
from lab.rules.model import Chapter, Proof
from lab.services.anchor import AnchorSource, AnchorState, read_states
from lab.text.escape import show_line
from lab.text.product_files import home_folder

QUESTION_SECONDS = 10  # for each of a dozen queries
NAMED = 5  # findings; the check lists them all

STEPS = (
    ("wall", "The schema matches the rules, as the readiness check compares it."),
    ("questions", "No row breaks what a chapter promises."),
    ("anchors", "The ledgers fit their anchors outside the database."),
)
Watch = Callable[[str], AbstractContextManager[object]]
Anchors = Mapping[str, AnchorState]  # by ledger
Answers = Mapping[str, int | QueryFailed]  # id of a question -> the number of offending rows, or why it is unknown

# Findings of these kinds concern every chapter that their table belongs to.
_OF_WHOLE_TABLES = frozenset(kind.name for kind in KINDS if kind.whole_table)
BUILT = "built"  # the proof by the readiness check
_NOT_RUN = ("not run", "Run the check of the chapters.")
_NEXT = "The readiness check shows why, with the SQL that repairs it or the decision that a person must make."


class ProofResult(BaseModel):
    """One proof of a chapter, and its result."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    state: State
    seen: str
    why: str


class ChapterState(BaseModel):
    """A chapter, and whether its promise is kept on a database."""

    model_config = ConfigDict(frozen=True)

    number: int
    id: str
    promise: str
    state: State
    proofs: tuple[ProofResult, ...]


def read_chapters(url: str, *, anchors: AnchorSource | None = None, full: bool = False) -> tuple[ChapterState, ...]:
    """Return the state of all chapters on a database. Read-only.

    Takes what `read_proofs` takes, and raises what it raises.
    """
    return judge_chapters(*read_proofs(url, anchors=anchors, full=full), read_recorded(home_folder()))


class Proofs(NamedTuple):
    """What the state of the chapters depends on; see `judge_chapters`."""

    wall: SchemaCheck
    questions: Answers
    anchors: Anchors


def read_proofs(
    url: str, *, anchors: AnchorSource | None = None, full: bool = False, watch: Watch = nullcontext
) -> Proofs:
    """Read what the state of all chapters depends on. Read-only.

    A finding of the readiness check above information breaks the chapters that it concerns, even if it was accepted: an
    acceptance lets the target be used, but does not make the promise true.

    Args:
        url: Its URL. Counting rows needs a role that row-level security does not apply to; a count that is refused
            is unknown.
        anchors: The anchors of its ledgers; without them, each proof from a ledger is unknown.
        full: Whether every entry of the ledgers is read, or only the newest.
        watch: Is entered with the id of each of `STEPS`, and left at its end.

    Raises:
        DatabaseUnavailable: It cannot be reached, the connection breaks, or its Postgres is too old.
    """
    name = name_database(url)
    try:
        with connect(
            url, read_only=True, statement_timeout_seconds=STATEMENT_SECONDS, lock_timeout_seconds=LOCK_SECONDS
        ) as connection:
            with watch("wall"):
                wall = inspect_connection(connection, name)
            with watch("questions"):
                answers = _run_questions(connection)
    except psycopg.OperationalError as error:
        found = f"while the chapters were read, {say_break(error)}"
        raise DatabaseUnavailable(name, found, "Try again") from None
    with watch("anchors"):
        states = read_states(url, anchors, datetime.now(UTC), full=full)
    return Proofs(wall, answers, states)


def judge_chapters(
    wall: SchemaCheck | None, answers: Answers | None, anchors: Anchors | None, rehearsed: Recorded | None = None
) -> tuple[ChapterState, ...]:
    """Return the state of all chapters from the results of their proofs; what was not read is unknown. Pure.

    Args:
        wall: The comparison of the schema with the rules.
        answers: The result of each proof's question.
        anchors: Whether each ledger fits its anchors.
        rehearsed: What the last rehearsal says about this code.
    """
    results = {
        chapter.number: (
            _judge_schema(chapter, wall),
            *(_judge(proof, answers, anchors, rehearsed) for proof in chapter.proofs),
        )
        for chapter in RULES.chapters
    }
    *others, last = RULES.chapters
    proved = [_join(chapter, results[chapter.number]) for chapter in others]
    return (*proved, _join(last, (*results[last.number], *_list_remaining(proved))))


def _join(chapter: Chapter, results: tuple[ProofResult, ...]) -> ChapterState:
    states = {result.state for result in results}
    worst = next(state for state in (State.BROKEN, State.UNKNOWN, State.HOLDS) if state in states)
    return ChapterState(number=chapter.number, id=chapter.id, promise=chapter.promise, state=worst, proofs=results)


def concerns(chapter: Chapter, finding: Finding) -> bool:
    """Tell whether a finding breaks a chapter: it names the chapter, one of its rules, or a whole table of it."""
    if chapter.number == finding.chapter or finding.rule in chapter.carried_by:
        return True
    return finding.kind in _OF_WHOLE_TABLES and find_table(finding.subject) in chapter.tables


def _judge_schema(chapter: Chapter, wall: SchemaCheck | None) -> ProofResult:
    """Return whether the objects that the chapter's rules declare exist and are in force."""
    found = [finding for finding in wall.findings if finding.weighs and concerns(chapter, finding)] if wall else []
    state, seen, why = State.HOLDS, "nothing differs", ""
    if wall is None:
        state, seen, why = State.UNKNOWN, *_NOT_RUN
    elif found:
        state, seen, why = State.BROKEN, _name_findings(found), _NEXT
    elif wall.unknown:
        state, seen = State.UNKNOWN, "not everything could be checked"
        why = " ".join(dict.fromkeys(entry.why for entry in wall.unknown))
    title = "Its tables, and the functions, triggers and policies that enforce it, match the rules."
    return ProofResult(id=BUILT, title=title, state=state, seen=seen, why=why)


def _name_findings(findings: list[Finding]) -> str:
    """Name the objects that differ, the worst first, and count the findings."""
    told = list(dict.fromkeys(f"{finding.severity.value}, {show_line(finding.subject, 160)}" for finding in findings))
    more = [f"and {len(told) - NAMED} more"] if len(told) > NAMED else []
    return f"{len(findings)} differ{'s' if len(findings) == 1 else ''} ({'; '.join([*told[:NAMED], *more])})"


def _judge(proof: Proof, answers: Answers | None, anchors: Anchors | None, rehearsed: Recorded | None) -> ProofResult:
    def tell(state: State, seen: str, why: str) -> ProofResult:
        return ProofResult(id=proof.id, title=proof.title, state=state, seen=seen, why=why)

    if proof.ledger is not None:
        if anchors is None:
            return tell(State.UNKNOWN, *_NOT_RUN)
        anchored = anchors[proof.ledger.id]
        state = {True: State.HOLDS, False: State.BROKEN, None: State.UNKNOWN}[anchored.fits]
        return tell(state, anchored.seen, anchored.why)
    if proof.rehearsed:
        return tell(rehearsed.state, rehearsed.seen, rehearsed.why) if rehearsed else tell(State.UNKNOWN, *_NOT_RUN)
    if proof.asks is None:
        return tell(State.UNKNOWN, "not run", proof.unknown_because or "")
    if answers is None:
        return tell(State.UNKNOWN, *_NOT_RUN)
    answer = answers[proof.asks.id]
    if isinstance(answer, QueryFailed):
        return tell(State.UNKNOWN, "could not be checked", str(answer))
    seen = f"{answer} offending row{'' if answer == 1 else 's'} found" if answer else "no offending row found"
    return tell(State.BROKEN if answer else State.HOLDS, seen, proof.asks.why)


def _run_questions(connection: psycopg.Connection[Any]) -> Answers:
    """Count the offending rows of every proof."""
    questions = [proof.asks for chapter in RULES.chapters for proof in chapter.proofs if proof.asks]
    with read_only_transaction(connection, {"lab.recent": ""}, QUESTION_SECONDS):  # every row
        answers = run_queries(connection, {asked.id: read_question(asked) for asked in questions})
    return {name: _count(answer) for name, answer in answers.items()}


def _count(answer: list[dict[str, Any]] | QueryFailed) -> int | QueryFailed:
    return answer if isinstance(answer, QueryFailed) else int(next(iter(answer[0].values())))


def _list_remaining(proved: list[ChapterState]) -> Iterator[ProofResult]:
    """Yield the other chapters that do not hold; the last chapter depends on all of them."""
    for chapter in proved:
        if chapter.state is not State.HOLDS:
            deciding = [proof for proof in chapter.proofs if proof.state is not State.HOLDS]
            yield ProofResult(
                id=chapter.id,
                title=chapter.promise,
                state=chapter.state,
                seen="; ".join(proof.seen for proof in deciding),
                why=" ".join(dict.fromkeys(p.why for p in deciding if p.why and p.state is State.UNKNOWN)),
            )
