"""How privileges are compared."""

from typing import Any

from lab.checks.schema.aspects import FOLLOWS
from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs import undo
from lab.checks.schema.repairs.grants import by_grantors, give, say_grantors, take
from lab.checks.schema.severity import (
    ANYBODY,
    HIGH,
    INFO,
    MEDIUM,
    PLATFORM_PARAMETERS,
    WATCHED,
    grade_access,
    is_platform,
)
from lab.checks.schema.titles import name_roles
from lab.rules.model import Severity
from lab.sql.tokens import split_name


def _privilege_subject(change: Change) -> str:
    """Name the object of a privilege."""
    facts = change.facts
    places = {
        "database": "the database",
        "schema": f"schema {facts['object']}",
        "parameter": f"parameter {facts['object']}",
    }
    return str(places.get(facts["place"], facts["object"]))


def _is_above(change: Change, role: str) -> bool:
    """Tell whether a role needs no privilege, because it is a superuser both now and by the rules."""
    return all(side.of("role").get(role, {}).get("superuser", True) for side in (change.rules, change.target)) and (
        role in change.target.of("role")
    )


def _grade_extra_privilege(change: Change) -> Severity | None:
    """Grade an undeclared privilege, by its object and by the role that gains it."""
    facts = change.facts
    grantee, place, name = facts["grantee"], facts["place"], facts["object"]
    if _is_above(change, grantee) or _is_on_undeclared(change) or grantee == _find_owner(change):
        return None
    if f"{place}|{name}|public|{facts['privilege']}" in change.rules.of("privilege") and not facts["grantable"]:
        return INFO  # by the rules, every role has it
    if place in ("table", "column"):
        return grade_access(name, grantee, facts["privilege"])
    if place == "function":
        definer = change.target.of("function").get(name, {}).get("definer")
        return HIGH if definer and grantee in ANYBODY | {"authenticated"} else MEDIUM
    if place in ("database", "schema") and is_platform(grantee):
        return INFO
    if place == "parameter" and (grantee, name) in PLATFORM_PARAMETERS and facts["privilege"] == "SET":
        return INFO
    creates = facts["privilege"] in ("CREATE", "SET", "ALTER SYSTEM")
    return HIGH if creates and grantee in ANYBODY | WATCHED else MEDIUM


def _find_owner(change: Change) -> str | None:
    """Return the owner of a privilege's object. A changed owner is one finding, not one for each privilege."""
    place, name = change.facts["place"], change.facts["object"]
    name = {"column": split_name(name)[0], "database": "the database"}.get(place, str(name))
    kinds = {"schema": ("schema",), "database": ("database",), "function": ("function",), "sequence": ("sequence",)}
    found = [change.target.of(kind).get(name) for kind in kinds.get(place, ("table", "view"))]
    return next((str(facts["owner"]) for facts in found if facts), None)


def _is_on_undeclared(change: Change) -> bool:
    """Tell whether the object itself is undeclared: then its one finding covers all its grants."""
    kinds = {"table": ("table", "view"), "function": ("function",), "sequence": ("sequence",)}
    names = kinds.get(change.facts["place"], ())
    return bool(names) and not any(change.facts["object"] in change.rules.of(kind) for kind in names)


def _grade_missing_privilege(change: Change) -> Severity | None:
    """Grade a missing privilege: a role is refused what the rules grant it."""
    facts = change.facts
    kinds = {"function": "function", "sequence": "sequence", "schema": "schema", "column": "column"}
    if (kind := kinds.get(facts["place"])) and facts["object"] not in change.target.of(kind):
        return None  # the object itself is missing, and its repair grants again
    if facts["place"] == "parameter" or is_platform(facts["grantee"]) or _is_given_by_name(change):
        return INFO
    if facts["place"] == "database" and facts["grantee"] in ANYBODY | {"postgres"}:
        return HIGH if facts["privilege"] == "CONNECT" and not _may_connect(change, "authenticator") else INFO
    return None if _has_another_owner(change) else MEDIUM


def _is_given_by_name(change: Change) -> bool:
    """Tell whether a grant to public is redundant, because each role of the rules has its own grant."""
    place = f"{change.facts['place']}|{change.facts['object']}|"
    named = {
        name
        for name, facts in change.rules.of("privilege").items()
        if name.startswith(place) and facts["privilege"] == change.facts["privilege"] and facts["grantee"] in WATCHED
    }
    return change.facts["grantee"] == "public" and bool(named) and named <= change.target.of("privilege").keys()


