"""How privileges on what is made later are compared."""

from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import ANYBODY, HIGH, INFO, LOW, MEDIUM, is_platform
from lab.rules.model import Severity
from lab.sql.tokens import write_name


def _grade_default(change: Change) -> Severity | None:
    """Grade what will be granted on things not yet made; the platform's own can't be changed by us."""
    facts = change.facts
    if is_platform(facts["owner"]):
        return None
    if is_platform(facts["grantee"]) or facts["grantee"] == "postgres":
        return INFO
    return HIGH if facts["grantee"] in ANYBODY | {"authenticated"} else MEDIUM


def _say_default(facts: Facts) -> str:
    """Say who gets what on things to come."""
    place = f" in {facts['schema']}" if facts.get("schema") else ""
    return f"{facts['grantee']} gets {facts['privilege'].lower()} on new {facts['form']}{place}"


def set_default(change: Change) -> str:
    """Take back what would be granted to everything made from now on."""
    facts = change.facts
    place = f" in schema {facts['schema']}" if facts.get("schema") else ""
    start = f"alter default privileges for role {write_name(facts['owner'])}{place}"
    what = f"{facts['privilege'].lower()} on {facts['form']}"
    if change.expected is None:
        return f"{start} revoke {what} from {write_name(facts['grantee'])} cascade;"
    lines = [f"{start} grant {what} to {write_name(facts['grantee'])};"]
    if not facts["grantable"]:
        lines.insert(0, f"{start} revoke grant option for {what} from {write_name(facts['grantee'])} cascade;")
    return "\n".join(lines)


def give_default(change: Change) -> str:
    """Grant again what would be granted to everything made from now on."""
    option = " with grant option" if change.found["grantable"] else ""
    taken = set_default(change)
    return taken.replace(" revoke ", " grant ", 1).replace(" from ", " to ").removesuffix(" cascade;") + f"{option};"


KIND = Kind(
    name="default_privilege",
    plural="default privileges",
    title="Default privileges differ from the rules",
    query=read_query("default_privilege"),
    say=_say_default,
    family="access",
    stage=2,
    missing=Aspect(severity=LOW, why="A default privilege of the rules is missing.", repair=set_default),
    extra=Aspect(
        severity=_grade_default,
        why="New objects of {owner} are granted to {grantee} automatically.",
        repair=set_default,
        undo=give_default,
    ),
    aspects={"grantable": Aspect(severity=HIGH, why="{grantee} can pass it on to others.", repair=set_default)},
    subject=lambda c: f"default privileges of {c.facts['owner']}",
)
