"""The state of each chapter on a database: what its rules made is there, and no question finds an offender."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors
from pydantic import BaseModel, ConfigDict

from lab.database import DatabaseUnavailable, connect, name_database
from lab.failures import say_break
from lab.rules import RULES
from lab.rules.model import Chapter, Proof

LOCK_SECONDS = 1.0  # for each question, and there are a dozen

Objects = Mapping[str, str | None]  # name of what is in the database -> why it does not count, if it does not

CHECK_FOLDER = Path(__file__).parents[1] / "sql" / "checks"


class ProofState(StrEnum):
    """What a question to the database came to."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class ProofResult(BaseModel):
    """One question, and what it came to."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    state: ProofState
    seen: str
    why: str


class ChapterState(BaseModel):
    """A chapter, and whether its promise is kept on a database."""

    model_config = ConfigDict(frozen=True)

    number: int
    id: str
    promise: str
    state: ProofState
    proofs: tuple[ProofResult, ...]


def read_chapters(url: str) -> tuple[ChapterState, ...]:
    """Return the state of all chapters on a database. Read-only.

    Raises:
        DatabaseUnavailable: The database cannot be reached, or the connection breaks.
    """
    try:
        with connect(url, read_only=True, lock_timeout_seconds=LOCK_SECONDS) as connection:
            present = _read_objects(connection)
            proved = [_chapter_state(connection, chapter, present) for chapter in RULES.chapters[:-1]]
    except psycopg.OperationalError as error:
        found = f"while the chapters were read, {say_break(error)}"
        raise DatabaseUnavailable(name_database(url), found, "Try again") from None
    return (*proved, _what_remains(RULES.chapters[-1], proved))


def _chapter_state(connection: psycopg.Connection[Any], chapter: Chapter, present: Objects) -> ChapterState:
    results = (_built(chapter, present), *(_ask(connection, proof) for proof in chapter.proofs))
    return _join(chapter, results)


def _join(chapter: Chapter, results: tuple[ProofResult, ...]) -> ChapterState:
    states = {result.state for result in results}
    worst = next(state for state in (ProofState.BROKEN, ProofState.UNKNOWN, ProofState.HOLDS) if state in states)
    return ChapterState(number=chapter.number, id=chapter.id, promise=chapter.promise, state=worst, proofs=results)


def _built(chapter: Chapter, present: Objects) -> ProofResult:
    """Answer whether what the chapter's rules name is there and in force."""
    wanted = [*(table.qualified for table in chapter.tables), *chapter.carried_by]
    idle: dict[str, list[str]] = {}
    for name in wanted:
        if fault := present.get(name, "missing"):
            idle.setdefault(fault, []).append(name)
    told = [f"{len(names)} of {len(wanted)} {fault}: {', '.join(names)}" for fault, names in idle.items()]
    return ProofResult(
        id="built",
        title="Its tables, and what carries the promise, are in the database and in force.",
        state=ProofState.BROKEN if idle else ProofState.HOLDS,
        seen="; ".join(told) or f"all {len(wanted)} found",
        why="A promise whose table, trigger or function is missing or out of force is only words.",
    )


def _ask(connection: psycopg.Connection[Any], proof: Proof) -> ProofResult:
    if proof.query is None:
        return _result(proof, ProofState.UNKNOWN, "not asked", proof.unknown_because or "")
    query = (CHECK_FOLDER / f"{proof.query}.sql").read_text()
    try:
        with connection.transaction():
            row = connection.execute(query.encode()).fetchone()
    except errors.LockNotAvailable:
        reason = "Somebody holds a lock on something that the question needs: ask again when they are done."
        return _result(proof, ProofState.UNKNOWN, "could not be asked", reason)
    except psycopg.Error as error:
        if connection.closed:
            raise
        reason = f"The database answered with the error {error.sqlstate or 'of a broken connection'}."
        return _result(proof, ProofState.UNKNOWN, "could not be asked", reason)
    offenders = int(row[0]) if row else 0
    seen = f"{offenders} found that should not be there" if offenders else "none found that should not be there"
    return _result(proof, ProofState.BROKEN if offenders else ProofState.HOLDS, seen, _first_comment(query))


def _result(proof: Proof, state: ProofState, seen: str, why: str) -> ProofResult:
    return ProofResult(id=proof.id, title=proof.title, state=state, seen=seen, why=why)


def _first_comment(query: str) -> str:
    """Return the sentence that heads a query file."""
    return " ".join(line[2:].strip() for line in query.splitlines() if line.startswith("--"))


def _what_remains(chapter: Chapter, proved: list[ChapterState]) -> ChapterState:
    """Derive the last chapter: every other one that is not proved now."""
    results = tuple(
        ProofResult(
            id=state.id,
            title=state.promise,
            state=state.state,
            seen="; ".join(p.seen for p in state.proofs if p.state is not ProofState.HOLDS),
            why=" ".join(p.why for p in state.proofs if p.state is not ProofState.HOLDS),
        )
        for state in proved
        if state.state is not ProofState.HOLDS
    )
    nothing = ProofResult(
        id="nothing",
        title="Nothing remains.",
        state=ProofState.HOLDS,
        seen="every chapter holds",
        why=chapter.explanation,
    )
    return _join(chapter, results or (nothing,))


def _read_objects(connection: psycopg.Connection[Any]) -> Objects:
    query = (CHECK_FOLDER / "objects.sql").read_text()
    rows = connection.execute(query.encode()).fetchall()
    # Where a name is given more than once, one of them that is in force is enough.
    return {name: fault for name, fault in rows if fault} | {name: None for name, fault in rows if not fault}
