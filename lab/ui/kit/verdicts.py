"""The verdict in words, icon and colour, and the buttons that lead to ready. Pure."""

from dataclasses import dataclass

from lab.plan.make import ChangeLine, Plan, Verdict
from lab.rules import RULES


@dataclass(frozen=True)
class Face:
    """How a state looks: its word, its icon, its colour."""

    word: str
    icon: str
    colour: str

    def chip(self) -> str:
        """Return the face as a chip."""
        return f":{self.colour}-badge[:material/{self.icon}: {self.word}]"


FACES = {
    Verdict.READY: Face("ready", "check_circle", "green"),
    Verdict.MISSING_CONSENT: Face("missing consent", "pending", "orange"),
    Verdict.NOT_OFFERED: Face("not offered", "block", "red"),
}
STATE_FACES = {
    "holds": Face("holds", "check_circle", "green"),
    "broken": Face("broken", "error", "red"),
    "unknown": Face("unknown", "help", "gray"),
}
CONSENT_TITLES = {consent.id: consent.title for consent in RULES.consents}
CHANNEL_TITLES = {channel.id: channel.title for channel in RULES.channels}
LAYER_TITLES = {layer.id: layer.title for layer in RULES.layers}


def explain_verdict(plan: Plan) -> str:
    """Say in one line why the verdict is what it is."""
    if plan.verdict is Verdict.READY:
        return "Nothing that was chosen waits for a consent, and every channel is offered."
    refused = [f"{note.name} {note.why}" for note in plan.notes[1:]]
    waits = "; ".join(f"`{line.name}` for {_and(line.needed_by)}" for line in plan.missing_consents)
    return " ".join([*refused, *([f"Not given yet: {waits}."] if waits else [])])


def label_change(change: ChangeLine, *, first: bool) -> str:
    """Write a change as the words on its button, such as “Give email_delivery” or “or drop email”."""
    steps = [f"{verb} {_and(ids)}" for verb, ids in (("give", change.give), ("drop", change.drop)) if ids]
    words = ", ".join(steps)
    return words[0].upper() + words[1:] if first else f"or {words}"


def _and(words: list[str] | tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
