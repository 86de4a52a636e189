"""How the platform's functions that the rules rest on are compared."""

from lab.checks.schema.aspects import grade_body
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import CRITICAL, HIGH, INFO, MEDIUM, is_platform
from lab.checks.schema.wording import LETTERS, ROUTINES
from lab.rules.model import Severity
from lab.sql.tokens import take_apart


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
    if grade_body(change) is INFO:
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


KIND = Kind(
    name="platform_function",
    plural="functions of the platform",
    title="A function of the platform that the rules rest on is not as it must be",
    query=read_query("functions"),
    letters={**LETTERS, "form": ROUTINES},
    family="schema",
    stage=5,
    missing=None,
    extra=None,
    aspects=PLATFORM_FUNCTION,
)
