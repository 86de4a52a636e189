"""How a state, a class or a mark looks: one icon and one colour for each word, on every page. Pure."""

from collections.abc import Iterable

# Colour only repeats what the word says.
LOOKS: dict[str, tuple[str, str]] = {
    # verdicts and states
    "ready": ("check_circle", "green"),
    "ready, and nothing is delivered yet": ("check_circle", "green"),
    "missing consent": ("pending", "orange"),
    "not offered": ("block", "red"),
    "not ready": ("error", "red"),
    "holds": ("check_circle", "green"),
    "held": ("check_circle", "green"),
    "as expected": ("check_circle", "green"),
    "broken": ("error", "red"),
    "differs": ("error", "red"),
    "unknown": ("help", "gray"),
    "not run": ("remove", "gray"),
    "older than the rules: run again": ("update", "orange"),
    # steps of a run
    "waiting": ("schedule", "gray"),
    "running": ("sync", "blue"),
    "done": ("check", "green"),
    # severities
    "critical": ("priority_high", "red"),
    "high": ("priority_high", "red"),
    "medium": ("info", "orange"),
    "low": ("info", "blue"),
    "info": ("info", "gray"),
    # what a check changed
    "new": ("fiber_new", "red"),
    "reopened": ("replay", "red"),
    "resolved": ("check_circle", "green"),
    "not checked": ("help", "gray"),
    # privacy classes, and where a variable may be known
    "secret": ("visibility_off", "red"),
    "personal": ("person", "orange"),
    "financial": ("payments", "blue"),
    "operational": ("settings", "gray"),
    "public": ("public", "green"),
    "server only": ("lock", "violet"),
    # consents
    "missing": ("pending", "orange"),
    "given": ("check", "green"),
    "refused": ("block", "orange"),
    "not needed": ("remove", "gray"),
    # parts of a table
    "unique": ("fingerprint", "violet"),
    "policy": ("shield", "blue"),
    "grant": ("key", "gray"),
    # payments
    "paid": ("check", "green"),
    "unlocked": ("lock_open", "green"),
    "locked": ("lock", "gray"),
    "refunded": ("undo", "orange"),
    "disputed": ("gavel", "red"),
    "failed": ("error", "red"),
    "needs review": ("pending", "orange"),
    "needs response": ("pending", "orange"),
    "live": ("payments", "violet"),
    "for sale": ("check", "green"),
    # attempts of deliveries
    "transient": ("replay", "orange"),
    "permanent": ("error", "red"),
    "uncertain": ("help", "orange"),
    "lease expired": ("timer_off", "orange"),
    # two things side by side
    "only A": ("", "blue"),
    "only B": ("", "violet"),
    "both": ("", "gray"),
}


def look(word: str) -> tuple[str, str]:
    """Return a word's icon and colour; a word that has none is gray."""
    return LOOKS.get(word, ("", "gray"))


def badge(word: str) -> str:
    """Write a word as a badge, in Markdown."""
    icon, colour = look(word)
    return f":{colour}-badge[{f':material/{icon}: ' if icon else ''}{word}]"


def badges(words: Iterable[str]) -> str:
    """Write several words as badges, in Markdown."""
    return " ".join(badge(word) for word in words)


def headline(word: str) -> str:
    """Write a verdict as a heading, in Markdown."""
    icon, colour = look(word)
    return f"## :{colour}[:material/{icon}: {word.capitalize()}]"
