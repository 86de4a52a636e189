"""A report as Markdown, fit for a comment on a pull request."""

import re
from collections.abc import Iterator

from lab.checks.finding import Finding
from lab.checks.state import State
from lab.readiness.formats.text import describe_report
from lab.readiness.report import Report
from lab.text.escape import show_block, show_line

# A workflow finds its earlier comment by this line, and replaces it.
MARKER = "<!-- persistence-lab readiness -->"

# GitHub refuses a comment of more than 65,536 characters; the rest is for the text around the findings.
LONGEST = 60_000
LONGEST_REPAIR = 4_000


def markdown_report(report: Report) -> str:
    """Return a report as Markdown; findings that do not fit are left out, and the text says so."""
    headline = [f"**{prose(report.headline)}**", ""] if report.headline else []
    head = [MARKER, f"## {describe_report(report)}", "", *headline, _describe_target(report), ""]
    tail = [*_tail(report)]
    room = LONGEST - len("\n".join([*head, *tail])[: LONGEST // 2])
    rows = _fit([_row(finding, report.remarks.get(finding.key)) for finding in report.findings], room // 2)
    repairs = _fit(
        [_repair(finding.subject, finding.repair.sql) for finding in report.findings if finding.repair], room // 2
    )
    parts = [*head, *_table(rows, len(report.findings)), *_repairs(repairs), *tail]
    return _cut("\n".join(parts).rstrip()) + "\n"


def _describe_target(report: Report) -> str:
    server = f" on Postgres {code(report.server_version)}" if report.server_version else ""
    layers = f", for {', '.join(report.layers)}" if report.layers else ""
    asked = ", ".join(f"{f.id} {f.state.value}" for f in report.families if f.state is not State.NOT_RUN)
    return f"{code(report.target)}{server}{layers}: {asked or 'nothing was run'}."


def _fit(parts: list[str], room: int) -> list[str]:
    """Return as many parts as fit."""
    kept: list[str] = []
    for part in parts:
        room -= len(part) + 1
        if room < 0:
            break
        kept.append(part)
    return kept


def _table(rows: list[str], count: int) -> list[str]:
    left = (
        [f"{count - len(rows)} more findings are not shown here; the JSON has them all.", ""]
        if len(rows) < count
        else []
    )
    return ["| Severity | Subject | Seen | Why |", "|---|---|---|---|", *rows, "", *left] if rows else left


def _row(finding: Finding, remark: str | None) -> str:
    why = f"{prose(finding.why)}{f' **{prose(remark)}**' if remark else ''}"
    return f"| {finding.severity.value} | {code(finding.subject)} | {code(finding.seen)} | {why} |"


def _repairs(repairs: list[str]) -> list[str]:
    return ["<details><summary>Repairs</summary>", "", *repairs, "</details>", ""] if repairs else []


def _repair(subject: str, repair: str) -> str:
    sql = show_block(repair, LONGEST_REPAIR)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", sql)), default=0))
    return f"{code(subject)}\n\n{fence}sql\n{sql}\n{fence}\n"


def _tail(report: Report) -> Iterator[str]:
    sections = {
        "Not checked": [f"{code(u.what)} {prose(u.why)}" for u in report.unknown],
        "Accepted": [
            f"{code(a.acceptance.about)} until {a.acceptance.expires} by {code(a.acceptance.accepted_by)}: "
            f"{prose(a.acceptance.reason)}"
            for a in report.accepted
        ],
        "Notes": [prose(note) for note in report.notes],
        "Not run": [f"{f.id}: {prose(f.why)}" for f in report.families if f.state is State.NOT_RUN],
    }
    for title, entries in sections.items():
        if entries:
            yield from (f"### {title}", "", *(f"- {entry}" for entry in _fit(entries, LONGEST // 10)), "")
            yield from [f"- … {len(entries)} in all", ""] if len(_fit(entries, LONGEST // 10)) < len(entries) else []


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST].rpartition("\n")[0] + "\n\n… cut here."


def code(text: str) -> str:
    """Return text as a code span, in which nothing is a link, a mention or markup; also inside a table."""
    shown = show_line(text, 200).replace("|", "\\|") or " "
    ticks = "`" * (1 + max(map(len, re.findall("`+", shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def prose(text: str) -> str:
    """Return text in which Markdown's signs are literal, and which mentions no user."""
    escaped = re.sub(r"([\\`*_{}\[\]()<>#+!|~&-])", r"\\\1", show_line(text))
    return re.sub("(?i)www(?=[.])", r"\g<0><!-- -->", escaped).replace("@", "@<!-- -->").replace("://", ":<!-- -->//")
