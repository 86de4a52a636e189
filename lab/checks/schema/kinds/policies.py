"""How row-level-security policies and publications are compared."""

from lab.checks.schema.compare import Aspect, Change, Kind
from lab.checks.schema.kinds.aspects import COMMENT, FOLLOWS, find_forms
from lab.checks.schema.repairs import grants, objects
from lab.checks.schema.severity import CRITICAL, HIGH, INFO, LOW, MEDIUM, grade_gate, is_private
from lab.rules.model import Severity


def _grade_gate(change: Change) -> Severity:
    return grade_gate(change.relation)


def _is_above(change: Change, role: str) -> bool:
    """Tell whether row-level security does not bind a role anyway."""
    facts = change.target.of("role").get(role, {})
    return bool(facts.get("superuser") or facts.get("bypassrls"))


def _grade_new_policy(change: Change) -> Severity:
    """Grade a policy that nobody declared: a restrictive one only takes away; some roles pass all of them by anyway."""
    if all(_is_above(change, role) for role in change.found["roles"]):
        return INFO
    return _grade_gate(change) if change.facts.get("permissive") else LOW


def _say_new_policy(change: Change) -> str:
    if all(_is_above(change, role) for role in change.found["roles"]):
        return "Nobody declared it; it changes nothing, as row-level security does not bind its roles."
    if not change.found["permissive"]:
        return "Nobody declared it; a restrictive policy takes away what others let through."
    return "A policy that nobody declared lets through what no rule has allowed."


POLICY = {
    "comment": COMMENT,
    "relation": FOLLOWS,
    "command": Aspect(
        severity=_grade_gate, why="The policy is for another command than the rules say.", repair=objects.make
    ),
    "permissive": Aspect(
        severity=HIGH,
        why="A permissive policy adds rows, a restrictive one takes them away; it is the other kind here.",
        repair=objects.make,
    ),
    "roles": Aspect(severity=_grade_gate, why="The policy is for other roles than the rules say.", repair=objects.make),
    "using": Aspect(
        severity=_grade_gate,
        why="The policy lets other rows be seen or changed than the rules do.",
        repair=objects.make,
        forms=find_forms("policy", "using"),
    ),
    "with_check": Aspect(
        severity=_grade_gate,
        why="The policy lets other rows be written than the rules do.",
        repair=objects.make,
        forms=find_forms("policy", "with_check"),
    ),
}


def _grade_publication(change: Change) -> Severity:
    """Grade a publication by what it streams."""
    facts = change.facts
    if not facts["streams"]:
        return INFO
    whole = facts["through"] != "table"
    return HIGH if whole or is_private(facts["relation"]) else MEDIUM


def _publication_subject(change: Change) -> str:
    facts = change.facts
    return str(facts["relation"]) if facts["through"] == "table" else f"publication {facts['publication']}"


ROW_SECURITY = {
    "relation": FOLLOWS,
    "enabled": Aspect(
        severity=_grade_gate,
        why="Without row-level security everybody with a grant sees every row.",
        repair=objects.set_row_security,
    ),
    "forced": Aspect(
        severity=HIGH,
        why="Without force, the table's owner and everything that runs as it pass its policies by.",
        repair=objects.set_row_security,
    ),
}


def _grade_door(change: Change) -> Severity:
    """Grade a door into what the platform keeps: the files' own policies are the site's business."""
    facts = change.facts
    if "doors" in facts:
        return CRITICAL
    if "gates" in facts:
        return INFO if change.name.startswith("storage.") else MEDIUM
    return LOW


def _say_door(change: Change) -> str:
    """Say how a door is closed, by its owner: nobody else may."""
    facts, files = change.facts, change.name.startswith("storage.")
    ways = ["drop that policy"] if facts["guarded"] and facts.keys() & {"doors", "gates"} else []
    ways += [f"alter table {change.name} enable row level security;"] if files and not facts["guarded"] else []
    ways += [] if files else [f"revoke all on {change.name} from public, anon, authenticated;"]
    return f"Decide whether the site needs that way in. Otherwise have its owner, the platform: {' and '.join(ways)}"


POLICIES = (
    Kind(
        name="platform_door",
        family="access",
        stage=50,
        missing=None,
        extra=Aspect(
            severity=_grade_door,
            why="The platform keeps people's addresses, keys and files there, and visitors of the site reach them.",
            decide=_say_door,
        ),
    ),
    Kind(
        name="subscription",
        family="strangers",
        stage=70,
        missing=None,
        extra=Aspect(
            severity=lambda change: HIGH if change.found["enabled"] else LOW,
            why="It writes another server's rows here, past row-level security and whatever trigger is not always on.",
            repair=grants.stop_subscription,
            decide=lambda change: (
                f"When nobody needs it, run: alter subscription {change.name} set (slot_name = none); "
                f"drop subscription {change.name}; and drop its slot on the other server."
            ),
        ),
    ),
    Kind(name="row_security", family="access", stage=48, missing=None, extra=None, aspects=ROW_SECURITY),
    Kind(
        name="policy",
        family="access",
        stage=50,
        missing=Aspect(
            severity=MEDIUM,
            why="The rows that it would show stay hidden from those they belong to.",
            repair=objects.make,
        ),
        extra=Aspect(
            severity=_grade_new_policy,
            why=_say_new_policy,
            repair=objects.drop_policy,
        ),
        aspects=POLICY,
        same_under_another_name=("relation", "command", "permissive", "roles", "using", "with_check"),
    ),
    Kind(
        name="publication",
        family="strangers",
        stage=70,
        missing=None,
        extra=Aspect(
            severity=_grade_publication,
            why="The publication {publication} sends every change of {relation} away, past row-level security.",
            repair=grants.leave_publication,
        ),
        aspects={
            **dict.fromkeys(("publication", "relation", "through"), FOLLOWS),
        },
        subject=_publication_subject,
    ),
)
