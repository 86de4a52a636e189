"""What one plan has and another has not, by name. Pure."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, Field

from lab.plan.lines import Line
from lab.plan.make import Plan


class Entry(BaseModel):
    """One line of a plan with the name of its kind."""

    model_config = ConfigDict(frozen=True)

    kind: str = Field(description="What it is, such as “table”.")
    name: str = Field(description="Its id.")
    title: str = Field(description="Its name for people; the id where it has no other.")
    why: str


class Difference(BaseModel):
    """Two plans, and what only one of them has."""

    model_config = ConfigDict(frozen=True)

    a: Plan
    b: Plan
    only_a: tuple[Entry, ...]
    only_b: tuple[Entry, ...]
    both: tuple[Entry, ...]


def compare_plans(a: Plan, b: Plan) -> Difference:
    """Compare two plans by the names of their lines; each part keeps the order of the plan."""
    ours, theirs = ({(e.kind, e.name): e for e in list_entries(plan)} for plan in (a, b))
    return Difference(
        a=a,
        b=b,
        only_a=tuple(entry for key, entry in ours.items() if key not in theirs),
        only_b=tuple(entry for key, entry in theirs.items() if key not in ours),
        both=tuple(entry for key, entry in ours.items() if key in theirs),
    )


def list_changes(before: Plan, after: Plan) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Return what a change added and what it removed, each thing once: no policy, and no consent as missing, too."""
    told = compare_plans(before, after)
    consents = {entry.name for entry in (*told.only_a, *told.only_b) if entry.kind == "consent"}
    added, removed = (
        tuple(
            entry
            for entry in entries
            if entry.kind != "policy" and not (entry.kind == "missing consent" and entry.name in consents)
        )
        for entries in (told.only_b, told.only_a)
    )
    return added, removed


def list_entries(plan: Plan) -> Iterator[Entry]:
    """Yield what a plan has, the consents first."""
    kinds: dict[str, Sequence[Line]] = {
        "consent": plan.needed_consents,
        "missing consent": plan.missing_consents,
        "risk": plan.risks,
        "table": plan.tables,
        "job": plan.jobs,
        "variable": plan.env,
        "policy": plan.policies,
        "price": plan.prices,
        "what if": plan.what_if,
    }
    for kind, lines in kinds.items():
        for line in lines:
            title = getattr(line, "title", line.name)
            yield Entry(kind=kind, name=line.name, title=title, why=line.why)
