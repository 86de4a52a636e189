"""How a thing that is missing, or that nobody declared, is told in one line."""

from collections.abc import Callable
from typing import Any

Facts = dict[str, Any]

# What Postgres's letters in its catalogue mean, by the fact that they stand in.
# Source: Postgres documentation of pg_class, pg_proc, pg_attribute and pg_trigger.
FORMS = {"r": "table", "p": "partitioned table", "f": "foreign table", "v": "view", "m": "materialized view"}
ROUTINES = {"f": "function", "p": "procedure", "a": "aggregate", "w": "window function"}
LETTERS = {
    "enabled": {
        "A": "always enabled",
        "O": "enabled, but not while a session plays replica",
        "R": "enabled only while a session plays replica",
        "D": "disabled",
    },
    "form": {**FORMS, "S": "sequence"},
    "generated": {"s": "stored", "v": "virtual"},
    "identity": {"a": "always", "d": "by default"},
    "parallel": {"s": "safe", "r": "restricted", "u": "unsafe"},
    "persistence": {"p": "permanent", "u": "unlogged", "t": "temporary"},
    "replica_identity": {"f": "the whole old row", "i": "an index", "n": "nothing"},
    "volatility": {"i": "immutable", "s": "stable", "v": "volatile"},
}


def say_privilege(facts: Facts) -> str:
    """Say who may do what."""
    option = ", and may pass it on" if facts["grantable"] else ""
    return f"{facts['grantee']} may {facts['privilege'].lower()}{option}"


def say_default(facts: Facts) -> str:
    """Say who gets what on things to come."""
    place = f" in {facts['schema']}" if facts.get("schema") else ""
    return f"{facts['grantee']} gets {facts['privilege'].lower()} on new {facts['form']}{place}"


def say_policy(facts: Facts) -> str:
    """Say whom a policy lets through."""
    form = "permissive" if facts["permissive"] else "restrictive"
    parts = [
        f"{word} ({facts[key]})" for key, word in (("using", "using"), ("with_check", "with check")) if key in facts
    ]
    return " ".join([form, "for", facts["command"], "to", ", ".join(facts["roles"]), *parts])


def say_role(facts: Facts) -> str:
    """Say what a role has."""
    return ", ".join(name for name, has in facts.items() if has) or "a role without attributes"


def say_stranger(facts: Facts) -> str:
    """Say what something undeclared is, and who reaches it."""
    form = FORMS.get(facts["form"], "sequence")
    rls = ", row-level security off" if form.endswith("table") and not facts["rls"] else ""
    reads = f", reads {', '.join(facts['reads'])}" if facts["reads"] else ""
    return f"{form}{rls}{reads}, {', '.join(facts['grants']) or 'closed to the API roles'}"


def say_function(facts: Facts) -> str:
    """Say what an undeclared function is, and who may call it."""
    rights = "its owner" if facts["definer"] else "its caller"
    return f"runs with the rights of {rights}, callable by {', '.join(facts['grants'])}"


def say_misled(facts: Facts) -> str:
    """Say with whose rights a function runs, and where it looks for what it names."""
    return f"runs with the rights of {facts['owner']}, search_path {facts.get('path', 'not set')}"


MOST_CLOSED = 100  # relations; sql/catalogue/strangers.sql counts one more and stops


def say_closed(facts: Facts) -> str:
    """Say how many things nobody declared and nobody reaches, and which come first."""
    number, names = facts["of"], facts["names"]
    counted = f"more than {MOST_CLOSED}" if number > MOST_CLOSED else str(number)
    rest = ", …" if number > len(names) else ""
    return f"{counted}, closed to the API roles: {', '.join(names)}{rest}"


PHRASES: dict[str, Callable[[Facts], str]] = {
    "privilege": say_privilege,
    "default_privilege": say_default,
    "policy": say_policy,
    "role": say_role,
    "membership": lambda facts: f"{facts['member']} is a member of {facts['role']}",
    "setting": lambda facts: f"{facts['name']} = {facts['value']}",
    "publication": lambda facts: f"streamed by {facts['publication']}",
    "constraint": lambda facts: str(facts["definition"]),
    "index": lambda facts: str(facts["definition"]) + (f" WHERE {facts['predicate']}" if "predicate" in facts else ""),
    "trigger": lambda facts: str(facts["definition"]),
    "rule": lambda facts: str(facts["definition"]),
    "stranger": say_stranger,
    "platform_door": lambda facts: "; ".join(
        place for word in ("doors", "gates", "shut") for place in facts.get(word, [])
    ),
    "stranger_function": say_function,
    "misled_function": say_misled,
    "closed_strangers": say_closed,
    "closed_functions": say_closed,
}


def say_facts(kind: str, facts: Facts) -> str:
    """Say in one line what a thing is; facts by name where nothing better is known."""
    if kind in PHRASES:
        return PHRASES[kind](facts)
    shown = {name: value for name, value in facts.items() if name not in ("comment", "relation", "body")}
    parts = [f"{name} {say_fact(kind, name, value)}" for name, value in shown.items() if value not in (None, False, [])]
    return ", ".join(parts)[:600] or "present"


def say_fact(kind: str, name: str, value: Any) -> str:
    """Say a fact of a thing by its name; Postgres's letters mean nothing to people."""
    letters = ROUTINES if name == "form" and "function" in kind else LETTERS.get(name, {})
    return letters.get(value, value) if isinstance(value, str) else say_value(value)


def say_value(value: Any) -> str:
    """Say one fact."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
