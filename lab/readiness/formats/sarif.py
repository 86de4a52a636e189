"""A report as SARIF 2.1.0, for code scanning.

Source: OASIS SARIF 2.1.0; docs.github.com, "SARIF support for code scanning": a result is shown at the first of its
locations, which must name a file and a line; `primaryLocationLineHash` tells results apart from run to run; a rule's
`security-severity` counts from 0 to 10 and holds for each of its results; descriptions have 1024 characters at most.

So a rule here is a kind of finding with a severity, such as `privilege/high`. A rule of the product is often an object,
and one table may have two findings of different severity: a grant that is too wide, and a comment in other words.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from lab.checks.finding import Finding, Unknown
from lab.checks.schema.every_kind import KINDS
from lab.readiness.acceptances import Accepted
from lab.readiness.explanation_pages import write_page
from lab.readiness.explanations import explain, find_page
from lab.readiness.formats.source_lines import find_place
from lab.readiness.report import Report, ReportVerdict
from lab.rules.model import Severity
from lab.text.escape import show_block, show_line, write_json

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LONGEST_DESCRIPTION = 1000
MOST_RESULTS = 25_000  # code scanning refuses a run with more; the worst come first

_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.0",
}
_TITLES = {kind.name: kind.title for kind in KINDS} | {
    "probe": "A trial as a role had another result than the rules say"
}
_NOT_CHECKED = Severity.MEDIUM  # an unknown must be an alert, or the target would seem sound


def sarif_report(report: Report, docs: str = "") -> str:
    """Return a report as a SARIF log with one run; accepted findings are there, suppressed.

    Args:
        report: What was found.
        docs: The address below which the pages of explanation are; empty when it is unknown.
    """
    results = [
        *(_result(finding, report.remarks.get(finding.key)) for finding in report.findings),
        *(_unknown_result(unknown) for unknown in report.unknown),
        *(_accepted_result(accepted) for accepted in report.accepted),
    ][:MOST_RESULTS]
    rules = _rules([*report.findings, *(accepted.finding for accepted in report.accepted)], report.unknown, docs)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    for result in results:
        result["ruleIndex"] = index[result["ruleId"]]
    driver = {"name": "persistence-lab", "rules": rules}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"readiness/{show_line(report.target, 100)}/"},
        "invocations": [_invocation(report)],
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return write_json(log) + "\n"


def _invocation(report: Report) -> dict[str, Any]:
    return {
        "executionSuccessful": report.verdict is not ReportVerdict.UNKNOWN,
        "startTimeUtc": report.started_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "toolExecutionNotifications": [
            {"level": "warning", "message": {"text": _without_links(show_line(f"{unknown.what}: {unknown.why}"))}}
            for unknown in report.unknown
        ],
    }


def _rules(findings: Iterable[Finding], unknown: Iterable[Unknown], docs: str) -> list[dict[str, Any]]:
    """Return one descriptor for each kind and severity that has a result."""
    rules: dict[str, dict[str, Any]] = {}
    for finding in findings:
        rule = _rule(_rule_id(finding), _describe(finding), finding.severity)
        rules.setdefault(_rule_id(finding), rule | _help(finding.kind, docs))
    if any(unknown):
        rules["not-checked"] = _rule("not-checked", "This could not be checked, and may be broken", _NOT_CHECKED)
    return list(rules.values())


def _help(kind: str, docs: str) -> dict[str, Any]:
    """Return the page of a kind, which code scanning shows beside an alert, and its address when it is known."""
    found = explain(kind)
    if found is None:
        return {}
    plain = f"{found.means} Repair: {found.repair} Accept it: {found.accept}"
    address = {"helpUri": f"{docs}/{find_page(kind)}"} if docs else {}
    return {"help": {"text": plain, "markdown": write_page(found)}, **address}


def _rule_id(finding: Finding) -> str:
    return f"{show_line(finding.kind, 200) or 'unnamed'}/{finding.severity.value}"


def _describe(finding: Finding) -> str:
    """Describe a finding's kind; a criterion's finding has the criterion's sentence as what was expected."""
    return _TITLES.get(finding.kind) or f"This does not hold: {finding.expected.removesuffix('.')}"


def _rule(id_: str, words: str, severity: Severity) -> dict[str, Any]:
    told = show_line(words, LONGEST_DESCRIPTION - 100) or id_
    return {
        "id": id_,
        "shortDescription": {"text": f"{told}."},
        "fullDescription": {"text": f"{told}. The severity is {severity.value}, by what is exposed and to whom."},
        "defaultConfiguration": {"level": _LEVELS.get(severity, "note")},
        "properties": {"tags": ["security"], "security-severity": _SCORES[severity]},
    }


def _result(finding: Finding, remark: str | None) -> dict[str, Any]:
    return {
        "ruleId": _rule_id(finding),
        "level": _LEVELS.get(finding.severity, "note"),
        "message": {"text": _message(finding, remark)},
        "locations": [_location(finding.subject, finding.rule)],
        "partialFingerprints": _fingerprints(finding.key),
        "properties": {"severity": finding.severity.value, "chapter": finding.chapter, "key": finding.key},
    }


def _message(finding: Finding, remark: str | None) -> str:
    lines = [f"{show_line(finding.heading)}. {show_line(finding.why)}", f"Expected: {show_line(finding.expected)}"]
    lines += [f"Seen: {show_line(finding.seen)}"]
    lines += [f"Decide: {show_line(finding.decide)}"] if finding.decide else []
    lines += [f"Remark: {show_line(remark)}"] if remark else []
    lines += [f"Repair:\n{show_block(finding.repair.sql, 4000)}"] if finding.repair else []
    return _without_links("\n".join(lines))


def _without_links(text: str) -> str:
    """Return text in which nothing is a link: SARIF reads `[words](address)` in a message as one."""
    return text.replace("](", "] (")


def _unknown_result(unknown: Unknown) -> dict[str, Any]:
    return {
        "ruleId": "not-checked",
        "level": _LEVELS[_NOT_CHECKED],
        "message": {"text": _without_links(show_line(f"Not checked: {unknown.what}. {unknown.why}"))},
        "locations": [_location("", "")],
        "partialFingerprints": _fingerprints(f"not-checked:{unknown.what}"),
    }


def _accepted_result(accepted: Accepted) -> dict[str, Any]:
    entry = accepted.acceptance
    told = f"Accepted until {entry.expires.isoformat()} by {entry.accepted_by}: {entry.reason}"
    suppression = {"kind": "external", "status": "accepted", "justification": show_line(told)}
    return {**_result(accepted.finding, told), "level": "note", "suppressions": [suppression]}


def _location(subject: str, rule: str) -> dict[str, Any]:
    place = find_place(subject, rule)
    physical = {"artifactLocation": {"uri": place.path}, "region": {"startLine": place.line}}
    logical = [{"fullyQualifiedName": show_line(subject, 200)}] if subject else []
    return {"physicalLocation": physical, **({"logicalLocations": logical} if logical else {})}


def _fingerprints(key: str) -> dict[str, str]:
    """Return what tells a result apart: its key alone, so that moved lines make no new alert."""
    digest = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return {"primaryLocationLineHash": f"{digest[:16]}:1", "findingKey/v1": digest}
