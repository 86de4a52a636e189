"""Repairs of tables, columns, constraints, indexes, triggers, policies, functions and undeclared objects.

Each statement comes from the rules: from the SQL that they generate, or from the expected catalogue.
"""

from typing import Any

from lab.checks.schema.kind import Change
from lab.checks.schema.repairs.grants import act_as, give, take
from lab.checks.schema.repairs.statements import find_statements
from lab.checks.schema.wording import FORMS
from lab.rules import RULES
from lab.rules.derived import quote
from lab.sql.tokens import split_name, write_name

API = ("public", "anon", "authenticated", "service_role")
OWN = tuple(role.id for role in RULES.roles if role.owned)


def last(name: str) -> str:
    """Return the last part of a qualified name, quoted as given."""
    return split_name(name)[1]


def make(change: Change) -> str | None:
    """Make a declared object anew by the generated SQL, and set its owner, whichever role runs the repair."""
    made = find_statements(change.kind, change.name)
    return f"{made}\n{give_to_owner(change)}" if made and "owner" in change.wanted else made


def table_form(change: Change) -> str:
    """Return the keyword for a relation in ALTER."""
    return {"v": "view", "m": "materialized view", "S": "sequence"}.get(str(change.facts.get("form")), "table")


def set_comment(change: Change) -> str:
    """Write the rules' comment on an object into the catalogue."""
    form = table_form(change) if change.kind in ("table", "view", "sequence") else change.kind
    inside = change.kind in ("constraint", "policy", "trigger")
    place = f"{last(change.name)} on {change.facts['relation']}" if inside else change.name
    text = quote(change.wanted["comment"]) if "comment" in change.wanted else "null"
    return f"comment on {form} {place} is {text};"


def give_to_owner(change: Change) -> str:
    """Set the owner of a relation, function or schema; the statement has no effect when it is right already."""
    form = change.kind if change.kind in ("function", "schema") else FORMS.get(change.wanted["form"], "sequence")
    return f"alter {form} {change.name} owner to {change.wanted['owner']};"


def set_owner(change: Change) -> str:
    """Set an object's owner, and grant the former owner's privileges again, because Postgres moves them, too."""
    wanted, found = (
        [p for p in side.of("privilege").values() if _is_on(p, change)] for side in (change.rules, change.target)
    )
    before, after = change.found["owner"], change.wanted["owner"]
    columns = [take(p) for p in found if p["grantee"] == before and p["place"] == "column"]
    passed_on = {p["privilege"] for p in found if p["grantee"] == before and p["place"] != "column"}
    own = [p for p in wanted if p["grantee"] == after and p["privilege"] not in passed_on]
    theirs = [p for p in wanted if p["grantee"] == before]
    lines = [*columns, give_to_owner(change), *map(give, (*own, *theirs))]
    return "\n".join(_lend(before, lines) if _must_lend(change) else lines)


def _must_lend(change: Change) -> bool:
    """Tell whether a role of ours owns it; from 16 on, its creator must grant it to itself to act as it."""
    before, after = change.found["owner"], change.wanted["owner"]
    acts_already = change.target.major < 16 and f"{before}|{after}" in change.target.of("membership")
    return before in OWN and not acts_already


def _lend(role: str, lines: list[str]) -> list[str]:
    """Grant a role to the current user while the lines run."""
    return [f"grant {role} to current_user;", *lines, f"revoke {role} from current_user;"]


def _is_on(privilege: dict[str, Any], change: Change) -> bool:
    place = change.kind if change.kind in ("function", "schema", "sequence") else "table"
    column = privilege["place"] == "column" and split_name(privilege["object"])[0] == change.name
    return (privilege["place"], privilege["object"]) == (place, change.name) or (place == "table" and column)


def set_options(change: Change) -> str:
    """Set storage or view options back."""
    wanted, found = change.wanted.get("options", []), change.found.get("options", [])
    names = ", ".join(line.split("=")[0] for line in found if line not in wanted)
    alter = f"alter {table_form(change)} {change.name}"
    lines = [f"{alter} reset ({names});"] if names else []
    return "\n".join([*lines, *([f"{alter} set ({', '.join(wanted)});"] if wanted else [])])


def part_children(change: Change) -> str:
    """Detach undeclared child tables; both sides keep their rows."""
    strangers = [c for c in change.found.get("children", []) if c not in change.wanted.get("children", [])]
    return "\n".join(f"alter table {child} no inherit {change.name};" for child in strangers)


def set_sequence(change: Change) -> str:
    """Set a sequence's numbers back."""
    s = change.wanted["sequence"]
    cycle = "cycle" if s["cycle"] else "no cycle"
    return (
        f"alter sequence {change.name} as {s['type']} increment {s['increment']} minvalue {s['min']} "
        f"maxvalue {s['max']} start {s['start']} {cycle};"
    )


def drop_thing(change: Change) -> str:
    """Drop an object without data: a view, an index or a function. Postgres refuses while an object depends on it."""
    return f"drop {change.kind} if exists {change.name};"


def passed_to(facts: dict[str, Any]) -> list[str]:
    """Return the roles to revoke everything from: those because of which the object is a finding."""
    if "grants" not in facts:  # it is in one of the rules' schemas
        return [*API, *OWN]
    return sorted({grant.rpartition(" ")[0] or grant for grant in facts["grants"] or []})


def close_function(change: Change) -> str:
    """Revoke the right to call a function from the roles that should not have it."""
    form = {"p": "procedure", "a": "routine"}.get(str(change.facts.get("form")), "function")
    return "\n".join(_take_all(change, f"{form} {change.name}"))


def close_relation(change: Change) -> str:
    """Revoke an undeclared relation from roles that should not reach it, and keep its rows."""
    lines = _take_all(change, change.name)
    if change.facts.get("form") in ("r", "p") and change.facts.get("rls") is not True:
        lines.append(f"alter table {change.name} enable row level security;")
    return "\n".join(lines)


def _take_all(change: Change, thing: str) -> list[str]:
    """Revoke everything on an object from these roles, once as each grantor."""
    roles = passed_to(change.facts)
    revoke = f"revoke all on {thing} from {', '.join(map(write_name, roles))};" if roles else ""
    held = [one for one in change.facts.get("held") or [] if one["grantee"] in roles]
    grantors = sorted({one["grantor"] for one in held if one.get("grantor")})
    own = [revoke] if revoke and (not held or any(not one.get("grantor") for one in held)) else []
    return [*own, *(act_as(grantor, revoke) for grantor in grantors)]
