"""The sixteen chapters of a database in every form."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from lab.checks.state import State
from lab.readiness.chapters import ChapterState
from lab.readiness.formats.markdown import prose
from lab.readiness.reports.forms import Forms, add_pdf
from lab.services.documents import Paper, Tone
from lab.text.escape import write_json


class Chapters(NamedTuple):
    """The chapters of a target, and when they were read."""

    target: str
    states: tuple[ChapterState, ...]
    read_at: datetime | None = None


def chapters_text(found: Chapters) -> str:
    """Return the chapters as plain text: proofs that hold are not listed."""
    lines = [f"target: {found.target}", *(line for state in found.states for line in _describe_chapter(state))]
    return "\n".join(lines)


def _describe_chapter(state: ChapterState) -> Iterator[str]:
    yield f"{state.number:2} {state.state.value:8} {state.promise}"
    for proof in state.proofs:
        if proof.state is not State.HOLDS:
            yield f"            {proof.state.value}: {proof.title} ({proof.seen}) {proof.why}"


def chapters_json(found: Chapters) -> str:
    """Return the chapters as JSON."""
    return write_json({"target": found.target, "chapters": [state.model_dump() for state in found.states]})


def chapters_markdown(found: Chapters) -> str:
    """Return the chapters as Markdown: the list, and then each chapter with its proofs."""
    lines = [f"# Chapters of {prose(found.target)}", "", f"**{describe_chapters(found)}**", ""]
    lines += ["| Chapter | Promise | State |", "|---|---|---|"]
    lines += [f"| {state.number} | {prose(state.promise)} | {state.state.word} |" for state in found.states]
    for state in found.states:
        lines += ["", f"## {state.number}. {prose(state.promise)}", "", f"{state.state.word.capitalize()}.", ""]
        lines += ["| Proof | State | Seen | Why |", "|---|---|---|---|"]
        lines += [
            f"| {prose(proof.title)} | {proof.state.word} | {prose(proof.seen)} | {prose(proof.why)} |"
            for proof in state.proofs
        ]
    return "\n".join(lines) + "\n"


def describe_chapters(found: Chapters) -> str:
    """Return how many chapters hold, are broken or unknown, in one sentence."""
    counts = {state: sum(one.state is state for one in found.states) for state in State}
    words = {State.HOLDS: "hold"}
    told = [f"{count} {words.get(state, state.word)}" for state, count in counts.items() if count]
    return f"{', '.join(told)} of {len(found.states)} chapters." if told else "No chapter was read."


def chapters_paper(found: Chapters) -> Paper:
    """Return what the PDF of the chapters is made of."""
    return Paper(
        markdown=chapters_markdown(found), about="Chapters", tone=_choose_tone(found.states), made_at=found.read_at
    )


def _choose_tone(states: tuple[ChapterState, ...]) -> Tone:
    seen = {one.state for one in states}
    return "bad" if State.BROKEN in seen else "good" if seen == {State.HOLDS} else "unknown"


CHAPTER_FORMS: Forms[Chapters] = add_pdf(
    {"text": chapters_text, "json": chapters_json, "markdown": chapters_markdown}, chapters_paper
)
