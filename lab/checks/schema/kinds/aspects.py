"""What several kinds of things have in common."""

from collections.abc import Callable

from lab.checks.finding import Forms
from lab.checks.schema.compare import Aspect, Change
from lab.checks.schema.repairs import objects
from lab.checks.schema.severity import INFO

COMMENT = Aspect(
    severity=INFO, why="The catalogue's comment is not what the rules say of it.", repair=objects.set_comment
)


FOLLOWS = Aspect(severity=lambda change: None, why="It follows from another difference.")


STANDS_ON_IT = (
    "Postgres replaces it only when it is dropped first, which the repair does. When something that nobody declared "
    "stands on it, Postgres refuses: decide what becomes of that."
)


OWNER_STAGE = 1.7  # once schemas are let into, and before what the owner repairs, grants and takes


def stage_owner(stage: float | Callable[[Change], float]) -> Callable[[Change], float]:
    """Return the places of a kind's repairs, with the owner's before all others: the rest is done as the owner."""

    def place(change: Change) -> float:
        if change.aspect == "owner":
            return OWNER_STAGE
        return stage(change) if callable(stage) else stage

    return place


def find_forms(use: str, fact: str) -> Callable[[Change], Forms | None]:
    """Find the two forms of an expression, when there are two."""

    def find(change: Change) -> Forms | None:
        expected, seen = change.wanted.get(fact), change.found.get(fact)
        if not expected or not seen:
            return None
        roles = tuple(change.found.get("roles") or ()) if use == "policy" else ()
        given = {"use": use, "relation": change.relation, "expected": expected, "seen": seen, "roles": roles}
        return Forms.model_validate(given)

    return find
