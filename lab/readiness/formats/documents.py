"""A report as JSON: the shape that other programs read. Keys are added, never renamed."""

from typing import Any

from lab.checks.finding import Finding
from lab.readiness.explanations import find_page
from lab.readiness.report import Report
from lab.text.escape import write_json

# The promised keys first, in their order; additions come after them.
_FIRST = ("target", "verdict", "server_version", "findings", "unknown")


def json_report(report: Report) -> str:
    """Return a report as JSON in plain ASCII, so that it can be printed on any terminal."""
    return write_json(report_document(report)) + "\n"


def report_document(report: Report) -> dict[str, Any]:
    """Return a report as plain values."""
    document = report.model_dump(mode="json", exclude={"remarks"})
    document["findings"] = [finding_document(finding, report.remarks.get(finding.key)) for finding in report.findings]
    return {name: document[name] for name in (*_FIRST, *(name for name in document if name not in _FIRST))}


def finding_document(finding: Finding, remark: str | None = None) -> dict[str, Any]:
    """Return a finding as plain values, with a remark on it."""
    return {**finding.model_dump(mode="json"), "remark": remark, "help": find_page(finding.kind)}
