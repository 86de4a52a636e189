"""How functions of the platform that the rules call are compared."""

from collections.abc import Callable

from lab.checks.schema.aspects import grade_body
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import CRITICAL, HIGH, INFO, LOW, MEDIUM, is_platform
from lab.checks.schema.wording import LETTERS, ROUTINES
from lab.rules.model import Severity
from lab.sql.tokens import take_apart


def _grade_callers(change: Change) -> Severity:
    """Grade the callers of a platform function: a policy that calls it fails for a role that may not."""
    lost = set(change.wanted.get("callers", [])) - set(change.found.get("callers", []))
    return HIGH if lost and _is_asked(change) else INFO


def _is_asked(change: Change) -> bool:
    """Tell whether the rules call the function."""
    name = change.name.partition("(")[0]
    return any(
        name in str(facts) for kind in ("policy", "view", "function") for facts in change.rules.of(kind).values()
    )


def _grade_volatility(change: Change) -> Severity:
    """Grade the volatility: a prepared plan calls an immutable function once and keeps its result."""
    if change.found["volatility"] != "i":
        return INFO
    return CRITICAL if _is_asked(change) else MEDIUM


def _grade_config(change: Change) -> Severity:
    """Grade the function's own settings: they can replace the caller's identity, and prevent inlining."""
    lines = set(change.found.get("config", [])) - set(change.wanted.get("config", []))
    names = {line.partition("=")[0] for line in lines}
    if any(name.startswith("request.") for name in names):
        return CRITICAL if _is_asked(change) else MEDIUM
    return LOW if names <= {"search_path"} else HIGH


def _say_callers(change: Change) -> str | None:
    lost = set(change.wanted.get("callers", [])) - set(change.found.get("callers", []))
    grant = f"grant execute on function {change.name} to {', '.join(sorted(lost))};"
    way = f"grant usage on schema {change.name.partition('.')[0]} to {', '.join(sorted(lost))};"
    return f"The platform owns this function. Ask its owner, or the platform's support, to run: {way} {grant}"


def _grade_platform_owner(change: Change) -> Severity:
    """Grade the owner of a platform function, who can change the identity that it returns."""
    owner = change.found["owner"]
    return INFO if is_platform(owner) or owner == "postgres" else HIGH


def _grade_answer(change: Change) -> Severity | None:
    """Grade a changed body: one that does not read the request returns the same identity for everybody."""
    if grade_body(change) is INFO:
        return None  # only spaces or comments differ
    if not _is_asked(change):
        return MEDIUM
    known, found = (set(take_apart(facts["body"])) for facts in (change.wanted, change.found))
    if found <= known:
        return MEDIUM  # probably an earlier version of the platform's
    return HIGH if any("request.jwt" in token.text for token in found) else CRITICAL


def _ask(change_to: str) -> Callable[[Change], str]:
    """Return the SQL that the function's owner must run."""
    return lambda change: f"Ask the platform's support to run: alter function {change.name} {change_to};"


PLATFORM_FUNCTION = {
    "owner": Aspect(
        severity=_grade_platform_owner,
        why="Its owner can make policies take one person for another. By the rules {owner} owns it.",
        decide=lambda change: (
            f"Ask the platform's support to run: alter function {change.name} owner to {change.wanted['owner']};"
        ),
    ),
    "callers": Aspect(
        severity=_grade_callers,
        why="Policies call this function to learn who is signed in. A role that may not call it cannot read its own rows.",
        decide=_say_callers,
    ),
    "body": Aspect(
        severity=_grade_answer,
        why="Policies call this function to learn who is signed in, and its body differs from the known one.",
        decide="Compare it with the platform's current version. If it differs, ask the platform's support.",
    ),
    "volatility": Aspect(
        severity=_grade_volatility,
        why="A prepared statement calls an immutable function only once, so one person can read another's rows.",
        decide=_ask("stable"),
    ),
    "config": Aspect(
        severity=_grade_config,
        why="Policies call this function to identify the caller. Its own settings can change the result, or slow it down.",
        decide=_ask("reset all"),
    ),
    "definer": Aspect(
        severity=MEDIUM,
        why="It runs with the rights of its owner, so its result no longer depends on the caller alone.",
        decide=_ask("security invoker"),
    ),
    **{
        fact: Aspect(severity=INFO, why="The platform's function differs from the known one.")
        for fact in (
            "comment",
            "parallel",
            "language",
            "strict",
            "leakproof",
        )
    },
}


KIND = Kind(
    name="platform_function",
    plural="functions of the platform",
    title="A function of the platform that policies call differs from what they need",
    means=(
        "A function of the platform that policies call, such as auth.uid(), differs from what policies need. "
        "Policies may then take one person for another."
    ),
    example="alter function auth.uid() immutable;",
    accept="When the platform has published the new form and the difference is information.",
    query=read_query("functions"),
    letters={**LETTERS, "form": ROUTINES},
    family="schema",
    stage=5,
    missing=None,
    extra=None,
    aspects=PLATFORM_FUNCTION,
)
