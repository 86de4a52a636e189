"""Readiness checks as runs: family by family, kept in the history. Pure."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from lab.readiness.families import FAMILIES, Family
from lab.readiness.history import History, HistoryUnavailable, keep_run, record_run
from lab.readiness.reads import Reads
from lab.readiness.report import Answer, Report
from lab.readiness.request import Request
from lab.readiness.results import Board
from lab.readiness.run import inspect_target
from lab.services.anchor import find_source
from lab.ui.kit.background import Run
from lab.ui.kit.reports import ACCEPTANCES, read_accepted


def make_inspection(
    target: str,
    url: str,
    *,
    also: Iterable[str] = (),
    layers: Iterable[str] = (),
    environ: Mapping[str, str],
    history: History,
    families: tuple[Family, ...] = FAMILIES,
    acceptances: Path | None = ACCEPTANCES,
    board: Board | None = None,
) -> Run[Report]:
    """Return a readiness check that can be started.

    Args:
        target: Names the target for people.
        url: Where it is; never shown.
        also: Optional families, by id.
        layers: Only what these layers need, when any is named.
        environ: The site's environment.
        history: Where the check is kept.
        families: All there are.
        acceptances: The file of accepted findings; it need not exist. None is for people who must not read it.
        board: Where its results are kept for every page.
    """
    request = Request(
        url=url,
        target=target,
        also=tuple(also),
        layers=tuple(layers),
        environ=environ,
        anchors=find_source(os.environ, target=target),
    )
    steps = [(family.id, family.title) for family in families if family.is_run(request)]

    def work(run: Run[Report]) -> Report:
        now = datetime.now(UTC)
        watched = tuple(_watch(family, run) for family in families)
        report = inspect_target(request, acceptances=read_accepted(acceptances, now), families=watched, now=now)
        run.seal()
        if board is not None and report.basis:
            board.keep(target, now, report.basis.parts)
        return _record(report, history)

    return Run(target, steps, work)


def _watch(family: Family, run: Run[Report]) -> Family:
    """Return a family that marks its step of a run."""

    def answer(reads: Reads) -> Answer:
        with run.step(family.id):
            return family.answer(reads)

    return replace(family, answer=answer)


def hide_folder(error: Exception, place: History) -> str:
    """Return an error's words with a place's name alone: a page shows no folder and no host."""
    return str(error).replace(str(place), place.name)


def _record(report: Report, history: History) -> Report:
    """Keep a check in the history; a history that can't be written is a note, and changes no finding."""
    try:
        record_run(history, keep_run(report))
    except HistoryUnavailable as error:
        return report.model_copy(
            update={"notes": (*report.notes, f"This check is not in the history. {hide_folder(error, history)}")}
        )
    return report
