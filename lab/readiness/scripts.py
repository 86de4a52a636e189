"""The script of repairs that an operator reads, and then runs."""

from lab.findings import Finding
from lab.readiness.formats.escapes import show_line
from lab.readiness.report import Report
from lab.repairs import repair_script


def repair_file(report: Report) -> str:
    """Return all repairs of a report in an order that works, and as comments what a person must decide."""
    head = [
        f"-- Repairs of {show_line(report.target, 200)}, checked on {report.started_at:%Y-%m-%d %H:%M} UTC.",
        "-- Read them first. They never drop data; take a backup all the same.",
    ]
    script = repair_script(map(_plain, report.findings)) or "-- There is nothing to repair.\n"
    open_ends = [finding for finding in report.findings if finding.weighs and not finding.repair]
    left = [f"--   {show_line(f.subject)}: {show_line(f.decide or f.why)}" for f in open_ends]
    return "\n".join([*head, "", script, *(["-- A person must decide:", *left] if left else [])]).rstrip() + "\n"


def _plain(finding: Finding) -> Finding:
    """Return a finding whose comment in the script stays one line, whatever a table was named."""
    return finding.model_copy(update={"subject": show_line(finding.subject), "seen": show_line(finding.seen)})
