"""How triggers are compared, and repaired."""

import re

from lab.checks.schema.aspects import COMMENT, FOLLOWS
from lab.checks.schema.difference import Forms
from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.redaction import hide_arguments
from lab.checks.schema.repairs import objects, undo
from lab.checks.schema.repairs.objects import last, make
from lab.checks.schema.severity import HIGH, INFO, MEDIUM
from lab.checks.schema.titles import say_trigger_state

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


def bring_trigger_back(change: Change) -> str:
    """Restore whether an undeclared trigger is enabled; a view's trigger is created again."""
    if change.relation in change.target.of("view"):
        return undo.make_trigger_again(change)
    state = _STATES[change.found["enabled"]]
    return f"alter table {change.facts['relation']} {state} trigger {last(change.name)};"


def drop_trigger(change: Change) -> str:
    """Drop a trigger."""
    return f"drop trigger {last(change.name)} on {change.facts['relation']};"


_MOMENT = re.compile(
    r"^CREATE (?:CONSTRAINT )?TRIGGER .*? (BEFORE|AFTER|INSTEAD OF) (.*?) ON .* FOR EACH (ROW|STATEMENT) "
)
_FOREIGN_KEYS = b"RI_ConstraintTrigger"  # how the names of their triggers begin


def _fires_elsewhere(change: Change) -> bool:
    """Tell whether a trigger's new name changes the order in which it fires.

    Postgres fires triggers of the same event in the order of their names, including those of foreign keys.
    """
    now = {_say_what(name, facts): name for name, facts in change.target.of("trigger").items()}
    others = [(_FOREIGN_KEYS, _FOREIGN_KEYS)] if " AFTER " in change.wanted["definition"] else []
    for name, facts in change.rules.of("trigger").items():
        if name != change.name and _meets(facts, change.wanted) and (called := now.get(_say_what(name, facts))):
            others.append((_name(name), _name(called)))
    old, new = _name(change.name), _name(str(change.found["called"]))
    return any((before < old) != (after < new) for before, after in others)


def _say_what(name: str, facts: Facts) -> str:
    """Return a trigger's relation and definition without its name."""
    return f"{facts['relation']} {facts['definition'].replace(f' {last(name)} ', ' ', 1)}"


def _meets(one: Facts, other: Facts) -> bool:
    """Tell whether two triggers can fire at the same time for the same event."""
    moments = [found.groups() for facts in (one, other) if (found := _MOMENT.search(facts["definition"]))]
    if one["relation"] != other["relation"] or len(moments) < 2:
        return False
    events = [set(re.findall(r"INSERT|UPDATE|DELETE|TRUNCATE", moment[1])) for moment in moments]
    return bool(events[0] & events[1]) and moments[0][::2] == moments[1][::2]


def _name(name: str) -> bytes:
    """Return a trigger's own name as Postgres compares it: byte by byte."""
    quoted = last(name)
    return (quoted[1:-1].replace('""', '"') if quoted.startswith('"') else quoted).encode()


def _say_renamed(change: Change) -> str:
    order = "so it fires in another order" if _fires_elsewhere(change) else "and fires in the same order"
    return f"The trigger is called {last(str(change.found['called']))} here, {order}."


def rename_trigger(change: Change) -> str:
    """Restore the name of a declared trigger."""
    called = last(str(change.found["called"]))
    return f"alter trigger {called} on {change.relation} rename to {last(change.name)};"


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
        title=say_trigger_state,
        why="The trigger is not always enabled: a session can skip it.",
        repair=set_trigger_state,
    ),
}


KIND = Kind(
    name="trigger",
    plural="triggers",
    title="A trigger is not as the rules make it",
    means=(
        "A trigger enforces consent, sealing or an append-only ledger, for every role. It is missing, "
        "disabled or changed, or an undeclared trigger was added."
    ),
    example="alter table public.share_cards disable trigger share_cards_need_consent;",
    accept=("For an added trigger that only reads, once you have read its function. Never for a trigger of the rules."),
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
        undo=bring_trigger_back,
        decide="Declare it in the rules, or drop it if nobody needs it.",
    ),
    aspects=TRIGGER,
    same_under_another_name=("relation", "definition", "enabled"),
    renamed=Aspect(
        severity=lambda change: MEDIUM if _fires_elsewhere(change) else INFO,
        why=_say_renamed,
        repair=rename_trigger,
    ),
)
