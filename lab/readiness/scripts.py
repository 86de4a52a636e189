"""Writes the script of repairs for an operator to read and run."""

from lab.checks.schema.repairs import repair_script, write_remark
from lab.readiness.report import Report


def repair_file(report: Report) -> str:
    """Return all repairs of a report in a working order, with a person's decisions as comments."""
    head = [
        *([write_remark(report.headline)] if report.headline else []),
        write_remark(f"Repairs of {report.target}, checked on {report.started_at:%Y-%m-%d %H:%M} UTC."),
        "-- Read them first. They never drop data. Take a backup anyway.",
        "-- Run them as postgres, or as a superuser if postgres does not own everything. `postgres` owns new objects.",
        "-- A refused repair is a warning and does not stop the others. Run the check again afterwards.",
        "-- Undeclared objects may belong to another application: their SQL is at the end, commented out.",
    ]
    script = repair_script(report.findings) or "-- There is nothing to repair.\n"
    open_ends = [finding for finding in report.findings if finding.weighs and not finding.repair]
    left = [write_remark(f"{f.subject}: {f.decide or f.why}") for f in open_ends]
    return "\n".join([*head, "", script, *(["-- A person must decide:", *left] if left else [])]).rstrip() + "\n"
