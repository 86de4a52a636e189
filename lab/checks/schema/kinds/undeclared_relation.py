"""How tables and views that no rule declares are found."""

from lab.checks.schema.equivalence.policy_extent import Extent, Reach, list_extents
from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs import objects, undo
from lab.checks.schema.severity import (
    ANYBODY,
    CRITICAL,
    HIGH,
    INFO,
    LOW,
    MEDIUM,
    WATCHED,
    is_of_platform,
    is_private,
    worst,
)
from lab.checks.schema.titles import say_reached
from lab.checks.schema.wording import FORMS
from lab.rules.model import Severity


def _grade_undeclared(change: Change) -> Severity:
    """Grade an undeclared relation by what it shows, and to whom."""
    facts = change.facts
    if facts.get("was") and f"public.{facts['was']}" not in change.target.of("table"):
        return INFO  # a renamed table of ours: the finding of the missing one renames it back
    if facts.get("numbers"):
        return INFO  # it counts rows, and holds none
    if facts["rls"] and facts["form"] in ("r", "p") and facts["exposed"]:
        return worst(INFO, *map(_grade_reach, list_extents(facts)))
    if facts["asks"] and not facts["opens"] and not any(is_private(column) for column in facts["reads"]):
        return INFO  # the tables below decide what its callers may read
    private = facts["opens"] and any(is_private(column) for column in facts["reads"])
    reached = [grant for grant in facts["grants"] if grant.split()[0] in ANYBODY]
    if facts["grants"]:
        if not {grant.rpartition(" ")[0] for grant in facts["grants"]} & (ANYBODY | WATCHED):
            return HIGH if private else MEDIUM
        if private:
            return CRITICAL
        unguarded = not facts["rls"] and facts["form"] in ("r", "p")
        return HIGH if facts["opens"] or (unguarded and reached) else MEDIUM
    return LOW if facts["exposed"] and facts["form"] in ("r", "p") and not facts["rls"] else INFO


def _grade_reach(reach: Reach) -> Severity:
    """Grade what policies allow on rows of other people; access to one's own rows is not a finding."""
    if reach.extent is Extent.NONE:
        return INFO
    changes = reach.privilege in ("update", "delete")
    if reach.role == "authenticated":
        return (MEDIUM if changes else LOW) if reach.extent is Extent.ALL else INFO
    return (HIGH if changes else MEDIUM) if reach.extent is Extent.ALL else LOW


def _explain_access(change: Change) -> str:
    if _is_guarded(change):
        return "It is undeclared. Its own policies allow access only to the owners of its rows."
    if change.facts["asks"] and not change.facts["opens"]:
        return "It is undeclared. It reads with the rights of its callers, so it shows nothing that they may not read."
    if change.facts["grants"]:
        return "It is undeclared, and people can reach it through the Data API or a view."
    return "It is undeclared. No role of the Data API can reach it, but a single grant would open it."


def _is_guarded(change: Change) -> bool:
    facts = change.facts
    guarded = facts["rls"] and facts["form"] in ("r", "p") and bool(facts["grants"])
    return guarded and _grade_undeclared(change) is INFO


def _is_the_platforms(change: Change) -> bool:
    """Tell whether the platform needs it; it never needs a view on declared tables."""
    return is_of_platform(change.name, change.found["owner"]) and not change.facts["opens"]


_ROWS = {Extent.ALL: " every row", Extent.SOME: " some rows", Extent.NONE: ""}


def _say_grants(facts: Facts) -> list[str]:
    """Return each grant, with the rows that policies allow it to reach."""
    if not facts["rls"]:
        return list(facts["grants"])
    farthest: dict[str, Extent] = {}
    for reach in list_extents(facts):
        farthest[reach.grant] = max(reach.extent, farthest.get(reach.grant, Extent.NONE))
    return [grant + _ROWS[farthest.get(grant, Extent.NONE)] for grant in facts["grants"]]


def _say_undeclared(facts: Facts) -> str:
    """Describe an undeclared relation, and the roles that reach it."""
    form = FORMS.get(facts["form"], "sequence")
    rls = ", row-level security off" if facts["form"] in ("r", "p", "f") and not facts["rls"] else ""
    reads = f", reads {', '.join(facts['reads'])}" if facts["reads"] else ""
    return f"{form}{rls}{reads}, {', '.join(_say_grants(facts)) or 'closed to the API roles'}"


_DECIDE = "Declare it in the rules, or remove it if nobody needs it."
_PLATFORM = "The platform owns it and needs its grants. Remove its schema from the schemas that the Data API exposes."


KIND = Kind(
    name="stranger",
    plural="undeclared tables and views",
    label="relation",
    title="An undeclared table or view can be reached",
    means=(
        "A table or view that the rules do not declare can be reached through the Data API. No rule says "
        "what it holds and who may read it."
    ),
    example=(
        "create table public.scrolls_backup as table public.oracle_scrolls;\n"
        "grant select on public.scrolls_backup to anon;"
    ),
    accept="When it belongs to another application, and its policies show each person only their own rows.",
    query=read_query("undeclared_relations"),
    say=_say_undeclared,
    family="strangers",
    stage=90,
    missing=None,
    extra=Aspect(
        severity=_grade_undeclared,
        title=say_reached,
        why=_explain_access,
        repair=lambda change: None if _is_the_platforms(change) else objects.close_relation(change),
        undo=undo.grant_again,
        decide=lambda change: _PLATFORM if _is_the_platforms(change) else _DECIDE,
    ),
)
