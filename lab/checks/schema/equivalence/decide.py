"""Decides whether two forms of an expression mean the same; the server compares them over made-up values and callers.

No stored row is read. No text of the database is run unless the rules have it, too: the expression is parsed, and
written anew over values in the query. Two forms are equivalent only if that is established: all parts are understood,
and the values represent all others. If the forms differ, the finding shows a row and a caller, if the search finds one.
A difference that can't be decided stays a finding.
"""

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import psycopg

from lab.checks.finding import Finding
from lab.checks.schema.difference import Difference, Forms
from lab.checks.schema.equivalence.counterexample import Example, describe_example, name_caller, name_role
from lab.checks.schema.equivalence.counterexample_search import list_callers, write_search
from lab.checks.schema.equivalence.equivalence_query import write_question, write_term
from lab.checks.schema.equivalence.grammar import read_expression
from lab.checks.schema.equivalence.interpret import understand
from lab.checks.schema.equivalence.logic import same_condition, same_query, split_where
from lab.checks.schema.equivalence.nodes import Node, Unreadable
from lab.checks.schema.equivalence.open_policies import judge_open_policy
from lab.checks.schema.equivalence.promised_rows import find_refused
from lab.checks.schema.equivalence.terms import VARIABLES, Scope, find_terms, tables_of_ours
from lab.rules.model import Severity
from lab.sql.tokens import Token

LONGEST_MILLISECONDS = 2000  # of one query
LONGEST_SECONDS = 15  # of all of them


class Kept(NamedTuple):
    """The functions and checks of a target that are exactly as in the rules.

    Args:
        calls: Functions that depend only on their arguments; these may be run.
        checks: The checks of each table; an example that meets them is more useful.
    """

    calls: frozenset[str]
    checks: Mapping[str, tuple[str, ...]]


NOTHING_KEPT = Kept(frozenset(), {})
_NONE_FOUND = "no row was found that the two treat differently, but there may be one"


def judge(
    connection: psycopg.Connection[Any], differences: Iterable[Difference], kept: Kept = NOTHING_KEPT
) -> list[Finding]:
    """Return the findings; those on expressions are graded by whether both forms are equivalent. Read-only.

    Args:
        connection: To the target.
        differences: The differences of the target from the rules.
        kept: The functions and checks that are exactly as in the rules.
    """
    end = time.monotonic() + LONGEST_SECONDS
    return [_judge_one(connection, one, forms, kept, end) if forms else one for one, forms in differences]


def _judge_one(connection: psycopg.Connection[Any], finding: Finding, forms: Forms, kept: Kept, end: float) -> Finding:
    """Judge a finding; after `end` no further attempt is made, because all of them would take too long."""
    same = same_query if forms.use == "view" else same_condition
    try:
        if forms.use in ("platform", "upload"):
            return judge_open_policy(connection, finding, forms)
        if forms.use == "further check":
            with connection.transaction(force_rollback=True):
                return _weigh_further(connection, finding, forms, kept)
        if same(forms.expected, forms.seen):
            return _reworded(finding)
        if time.monotonic() > end:
            return _left_open(finding, "the time ran out before a row was searched for")
        with connection.transaction(force_rollback=True):
            if forms.use == "default":
                return _weigh_default(connection, finding, forms)
            return _weigh_condition(connection, finding, forms, kept)
    except (Unreadable, RecursionError, psycopg.Error):  # brackets may be nested too deep to parse
        return finding


def _reworded(finding: Finding) -> Finding:
    why = "It is reworded: for every row and caller it decides as the rules do."
    return finding.model_copy(update={"severity": Severity.INFO, "why": why, "repair": None, "decide": None})


def _weigh_further(connection: psycopg.Connection[Any], finding: Finding, forms: Forms, kept: Kept) -> Finding:
    """Grade an undeclared check by whether it refuses a promised row."""
    forms, scope = _find_scope(forms)
    connection.execute("select set_config('statement_timeout', %s, true)", [str(LONGEST_MILLISECONDS)])
    declared = _read_what_can_be(kept.checks.get(forms.relation, ()))
    row = find_refused(connection, read_expression(forms.seen), declared, replace(scope, calls=kept.calls))
    if row is None:
        why = "It is undeclared, and accepts every row that was tried: every kind and state, now and in ten years."
        return finding.model_copy(update={"severity": Severity.INFO, "why": why, "repair": None})
    told = finding.model_copy(update={"severity": Severity.HIGH, "why": "The constraint is undeclared."})
    return describe_example(told, forms, Example(row, lets_through=False, identity=""))


def _weigh_default(connection: psycopg.Connection[Any], finding: Finding, forms: Forms) -> Finding:
    expected, seen = (understand(text, Scope({}), sort="") for text in (forms.expected, forms.seen))
    if expected == seen:
        return _reworded(finding)
    if any(True for form in (expected, seen) for _ in find_terms(form, *VARIABLES, "clock")):
        return finding  # two values that are equal now may differ later
    query = f"select {write_term(expected, {})} is not distinct from {write_term(seen, {})}"
    row = connection.execute(query.encode()).fetchone()
    return _reworded(finding) if row and row[0] else finding


def _weigh_condition(connection: psycopg.Connection[Any], finding: Finding, forms: Forms, kept: Kept) -> Finding:
    forms, example, same = _compare_conditions(connection, forms, kept)
    if example:
        return describe_example(finding, forms, example)
    return _reworded(finding) if same else _left_open(finding)


