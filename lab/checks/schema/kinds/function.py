"""How functions are compared, and repaired."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from lab.checks.schema.aspects import COMMENT, OWNER, STANDS_ON_IT, grade_body, grade_undeclared, stage_owner
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs import objects, undo
from lab.checks.schema.repairs.objects import drop_thing, make
from lab.checks.schema.repairs.statements import find_statements
from lab.checks.schema.severity import HIGH, INFO, LOW, MEDIUM
from lab.checks.schema.wording import LETTERS, ROUTINES
from lab.rules import RULES
from lab.rules.model import Severity
from lab.sql.tokens import split_name


def _grade_function(change: Change) -> Severity:
    """Grade an undeclared function in a declared schema; one that no role of the Data API may call is information."""
    open_to_api = grade_undeclared(change) is not INFO
    return (HIGH if change.facts.get("definer") else MEDIUM) if open_to_api else INFO


def _written_again(why: str, severity: Severity | Callable[[Change], Severity] = HIGH) -> Aspect:
    return Aspect(severity=severity, why=why, repair=make_function, proof=prove_checks)


def _gone_first(why: str, severity: Severity = MEDIUM) -> Aspect:
    return replace(_written_again(why, severity), decide=STANDS_ON_IT)


_FORMS = {"p": "procedure", "a": "aggregate"}


_FIXED = ("form", "arguments", "returns")  # facts of an existing function that Postgres cannot change


def function_place(change: Change) -> float:
    """Return a function's stage: before the tables that need it, or after those that it needs."""
    order = {function.qualified: place for place, function in enumerate(RULES.functions)}
    early = {function.qualified for function in RULES.functions if function.stage == "foundation"}
    name = change.name.split("(")[0]
    return (5 if name in early else 28) + order.get(name, 0) / 1000


def make_function(change: Change) -> str:
    """Make a function anew; one that can't be replaced is dropped first, and its callers are made again."""
    made = make(change) or ""
    if not _is_fixed(change):
        return made
    callers = list(_find_callers(change))
    parted, again = [parted for parted, _ in callers], [again for _, again in callers]
    return "\n".join([*parted, drop_routine(change), made, *again])


def prove_checks(change: Change) -> str | None:
    """Validate existing rows with the checks that were made again."""
    checks = _find_checks(change) if _is_fixed(change) else ()
    return "\n".join(f"alter table {table} validate constraint {name};" for name, (table, _) in checks) or None


def drop_routine(change: Change) -> str:
    """Drop a function, procedure or aggregate; Postgres refuses while another object depends on it."""
    form = _FORMS.get(str(change.found.get("form")))
    return f"drop {form} if exists {change.name};" if form else drop_thing(change)


def _is_fixed(change: Change) -> bool:
    return any(change.found.get(fact) != change.wanted.get(fact) for fact in _FIXED) and change.live is not None


def _find_callers(change: Change) -> Iterator[tuple[str, str]]:
    """Yield two statements for each declared caller of a function on the target: one drops it, one makes it again."""
    for name, (table, made) in _find_checks(change):
        yield f"alter table {table} drop constraint {name};", made
    for name, facts, made in _calling(change, "policy"):
        yield f"drop policy {split_name(name)[1]} on {facts['relation']};", made
    for name, _, made in _calling(change, "index"):
        yield f"drop index {name};", made
    for name, _, made in _calling(change, "view"):
        yield f"drop view {name};", f"{made}\nalter view {name} owner to {change.rules.of('view')[name]['owner']};"


def _find_checks(change: Change) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the declared checks that call a function on the target: name, table, and the SQL that makes it."""
    for check, facts, made in _calling(change, "constraint"):
        if facts["type"] == "c":
            yield split_name(check)[1], (facts["relation"], made)


def _calling(change: Change, kind: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the declared objects of a kind that call a function on the target: name, facts, and the SQL for it."""
    call = f"{change.name.split('(')[0]}("
    for name, facts in change.target.of(kind).items():
        made = find_statements(kind, name)
        if made and any(call in str(facts.get(fact)) for fact in ("definition", "using", "check")):
            yield name, facts, made


FUNCTION = {
    "comment": COMMENT,
    "owner": OWNER,
    "body": _written_again("Its body differs from the rules, so it can do something else.", grade_body),
    "arguments": _gone_first("Its arguments differ from the rules."),
    "returns": _gone_first("Its return type differs from the rules."),
    "form": _gone_first("The rules make another kind of routine here.", HIGH),
    "language": _written_again("Its language differs from the rules."),
    "definer": _written_again("It runs with other rights than the rules give it: its owner's or its caller's."),
    "volatility": _written_again(
        "With another volatility Postgres can skip calls, or show the function older data.", MEDIUM
    ),
    "strict": _written_again(
        "A strict function is not called when an argument is null, so it does not guard anything then."
    ),
    "leakproof": _written_again("A leakproof function can see rows before policies hide them."),
    "parallel": _written_again("Its parallel safety differs from the rules.", LOW),
    "config": _written_again(
        "Its settings differ from the rules. They decide which objects its names mean, and whether row-level security applies."
    ),
}


KIND = Kind(
    name="function",
    plural="functions",
    title="A function is not as the rules make it",
    means=(
        "A function of the rules is missing, or has another body, owner, right or setting. Functions enforce "
        "consent, sealing and the queue, so a changed one may not enforce them."
    ),
    example="alter function public.open_share_card(text) security invoker;",
    accept="When only the comment or a setting for speed differs. Never when the body differs.",
    query=read_query("functions"),
    letters={**LETTERS, "form": ROUTINES},
    family="schema",
    stage=stage_owner(function_place),
    missing=_written_again("The function is missing: its callers fail, and what it guards is open."),
    extra=Aspect(
        severity=_grade_function,
        why="The function is undeclared, and no rule says what its callers may do with it.",
        repair=objects.close_function,
        undo=undo.grant_again,
        decide="Declare it in the rules, or drop it if nobody needs it.",
    ),
    aspects=FUNCTION,
)
