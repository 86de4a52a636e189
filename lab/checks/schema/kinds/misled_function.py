"""How privileged functions that run a caller's code are found, because of their search path or as triggers."""

from lab.checks.schema.aspects import PLATFORM_WATCHES
from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs.grants import give
from lab.checks.schema.severity import HIGH, INFO
from lab.checks.schema.wording import LETTERS, ROUTINES
from lab.rules.model import Severity
from lab.sql.tokens import write_name


def _grade_misled(change: Change) -> Severity | None:
    """Grade such a function; a declared one has a finding for its settings already.

    A trigger function that only the owners' own statements can run is information.
    """
    name = change.name.partition("(")[0]
    if change.name in change.rules.of("function") or name in PLATFORM_WATCHES:
        return None
    return INFO if change.facts["way"] == "closed" else HIGH


def _write_title(change: Change) -> str:
    name = change.name.removeprefix("public.")
    if change.facts["way"] == "closed":
        return f"{name} has no safe search_path, and only its owners can run it"
    return f"Callers can run their own code through {name}"


def _say_why(change: Change) -> str:
    facts = change.facts
    start = f"It runs with the rights of {facts['owner']}"
    if facts["way"] == "attached":
        return (
            f"{start}. {', '.join(_list_callers(facts))} may execute it, and so make it the trigger of a temporary table. "
            "The types and casts of that table run their own code with those rights, whatever the search path is."
        )
    start = f"{start} and {facts['gap']}."
    if facts["way"] == "closed":
        return f"{start} No other role may execute it, or write a table that it is attached to."
    return (
        f"{start} A caller can create a type, table or function with a name that it uses, and so run their own code with "
        "those rights."
    )


def _write_decision(change: Change) -> str:
    if change.facts["way"] == "attached" and not change.facts["written"]:
        return "Revoke it from every role: the triggers that call it need no grant."
    return "Write the schema before every table, type and function in its body. Then pin its search_path."


def _close(change: Change) -> str | None:
    """Pin the search path, or revoke a trigger function, because triggers run without a grant."""
    facts = change.facts
    if facts["way"] == "closed":
        return None
    if facts["way"] != "attached":
        return _pin(change)
    revoke = f"revoke all on function {change.name} from {', '.join(map(write_name, _list_callers(facts)))} cascade;"
    return f"{revoke}\n{_pin(change)}" if facts["written"] else revoke


def _open(change: Change) -> str:
    """Restore the grants and the search path."""
    facts = change.facts
    held = {"place": "function", "object": change.name, "privilege": "EXECUTE"}
    lines = [give(held | caller) for caller in facts.get("callers") or []]
    return "\n".join([*lines, *([] if lines and not facts["written"] else [_unpin(change)])])


def _list_callers(facts: Facts) -> list[str]:
    """Return the roles that may execute a trigger function."""
    return [caller["grantee"] for caller in facts["callers"]]


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
    means=(
        "A function runs with its owner's rights, and a caller can replace a table, type or function that it "
        "uses. The caller's own code then runs with the owner's rights."
    ),
    example=(
        "create function public.count_sales() returns bigint language sql security definer as 'select "
        "count(*) from public.purchases';\n"
        "alter function public.count_sales() owner to postgres;\n"
        "grant execute on function public.count_sales() to authenticated;"
    ),
    accept=("When only owners can execute it, which is information. Otherwise pin its search_path: it takes a minute."),
    query=read_query("misled_function"),
    say=_say_misled,
    letters={**LETTERS, "form": ROUTINES},
    family="strangers",
    stage=90,
    missing=None,
    extra=Aspect(
        severity=_grade_misled,
        title=_write_title,
        why=_say_why,
        repair=_close,
        undo=_open,
        decide=_write_decision,
    ),
)