def _may_connect(change: Change, role: str) -> bool:
    """Tell whether a role may still connect to the database."""
    held = change.target.of("privilege")
    return any(f"database|database|{grantee}|CONNECT" in held for grantee in (role, "public"))


def _has_another_owner(change: Change) -> bool:
    """Tell whether the object has another owner, so that its former owner's privileges moved, too."""
    kinds, name = ("table", "view", "function", "sequence", "schema"), change.facts["object"]
    owners = [
        {side.of(kind).get(name, {}).get("owner") for kind in kinds} - {None} for side in (change.rules, change.target)
    ]
    return owners[0] != owners[1] and change.facts["grantee"] in owners[0]


def _stage_privilege(change: Change) -> float:
    """Return a stage: first grants on schemas, then grants to the owner, because other repairs run as the owner."""
    if change.facts["place"] == "schema":
        return 1.5
    return 1.8 if change.aspect == "missing" and change.facts["grantee"] == "postgres" else 60


_VERBS = {
    "SELECT": "read",
    "INSERT": "add rows to",
    "UPDATE": "change rows of",
    "DELETE": "delete rows of",
    "TRUNCATE": "empty",
    "EXECUTE": "call",
    "CREATE": "create objects in",
    "CONNECT": "connect to",
}


def _say_who(change: Change, may: str) -> str:
    """Write a title: which role can do what to which object."""
    facts = change.facts
    who, privilege = name_roles([facts["grantee"]]), facts["privilege"]
    verb = _VERBS.get(privilege, f"use {privilege.lower()} on")
    return f"{who} {may} {verb} {_privilege_subject(change).removeprefix('public.')}"


def _say_privilege(facts: Facts) -> str:
    """Describe a privilege and its grantee."""
    option = ", and may pass it on" if facts["grantable"] else ""
    return f"{facts['grantee']} may {facts['privilege'].lower()}{option}"


def give_missing(change: Change) -> str:
    """Grant what the rules grant."""
    return give(change.wanted)


def take_extra(change: Change) -> str:
    """Revoke an undeclared privilege; declared grants on columns, which Postgres revokes with it, are made again."""
    facts = change.found
    lines = by_grantors(facts, take(facts))
    if facts["place"] == "table":
        lines += [give(f) for f in change.rules.of("privilege").values() if _inside(f, facts)]
    return "\n".join(lines)


def _inside(column: dict[str, Any], table: dict[str, Any]) -> bool:
    """Tell whether a column's privilege goes when the table's is revoked."""
    same = column["grantee"] == table["grantee"] and column["privilege"] == table["privilege"]
    return column["place"] == "column" and same and bool(split_name(column["object"])[0] == table["object"])


def set_option(change: Change) -> str:
    """Revoke or grant the option to pass a privilege on."""
    if change.wanted["grantable"]:
        return give(change.wanted)
    return "\n".join(by_grantors(change.found, take(change.found, option_only=True)))


PRIVILEGE = {
    **dict.fromkeys(("place", "object", "grantee", "privilege", "grantors", "owned"), FOLLOWS),
    "grantable": Aspect(
        severity=HIGH,
        why="{grantee} can grant {privilege} to anybody.",
        repair=set_option,
        decide=lambda change: say_grantors(change.found),
    ),
}


KIND = Kind(
    name="privilege",
    plural="privileges",
    title="A privilege is not as the rules grant it",
    means=(
        "A role has a privilege that no rule grants, or lacks one that the rules grant. Privileges decide "
        "what a role can do before any policy is asked."
    ),
    example="grant select on public.oracle_scrolls to anon;",
    accept=(
        "For a privilege of an internal role that is being replaced. Never for a privilege of anon on private columns."
    ),
    query=read_query("privilege"),
    say=_say_privilege,
    family="access",
    stage=_stage_privilege,
    missing=Aspect(
        severity=_grade_missing_privilege,
        why="{grantee} cannot use {privilege}, which the rules grant.",
        title=lambda change: _say_who(change, "cannot"),
        repair=give_missing,
    ),
    extra=Aspect(
        severity=_grade_extra_privilege,
        why="{grantee} can use {privilege}, which no rule grants.",
        title=lambda change: _say_who(change, "can"),
        repair=take_extra,
        undo=undo.grant_privilege_again,
        decide=lambda change: say_grantors(change.found),
    ),
    aspects=PRIVILEGE,
    subject=_privilege_subject,
)
