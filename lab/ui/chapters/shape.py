"""Chapters shaped for people: state, why, rules and proofs. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from lab.readiness.chapters import BUILT
from lab.rules import RULES
from lab.rules.model import Chapter
from lab.ui.kit.markdown import plain
from lab.ui.kit.tables import Frame, code, say
from lab.ui.kit.verdicts import STATE_FACES

STATES = tuple(STATE_FACES)
LONGEST = 1200  # signs of a reason


class ProofSeen(Protocol):
    """What a database answered to one proof."""

    @property
    def id(self) -> str:
        """Its stable name."""

    @property
    def title(self) -> str:
        """What was asked."""

    @property
    def state(self) -> str:
        """Holds, broken or unknown."""

    @property
    def seen(self) -> str:
        """What was seen."""

    @property
    def why(self) -> str:
        """Why the state is what it is."""


class ChapterSeen(Protocol):
    """What a database answered to one chapter."""

    @property
    def number(self) -> int:
        """From 1 to 16."""

    @property
    def state(self) -> str:
        """Holds, broken or unknown."""

    @property
    def proofs(self) -> Sequence[ProofSeen]:
        """One answer for each proof."""


@dataclass(frozen=True)
class Promise:
    """A chapter with what is known of it now.

    Args:
        chapter: What is promised.
        state: Holds, broken or unknown.
        why: Why it is that.
        proofs: Title, state and what was seen of each.
        has_findings: Whether the check of readiness has findings on it.
    """

    chapter: Chapter
    state: str
    why: str
    proofs: tuple[tuple[str, str, str], ...]
    has_findings: bool = False


def shape_promises(seen: Iterable[ChapterSeen] | None, reason: str) -> tuple[Promise, ...]:
    """Join the chapters of the rules with what a database answered.

    Args:
        seen: The answers; none when nothing could be asked.
        reason: Why nothing could be asked; every chapter is unknown then.
    """
    answers = {chapter.number: chapter for chapter in seen or ()}
    return tuple(_shape(chapter, answers.get(chapter.number), reason) for chapter in RULES.chapters)


def _shape(chapter: Chapter, seen: ChapterSeen | None, reason: str) -> Promise:
    if seen is None:
        proofs = tuple((proof.title, "unknown", proof.unknown_because or reason) for proof in chapter.proofs)
        return Promise(chapter, "unknown", reason or "The database gave no answer for this chapter.", proofs)
    state = seen.state if seen.state in STATES else "unknown"
    proofs = tuple((p.title, p.state if p.state in STATES else "unknown", _told(p)) for p in seen.proofs)
    has_findings = any(proof.id == BUILT and proof.state == "broken" for proof in seen.proofs)
    return Promise(chapter, state, _explain(state, proofs), proofs, has_findings)


def _told(proof: ProofSeen) -> str:
    return " ".join(f"{part.rstrip('.')}." for part in (proof.seen, proof.why) if part)


def _explain(state: str, proofs: Sequence[tuple[str, str, str]]) -> str:
    """Say why a chapter's state is what it is, by the proofs that decide it."""
    if not proofs:
        return "Nothing has been asked about it."
    deciding = [f"{title.rstrip('.')}: {told}" for title, found, told in proofs if found == state]
    return " ".join(deciding) if state != "holds" else f"{len(proofs)} of {len(proofs)} proofs hold."


def count_states(promises: Sequence[Promise]) -> Mapping[str, int]:
    """Count the chapters by state, in the order holds, broken, unknown."""
    return {state: sum(promise.state == state for promise in promises) for state in STATES}


def write_promise(promise: Promise) -> str:
    """Write the head of a chapter: number, promise, state, explanation, why."""
    chapter = promise.chapter
    return (
        f"#### {chapter.number}. {chapter.promise} {STATE_FACES[promise.state].chip()}\n"
        f"{chapter.explanation}\n\n:small[{plain(promise.why, LONGEST)}]"
    )


def write_details(promise: Promise) -> str:
    """Write what carries a chapter: proofs, rules and tables."""
    rows = tuple((STATE_FACES[state].chip(), say(title), plain(told, LONGEST)) for title, state, told in promise.proofs)
    proofs = Frame(("State", "Proof", "What was seen"), rows, "No proof can be asked of it yet.").markdown()
    rules = " ".join(code(name) for name in promise.chapter.carried_by) or "The rules themselves."
    tables = " ".join(code(table.id) for table in promise.chapter.tables) or "None of its own."
    return f"**Proofs**\n\n{proofs}\n\n**Carried by**\n\n{rules}\n\n**Tables**\n\n{tables}"
