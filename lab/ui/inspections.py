"""Readiness checks as runs: family by family, kept in the history. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from lab.embedded import PROJECT
from lab.readiness.acceptances import FILE_NAME, Acceptance, read_acceptances
from lab.readiness.families import FAMILIES, Family
from lab.readiness.history import HistoryUnavailable, history_path, keep_run, record_run
from lab.readiness.inspection import inspect_target
from lab.readiness.question import Question
from lab.readiness.report import Answer, Report
from lab.ui.runs import Run

ACCEPTANCES = PROJECT / FILE_NAME


def make_inspection(
    target: str,
    url: str,
    *,
    also: Iterable[str] = (),
    layers: Iterable[str] = (),
    environ: Mapping[str, str],
    families: tuple[Family, ...] = FAMILIES,
    acceptances: Path = ACCEPTANCES,
) -> Run[Report]:
    """Return a readiness check that can be started.

    Args:
        target: Names the target for people.
        url: Where it is; never shown.
        also: Families besides those that are always asked.
        layers: Only what these layers need, when any is named.
        environ: The site's environment, and where the history is kept.
        families: All there are.
        acceptances: The file of what somebody decided to live with; it need not exist.
    """
    question = Question(url=url, target=target, also=tuple(also), layers=tuple(layers), environ=environ)
    asked = [(family.id, family.title) for family in families if family.is_asked(question)]

    def work(run: Run[Report]) -> Report:
        now = datetime.now(UTC)
        watched = tuple(_watch(family, run) for family in families)
        report = inspect_target(question, acceptances=_accept(acceptances, now), families=watched, now=now)
        run.seal()
        return _record(report, environ)

    return Run(target, asked, work)


def _watch(family: Family, run: Run[Report]) -> Family:
    """Return a family that tells a run when it is asked and answered."""

    def answer(question: Question) -> Answer:
        run.begin(family.id)
        try:
            return family.answer(question)
        finally:
            run.end(family.id)

    return replace(family, answer=answer)


def _accept(path: Path, now: datetime) -> tuple[Acceptance, ...]:
    return read_acceptances(path, now.date()) if path.exists() else ()


def _record(report: Report, environ: Mapping[str, str]) -> Report:
    """Keep a check in the history; a history that can't be written is a note, and changes nothing that was found."""
    try:
        record_run(history_path(environ), keep_run(report))
    except HistoryUnavailable as error:
        return report.model_copy(update={"notes": (*report.notes, f"This check is not kept. {error}")})
    return report
