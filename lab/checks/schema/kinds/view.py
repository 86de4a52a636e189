"""How views are compared."""

from lab.checks.schema.aspects import ASIDE, EXTRA, RELATION, stage_owner
from lab.checks.schema.kind import Aspect, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs import relations
from lab.checks.schema.severity import MEDIUM

KIND = Kind(
    name="view",
    plural="views",
    title="A view is not as the rules make it",
    means=(
        "A view of the rules is missing, or shows other rows or columns. Operators and the AI read through "
        "views, so a changed one can show private fields."
    ),
    example="alter view operations.purchases set (security_barrier = false);",
    accept="Never if the view shows more than the rules allow. A missing view can wait for the next deploy if it is unused.",
    query=read_query("relations"),
    relation=True,
    family="schema",
    stage=stage_owner(40),
    missing=Aspect(
        severity=MEDIUM,
        why="The view is missing, so its readers see nothing.",
        repair=relations.make_view,
        undo=relations.put_back,
        touches_undeclared=relations.sets_aside,
        decide=lambda change: ASIDE if relations.find_stand_in(change) else None,
    ),
    extra=EXTRA,
    aspects=RELATION,
)
