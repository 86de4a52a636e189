"""A report as JUnit XML: a suite for each family, a case for each area that was checked, passes included.

Source: the schema that Jenkins and pytest test against, junit-10.xsd of the xunit plugin: attributes of suites and
cases, and that a case holds `skipped`, `error` and `failure` elements.
"""

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from lab.checks.finding import Finding
from lab.checks.state import State
from lab.readiness.report import FamilyResult, Report
from lab.text.escape import show_block, show_line


def junit_report(report: Report) -> str:
    """Return a report as JUnit XML; a finding of information is output, not a failure."""
    root = Xml.Element("testsuites", name="readiness", time=f"{report.seconds:.3f}")
    for family in report.families:
        _add_suite(root, family, report)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _add_suite(root: Xml.Element, family: FamilyResult, report: Report) -> None:
    suite = Xml.SubElement(root, "testsuite", name=family.id, timestamp=report.started_at.strftime("%Y-%m-%dT%H:%M:%S"))
    suite.set("time", f"{family.seconds:.3f}")
    properties = Xml.SubElement(suite, "properties")
    for name, value in (("target", report.target), ("server_version", report.server_version)):
        Xml.SubElement(properties, "property", name=name, value=show_line(value))
    if family.state is State.NOT_RUN:
        Xml.SubElement(_case(suite, family, family.title), "skipped", message=show_line(f"not run: {family.why}"))
    else:
        _add_cases(suite, family, report)
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    suite.set("tests", str(len(suite.findall("testcase"))))
    for name, element in kinds.items():
        suite.set(name, str(len(suite.findall(f"testcase/{element}"))))


def _add_cases(suite: Xml.Element, family: FamilyResult, report: Report) -> None:
    standing = [finding for finding in report.findings if finding.key in family.findings]
    areas: dict[str, list[Finding]] = {area: [] for area in family.checked}
    for finding in standing:
        areas.setdefault(area_of(finding, family.checked), []).append(finding)
    for area, findings in areas.items():
        _fill_case(_case(suite, family, area), findings, report)
    for unknown in (entry for entry in report.unknown if entry.what in family.unknown):
        Xml.SubElement(_case(suite, family, unknown.what), "error", type="not checked", message=show_line(unknown.why))
    for accepted in (entry for entry in report.accepted if entry.finding.key in family.findings):
        told = f"accepted until {accepted.acceptance.expires} by {accepted.acceptance.accepted_by}: "
        case = _case(suite, family, f"{accepted.finding.key} (accepted)")
        Xml.SubElement(case, "skipped", message=show_line(told + accepted.acceptance.reason))


def area_of(finding: Finding, areas: Sequence[str]) -> str:
    """Return the area of a finding: the longest area that its subject is or is inside of, else its rule."""
    if finding.rule in areas:
        return finding.rule
    fitting = [
        area for area in areas if finding.subject == area or finding.subject.startswith((f"{area}.", f"{area}("))
    ]
    return max(fitting, key=len, default=finding.rule)


def _case(suite: Xml.Element, family: FamilyResult, name: str) -> Xml.Element:
    return Xml.SubElement(suite, "testcase", classname=f"readiness.{family.id}", name=show_line(name), time="0")


def _fill_case(case: Xml.Element, findings: Sequence[Finding], report: Report) -> None:
    """Write one failure for all findings above information, because most tools read only one in a case."""
    weighing = [finding for finding in findings if finding.weighs]
    if weighing:
        first, more = weighing[0], f" (and {len(weighing) - 1} more)" if len(weighing) > 1 else ""
        failure = Xml.SubElement(case, "failure", type=first.severity.value)
        failure.set("message", show_line(f"{first.subject}: {first.why}{more}"))
        failure.text = "\n\n".join(_describe(finding, report.remarks.get(finding.key)) for finding in weighing)
    told = [_describe(finding, report.remarks.get(finding.key)) for finding in findings if not finding.weighs]
    if told:
        Xml.SubElement(case, "system-out").text = "\n\n".join(told)


def _describe(finding: Finding, remark: str | None) -> str:
    facts = {"key": finding.key, "expected": finding.expected, "seen": finding.seen, "why": finding.why}
    facts |= {"decide": finding.decide or "", "remark": remark or ""}
    lines = [f"{finding.severity.value} {show_line(finding.subject)}"]
    lines += [f"{name}: {show_line(value)}" for name, value in facts.items() if value]
    return "\n".join([*lines, *(["repair:", show_block(finding.repair.sql)] if finding.repair else [])])
