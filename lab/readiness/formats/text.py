"""A report as text for a terminal."""

from collections.abc import Iterable, Iterator

from lab.checks.finding import SEVERITIES, Finding, Unknown
from lab.checks.state import State
from lab.readiness.acceptances import Accepted
from lab.readiness.explanations import find_page
from lab.readiness.report import Report, ReportVerdict
from lab.rules.model import Severity
from lab.text.escape import show_block, show_line

_RESET = "\x1b[0m"
_COLOURS = {
    Severity.CRITICAL: "\x1b[1;31m",
    Severity.HIGH: "\x1b[31m",
    Severity.MEDIUM: "\x1b[33m",
    Severity.LOW: "\x1b[36m",
    Severity.INFO: "\x1b[2m",
    ReportVerdict.READY: "\x1b[1;32m",
    ReportVerdict.NOT_READY: "\x1b[1;31m",
    ReportVerdict.UNKNOWN: "\x1b[1;33m",
}
_SIGNS = {State.HOLDS: "+", State.BROKEN: "x", State.UNKNOWN: "?", State.NOT_RUN: "-"}


_FOLDED = "The findings are not listed here: --format json has them all, and --repair FILE writes their SQL."


def text_report(report: Report, colour: bool = False) -> str:
    """Return a report as text; with colours only where they are wanted.

    After a headline the findings are not listed, because thousands of lines would hide it.
    """
    headline = [_paint(show_line(report.headline), report.verdict, colour)] if report.headline else []
    lines = [*headline, _head(report), _paint(describe_report(report), report.verdict, colour), ""]
    lines += [_FOLDED, ""] if headline else []
    for finding in report.findings if not headline else ():
        lines += [*_finding_lines(finding, report.remarks.get(finding.key), colour), ""]
    for title, entries in _sections(report):
        if entries:
            lines += [title, *(f"  {entry}" for entry in entries), ""]
    return "\n".join(lines).rstrip() + "\n"


def describe_report(report: Report) -> str:
    """Return the verdict with its reasons, in one sentence."""
    counts = [(severity, sum(f.severity is severity for f in report.findings)) for severity in SEVERITIES]
    told = [f"{count} {severity.value}" for severity, count in counts if count]
    unknown = [f"{len(report.unknown)} not checked"] if report.unknown else []
    accepted = [f"{len(report.accepted)} accepted"] if report.accepted else []
    counted = ", ".join([*told, *unknown, *accepted])
    if report.verdict is ReportVerdict.READY:
        return f"Ready: {counted or 'nothing was found'} in {_list_families(report, asked=True)}{_except(report)}."
    return f"{report.verdict.value.capitalize()}: {counted or 'nothing was run'}."


def _except(report: Report) -> str:
    """Name what a ready verdict does not cover."""
    unasked = _list_families(report, asked=False)
    return f"; not run: {unasked}" if unasked else ""


def _list_families(report: Report, *, asked: bool) -> str:
    names = [family.id for family in report.families if (family.state is not State.NOT_RUN) is asked]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _head(report: Report) -> str:
    server = f", Postgres {show_line(report.server_version, 80)}" if report.server_version else ""
    layers = f", layers {', '.join(report.layers)}" if report.layers else ""
    return f"target: {show_line(report.target, 200)}{server}{layers} ({report.seconds:.2f} s)"


def _paint(text: str, kind: Severity | ReportVerdict, colour: bool) -> str:
    return f"{_COLOURS[kind]}{text}{_RESET}" if colour else text


def _finding_lines(finding: Finding, remark: str | None, colour: bool) -> Iterator[str]:
    yield f"{_paint(finding.severity.value.upper(), finding.severity, colour)} {show_line(finding.heading)}"
    facts = {
        "subject": finding.subject if finding.title else "",
        "rule": f"{finding.rule} (chapter {finding.chapter})",
        "expected": finding.expected,
        "seen": finding.seen,
        "why": finding.why,
        "decide": finding.decide,
        "remark": remark,
        "key": finding.key,
        "help": find_page(finding.kind),
    }
    yield from (f"  {name:9} {show_line(value)}" for name, value in facts.items() if value)
    if finding.repair:
        yield from ("  repair", *(f"    {line}" for line in show_block(finding.repair.sql).split("\n")))


def _sections(report: Report) -> Iterator[tuple[str, list[str]]]:
    yield "Not checked", list(_unknown_lines(report.unknown))
    yield "Accepted", [_accepted_line(entry) for entry in report.accepted]
    yield "Notes", [show_line(note) for note in report.notes]
    families = report.families
    yield "Families", [f"{_SIGNS[f.state]} {f.id:12} {f.state.word:9} {show_line(f.why or f.title)}" for f in families]


def _unknown_lines(unknown: Iterable[Unknown]) -> Iterator[str]:
    """Yield what was not checked; a reason that several share is given once."""
    reasons: dict[str, list[str]] = {}
    for entry in unknown:
        reasons.setdefault(entry.why, []).append(show_line(entry.what))
    for why, what in reasons.items():
        yield from [f"? {what[0]}: {show_line(why)}"] if len(what) == 1 else [f"? {show_line(why)}", *_indent(what)]


def _indent(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _accepted_line(accepted: Accepted) -> str:
    entry = accepted.acceptance
    told = f"{entry.about}, until {entry.expires.isoformat()} by {entry.accepted_by}: {entry.reason}"
    return f"{accepted.finding.severity.value} {show_line(told)}"
