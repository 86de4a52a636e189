"""How tables are compared."""

from lab.checks.schema.aspects import ASIDE, EXTRA, RELATION, stage_owner
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs import relations
from lab.checks.schema.severity import HIGH

_AGAIN = "Check again after the table has its name back: other differences are only found then."


def _say_missing_table(change: Change) -> str:
    if relations.find_stand_in(change) is None:
        if relations.find_renamed(change):
            return _AGAIN
        return "If it was moved or renamed, bring it back. Otherwise decide which backup its rows come from."
    if relations.find_renamed(change):
        return f"{ASIDE} {_AGAIN}"
    return "A view has this name. Find out where the rows are, and decide which of the two is right."


KIND = Kind(
    name="table",
    plural="tables",
    title="A table is not as the rules make it",
    means=(
        "A table of the rules is missing, or has another owner, form or option. Everything that needs the "
        "table fails or is unprotected."
    ),
    example="alter table public.products owner to service_role;",
    accept="For an option that only changes speed. Never for an owner or a missing table.",
    query=read_query("relations"),
    relation=True,
    whole_table=True,
    family="schema",
    stage=stage_owner(relations.table_place),
    missing=Aspect(
        severity=HIGH,
        why="The table is missing. The repair creates it empty; its rows must come from a backup.",
        repair=relations.make_table,
        undo=relations.put_back,
        touches_undeclared=relations.sets_aside,
        decide=_say_missing_table,
    ),
    extra=EXTRA,
    aspects=RELATION,
)
