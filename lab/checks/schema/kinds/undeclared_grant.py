"""Reports grants on undeclared objects that give access to secret or personal values."""

from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs.undo import print_grants
from lab.checks.schema.severity import CRITICAL, HIGH, LOW, MEDIUM
from lab.rules.model import Severity
from lab.sql.tokens import write_name


def _grade_grant(change: Change) -> Severity:
    """Grade a grant by the values that it reaches, and by whether its role may use the schema."""
    facts = change.facts
    if not facts["reached"]:
        return MEDIUM if facts["own"] else LOW
    if facts["own"]:
        return CRITICAL if facts.get("reads") else HIGH
    return HIGH if facts.get("reads") else MEDIUM


def _say_grant(facts: Facts) -> str:
    """Describe the privileges of a role on an object, and the values that they show."""
    held = [*(["owns it"] if facts["owned"] else []), *[f"may {word}" for word in facts.get("privileges", [])]]
    shown = f", which shows {facts['reads']}" if facts.get("reads") else ""
    runs = " with the rights of its owner" if facts["place"] == "function" and "dynamic" in facts else ""
    return f"{facts['grantee']} {', '.join(held)}{runs}{shown}"


def _say_why(change: Change) -> str:
    facts = change.facts
    if facts.get("reads") == "what Postgres keeps closed":
        return "Postgres restricts this object, because it shows passwords, values of every table, or server files."
    if facts["own"]:
        return "The rules let this role reach only a few named objects. This is not one of them."
    if facts["place"] == "function":
        return "The function runs with the rights of its owner, and its body names private tables or builds SQL."
    return "It has the columns of a private table, so it is a copy of that table or reads from it."


def _take_grant(change: Change) -> str | None:
    """Revoke a grant; a person must decide about an object that the role owns."""
    facts = change.facts
    if facts["owned"]:
        return None
    what = "create" if facts["place"] == "schema" else "all"
    form = "routine" if facts["place"] == "function" else facts["place"]
    roles = ", ".join(map(write_name, _list_holders(facts)))
    return f"revoke {what} on {form} {facts['object']} from {roles} cascade;"


def _list_holders(facts: Facts) -> list[str]:
    """Return the roles that it is revoked from."""
    return [*(["public"] if facts["everybody"] else []), facts["grantee"]]


KIND = Kind(
    name="undeclared_grant",
    plural="undeclared grants",
    label="grant",
    title="A grant on an undeclared object reaches private values",
    means=("A role can reach an undeclared object that leads to private values, such as a view on a private table."),
    example=(
        "create schema reports;\n"
        "create view reports.questions as select question from public.oracle_scrolls;\n"
        "create role analyst login;\n"
        "grant usage on schema reports to analyst;\n"
        "grant select on reports.questions to analyst;"
    ),
    accept="For an internal login whose people may read these values, with a date by which the view is replaced.",
    query=read_query("undeclared_grant"),
    say=_say_grant,
    family="strangers",
    stage=85,
    missing=None,
    extra=Aspect(
        severity=_grade_grant,
        title=lambda change: f"{change.facts['grantee']} can reach {change.facts['object']}",
        why=_say_why,
        repair=_take_grant,
        undo=lambda change: print_grants(change.facts["place"], change.facts["object"], _list_holders(change.facts)),
        decide="Find out who uses it. Revoke the grants that are not needed, or change the owner.",
    ),
    subject=lambda change: str(change.facts["object"]),
)
