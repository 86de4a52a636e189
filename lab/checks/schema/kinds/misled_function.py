"""How privileged functions that run a caller's code are found, because of their search path."""

from lab.checks.schema.aspects import PLATFORM_WATCHES
from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import HIGH
from lab.checks.schema.wording import LETTERS, ROUTINES
from lab.rules.model import Severity


def _grade_misled(change: Change) -> Severity | None:
    """Grade such a function; a declared one has a finding for its settings already."""
    name = change.name.partition("(")[0]
    return None if change.name in change.rules.of("function") or name in PLATFORM_WATCHES else HIGH


def _pin(change: Change) -> str:
    form = {"p": "procedure"}.get(str(change.facts["form"]), "function")
    return f"alter {form} {change.name} set search_path = pg_catalog, pg_temp;"


def _unpin(change: Change) -> str:
    path = change.found.get("path")
    start = _pin(change).partition(" set search_path")[0]
    path = "''" if path == '""' else path
    return f"{start} set search_path = {path};" if path is not None else f"{start} reset search_path;"


def _say_misled(facts: Facts) -> str:
    """Describe with whose rights a function runs, and its search path."""
    return f"runs with the rights of {facts['owner']}, search_path {facts.get('path', 'not set')}"


KIND = Kind(
    name="misled_function",
    plural="privileged functions",
    title="A caller can make a privileged function run their own code",
    query=read_query("misled_function"),
    say=_say_misled,
    letters={**LETTERS, "form": ROUTINES},
    family="strangers",
    stage=90,
    missing=None,
    extra=Aspect(
        severity=_grade_misled,
        title=lambda change: f"Callers can run their own code through {change.name.removeprefix('public.')}",
        why=(
            "It runs with the rights of {owner} and {gap}. A caller can create a type, table or function with a "
            "name that it uses, and so run their own code with those rights."
        ),
        repair=_pin,
        undo=_unpin,
        decide="Write the schema before every table, type and function in its body. Then pin its search_path.",
    ),
)
