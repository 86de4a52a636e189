"""How access of visitors to the platform's private tables is found."""

from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import CRITICAL, INFO, LOW, MEDIUM
from lab.rules.model import Severity
from lab.sql.tokens import split_name, write_name

_VISITORS = {"anon", "authenticated"}


def _grade_door(change: Change) -> Severity:
    """Grade access to a private table of the platform; policies on files are the site's own decision."""
    facts = change.facts
    if "doors" in facts:
        return CRITICAL
    if "gates" in facts:
        return INFO if _keeps_files(change) else MEDIUM
    return MEDIUM if set(facts["roles"]) - _VISITORS else LOW


def _keeps_files(change: Change) -> bool:
    return split_name(change.name)[0] == "storage"


def _say_door(change: Change) -> str:
    """Say how the table's owner, and no other role, can close the access."""
    facts, files, holders = change.facts, _keeps_files(change), ", ".join(map(write_name, _list_holders(change)))
    ways = ["drop that policy"] if facts["guarded"] and facts.keys() & {"doors", "gates"} else []
    ways += [f"alter table {change.name} enable row level security;"] if files and not facts["guarded"] else []
    ways += [f"revoke all on {change.name} from {holders};"] if holders else []
    return (
        f"Decide whether the site needs this access. If not, ask the platform, which owns it, to: {' and '.join(ways)}"
    )


def _list_holders(change: Change) -> list[str]:
    """Return the roles to revoke from; visitors keep the grants that the platform gives them on files."""
    others = [role for role in change.facts["roles"] if role not in _VISITORS]
    return others if _keeps_files(change) else ["public", *sorted(_VISITORS), *others]


def _say_who(change: Change) -> str:
    """Name the roles that can reach the table."""
    roles = change.facts["roles"]
    return "Visitors" if _VISITORS & set(roles) else ", ".join(roles)


def _say_ways(facts: Facts) -> str:
    return "; ".join(place for word in ("doors", "gates", "shut") for place in facts.get(word, []))


KIND = Kind(
    name="platform_door",
    plural="tables of the platform",
    label="platform table",
    title="Private tables of the platform can be reached",
    means=(
        "A private table of the platform, such as the accounts, can be read or changed by a role that needs "
        "no access to it."
    ),
    example=("grant usage on schema auth to anon;\ngrant select on auth.users to anon;"),
    accept=("Never for anon or authenticated. For an internal login that needs it, while you replace it with a view."),
    query=read_query("platform_door"),
    say=_say_ways,
    family="access",
    stage=50,
    missing=None,
    extra=Aspect(
        severity=_grade_door,
        title=lambda change: f"{_say_who(change)} can reach {change.name}",
        why="The platform keeps accounts, keys or files in this table, and no rule lets these roles reach it.",
        decide=_say_door,
    ),
)
