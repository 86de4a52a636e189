"""How functions that no rule declares are found."""

from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs import objects, undo
from lab.checks.schema.severity import (
    HIGH,
    INFO,
    LOW,
    PLATFORM_SCHEMAS,
    grade_access,
    is_of_platform,
    is_platform,
    worst,
)
from lab.checks.schema.titles import say_called
from lab.checks.schema.wording import LETTERS, ROUTINES
from lab.rules.model import Severity


def _grade_undeclared(change: Change) -> Severity | None:
    """Grade an undeclared function: one that runs as its owner can show its callers the tables that it names."""
    facts = change.facts
    if is_platform(facts["owner"]) and not facts["exposed"]:
        return None  # the platform's own schemas have many of them
    if is_of_platform(change.name, facts["owner"]) and not (facts["definer"] and facts["names"]):
        return INFO
    if facts["trigger"]:
        return INFO
    if facts["definer"]:
        shown = [grade_access(f"public.{table}", who, "SELECT") for table in facts["names"] for who in facts["grants"]]
        return worst(HIGH, *shown)
    return LOW if _is_in_doubt(change) else INFO


def _is_in_doubt(change: Change) -> bool:
    """Tell whether more may be meant by a function with its caller's rights than a neighbour's own business."""
    facts = change.facts
    return bool(facts["names"] or facts["opaque"] or change.name.partition(".")[0] in PLATFORM_SCHEMAS)


def _say_function(facts: Facts) -> str:
    """Describe an undeclared function, and the roles that may call it."""
    rights = "its owner" if facts["definer"] else "its caller"
    return f"runs with the rights of {rights}, callable by {', '.join(facts['grants'])}"


KIND = Kind(
    name="stranger_function",
    plural="undeclared functions",
    label="function",
    title="An undeclared function can be called",
    means=(
        "A function that the rules do not declare can be called through the Data API. If it runs with its "
        "owner's rights, it may show private rows."
    ),
    example=(
        "create function public.peek() returns setof text language sql security definer set search_path = "
        "pg_catalog, pg_temp as 'select question from public.oracle_scrolls';\n"
        "grant execute on function public.peek() to anon;"
    ),
    accept="When it belongs to another application, and you have read that it shows no rows of the rules.",
    query=read_query("undeclared_functions"),
    say=_say_function,
    letters={**LETTERS, "form": ROUTINES},
    family="strangers",
    stage=90,
    missing=None,
    extra=Aspect(
        severity=_grade_undeclared,
        title=say_called,
        why="The function is undeclared, and everybody with the site's public key can call it.",
        repair=objects.close_function,
        undo=undo.grant_again,
        decide="Declare it in the rules, or drop it if nobody needs it.",
    ),
)
