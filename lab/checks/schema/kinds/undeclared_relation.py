"""How tables and views that no rule declares are found."""

from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs import objects
from lab.checks.schema.severity import ANYBODY, CRITICAL, HIGH, INFO, LOW, MEDIUM, WATCHED, is_private
from lab.checks.schema.wording import FORMS
from lab.rules.model import Severity


def _grade_undeclared(change: Change) -> Severity:
    """Grade an undeclared relation by what it shows, and to whom."""
    facts = change.facts
    if facts.get("was") and f"public.{facts['was']}" not in change.target.of("table"):
        return INFO  # a renamed table of ours: the finding of the missing one renames it back
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


def _explain_access(change: Change) -> str:
    if change.facts["grants"]:
        return "It is undeclared, and people can reach it through the Data API or a view."
    return "It is undeclared. No role of the Data API can reach it, but a single grant would open it."


def _say_undeclared(facts: Facts) -> str:
    """Describe an undeclared relation, and the roles that reach it."""
    form = FORMS.get(facts["form"], "sequence")
    rls = ", row-level security off" if facts["form"] in ("r", "p", "f") and not facts["rls"] else ""
    reads = f", reads {', '.join(facts['reads'])}" if facts["reads"] else ""
    return f"{form}{rls}{reads}, {', '.join(facts['grants']) or 'closed to the API roles'}"


KIND = Kind(
    name="stranger",
    plural="undeclared tables and views",
    label="relation",
    title="An undeclared table or view can be reached",
    query=read_query("undeclared_relations"),
    say=_say_undeclared,
    family="strangers",
    stage=90,
    missing=None,
    extra=Aspect(
        severity=_grade_undeclared,
        why=_explain_access,
        repair=objects.close_relation,
        decide="Declare it in the rules, or remove it if nobody needs it.",
    ),
)
