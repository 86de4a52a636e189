"""How functions that their caller can mislead are found."""

from lab.checks.schema.aspects import PLATFORM_WATCHES
from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import HIGH
from lab.checks.schema.wording import LETTERS, ROUTINES
from lab.rules.model import Severity


def _grade_misled(change: Change) -> Severity | None:
    """Grade a function that can be misled; one of ours whose settings differ is a finding by itself."""
    name = change.name.partition("(")[0]
    return None if change.name in change.rules.of("function") or name in PLATFORM_WATCHES else HIGH


def _pin(change: Change) -> str:
    form = {"p": "procedure"}.get(str(change.facts["form"]), "function")
    return f"alter {form} {change.name} set search_path = pg_catalog, pg_temp;"


def _say_misled(facts: Facts) -> str:
    """Say with whose rights a function runs, and where it looks for what it names."""
    return f"runs with the rights of {facts['owner']}, search_path {facts.get('path', 'not set')}"


KIND = Kind(
    name="misled_function",
    plural="functions with rights over the wall",
    title="A function that runs with rights over the wall can be misled by its caller",
    query=read_query("misled_function"),
    say=_say_misled,
    letters={**LETTERS, "form": ROUTINES},
    family="strangers",
    stage=90,
    missing=None,
    extra=Aspect(
        severity=_grade_misled,
        why=(
            "It runs with the rights of {owner} and {gap}. Whoever can have it run may put a type, table or "
            "function of their own in the place of one that it names, and act with those rights."
        ),
        repair=_pin,
        decide="Name every table, type and function in its body with its schema first; then pin its search_path.",
    ),
)