def _compare_conditions(
    connection: psycopg.Connection[Any], forms: Forms, kept: Kept
) -> tuple[Forms, Example | None, bool]:
    """Return the forms as conditions, an example that they treat differently, and whether they are equivalent."""
    forms, scope = _find_scope(forms)
    scope = replace(scope, calls=kept.calls, roles=forms.roles)
    connection.execute("select set_config('statement_timeout', %s, true)", [str(LONGEST_MILLISECONDS)])
    example = _find_witness(connection, forms, scope, kept.checks.get(forms.relation, ()))
    if example:
        return forms, example, False
    return forms, *_decide(connection, forms, scope)


def means_the_same(connection: psycopg.Connection[Any], forms: Forms, kept: Kept = NOTHING_KEPT) -> bool:
    """Tell whether two forms of a condition are proven equivalent. Read-only."""
    try:
        if same_condition(forms.expected, forms.seen):
            return True
        with connection.transaction(force_rollback=True):
            return _compare_conditions(connection, forms, kept)[2]
    except (Unreadable, RecursionError, psycopg.Error):
        return False


def _find_witness(
    connection: psycopg.Connection[Any], forms: Forms, scope: Scope, checks: tuple[str, ...]
) -> Example | None:
    """Search for an example by running both forms; a kind of value that fails is left out of the next attempt."""
    others = list(_read_what_can_be(checks))
    try:
        trees = [read_expression(_add_others(text, forms)) for text in (forms.expected, forms.seen)]
    except Unreadable:
        return None
    for documents, guarded in ((object, False), (dict, False), (list, False), (object, True)):
        with contextlib.suppress(psycopg.DataError):
            return _search(connection, forms, (trees[0], trees[1], *others), scope, documents, guarded=guarded)
    return None


def _read_what_can_be(checks: Iterable[str]) -> Iterator[Node]:
    for text in checks:
        with contextlib.suppress(Unreadable):
            yield read_expression(text)


def _search(
    connection: psycopg.Connection[Any],
    forms: Forms,
    trees: tuple[Node, ...],
    scope: Scope,
    documents: type,
    *,
    guarded: bool,
) -> Example | None:
    """Search with documents of one kind; the row also meets the table's other checks, if it can.

    Raises:
        psycopg.DataError: An expression fails on one of the values.
    """
    try:
        callers, passes = list_callers(forms.roles, *trees[:2]), forms.use == "check"
        query = write_search(
            *trees, scope=scope, callers=callers, null_passes=passes, documents=documents, guarded=guarded
        )
        with connection.transaction(force_rollback=True):
            row = connection.execute(query.encode()).fetchone()
    except psycopg.DataError:
        raise
    except (Unreadable, psycopg.Error):
        return None
    return row and Example(row[0], row[1], row[2] if "auth." in forms.expected + forms.seen else name_role(forms))


def _decide(connection: psycopg.Connection[Any], forms: Forms, scope: Scope) -> tuple[Example | None, bool]:
    """Return an example over values that represent all others; without one, also whether that proves equivalence."""
    try:
        declared = understand(forms.expected, scope)
        expected, seen = (understand(_add_others(text, forms), scope) for text in (forms.expected, forms.seen))
        question = write_question(expected, seen, scope, declared=declared, null_passes=forms.use == "check")
    except Unreadable:
        return None, False
    row = connection.execute(question.query.encode()).fetchone()
    if row is None:
        return None, question.complete
    return Example(row[0], row[1], name_caller(forms, row[2])) if question.plain else None, False


def _add_others(text: str, forms: Forms) -> str:
    """Join a check with the other checks of the row; a check lets a row through when its result is null."""
    return (
        " and ".join(f"(({one}) is not false)" for one in (text, *forms.other_checks)) if forms.other_checks else text
    )


def _left_open(finding: Finding, found: str = _NONE_FOUND) -> Finding:
    """Word a finding so that it claims only what was established."""
    why = f"It is written in other words than in the rules, and may mean something else: {found}."
    if finding.aspect == "missing":
        why = f"{finding.why} Other constraints may refuse the same rows; this was not established."
    return finding.model_copy(update={"why": why})


def _find_scope(forms: Forms) -> tuple[Forms, Scope]:
    """Return the forms as conditions, and their scope.

    Raises:
        Unreadable: More than the condition of a view differs.
    """
    table = forms.relation.rpartition(".")[2]
    if forms.use == "when":
        return forms, Scope({"old": table, "new": table}, nulls=True)
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
    return forms.model_copy(update=texts), Scope(_find_aliases(head), nulls=outer)


def _find_aliases(head: tuple[Token, ...]) -> dict[str, str]:
    """Return the declared tables that a query reads, by their aliases."""
    found: dict[str, str] = {}
    for place, token in enumerate(head[2:], start=2):
        if token.text in tables_of_ours() and [t.text for t in head[place - 2 : place]] == ["public", "."]:
            after = head[place + 1] if place + 1 < len(head) else Token("mark", "")
            named = after.form == "word" and after.text not in _AFTER_TABLE
            if found.setdefault(after.text if named else token.text, token.text) != token.text:
                raise Unreadable("one name for two tables")
    return found


_AFTER_TABLE = {"join", "left", "right", "full", "inner", "cross", "natural", "on", "using", "where"}
