"""Describes examples for people: a row that two forms of an expression treat differently."""

import json
import re
from typing import Any, NamedTuple

from lab.checks.finding import Finding
from lab.checks.schema.difference import Forms
from lab.checks.schema.redaction import find_words
from lab.text.escape import show_hidden
from lab.text.secret_patterns import HIDDEN


class Example(NamedTuple):
    """A row that two forms treat differently, whether the live one lets it through, and for whom."""

    row: dict[str, Any]
    lets_through: bool
    identity: str


_VERBS = {
    "check": ("lets through what the rules refuse", "refuses what the rules let through"),
    "when": ("fires where the rules do not", "does not fire where the rules do"),
    "view": ("shows what the rules leave out", "leaves out what the rules show"),
    "predicate": ("covers what the rules leave out", "leaves out what the rules cover"),
}


def describe_example(finding: Finding, forms: Forms, example: Example) -> Finding:
    """Return a finding that says on which row, and for whom, its two forms differ."""
    verb = _VERBS.get(forms.use, _VERBS["check"])[0 if example.lets_through else 1]
    values = {name: _hide(name, value, forms) for name, value in example.row.items()}
    shown = ", ".join(f"{name} {_short(value)}" for name, value in values.items())
    identity = example.identity if forms.use == "policy" else None
    why = f"{finding.why} It {verb}{f' for {identity}' if identity else ''}: a row with {shown}."
    row = {name: _shorten(value) for name, value in values.items()}
    told = {"identity": identity, "row": row} if identity else {"row": row}
    return finding.model_copy(update={"why": why, "counterexample": told})


def _hide(name: str, value: Any, forms: Forms) -> Any:
    """Hide a value that was guessed from an undeclared expression: its text may be a secret."""
    words = {word for text in forms.other_checks for word in find_words(text)}
    if not words or not isinstance(value, str | dict | list):
        return value
    written = json.dumps(value, ensure_ascii=False).lower()
    guessed = not re.search(rf"\b{re.escape(name)}\b", forms.expected + forms.seen)
    return HIDDEN if guessed or any(word in written for word in words) else value


def name_caller(forms: Forms, caller: Any) -> str:
    """Name the caller of a policy: by the session, if the policy reads it, otherwise by the role."""
    if "auth.uid" not in forms.expected + forms.seen:
        return name_role(forms)
    if caller:
        return f"a signed-in person ({caller})"
    return "an anonymous visitor" if {"anon", "public"} & set(forms.roles) else "a session that names no person"


def name_role(forms: Forms) -> str:
    """Name everybody who acts as one of a policy's roles."""
    return "everybody" if "public" in forms.roles else f"everybody who acts as {' or '.join(forms.roles)}"


def _short(value: Any) -> str:
    if not isinstance(value, str):
        return str(_shorten(json.dumps(value, ensure_ascii=False), 60))
    if len(value) <= 60:
        return f"'{show_hidden(value)}'"
    return f"'{show_hidden(value[:57])}...' ({len(value)} characters)"


def _shorten(value: Any, most: int = 200) -> Any:
    """Shorten a long text or document, and say how long it was."""
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(written) <= most else f"{written[: most - 3]}... ({len(written)} characters)"
