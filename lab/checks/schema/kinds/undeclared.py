"""How what nobody declared is graded: relations, functions, extensions and event triggers."""

import re

from lab.checks.schema.catalogue import EXPOSED
from lab.checks.schema.compare import Aspect, Change, Kind
from lab.checks.schema.kinds.aspects import FOLLOWS
from lab.checks.schema.repairs import objects
from lab.checks.schema.severity import (
    ANYBODY,
    CRITICAL,
    HIGH,
    INFO,
    LOW,
    MEDIUM,
    WATCHED,
    grade_access,
    is_platform,
    is_private,
    worst,
)
from lab.rules import RULES
from lab.rules.model import Severity
from lab.sql.access import SCHEMAS
from lab.sql.tokens import write_name


def _grade_extension(change: Change) -> Severity:
    """Grade an extension: what it brings is callable by everybody, and served when its schema is."""
    return LOW if change.facts["schema"] in EXPOSED else INFO


def _move_extension(change: Change) -> str | None:
    if not change.facts["relocatable"]:
        return None
    return f"create schema if not exists extensions;\nalter extension {write_name(change.name)} set schema extensions;"


# Functions of the platform's event triggers, and rls_auto_enable, which it offers to new projects. Some belong to
# `postgres`, who may change them.
# Source: github.com/supabase/postgres, nix/tests/expected/evtrigs.out; Supabase's guide to event triggers.
PLATFORM_WATCHES = frozenset(
    {
        "extensions.grant_pg_cron_access",
        "extensions.grant_pg_graphql_access",
        "extensions.grant_pg_net_access",
        "extensions.pgrst_ddl_watch",
        "extensions.pgrst_drop_watch",
        "extensions.set_graphql_placeholder",
        "public.rls_auto_enable",
    }
)
_OPENS = re.compile(r"\b(grant|disable|owner|drop)\b", re.IGNORECASE)
_OURS = re.compile(rf"\b(public|{'|'.join([*SCHEMAS, *(table.id for table in RULES.tables)])})\b", re.IGNORECASE)


def _grade_event_trigger(change: Change) -> Severity:
    """Grade an event trigger: the platform's are usual as long as they leave what is ours alone."""
    facts = change.facts
    platform = is_platform(facts["owner"]) and is_platform(facts["function_owner"])
    usual = facts["function"] in PLATFORM_WATCHES and not (_OPENS.search(facts["body"]) and _OURS.search(facts["body"]))
    return INFO if platform or usual or facts["enabled"] == "D" else MEDIUM


def _grade_stranger(change: Change) -> Severity:
    """Grade a relation that nobody declared by what it shows, and to whom."""
    facts = change.facts
    if facts.get("was") and f"public.{facts['was']}" not in change.target.of("table"):
        return INFO  # a table of ours under another name: the missing one's repair renames it back
    private = facts["opens"] and any(is_private(column) for column in facts["reads"])
    reached = [grant for grant in facts["grants"] if grant.split()[0] in ANYBODY]
    if facts["grants"]:
        if not {grant.rpartition(" ")[0] for grant in facts["grants"]} & (ANYBODY | WATCHED):
            return HIGH if private else MEDIUM
        if private:
            return CRITICAL
        unguarded = not facts["rls"] and facts["form"] in ("r", "p")
        return HIGH if facts["opens"] or (unguarded and reached) else MEDIUM
    return LOW if facts["exposed"] and facts["form"] in ("r", "p") and not facts["rls"] else INFO


def _grade_stranger_function(change: Change) -> Severity | None:
    """Grade a function that nobody declared: one that runs as its owner may show what it speaks of to its callers."""
    facts = change.facts
    if is_platform(facts["owner"]) and not facts["exposed"]:
        return None  # the platform's own schemas are full of them
    if facts["trigger"]:
        return INFO
    if facts["definer"]:
        shown = [grade_access(f"public.{table}", who, "SELECT") for table in facts["names"] for who in facts["grants"]]
        return worst(HIGH, *shown)
    wrapper = change.name.startswith("graphql_public.graphql(") and is_platform(facts["owner"])
    return INFO if wrapper else LOW


def _grade_misled(change: Change) -> Severity | None:
    """Grade a function that can be misled; one of ours whose settings differ is a finding by itself."""
    name = change.name.partition("(")[0]
    return None if change.name in change.rules.of("function") or name in PLATFORM_WATCHES else HIGH


def _pin(change: Change) -> str:
    form = {"p": "procedure"}.get(str(change.facts["form"]), "function")
    return f"alter {form} {change.name} set search_path = pg_catalog, pg_temp;"


def _make_closed_kind(name: str, words: str) -> Kind:
    """Return how closed ones are told: all at once, for they may be somebody else's, and many."""
    return Kind(
        name=name,
        family="strangers",
        stage=90,
        missing=None,
        extra=Aspect(
            severity=INFO,
            why=f"Nobody declared these {words}. The roles of the Data API reach none of them; a grant may open one.",
            decide="Declare what belongs to the site in the rules; leave the rest, or move it to a schema of its own.",
        ),
    )


def _say_stranger(change: Change) -> str:
    if change.facts["grants"]:
        return "Nobody declared it, and it stands where the Data API, or a view, lets people reach it."
    return "Nobody declared it. It is closed to the roles of the Data API; a single grant would open it."


STRANGERS = (
    Kind(
        name="extension",
        family="strangers",
        stage=80,
        missing=None,
        extra=Aspect(
            severity=_grade_extension,
            why="An extension in a schema that the Data API serves offers its functions to everybody.",
            repair=_move_extension,
            decide="An extension that can't be moved has to be made again in the schema extensions.",
        ),
        aspects={
            "schema": Aspect(severity=_grade_extension, why="It was moved.", repair=_move_extension),
            "relocatable": FOLLOWS,
        },
    ),
    Kind(
        name="event_trigger",
        family="strangers",
        stage=80,
        missing=None,
        extra=Aspect(
            severity=_grade_event_trigger,
            why="It runs whenever the schema is changed, with the rights of whoever changes it.",
            repair=lambda c: f"alter event trigger {write_name(c.name)} disable;",
        ),
        aspects={
            fact: Aspect(severity=INFO, why="It was changed.")
            for fact in ("enabled", "owner", "function", "function_owner", "event", "body")
        },
    ),
    Kind(
        name="stranger",
        family="strangers",
        stage=90,
        missing=None,
        extra=Aspect(
            severity=_grade_stranger,
            why=_say_stranger,
            repair=objects.close_relation,
            decide="Declare it in the rules, or remove it when nobody needs it.",
        ),
    ),
    Kind(
        name="stranger_function",
        family="strangers",
        stage=90,
        missing=None,
        extra=Aspect(
            severity=_grade_stranger_function,
            why="Nobody declared it, and everybody with the site's key can call it, or have it called for a row.",
            repair=objects.close_function,
            decide="Declare it in the rules, or drop it when nobody needs it.",
        ),
    ),
    Kind(
        name="misled_function",
        family="strangers",
        stage=90,
        missing=None,
        extra=Aspect(
            severity=_grade_misled,
            why=(
                "It runs with the rights of {owner} and {gap}. Whoever can have it run may put a type, table or "
                "function of their own in the place of one that it names, and act with those rights."
            ),
            repair=_pin,
            decide="Name every table, type and function in its body with its schema first; then pin its search_path.",
        ),
    ),
    _make_closed_kind("closed_strangers", "tables and views"),
    _make_closed_kind("closed_functions", "functions"),
)
