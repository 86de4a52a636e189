"""Plans and the difference of two plans, shaped as tables. Pure."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from lab.plan.lines import Line
from lab.plan.make import Plan
from lab.rules import RULES
from lab.ui.kit.tables import DataFrame, make_frame
from lab.ui.kit.titles import name_source


class View(NamedTuple):
    """How the page shows one kind of a plan's lines.

    Args:
        lines: The plan's field that holds them.
        shape: Makes the table of one plan.
        empty: Stands in place of a table without rows.
    """

    lines: str
    shape: Callable[[Plan], DataFrame]
    empty: str


def _name_all(sources: Iterable[str]) -> list[str]:
    return [name_source(source) for source in sources]


def frame_tables(plan: Plan) -> DataFrame:
    """Shape the tables that a plan needs."""
    rows = ((t.name, t.description, t.why, _name_all(t.because_of)) for t in plan.tables)
    return make_frame(("Table", "What it keeps", "Why it is needed", "Needed by"), rows)


def frame_jobs(plan: Plan) -> DataFrame:
    """Shape the tracked jobs that a plan runs."""
    rows = ((j.title, j.name, j.why, j.max_attempts, j.support_path) for j in plan.jobs)
    return make_frame(("Job", "Id", "Why it runs", "Attempts", "Support path"), rows)


def frame_environment(plan: Plan) -> DataFrame:
    """Shape the environment variables that a plan needs; the examples are made up."""
    rows = ((e.name, ["server only" if e.secret else "public"], e.why, e.example) for e in plan.env)
    return make_frame(("Variable", "Visibility", "Why it is needed", "Made-up example"), rows)


def frame_policies(plan: Plan) -> DataFrame:
    """Shape the row-level-security policies on the plan's tables."""
    rows = ((p.table, p.name, p.command, p.role, p.why) for p in plan.policies)
    return make_frame(("Table", "Policy", "Command", "Role", "Why"), rows)


def frame_consents(plan: Plan) -> DataFrame:
    """Shape the consents, missing ones first, with the sentence that asks for each."""
    missing = {line.name: line for line in plan.missing_consents}
    rows = []
    for consent in sorted(RULES.consents, key=lambda consent: consent.id not in missing):
        line = missing.get(consent.id)
        state = "missing" if line else "given" if consent.id in plan.scenario.consents else "not needed"
        why, needed_by = (line.why, line.needed_by) if line else (consent.without_it, ())
        rows.append((consent.title, consent.id, [state], consent.question, why, _name_all(needed_by)))
    return make_frame(("Consent", "Id", "State", "The sentence that asks for it", "Why it matters", "Needed by"), rows)


def frame_risks(plan: Plan) -> DataFrame:
    """Shape the open risks, the most severe first."""
    rows = ((r.title, [r.severity.value], r.why, r.mitigation, r.check, _name_all(r.because_of)) for r in plan.risks)
    return make_frame(("Risk", "Severity", "Why", "Mitigation", "The check that shows it", "Comes with"), rows)


def frame_prices(plan: Plan) -> DataFrame:
    """Shape the prices at which the plan's layer is sold."""
    rows = ((p.name, p.amount, p.why, p.unlock_route, p.lookup_key) for p in plan.prices)
    return make_frame(("Product", "Price", "What it unlocks", "Unlock route", "Lookup key at Stripe"), rows)


def frame_standing_rules() -> DataFrame:
    """Shape the standing rules with what enforces each inside the database."""
    rows = ((rule.sentence, rule.why, ", ".join(rule.enforced_by)) for rule in RULES.standing_rules)
    return make_frame(("Rule", "Why", "Enforced by"), rows)


KINDS = {
    "Tables": View("tables", frame_tables, "No table."),
    "Jobs": View("jobs", frame_jobs, "No job. This scenario delivers nothing through the tracked queue."),
    "Environment": View("env", frame_environment, "No variable."),
    "RLS": View(
        "policies", frame_policies, "No policy. Row-level security is forced, so nobody reads these tables by the API."
    ),
    "Consents": View("missing_consents", frame_consents, "No consent."),
    "Risks": View("risks", frame_risks, "No open risk. This scenario brings none of the known ones."),
    "Prices": View("prices", frame_prices, "This layer is not sold by itself."),
}


ONLY_A, BOTH, ONLY_B = "only A", "both", "only B"


def compare_plans(a: Plan, b: Plan, kind: str) -> DataFrame:
    """Shape the lines of one kind with the plan that has them, what differs first; a line is known by its name."""
    lines_a, lines_b = _name_lines(a, kind), _name_lines(b, kind)
    parted = {
        ONLY_A: [line for key, line in lines_a.items() if key not in lines_b],
        ONLY_B: [line for key, line in lines_b.items() if key not in lines_a],
        BOTH: [line for key, line in lines_a.items() if key in lines_b],
    }
    rows = (([where], line.name, line.why) for where, lines in parted.items() for line in lines)
    return make_frame(("Where", "Name", "Why"), rows)


def _name_lines(plan: Plan, kind: str) -> dict[str, Line]:
    lines: Sequence[Line] = getattr(plan, KINDS[kind].lines)
    return {f"{getattr(line, 'table', '')} {line.name}": line for line in lines}


def count_sides(compared: DataFrame) -> tuple[int, int, int]:
    """Count the lines that only A has, that both have, and that only B has."""
    only_a, both, only_b = (sum(side in cell for cell in compared["Where"]) for side in (ONLY_A, BOTH, ONLY_B))
    return only_a, both, only_b


def frame_summary(a: Plan, b: Plan) -> DataFrame:
    """Count the lines of every kind by the plan that has them."""
    rows = ((kind, *count_sides(compare_plans(a, b, kind))) for kind in KINDS)
    return make_frame(("Kind", "Only in A", "In both", "Only in B"), rows)


def compare_sql(a: str, b: str) -> str:
    """Return the difference of two SQL texts as a unified diff; empty when they are the same."""
    lines = difflib.unified_diff(a.splitlines(), b.splitlines(), "scenario A", "scenario B", lineterm="", n=2)
    return "\n".join(lines)
