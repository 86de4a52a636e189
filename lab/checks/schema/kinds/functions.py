"""How functions, triggers and rewrite rules are compared."""

import re
from collections.abc import Callable
from dataclasses import replace

from lab.checks.finding import Forms
from lab.checks.schema.compare import Aspect, Change, Kind
from lab.checks.schema.kinds.aspects import COMMENT, FOLLOWS, STANDS_ON_IT, stage_owner
from lab.checks.schema.kinds.relations import OWNER, grade_undeclared
from lab.checks.schema.repairs import objects, routines
from lab.checks.schema.severity import CRITICAL, HIGH, INFO, LOW, MEDIUM, is_platform
from lab.rules.model import Severity
from lab.sql.tokens import same_text, take_apart


def _grade_function(change: Change) -> Severity:
    """Grade a function of ours that the rules do not know: closed ones are only mentioned."""
    open_to_api = grade_undeclared(change) is not INFO
    return (HIGH if change.facts.get("definer") else MEDIUM) if open_to_api else INFO


_WHEN = re.compile(r" WHEN \((.*)\) EXECUTE FUNCTION ", re.DOTALL)


def _conditions(change: Change) -> Forms | None:
    """Find the two forms of a trigger's condition, unless more than the condition differs."""
    texts = (change.wanted["definition"], change.found["definition"])
    found = [_WHEN.search(text) for text in texts]
    rest = {_WHEN.sub(" EXECUTE FUNCTION ", text) for text in texts}
    if len(rest) > 1 or not found[0] or not found[1]:
        return None
    return Forms(use="when", relation=change.relation, expected=found[0][1], seen=found[1][1])


TRIGGER = {
    "comment": COMMENT,
    "relation": FOLLOWS,
    "definition": Aspect(
        severity=HIGH,
        why="It watches other writes, or does something else, than the rules say.",
        repair=objects.make_trigger,
        forms=_conditions,
    ),
    "enabled": Aspect(
        severity=HIGH,
        why="A trigger that is not always enabled does not fire, or not while a session plays replica.",
        repair=objects.set_trigger_state,
    ),
}


def _grade_body(change: Change) -> Severity:
    """Grade another body; spacing and comments are only mentioned."""
    return INFO if same_text(change.wanted.get("body", ""), change.found.get("body", "")) else HIGH


def _written_again(why: str, severity: Severity | Callable[[Change], Severity] = HIGH) -> Aspect:
    return Aspect(severity=severity, why=why, repair=routines.make_function, proof=routines.prove_checks)


def _gone_first(why: str, severity: Severity = MEDIUM) -> Aspect:
    return replace(_written_again(why, severity), decide=STANDS_ON_IT)


FUNCTION = {
    "comment": COMMENT,
    "owner": OWNER,
    "body": _written_again("It does something else than the rules say.", _grade_body),
    "arguments": _gone_first("It is called in another way than the rules say."),
    "returns": _gone_first("It answers with something else than the rules say."),
    "form": _gone_first("It is another kind of routine than the rules say.", HIGH),
    "language": _written_again("Its language is not the one that the rules name."),
    "definer": _written_again("It runs with other rights than the rules give it."),
    "volatility": _written_again(
        "Postgres may call it less often, or on an older picture of the data, than it must.", MEDIUM
    ),
    "strict": _written_again("It is not called at all when an argument is null: whatever it guards stands open then."),
    "leakproof": _written_again(
        "A function that claims to leak nothing may see rows before policies have hidden them."
    ),
    "parallel": _written_again("It may run where it must not, or not where it could.", LOW),
    "config": _written_again(
        "Its settings decide which objects its names mean, and whether row-level security holds while it runs."
    ),
}


def _grade_callers(change: Change) -> Severity:
    """Grade who may call the platform's function: a policy that asks it fails for whoever may not."""
    lost = set(change.wanted.get("callers", [])) - set(change.found.get("callers", []))
    name = change.name.partition("(")[0]
    used = any(
        name in str(facts) for kind in ("policy", "view", "function") for facts in change.rules.of(kind).values()
    )
    return HIGH if lost and used else INFO


def _say_callers(change: Change) -> str | None:
    lost = set(change.wanted.get("callers", [])) - set(change.found.get("callers", []))
    grant = f"grant execute on function {change.name} to {', '.join(sorted(lost))};"
    way = f"grant usage on schema {change.name.partition('.')[0]} to {', '.join(sorted(lost))};"
    return f"The function is the platform's: have its owner, or the platform's support, run: {way} {grant}"


def _grade_platform_owner(change: Change) -> Severity:
    """Grade who owns the platform's function, and so may say who is there."""
    owner = change.found["owner"]
    return INFO if is_platform(owner) or owner == "postgres" else HIGH


def _grade_answer(change: Change) -> Severity:
    """Grade another answer to who is there: one that does not ask the request is the same for everybody."""
    if _grade_body(change) is INFO:
        return INFO
    known, found = (set(take_apart(facts["body"])) for facts in (change.wanted, change.found))
    if found <= known:
        return MEDIUM  # as an earlier version of the platform's has it
    return HIGH if any("request.jwt" in token.text for token in found) else CRITICAL


PLATFORM_FUNCTION = {
    "owner": Aspect(
        severity=_grade_platform_owner,
        why="Its owner, {owner} by the rules, may make it say that anybody is somebody else.",
        decide=lambda change: (
            f"Have the platform's support run: alter function {change.name} owner to {change.wanted['owner']};"
        ),
    ),
    "callers": Aspect(
        severity=_grade_callers,
        why="Every policy asks the platform who is there: whoever may not ask is refused everything, their own too.",
        decide=_say_callers,
    ),
    "body": Aspect(
        severity=_grade_answer,
        why="Every policy asks the platform who is there; this answer is not the one that the rules were built on.",
        decide="Compare it with the platform's current version, and ask the platform's support when it is not that.",
    ),
    **{
        fact: Aspect(severity=INFO, why="The platform's own function differs from the one the rules were built on.")
        for fact in (
            "comment",
            "config",
            "parallel",
            "volatility",
            "language",
            "definer",
            "strict",
            "leakproof",
        )
    },
}


CODE = (
    Kind(
        name="function",
        family="schema",
        stage=stage_owner(routines.function_place),
        missing=_written_again("What calls it fails, and what it guards is not guarded."),
        extra=Aspect(
            severity=_grade_function,
            why="Nobody declared it, and whoever may call it does what it does.",
            repair=objects.close_function,
            decide="Declare it in the rules, or drop it when nobody needs it.",
        ),
        aspects=FUNCTION,
    ),
    Kind(name="platform_function", family="schema", stage=5, missing=None, extra=None, aspects=PLATFORM_FUNCTION),
    Kind(
        name="trigger",
        family="schema",
        stage=45,
        goes_with_table=False,  # it needs functions, and they need the table
        missing=Aspect(
            severity=HIGH, why="What it refuses can be done, by the site's own server too.", repair=objects.make
        ),
        extra=Aspect(
            severity=lambda change: INFO if change.facts.get("enabled") == "D" else MEDIUM,
            why="A trigger that nobody declared can change, copy or swallow what is written here.",
            repair=objects.disable_trigger,
            decide="Declare it in the rules, or drop it when nobody needs it.",
        ),
        aspects=TRIGGER,
    ),
    Kind(
        name="rule",
        family="schema",
        stage=45,
        missing=None,
        extra=Aspect(
            severity=HIGH,
            why="A rewrite rule turns a write into something else, or into nothing, without a word.",
            repair=objects.drop_rule,
        ),
    ),
)
