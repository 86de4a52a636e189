"""Plans and the difference of two plans, shaped as tables. Pure."""

import difflib
from collections.abc import Iterable
from itertools import chain

from lab.plan.difference import Difference
from lab.plan.make import Plan
from lab.rules import RULES
from lab.ui.kit.tables import Cell, DataFrame, make_frame
from lab.ui.kit.titles import name_source

ONLY_A, BOTH, ONLY_B = "only A", "both", "only B"
# The kinds of a plan's lines that a view shows.
KINDS = {
    "Needs": ("table", "job", "variable", "policy", "price", "what if"),
    "Consents": ("consent", "missing consent"),
    "Risks": ("risk",),
}


def _name_all(sources: Iterable[str]) -> list[str]:
    return [name_source(source) for source in sources]


def frame_consents(plan: Plan) -> DataFrame:
    """Shape the consents, missing ones first and then the given, with the sentence that asks for each."""
    needed = {line.name: line for line in plan.needed_consents}
    missing = {line.name for line in plan.missing_consents}
    rows: dict[str, list[tuple[Cell, ...]]] = {"missing": [], "given": [], "not needed": []}
    for consent in RULES.consents:
        line, given = needed.get(consent.id), consent.id in plan.scenario.consents
        state = "missing" if consent.id in missing else "given" if given else "not needed"
        why, needed_by = (line.why, line.needed_by) if line else (consent.without_it, ())
        rows[state].append((consent.title, consent.id, [state], consent.question, why, _name_all(needed_by)))
    return make_frame(
        ("Consent", "Id", "State", "The sentence that asks for it", "Why it matters", "Needed by"),
        chain(*rows.values()),
    )


def frame_risks(plan: Plan) -> DataFrame:
    """Shape the open risks, the most severe first."""
    rows = ((r.title, [r.severity.value], r.why, r.mitigation, r.check, _name_all(r.because_of)) for r in plan.risks)
    return make_frame(("Risk", "Severity", "Why", "Mitigation", "The check that shows it", "Comes with"), rows)


def frame_difference(difference: Difference, kinds: Iterable[str]) -> DataFrame:
    """Shape the lines of some kinds with the plan that has them, what differs first."""
    parted = {ONLY_A: difference.only_a, ONLY_B: difference.only_b, BOTH: difference.both}
    wanted = tuple(kinds)
    rows = (
        ([where], entry.title, entry.kind, entry.name, entry.why)
        for where, entries in parted.items()
        for entry in entries
        if entry.kind in wanted
    )
    return make_frame(("Where", "Name", "Kind", "Id", "Why"), rows)


def compare_sql(a: str, b: str) -> str:
    """Return the difference of two SQL texts as a unified diff; empty when they are the same."""
    lines = difflib.unified_diff(a.splitlines(), b.splitlines(), "scenario A", "scenario B", lineterm="", n=2)
    return "\n".join(lines)
