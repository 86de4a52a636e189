"""Whether two forms of an expression mean the same: the server itself decides, over made-up values and callers.

Nothing stored is read, and no text of the database is run: what is understood of it is written anew, over values in the
query. Two forms are one rule in other words only where that is established: all is understood, and the values are all
that matter. Where they differ, the finding shows the row and the caller. Whatever can't be decided stays a finding.
"""

from collections.abc import Iterable
from typing import Any

import psycopg

from lab.findings import Finding, Forms
from lab.meaning.grammar import Unreadable
from lab.meaning.logic import same_condition, same_query, split_where
from lab.meaning.question import write_question, write_term
from lab.meaning.terms import VARIABLES, Scope, find_terms, tables_of_ours
from lab.meaning.tokens import Token
from lab.meaning.understanding import understand
from lab.rules.model import Severity


def judge(connection: psycopg.Connection[Any], findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with those on expressions weighed by their meaning. Read-only."""
    return [_judge_one(connection, finding, finding.forms) if finding.forms else finding for finding in findings]


def _judge_one(connection: psycopg.Connection[Any], finding: Finding, forms: Forms) -> Finding:
    same = same_query if forms.use == "view" else same_condition
    try:
        if same(forms.expected, forms.seen):
            return _reworded(finding)
        with connection.transaction(force_rollback=True):
            weigh = _weigh_default if forms.use == "default" else _weigh_condition
            return weigh(connection, finding, forms)
    except (Unreadable, RecursionError, psycopg.Error):  # brackets may be deeper than anybody reads
        return finding


def _reworded(finding: Finding) -> Finding:
    why = "It is reworded: for every row and caller it decides as the rules do."
    return finding.model_copy(update={"severity": Severity.INFO, "why": why, "repair": None, "decide": None})


def _weigh_default(connection: psycopg.Connection[Any], finding: Finding, forms: Forms) -> Finding:
    expected, seen = (understand(text, Scope({}), sort="") for text in (forms.expected, forms.seen))
    if expected == seen:
        return _reworded(finding)
    if any(True for form in (expected, seen) for _ in find_terms(form, *VARIABLES, "clock")):
        return finding  # what is equal now may differ tomorrow
    query = f"select {write_term(expected, {})} is not distinct from {write_term(seen, {})}"
    row = connection.execute(query.encode()).fetchone()
    return _reworded(finding) if row and row[0] else finding


def _weigh_condition(connection: psycopg.Connection[Any], finding: Finding, forms: Forms) -> Finding:
    forms, scope = _find_scope(forms)
    expected, seen = understand(forms.expected, scope), understand(forms.seen, scope)
    question = write_question(expected, seen, scope, null_passes=forms.use == "check")
    row = connection.execute(question.query.encode()).fetchone()
    if row:
        return _contradicted(finding, forms, *row)
    return _reworded(finding) if question.complete else finding


def _find_scope(forms: Forms) -> tuple[Forms, Scope]:
    """Return the forms as conditions, and what they are about.

    Raises:
        Unreadable: More than the condition of a view differs.
    """
    table = forms.relation.rpartition(".")[2]
    if forms.use == "when":
        return forms, Scope({"old": table, "new": table})
    if forms.use != "view":
        return forms, Scope({table: table})
    (head, expected), (seen_head, seen) = split_where(forms.expected), split_where(forms.seen)
    if head != seen_head:
        raise Unreadable("more than the condition of a view differs")
    texts = {
        name: " ".join(token.text for token in part) or "true"
        for name, part in (("expected", expected), ("seen", seen))
    }
    outer = any(token.text in ("left", "right", "full") for token in head)
    return forms.model_copy(update=texts), Scope(_find_aliases(head), outer_join=outer)


def _find_aliases(head: tuple[Token, ...]) -> dict[str, str]:
    """Return our tables that a query reads, by the names that it gives them."""
    found: dict[str, str] = {}
    for place, token in enumerate(head[2:], start=2):
        if token.text in tables_of_ours() and [t.text for t in head[place - 2 : place]] == ["public", "."]:
            after = head[place + 1] if place + 1 < len(head) else Token("mark", "")
            named = after.form == "word" and after.text not in _AFTER_TABLE
            if found.setdefault(after.text if named else token.text, token.text) != token.text:
                raise Unreadable("one name for two tables")
    return found


_AFTER_TABLE = {"join", "left", "right", "full", "inner", "cross", "natural", "on", "using", "where"}


_VERBS = {
    "check": ("lets through what the rules refuse", "refuses what the rules let through"),
    "when": ("fires where the rules do not", "does not fire where the rules do"),
    "view": ("shows what the rules leave out", "leaves out what the rules show"),
    "predicate": ("covers what the rules leave out", "leaves out what the rules cover"),
}


def _contradicted(finding: Finding, forms: Forms, row: dict[str, Any], lets_through: bool, caller: Any) -> Finding:
    """Say on which row, and for whom, the forms differ."""
    verb = _VERBS.get(forms.use, _VERBS["check"])[0 if lets_through else 1]
    shown = ", ".join(f"{name} {_short(value)}" for name, value in row.items())
    identity = _name_caller(forms, caller) if forms.use == "policy" else None
    why = f"{finding.why} It {verb}{f' for {identity}' if identity else ''}: a row with {shown}."
    told = {"identity": identity, "row": row} if identity else {"row": row}
    return finding.model_copy(update={"why": why, "counterexample": told})


def _name_caller(forms: Forms, caller: Any) -> str:
    """Name whom a policy concerns: by their session where it asks for that, otherwise by their role."""
    if "auth.uid" in forms.expected + forms.seen:
        return "a signed-in person" if caller else "an anonymous visitor"
    return "everybody" if "public" in forms.roles else f"everybody who acts as {' or '.join(forms.roles)}"


def _short(value: Any) -> str:
    if not isinstance(value, str):
        return "null" if value is None else str(value)
    return f"'{value}'" if len(value) <= 60 else f"'{value[:57]}...' ({len(value)} characters)"
