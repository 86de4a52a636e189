"""How grants are found that reach secret or personal values past the tables of the rules."""

from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs.undo import print_grants
from lab.checks.schema.severity import CRITICAL, HIGH, LOW, MEDIUM
from lab.rules.model import Severity
from lab.sql.tokens import write_name


def _grade_grant(change: Change) -> Severity:
    """Grade a grant by what it reaches, and by whether its role is let into the schema."""
    facts = change.facts
    if not facts["reached"]:
        return MEDIUM if facts["own"] else LOW
    if facts["own"]:
        return CRITICAL if facts.get("reads") else HIGH
    return HIGH if facts.get("reads") else MEDIUM


def _say_grant(facts: Facts) -> str:
    """Say what a role may do with it, and what that shows."""
    held = [*(["owns it"] if facts["owned"] else []), *[f"may {word}" for word in facts.get("privileges", [])]]
    shown = f", which shows {facts['reads']}" if facts.get("reads") else ""
    runs = " with the rights of its owner" if facts["place"] == "function" and "dynamic" in facts else ""
    return f"{facts['grantee']} {', '.join(held)}{runs}{shown}"


def _say_why(change: Change) -> str:
    facts = change.facts
    if facts.get("reads") == "what Postgres keeps closed":
        return "Postgres keeps this closed, because it shows passwords, values of every table, or the server's files."
    if facts["own"]:
        return "By the rules this role reaches a few named objects and nothing else. This is another one."
    if facts["place"] == "function":
        return (
            "The function runs with the rights of its owner, and its text names private tables or builds its own SQL."
        )
    return "The columns are those of a private table, so this is a copy of it, or another way to it."


def _take_grant(change: Change) -> str | None:
    """Revoke it; what a role owns is for a person to decide."""
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
    title="A grant reaches private values past the rules' tables",
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
        decide="Find out who uses it. Revoke what is not needed, or give the object to another owner.",
    ),
    subject=lambda change: str(change.facts["object"]),
)
