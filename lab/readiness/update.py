"""Brings a report up to date with the results of later runs, also of those that other pages started. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from lab.checks.data.check import make_offence
from lab.checks.finding import Unknown
from lab.checks.schema.kind import FAMILIES as CATALOGUE
from lab.readiness.acceptances import Acceptance
from lab.readiness.families import FAMILIES, Family, withhold
from lab.readiness.reads import Reads
from lab.readiness.report import Answer, Basis, Report, make_report
from lab.readiness.request import Request
from lab.readiness.results import Results
from lab.readiness.run import run_family
from lab.rules import RULES

_OUTDATED = "The schema has changed since the probes ran. Run them again."
_OTHERS = "Only the questions of the chapters were run. Run the check with Data."


def update_report(
    last: Report | None, results: Results, request: Request, acceptances: Iterable[Acceptance] = ()
) -> Report | None:
    """Return a report with the newest result of each part.

    Args:
        last: The newest report of a readiness check, which stays as it is without its basis; None when there is none.
        results: What is known of its target.
        request: What is to be checked, without a report.
        acceptances: Findings that a person accepted, without a report.
    """
    if results.wall is None or (last and (last.basis is None or max(results.times.values()) <= last.started_at)):
        return last
    basis = last.basis if last else Basis(request, tuple(acceptances), (), {})
    parts = {"wall": results.wall, "probes": results.tried, "anchors": results.anchors}
    made = {name: value for name, value in parts.items() if value is not None}
    reads = Reads(replace(basis.request, families=(), also=("probes", "anchors")), made)
    held = {answer.family: answer for answer in basis.answers}
    answers = [_update(family, held.get(family.id), reads, results, last) for family in FAMILIES]
    return make_report(
        request.target,
        answers,
        acceptances=basis.acceptances,
        started_at=max([results.times["wall"], *([last.started_at] if last else [])]),
        seconds=last.seconds if last else results.wall.seconds,
        layers=basis.request.layers,
    )


def _update(family: Family, held: Answer | None, reads: Reads, results: Results, last: Report | None) -> Answer:
    part = "wall" if family.id in CATALOGUE else family.id
    answer = held or Answer(family=family.id, title=family.title, asked=False, how_to_run=family.how_to_run)
    read_at = results.times.get("questions" if part == "data" else part)
    newer = read_at is not None and (last is None or read_at > last.started_at)
    if part == "probes" and answer.asked and results.outdated:
        told = (Unknown(what=family.title, why=_OUTDATED),)
        return answer._replace(checked=(), findings=(), unknown=told)
    if part == "data" and newer:
        return _update_rows(answer, reads, results)
    return run_family(family, reads, already=True) if newer and _replaces(part, answer, results) else answer


def _replaces(part: str, answer: Answer, results: Results) -> bool:
    """Tell whether a later result replaces the earlier one. Anchors do only if a file of anchors was named."""
    if part == "anchors":
        return answer.asked or any(state.fits is not None for state in (results.anchors or {}).values())
    return part == "wall" or (part == "probes" and results.tried is not None)


def _update_rows(answer: Answer, reads: Reads, results: Results) -> Answer:
    """Return the family of live rows with the offending rows that the chapters' questions counted."""
    counts = {id_: count for id_, count in (results.questions or {}).items() if isinstance(count, int)}
    tables = reads.request.tables()
    found = tuple(
        withhold(make_offence(invariant, counts[invariant.id]), reads)
        for invariant in RULES.invariants
        if counts.get(invariant.id) and invariant.table.qualified in tables
    )
    if answer.asked:
        return answer._replace(findings=(*(f for f in answer.findings if f.rule not in counts), *found))
    told = (Unknown(what=answer.title, why=_OTHERS),)
    checked = ("what could be checked",)
    return answer._replace(asked=True, checked=checked, findings=found, unknown=told) if found else answer
