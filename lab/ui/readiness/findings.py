"""Findings shaped for people: filters, the verdict, cards, and one finding in full. Pure."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lab.checks.finding import SEVERITIES, Finding
from lab.checks.schema.severity import find_table
from lab.checks.state import State
from lab.readiness.acceptances import Acceptance, Accepted
from lab.readiness.chapters import concerns
from lab.readiness.report import Report
from lab.rules import RULES
from lab.text.escape import show_block, show_line
from lab.ui.kit.badges import badges, headline
from lab.ui.kit.markdown import ALL, name, plain, prose
from lab.ui.kit.titles import LAYER_TITLES, join_words

SHORT = 90  # characters of what was expected, or seen, in a row of findings
SEVERITY_WORDS = tuple(severity.value for severity in SEVERITIES)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which findings are shown.

    Args:
        severities: Only these, when any is named.
        family: Only this family's.
        chapter: Only those that touch this chapter, by its number.
        table: Only those on this table, by its id.
    """

    severities: tuple[str, ...] = ()
    family: str = ALL
    chapter: str = ALL
    table: str = ALL

    def shows(self, finding: Finding) -> bool:
        """Tell whether it lets a finding through."""
        table = find_table(finding.subject)
        return (
            (not self.severities or finding.severity.value in self.severities)
            and self.family in (ALL, finding.family)
            and (self.chapter == ALL or self._touches_chapter(finding))
            and self.table in (ALL, table.id if table else "")
        )

    def _touches_chapter(self, finding: Finding) -> bool:
        """Decide as the chapters page does, so that its links lead to what breaks a chapter."""
        return any(concerns(one, finding) for one in RULES.chapters if str(one.number) == self.chapter)


def name_family(family_id: str) -> str:
    """Name a family for people."""
    return {"strangers": "Undeclared objects"}.get(family_id, family_id.capitalize())


def pick_findings(report: Report, picked: Filter) -> tuple[Finding, ...]:
    """Return the findings that a filter lets through, the worst first."""
    return tuple(filter(picked.shows, report.findings))


def pick_accepted(report: Report, picked: Filter) -> tuple[Accepted, ...]:
    """Return the accepted findings that a filter lets through, the worst first."""
    return tuple(entry for entry in report.accepted if picked.shows(entry.finding))


def find_finding(report: Report, key: str) -> Finding | None:
    """Return one finding by its key, also when it is accepted."""
    accepted = [entry.finding for entry in report.accepted]
    return next((finding for finding in (*report.findings, *accepted) if finding.key == key), None)


def compare_picked(report: Report, picked: Iterable[str], among: Iterable[str]) -> str:
    """Say which other families a check ran than those that are picked, and which picked ones it did not run.

    Args:
        report: Of the check; another window may have started it.
        picked: Families by their id.
        among: The families that can be picked.
    """
    ran = {f.id for f in report.families if f.state is not State.NOT_RUN}.intersection(among)
    more, less = (join_words([name_family(id_) for id_ in sorted(ids)]) for ids in (ran - {*picked}, {*picked} - ran))
    told = [f"This check also ran {more}."] if more else []
    told += [f"This check did not run {less}. Run it again to include them."] if less else []
    return " ".join(told)


def count_families(report: Report) -> str:
    """Count the families by state, what needs a person first: "1 broken, 14 hold, 3 not run"."""
    counts = Counter(family.state for family in report.families)
    words = ((State.BROKEN, "broken"), (State.UNKNOWN, "unknown"), (State.HOLDS, "hold"), (State.NOT_RUN, "not run"))
    told = [f"{counts[state]} {word}" for state, word in words if counts[state]]
    return f"Families of checks: {', '.join(told) or 'none'}"


def write_verdict(report: Report) -> str:
    """Write the verdict card: target, word with icon and colour, one line of reason."""
    server = f"Postgres {report.server_version}" if report.server_version else ""
    checked = f"checked {report.started_at:%Y-%m-%d %H:%M:%S} UTC in {report.seconds:.1f} s"
    layers = f"only for {', '.join(LAYER_TITLES[id_] for id_ in report.layers)}" if report.layers else ""
    facts = " · ".join(plain(part, 240) for part in (report.target, server, layers, checked) if part)
    notes = "".join(f"\n\n:small[{plain(note)}]" for note in report.notes)
    first = f"\n\n{plain(report.headline)}" if report.headline else ""
    return f":small[{facts}]\n{headline(report.verdict.value)}\n{_write_reason(report)}{first}{notes}"


def _write_reason(report: Report) -> str:
    """Say what was found, in which families, and which did not run."""
    counts = Counter(finding.severity.value for finding in report.findings)
    counts += Counter({"not checked": len(report.unknown), "accepted": len(report.accepted)})
    found = ", ".join(f"{count} {word}" for word, count in counts.items()) or "No finding"
    ran, rest = (
        join_words([name_family(f.id) for f in report.families if (f.state is State.NOT_RUN) is not_run])
        for not_run in (False, True)
    )
    return f"{f'{found} in {ran}.' if ran else 'Nothing was checked.'}{f' Not run: {rest}.' if rest else ''}"


def write_change(finding: Finding) -> str:
    """Write what was expected and what was seen, on one line; of two long texts the part where they differ."""
    expected, seen = (show_line(text, 4000) for text in (finding.expected, finding.seen))
    if min(len(expected), len(seen)) > SHORT:
        differing = (at for at, (left, right) in enumerate(zip(expected, seen, strict=False)) if left != right)
        start = max(0, next(differing, min(len(expected), len(seen))) - SHORT // 3)
        lead = "…" if start else ""
        expected, seen = f"{lead}{expected[start:]}", f"{lead}{seen[start:]}"
    return f"{_cut(expected)} → {_cut(seen)}"


def _cut(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def write_detail(finding: Finding, remark: str) -> str:
    """Write the head of one finding in full, with a remark that is Markdown already."""
    chapter = next((chapter for chapter in RULES.chapters if chapter.number == finding.chapter), None)
    promise = f"Chapter {finding.chapter}: {chapter.promise}" if chapter else f"Chapter {finding.chapter}"
    labels = (("subject", finding.subject), ("rule", finding.rule), ("key", finding.key))
    facts = " · ".join(f"{label} {name(value)}" for label, value in labels)
    said = f"\n\n**{remark}**" if remark else ""
    marks = badges((finding.severity.value, name_family(finding.family)))
    return f"{prose(finding.why)}{said}\n\n{marks} {plain(promise)}\n\n:small[{facts}]"


def write_counterexample(finding: Finding) -> str:
    """Write the made-up row that shows the difference, as JSON; nothing when there is none."""
    if not finding.counterexample:
        return ""
    return show_block(json.dumps(finding.counterexample, indent=2, default=str, ensure_ascii=False))


def write_acceptance(acceptance: Acceptance) -> str:
    """Say who accepted a finding, until when, and why."""
    return f"Accepted by {acceptance.accepted_by} until {acceptance.expires}: {acceptance.reason}"


def write_remark(report: Report, key: str) -> str:
    """Return a finding's remark as Markdown: that somebody accepted it, or once did."""
    acceptances = [entry.acceptance for entry in report.accepted if entry.finding.key == key]
    return plain(write_acceptance(acceptances[0]) if acceptances else report.remarks.get(key, ""))


def list_layers(ids: Iterable[str]) -> str:
    """Name layers for people, also those that the rules no longer have."""
    return join_words([LAYER_TITLES.get(id_, id_) for id_ in ids if id_])
