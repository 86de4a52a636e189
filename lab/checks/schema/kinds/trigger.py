"""How triggers are compared, and repaired."""

import re

from lab.checks.finding import Forms
from lab.checks.schema.aspects import COMMENT, FOLLOWS
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.redaction import hide_arguments
from lab.checks.schema.repairs import objects
from lab.checks.schema.repairs.objects import last, make
from lab.checks.schema.severity import HIGH, INFO, MEDIUM

_WHEN = re.compile(r" WHEN \((.*)\) EXECUTE FUNCTION ", re.DOTALL)


def _conditions(change: Change) -> Forms | None:
    """Find the two forms of a trigger's condition, unless more than the condition differs."""
    texts = (change.wanted["definition"], change.found["definition"])
    found = [_WHEN.search(text) for text in texts]
    rest = {_WHEN.sub(" EXECUTE FUNCTION ", text) for text in texts}
    if len(rest) > 1 or not found[0] or not found[1]:
        return None
    return Forms(use="when", relation=change.relation, expected=found[0][1], seen=found[1][1])


_STATES = {"A": "enable always", "O": "enable", "R": "enable replica", "D": "disable"}


def make_trigger(change: Change) -> str | None:
    """Make a declared trigger anew; a constraint trigger is dropped first, because Postgres cannot replace it."""
    made = make(change)
    if made and change.found.get("definition", "").startswith("CREATE CONSTRAINT") and not made.startswith("drop"):
        return f"{drop_trigger(change)}\n{made}"
    return made


def set_trigger_state(change: Change) -> str:
    """Enable a trigger as the rules declare."""
    return f"alter table {change.facts['relation']} {_STATES[change.wanted['enabled']]} trigger {last(change.name)};"


def disable_trigger(change: Change) -> str:
    """Disable an undeclared trigger, which can be enabled again; a view's can only be dropped."""
    if change.relation in change.target.of("view"):
        return drop_trigger(change)
    return f"alter table {change.facts['relation']} disable trigger {last(change.name)};"


def drop_trigger(change: Change) -> str:
    """Drop a trigger."""
    return f"drop trigger {last(change.name)} on {change.facts['relation']};"


TRIGGER = {
    "comment": COMMENT,
    "relation": FOLLOWS,
    "definition": Aspect(
        severity=HIGH,
        why="The trigger differs from the rules: it can fire on other writes, or do something else.",
        repair=make_trigger,
        forms=_conditions,
    ),
    "enabled": Aspect(
        severity=HIGH,
        why="The trigger is not always enabled: a session can skip it.",
        repair=set_trigger_state,
    ),
}


KIND = Kind(
    name="trigger",
    plural="triggers",
    title="A trigger is not as the rules make it",
    query=read_query("trigger"),
    say=lambda facts: str(facts["definition"]),
    hide=hide_arguments,
    family="schema",
    stage=45,
    goes_with_table=False,  # it needs functions, which need the table
    missing=Aspect(
        severity=HIGH,
        why="The trigger is missing, so writes that it refuses are possible, also for the site's server.",
        repair=objects.make,
    ),
    extra=Aspect(
        severity=lambda change: INFO if change.facts.get("enabled") == "D" else MEDIUM,
        why="An undeclared trigger can change, copy or discard what is written here.",
        repair=disable_trigger,
        decide="Declare it in the rules, or drop it if nobody needs it.",
    ),
    aspects=TRIGGER,
)
