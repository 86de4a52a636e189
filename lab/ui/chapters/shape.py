"""Chapters shaped for people: state, why, rules and proofs. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from lab.checks.state import State
from lab.readiness.chapters import BUILT, ChapterState, ProofResult
from lab.rules import RULES
from lab.rules.model import Chapter
from lab.ui.kit.badges import badge
from lab.ui.kit.markdown import names, plain, prose
from lab.ui.kit.tables import DataFrame, make_frame

STATES = tuple(state.word for state in (State.HOLDS, State.BROKEN, State.UNKNOWN))
LONGEST_REASON = 1200  # characters


class Promise(NamedTuple):
    """A chapter of the rules, its state on a database, and why it is that."""

    chapter: Chapter
    found: ChapterState
    why: str


def shape_promises(seen: Iterable[ChapterState], reason: str) -> tuple[Promise, ...]:
    """Join the chapters of the rules with the results of a check.

    Args:
        seen: The results; a chapter without one is unknown.
        reason: Why it has none.
    """
    results = {state.number: state for state in seen}
    return tuple(
        Promise(one, results[one.number], _explain(results[one.number]))
        if one.number in results
        else Promise(one, _make_unknown(one, reason), reason)
        for one in RULES.chapters
    )


def _make_unknown(chapter: Chapter, reason: str) -> ChapterState:
    proofs = tuple(
        ProofResult(id=proof.id, title=proof.title, state=State.UNKNOWN, seen="", why=proof.unknown_because or reason)
        for proof in chapter.proofs
    )
    return ChapterState(
        number=chapter.number, id=chapter.id, promise=chapter.promise, state=State.UNKNOWN, proofs=proofs
    )


def has_findings(state: ChapterState) -> bool:
    """Tell whether the readiness check has findings on a chapter."""
    return any(proof.id == BUILT and proof.state is State.BROKEN for proof in state.proofs)


def _describe(proof: ProofResult) -> str:
    return " ".join(f"{part.rstrip('.')}." for part in (proof.seen, proof.why) if part)


def _explain(state: ChapterState) -> str:
    """Say why a chapter's state is what it is, by the proofs that decide it."""
    if state.state is State.HOLDS:
        return f"{len(state.proofs)} of {len(state.proofs)} proofs hold."
    return " ".join(f"{one.title.rstrip('.')}: {_describe(one)}" for one in state.proofs if one.state is state.state)


def count_states(promises: Sequence[Promise]) -> Mapping[str, int]:
    """Count the chapters by state, in the order holds, broken, unknown."""
    return {state: sum(found.state == state for _, found, _ in promises) for state in STATES}


def write_promise(promise: Promise) -> str:
    """Write the head of a chapter: number, promise, state, explanation, why."""
    chapter, found, why = promise
    return (
        f"#### {chapter.number}. {chapter.promise} {badge(found.state.value)}\n"
        f"{chapter.explanation}\n\n:small[{prose(why, LONGEST_REASON)}]"
    )


def write_details(promise: Promise) -> str:
    """Write what carries a chapter: proofs, rules and tables."""
    chapter, found, _ = promise
    proofs = "\n".join(
        f"- {badge(proof.state.value)} {plain(proof.title)}  \n  :small[{prose(_describe(proof), LONGEST_REASON)}]"
        for proof in found.proofs
    )
    rules = names(chapter.carried_by) or "The rules themselves."
    tables = names(table.id for table in chapter.tables) or "None of its own."
    return f"**Proofs**\n\n{proofs or 'No proof.'}\n\n**Carried by**\n\n{rules}\n\n**Tables**\n\n{tables}"


def frame_proofs(promises: Sequence[Promise]) -> DataFrame:
    """Shape the proofs of some chapters."""
    proofs = ((promise.chapter.number, proof) for promise in promises for proof in promise.found.proofs)
    rows = ((number, proof.title, [proof.state.value], _describe(proof)) for number, proof in proofs)
    return make_frame(("Chapter", "Proof", "State", "What was seen"), rows)
