"""How policies are compared."""

from lab.checks.schema.aspects import COMMENT, FOLLOWS, find_forms, grade_gate_of
from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs import objects, undo
from lab.checks.schema.repairs.objects import last
from lab.checks.schema.severity import HIGH, INFO, LOW, MEDIUM
from lab.checks.schema.titles import say_new_policy
from lab.rules.model import Severity


def _is_above(change: Change, role: str) -> bool:
    """Tell whether a role bypasses row-level security."""
    facts = change.target.of("role").get(role, {})
    return bool(facts.get("superuser") or facts.get("bypassrls"))


def _grade_new_policy(change: Change) -> Severity:
    """Grade an undeclared policy: a restrictive one only hides rows, and some roles bypass all of them."""
    if all(_is_above(change, role) for role in change.found["roles"]):
        return INFO
    return grade_gate_of(change) if change.facts.get("permissive") else LOW


def _say_new_policy(change: Change) -> str:
    if all(_is_above(change, role) for role in change.found["roles"]):
        return "The policy is undeclared. It has no effect, because its roles bypass row-level security."
    if not change.found["permissive"]:
        return "The policy is undeclared. It is restrictive, so it hides rows that other policies show."
    return "The policy is undeclared, and shows rows that no rule allows."


def _say_policy(facts: Facts) -> str:
    """Describe the roles and conditions of a policy."""
    form = "permissive" if facts["permissive"] else "restrictive"
    parts = [
        f"{word} ({facts[key]})" for key, word in (("using", "using"), ("with_check", "with check")) if key in facts
    ]
    return " ".join([form, "for", facts["command"], "to", ", ".join(facts["roles"]), *parts])


def drop_policy(change: Change) -> str:
    """Drop an undeclared policy."""
    return f"drop policy {last(change.name)} on {change.facts['relation']};"


POLICY = {
    "comment": COMMENT,
    "relation": FOLLOWS,
    "command": Aspect(
        severity=grade_gate_of, why="The policy is for another command than the rules say.", repair=objects.make
    ),
    "permissive": Aspect(
        severity=HIGH,
        why="A permissive policy adds rows and a restrictive one hides them. Here it is the other kind.",
        repair=objects.make,
    ),
    "roles": Aspect(
        severity=grade_gate_of, why="The policy is for other roles than the rules say.", repair=objects.make
    ),
    "using": Aspect(
        severity=grade_gate_of,
        why="The policy lets other rows be read or changed than the rules do.",
        repair=objects.make,
        forms=find_forms("policy", "using"),
    ),
    "with_check": Aspect(
        severity=grade_gate_of,
        why="The policy lets other rows be written than the rules do.",
        repair=objects.make,
        forms=find_forms("policy", "with_check"),
    ),
}


KIND = Kind(
    name="policy",
    plural="policies",
    title="A policy is not as the rules make it",
    means=(
        "A policy decides which rows a role can read or write. One is missing, was added, or has another "
        "condition. Owners may lose their rows, or others may read them."
    ),
    example="create policy everybody_reads on public.oracle_scrolls for select to anon using (true);",
    accept=(
        "When an added policy is restrictive or shows each person only their own rows. Never when it opens "
        "rows of others."
    ),
    query=read_query("policy"),
    say=_say_policy,
    family="access",
    stage=50,
    missing=Aspect(
        severity=MEDIUM,
        why="Owners cannot reach their own rows: the policy is missing.",
        repair=objects.make,
    ),
    extra=Aspect(
        severity=_grade_new_policy,
        title=say_new_policy,
        why=_say_new_policy,
        repair=drop_policy,
        undo=undo.make_policy_again,
    ),
    aspects=POLICY,
    same_under_another_name=("relation", "command", "permissive", "roles", "using", "with_check"),
)
