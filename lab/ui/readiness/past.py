"""What the history says of a target, and of the finding that a link names. Pure."""

from collections.abc import Sequence

from lab.checks.state import State
from lab.readiness.history import KeptRun
from lab.readiness.report import Report
from lab.ui.kit.markdown import name, plain
from lab.ui.readiness.findings import list_layers, name_family


def write_last(runs: Sequence[KeptRun], key: str) -> str:
    """Say when a target was last checked and, when a link names a finding, when that was last found.

    Args:
        runs: The kept checks of the target, the oldest first.
        key: The finding's; empty when no link names one.
    """
    linked = f" The history has no finding {name(key)}, which this link names." if key else ""
    if not runs:
        return f"Not run on this target yet.{linked}"
    told = "Not run on this target since the app started. "
    told += f"The last check, {_moment(runs[-1])}, was {runs[-1].verdict.value}; see the history."
    held = [run for run in runs if any(finding.key == key for finding in run.findings)]
    if held:
        linked = f" The finding {name(key)}, which this link names, was last found {_moment(held[-1])}."
    return f"{told}{linked}"


def write_absence(report: Report, runs: Sequence[KeptRun], key: str) -> str:
    """Say why the newest check has no finding of a key: it is resolved only where a check saw that.

    Args:
        report: Of the newest check.
        runs: The kept checks of its target, the oldest first.
        key: The finding's.
    """
    told = f"The newest check of {plain(report.target)} did not find {name(key)}"
    holding = [(number, run) for number, run in enumerate(runs) if any(f.key == key for f in run.findings)]
    if not holding:
        return f"{told}. No check in the history has it."
    number, held = holding[-1]
    if held.started_at > report.started_at:
        return f"{told}. A later check found it {_moment(held)}. Run the check to see it."
    family = next(finding.family for finding in held.findings if finding.key == key)
    last = f"It was last found {_moment(held)}."
    if limit := _find_limit(report, family, held.scope):
        return f"{told}: {limit}. {last}"
    after = (run for run in runs[number + 1 :] if family in run.complete and run.scope in ("", held.scope))
    gone = next(after, None)
    return f"{told}. It is resolved{f' since {_moment(gone)}' if gone else ''}. {last}"


def _find_limit(report: Report, family_id: str, scope: str) -> str:
    """Say why a check could not have found what a family found before; empty when it could."""
    family = next((family for family in report.families if family.id == family_id), None)
    if family is None or family.state is State.NOT_RUN:
        return f"it did not run {name_family(family_id)}"
    if not family.complete:
        return f"it could not check all of {name_family(family_id)}"
    if report.layers and ",".join(sorted(report.layers)) != scope:
        return f"it covered only {list_layers(report.layers)}"
    return ""


def write_later(report: Report, runs: Sequence[KeptRun]) -> str:
    """Say that the history has a later check, as from the command line; empty when it has none.

    Args:
        report: What is shown.
        runs: The kept checks of its target, the oldest first.
    """
    if not runs or runs[-1].started_at <= report.started_at:
        return ""
    newest = runs[-1]
    scope = f" of {list_layers(newest.scope.split(','))}" if newest.scope else ""
    verdict = newest.verdict.value
    return f"The history has a later check{scope}, {_moment(newest)}: {verdict}. Run the check to see its findings."


def _moment(run: KeptRun) -> str:
    return f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC"
