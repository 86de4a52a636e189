"""Two plans side by side: what only one has, what both have, and the difference of their SQL. Pure."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from lab.plan.make import Line, Plan
from lab.ui.kit.tables import Frame, chip, code, say


@dataclass(frozen=True)
class Difference:
    """The lines of one kind, parted by who has them."""

    only_a: tuple[Line, ...]
    both: tuple[Line, ...]
    only_b: tuple[Line, ...]

    def summary(self) -> str:
        """Say in one line how many lines are where."""
        return f"{len(self.only_a)} only in A, {len(self.both)} in both, {len(self.only_b)} only in B"


KINDS = {
    "tables": "tables",
    "jobs": "jobs",
    "environment": "env",
    "rls": "policies",
    "consents": "missing_consents",
    "risks": "risks",
}
WHERE = {"only_a": chip("only A", "blue"), "only_b": chip("only B", "violet"), "both": chip("both", "gray")}


def compare_plans(a: Plan, b: Plan, kind: str) -> Difference:
    """Part the lines of one kind into only A, both and only B; a line is known by its name."""
    lines_a, lines_b = _lines(a, kind), _lines(b, kind)
    return Difference(
        only_a=tuple(line for key, line in lines_a.items() if key not in lines_b),
        both=tuple(line for key, line in lines_a.items() if key in lines_b),
        only_b=tuple(line for key, line in lines_b.items() if key not in lines_a),
    )


def frame_difference(difference: Difference) -> Frame:
    """Shape a difference as one table, what differs first."""
    rows = tuple(
        (WHERE[where], code(line.name), say(line.why))
        for where in ("only_a", "only_b", "both")
        for line in getattr(difference, where)
    )
    return Frame(("Where", "Name", "Why"), rows, "Neither scenario has one.")


def compare_sql(a: str, b: str) -> str:
    """Return the difference of two SQL texts as a unified diff; empty when they are the same."""
    lines = difflib.unified_diff(a.splitlines(), b.splitlines(), "scenario A", "scenario B", lineterm="", n=2)
    return "\n".join(lines)


def _lines(plan: Plan, kind: str) -> dict[str, Line]:
    lines: Sequence[Line] = getattr(plan, KINDS[kind])
    return {f"{getattr(line, 'table', '')} {line.name}": line for line in lines}
