"""How what nobody declared is graded: relations, functions, extensions and event triggers."""

from lab.compare import Aspect, Change, Kind
from lab.exposure import ANYBODY, CRITICAL, HIGH, INFO, LOW, MEDIUM, is_platform, is_private
from lab.kinds.shared import FOLLOWS
from lab.meaning.tokens import write_name
from lab.repairs import objects
from lab.rules.model import Severity


def _grade_extension(change: Change) -> Severity:
    """Grade an extension: what it brings is callable by everybody, and served when its schema is."""
    return LOW if change.facts["schema"] == "public" else INFO


def _move_extension(change: Change) -> str | None:
    if not change.facts["relocatable"]:
        return None
    return f"create schema if not exists extensions;\nalter extension {write_name(change.name)} set schema extensions;"


def _grade_event_trigger(change: Change) -> Severity:
    usual = is_platform(change.facts["owner"]) or change.facts["enabled"] == "D"
    return INFO if usual else LOW


def _grade_stranger(change: Change) -> Severity:
    """Grade a relation that nobody declared by what it shows, and to whom."""
    facts = change.facts
    if facts.get("was") and f"public.{facts['was']}" not in change.target.of("table"):
        return INFO  # a table of ours under another name: the missing one's repair renames it back
    reads = facts["reads_ours"] and not facts["invoker"]
    private = reads and any(is_private(column) for column in facts["reads"])
    reached = [grant for grant in facts["grants"] if grant.split()[0] in ANYBODY]
    if facts["grants"]:
        if private:
            return CRITICAL
        unguarded = not facts["rls"] and facts["form"] in ("r", "p")
        return HIGH if reads or (unguarded and reached) else MEDIUM
    return LOW if facts["exposed"] and facts["form"] in ("r", "p") and not facts["rls"] else INFO


def _grade_stranger_function(change: Change) -> Severity:
    if change.facts["trigger"]:
        return INFO
    return HIGH if change.facts["definer"] else LOW


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
            fact: Aspect(severity=INFO, why="It was changed.") for fact in ("enabled", "owner", "function", "event")
        },
    ),
    Kind(
        name="stranger",
        family="strangers",
        stage=90,
        missing=None,
        extra=Aspect(
            severity=_grade_stranger,
            why="Nobody declared it, and it stands where the Data API, or a view, lets people reach it.",
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
            why="Nobody declared it, and everybody with the site's key can call it.",
            repair=objects.close_function,
            decide="Declare it in the rules, or drop it when nobody needs it.",
        ),
    ),
)
