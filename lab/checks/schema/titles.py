"""Titles of findings: who can do what to which object."""

from collections.abc import Iterable

from lab.checks.schema.kind import Change

_PEOPLE = {"public": "Everybody", "anon": "Anonymous visitors", "authenticated": "Signed-in people"}
_ATTRIBUTES = {
    "superuser": ("is a superuser", "is no superuser"),
    "bypassrls": ("bypasses row-level security", "does not bypass row-level security"),
    "login": ("can log in", "cannot log in"),
    "inherit": ("inherits the rights of its groups", "does not inherit the rights of its groups"),
    "createrole": ("can create roles", "cannot create roles"),
    "createdb": ("can create databases", "cannot create databases"),
    "replication": ("can copy the whole database", "cannot replicate"),
}
_COMMANDS = {
    "select": "read rows of",
    "insert": "add rows to",
    "update": "change rows of",
    "delete": "delete rows of",
    "all": "read and change rows of",
}
_STATES = {"D": "is disabled", "O": "can be skipped by a session", "R": "runs only during replication"}


def name_roles(roles: Iterable[str]) -> str:
    """Name roles for people, the widest first; one that every role is in stands for all of them."""
    held = sorted(set(roles), key=lambda role: (role not in _PEOPLE, role))
    if "public" in held or not held:
        return _PEOPLE["public"] if held else "No role"
    others = f" and {len(held) - 1} other role{'s' if len(held) > 2 else ''}" if len(held) > 1 else ""
    return f"{_PEOPLE.get(held[0], f'Role {held[0]}')}{others}"


def name_object(name: str) -> str:
    """Name an object as people know it: without the schema public."""
    return name.removeprefix("public.")


def say_attribute(change: Change) -> str:
    """Say what a role can do that the rules refuse it, or the reverse."""
    has, lacks = _ATTRIBUTES[change.aspect]
    return f"Role {change.name} {has if change.found[change.aspect] else lacks}"


def say_trigger_state(change: Change) -> str:
    """Say that a trigger can be skipped."""
    state = _STATES.get(str(change.found["enabled"]), "is enabled in another way")
    return f"Trigger {name_object(change.name)} {state}"


def say_not_null(change: Change) -> str:
    """Say that a column may be empty, or may not."""
    return f"{name_object(change.name)} {'must not' if change.found['not_null'] else 'may'} be empty"


def say_new_policy(change: Change) -> str:
    """Say whom an undeclared policy lets do what."""
    relation, facts = name_object(change.relation), change.found
    if not facts["permissive"]:
        return f"An undeclared policy hides rows of {relation}"
    verb = _COMMANDS.get(str(facts["command"]).lower(), "reach rows of")
    return f"{name_roles(facts['roles'])} can {verb} {relation} by an undeclared policy"


def say_default(change: Change) -> str:
    """Say who reaches new objects."""
    facts = change.facts
    place = f" in {facts['schema']}" if facts.get("schema") else ""
    verb = "can" if change.expected is None else "cannot"
    return f"{name_roles([facts['grantee']])} {verb} use {facts['privilege'].lower()} on new {facts['form']}{place}"


def say_reached(change: Change) -> str:
    """Say who can reach an undeclared relation."""
    roles = [grant.partition(" ")[0] for grant in change.found["grants"]]
    if not roles:
        return f"Undeclared relation {name_object(change.name)}"
    reads = any(grant.endswith(" select") for grant in change.found["grants"])
    return f"{name_roles(roles)} can {'read' if reads else 'reach'} {name_object(change.name)}, which is undeclared"


def say_called(change: Change) -> str:
    """Say who can call an undeclared function."""
    return f"{name_roles(change.found['grants'])} can call {name_object(change.name)}, which is undeclared"


def say_owner(change: Change) -> str:
    """Say who owns an object of the rules."""
    what = {"schema": "schema ", "database": ""}.get(change.kind, "")
    return f"{change.found.get('owner')} owns {what}{name_object(change.name)}"


def say_connections(change: Change) -> str:
    """Say how many connections the database accepts."""
    return f"The database accepts only {change.found.get('connections')} connections"
