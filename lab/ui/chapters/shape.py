"""Chapters shaped for people: state, why, rules and proofs. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lab.readiness.chapters import BUILT, ChapterState, ProofResult
from lab.rules import RULES
from lab.rules.model import Chapter
from lab.ui.kit.badges import badge
from lab.ui.kit.markdown import names, plain
from lab.ui.kit.tables import make_frame

if TYPE_CHECKING:
    from pandas import DataFrame

STATES = ("holds", "broken", "unknown")
LONGEST_REASON = 1200  # characters


class Proof(NamedTuple):
    """A proof of a chapter, and what the check saw."""

    title: str
    state: str
    seen: str


class Promise(NamedTuple):
    """A chapter with its state on a database.

    Args:
        chapter: What is promised.
        state: Holds, broken or unknown.
        why: Why it is that.
        proofs: Each with its own state.
        has_findings: Whether the readiness check has findings on it.
    """

    chapter: Chapter
    state: str
    why: str
    proofs: tuple[Proof, ...]
    has_findings: bool = False


def shape_promises(seen: Iterable[ChapterState] | None, reason: str) -> tuple[Promise, ...]:
    """Join the chapters of the rules with the results of a check.

    Args:
        seen: The results; none when the check did not run.
        reason: Why it did not run; every chapter is unknown then.
    """
    results = {chapter.number: chapter for chapter in seen or ()}
    return tuple(_shape(chapter, results.get(chapter.number), reason) for chapter in RULES.chapters)


def _shape(chapter: Chapter, seen: ChapterState | None, reason: str) -> Promise:
    if seen is None:
        proofs = tuple(Proof(proof.title, "unknown", proof.unknown_because or reason) for proof in chapter.proofs)
        return Promise(chapter, "unknown", reason or "The check gave no result for this chapter.", proofs)
    proofs = tuple(Proof(proof.title, proof.state.value, _tell(proof)) for proof in seen.proofs)
    has_findings = any(proof.id == BUILT and proof.state == "broken" for proof in seen.proofs)
    return Promise(chapter, seen.state.value, _explain(seen.state.value, proofs), proofs, has_findings)


def _tell(proof: ProofResult) -> str:
    return " ".join(f"{part.rstrip('.')}." for part in (proof.seen, proof.why) if part)


def _explain(state: str, proofs: Sequence[Proof]) -> str:
    """Say why a chapter's state is what it is, by the proofs that decide it."""
    if state == "holds":
        return f"{len(proofs)} of {len(proofs)} proofs hold."
    return " ".join(f"{proof.title.rstrip('.')}: {proof.seen}" for proof in proofs if proof.state == state)


def count_states(promises: Sequence[Promise]) -> Mapping[str, int]:
    """Count the chapters by state, in the order holds, broken, unknown."""
    return {state: sum(promise.state == state for promise in promises) for state in STATES}


def write_promise(promise: Promise) -> str:
    """Write the head of a chapter: number, promise, state, explanation, why."""
    chapter = promise.chapter
    return (
        f"#### {chapter.number}. {chapter.promise} {badge(promise.state)}\n"
        f"{chapter.explanation}\n\n:small[{plain(promise.why, LONGEST_REASON)}]"
    )


def write_details(promise: Promise) -> str:
    """Write what carries a chapter: proofs, rules and tables."""
    proofs = "\n".join(
        f"- {badge(proof.state)} {proof.title}  \n  :small[{plain(proof.seen, LONGEST_REASON)}]"
        for proof in promise.proofs
    )
    rules = names(promise.chapter.carried_by) or "The rules themselves."
    tables = names(table.id for table in promise.chapter.tables) or "None of its own."
    return f"**Proofs**\n\n{proofs or 'No proof.'}\n\n**Carried by**\n\n{rules}\n\n**Tables**\n\n{tables}"


def frame_proofs(promises: Sequence[Promise]) -> "DataFrame":
    """Shape the proofs of some chapters."""
    rows = ((p.chapter.number, one.title, [one.state], one.seen) for p in promises for one in p.proofs)
    return make_frame(("Chapter", "Proof", "State", "What was seen"), rows)
