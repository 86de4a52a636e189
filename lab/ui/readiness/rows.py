"""Findings as rows: what is alike is one row, and each row is one line of Markdown. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from lab.checks.finding import SEVERITIES, Finding
from lab.checks.schema.every_kind import KINDS
from lab.readiness.changes import Changes
from lab.readiness.explanations import explain
from lab.text.escape import show_line
from lab.ui.kit.badges import badge
from lab.ui.kit.markdown import name, plain
from lab.ui.readiness.findings import name_family

ALIKE = 4  # findings; so many of one kind are one row
_PLURALS = {kind.name: kind.plural for kind in KINDS}
_ENDS = {"missing": "are missing", "extra": "are undeclared"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One finding, or several that are alike.

    Args:
        id: The finding's key, or the key that several share.
        findings: What it stands for; one or more.
    """

    id: str
    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """Return the finding that stands for all of them."""
        return self.findings[0]

    @property
    def single(self) -> bool:
        """Tell whether it is one finding."""
        return len(self.findings) == 1

    def holds(self, key: str) -> bool:
        """Tell whether a key names it, or a finding in it."""
        return key == self.id or any(finding.key == key for finding in self.findings)


def make_rows(findings: Iterable[Finding]) -> tuple[Row, ...]:
    """Join findings that are alike: of one severity, kind and difference. The worst come first."""
    ordered = sorted(findings, key=_alike)
    groups = [tuple(group) for _, group in groupby(ordered, key=_alike)]
    rows = [row for group in groups for row in _make_rows(group)]
    return tuple(sorted(rows, key=lambda row: (SEVERITIES.index(row.first.severity), row.first.chapter, row.id)))


def _alike(finding: Finding) -> tuple[int, str, str]:
    return SEVERITIES.index(finding.severity), finding.kind, finding.aspect


def _make_rows(group: tuple[Finding, ...]) -> Iterable[Row]:
    if len(group) < ALIKE:
        return [Row(id=finding.key, findings=(finding,)) for finding in group]
    first = group[0]
    parts = (first.kind, "*", first.aspect, first.severity.value)
    return [Row(id=":".join(part for part in parts if part), findings=group)]


def write_row(row: Row, marks: Mapping[str, str]) -> str:
    """Write a row as one line: severity, title, object, family, and whether it is new.

    Args:
        row: The row.
        marks: By a finding's key, whether it is new or reopened since the previous check.
    """
    heading = write_heading(row.first) if row.single else f"**{plain(count_alike(row.findings), 160)}**"
    marked = next((marks[finding.key] for finding in row.findings if finding.key in marks), "")
    facts = " · ".join(plain(part, 60) for part in (_say_where(row), name_family(row.first.family)) if part)
    new = f" {badge(marked)}" if marked else ""
    return f"{badge(row.first.severity.value)} {heading} :small[:gray[{facts}]{new}]"


def _say_where(row: Row) -> str:
    """Name the object of a single finding, unless its title does."""
    subject = row.first.subject.removeprefix("public.") if row.single else ""
    return "" if subject in row.first.heading else subject


def write_heading(finding: Finding) -> str:
    """Write a finding's title in bold, with its object as code."""
    title, subject = show_line(finding.heading, 160), finding.subject.removeprefix("public.")
    before, found, after = title.partition(subject)
    if not found or len(subject) < 3:
        return f"**{plain(title, 160)}**"
    parts = (f"**{plain(part.strip(), 160)}**" if part.strip() else "" for part in (before, after))
    start, end = parts
    return " ".join(part for part in (start, name(subject), end) if part)


def count_alike(findings: Sequence[Finding]) -> str:
    """Say how many findings are alike, and what of."""
    first, count = findings[0], len(findings)
    if plural := _PLURALS.get(first.kind):
        end = "" if plural.startswith("undeclared") else _ENDS.get(first.aspect, f"differ: {first.aspect}")
        return f"{count} {plural} {end}".strip().replace("_", " ")
    if {finding.seen for finding in findings} == {first.seen}:
        return f"{count} times: {first.seen} ({_list_subjects(findings)})"
    found = explain(first.kind)
    return f"{count} times not so: {found.title if found else first.expected}"


def _list_subjects(findings: Sequence[Finding]) -> str:
    names = [finding.subject for finding in findings]
    return f"{', '.join(names[:2])} and {len(names) - 2} more"


def mark_new(changes: Changes) -> dict[str, str]:
    """Return a mark for each finding that the newest check has and the previous one had not, by its key."""
    return dict.fromkeys(changes.new, "new") | dict.fromkeys(changes.reopened, "reopened")
