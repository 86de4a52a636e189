"""Chapters shaped for people: state, why, rules and proofs. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from lab.checks.finding import SEVERITIES, Finding
from lab.checks.state import State
from lab.readiness.chapters import BUILT, ChapterState, ProofResult, concerns
from lab.rules import RULES
from lab.rules.model import Chapter
from lab.ui.kit.badges import badge
from lab.ui.kit.markdown import names, plain, prose
from lab.ui.kit.tables import DataFrame, make_frame

STATES = tuple(state.word for state in (State.HOLDS, State.BROKEN, State.UNKNOWN))
LONGEST_REASON = 1200  # characters
MOST_SEEN = 4  # proofs that a sentence names


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
    """Write the head of a chapter: number, promise, state, and its story in two sentences."""
    chapter, found, _ = promise
    head = f"#### {chapter.number}. {chapter.promise} {badge(found.state.value)}"
    return f"{head}\n{chapter.explanation} {prose(_tell_state(promise), LONGEST_REASON)}"


def write_holding(promise: Promise) -> str:
    """Write a chapter that holds as one entry of a list."""
    chapter, found, _ = promise
    return f"- **{chapter.number}. {chapter.promise}** {badge(found.state.value)}  \n  {chapter.explanation}"


def _tell_state(promise: Promise) -> str:
    """Say in one sentence what decides the state."""
    found, why = promise.found, promise.why
    if found.state is State.HOLDS:
        return why
    deciding = [proof for proof in found.proofs if proof.state is found.state]
    seen = "; ".join(dict.fromkeys(proof.seen for proof in deciding if proof.seen))
    if not deciding or not seen:
        return why
    if len(deciding) > MOST_SEEN:
        return f"{len(deciding)} other chapters do not hold."
    next_step = next((proof.why for proof in deciding if proof.why and found.state is State.UNKNOWN), "")
    return f"{seen[0].upper()}{seen[1:]}.{f' {next_step}' if next_step else ''}"


def sort_by_harm(promises: Sequence[Promise], findings: Sequence[Finding]) -> tuple[Promise, ...]:
    """Put what blocks a launch first: broken chapters by their worst finding, then unknown ones, then those that hold.

    Of two with equal findings, the one with fewer tables is about them more closely.

    Args:
        promises: The chapters, in their own order.
        findings: Those of the target.
    """
    return tuple(sorted(promises, key=lambda promise: _rank(promise, findings)))


def _rank(promise: Promise, findings: Sequence[Finding]) -> tuple[int, bool, int, int, int]:
    chapter, found, _ = promise
    worst = min((SEVERITIES.index(f.severity) for f in list_breaking(chapter, findings)), default=len(SEVERITIES))
    urgency = (State.BROKEN, State.UNKNOWN, State.HOLDS).index(found.state)
    rest = chapter.number == len(RULES.chapters)  # the last one depends on all others
    return urgency, rest, worst, len(chapter.tables), chapter.number


def list_breaking(chapter: Chapter, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings that break a chapter, the worst first."""
    return tuple(finding for finding in findings if finding.weighs and concerns(chapter, finding))


def find_first_step(promises: Sequence[Promise], findings: Sequence[Finding]) -> tuple[Promise, Finding | None] | None:
    """Return where to begin: the first chapter in the order of harm that does not hold, and its worst finding."""
    first, *_ = sort_by_harm(promises, findings)
    if first.found.state is not State.BROKEN:
        return None
    breaking = list_breaking(first.chapter, findings)
    return first, breaking[0] if breaking else None


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
