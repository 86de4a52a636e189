"""How event triggers are compared."""

import re

from lab.checks.schema.aspects import PLATFORM_WATCHES
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import INFO, MEDIUM, is_platform
from lab.rules import RULES
from lab.rules.model import Severity
from lab.sql.access import SCHEMAS
from lab.sql.tokens import take_apart, write_name

_OPENS = re.compile(r"\b(grant|disable|owner|drop)\b", re.IGNORECASE)


_NAMES = "|".join([*SCHEMAS, *(table.id for table in RULES.tables)])
_NAMED = re.compile(rf"\b({_NAMES})\b", re.IGNORECASE)
_OURS = re.compile(rf"\b(public|{_NAMES})\b", re.IGNORECASE)


# Roles in GRANT and REVOKE; there PUBLIC is a role and not the schema.
_ROLES = re.compile(r"\b(to|from) \w+( , \w+)*(?! [.,]|\w)")


def _grade_event_trigger(change: Change) -> Severity:
    """Grade an event trigger; the platform's own are information, unless they use or change declared objects."""
    facts = change.facts
    if facts["enabled"] == "D":
        return INFO
    platform = is_platform(facts["owner"]) and is_platform(facts["function_owner"])
    body = _ROLES.sub("", " ".join(token.text for token in take_apart(facts["body"])))
    usual = facts["function"] in PLATFORM_WATCHES and not (_OPENS.search(body) and _OURS.search(body))
    return INFO if (platform or usual) and not _NAMED.search(body) else MEDIUM


_STATES = {"A": "enable always", "O": "enable", "R": "enable replica", "D": "disable"}


KIND = Kind(
    name="event_trigger",
    plural="event triggers",
    title="An event trigger is not as the rules make it",
    means=(
        "An event trigger runs code at every change of the schema. It can change or refuse what a migration creates."
    ),
    example=(
        "create function public.watch() returns event_trigger language plpgsql as $$ begin end $$;\n"
        "create event trigger watch on ddl_command_end execute function public.watch();"
    ),
    accept="When it belongs to the platform or to a tool that you know, and you have read its function.",
    query=read_query("event_trigger"),
    family="strangers",
    stage=80,
    missing=None,
    extra=Aspect(
        severity=_grade_event_trigger,
        why="It runs on every schema change, with the rights of the person who makes the change.",
        repair=lambda c: f"alter event trigger {write_name(c.name)} disable;",
        undo=lambda c: f"alter event trigger {write_name(c.name)} {_STATES[c.found['enabled']]};",
    ),
    aspects={
        fact: Aspect(severity=INFO, why="It was changed.")
        for fact in ("enabled", "owner", "function", "function_owner", "event", "body")
    },
)
