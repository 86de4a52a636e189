"""Findings shaped for people: faces, filters, heads and tables. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lab.checks.finding import SEVERITIES, Finding
from lab.checks.schema.severity import find_table
from lab.readiness.acceptances import Acceptance, Accepted
from lab.readiness.changes import Changes, Difference, TrendPoint
from lab.readiness.chapters import concerns
from lab.readiness.formats.text import describe_report
from lab.readiness.history import KeptRun
from lab.readiness.report import FamilyState, Report, ReportVerdict
from lab.rules import RULES
from lab.rules.model import Severity
from lab.text.escape import show_block, show_line
from lab.ui.kit.markdown import ALL, NO_BREAK, cell, name, plain
from lab.ui.kit.tables import Frame, chip, chips, severity_chip
from lab.ui.kit.verdicts import LAYER_TITLES, Face

SHORT = 90  # signs of what was expected, or seen, on a card
VERDICT_FACES = {
    ReportVerdict.READY: Face("ready", "check_circle", "green"),
    ReportVerdict.NOT_READY: Face("not ready", "error", "red"),
    ReportVerdict.UNKNOWN: Face("unknown", "help", "gray"),
}
FAMILY_FACES = {
    FamilyState.HOLDS: Face("holds", "check_circle", "green"),
    FamilyState.BROKEN: Face("broken", "error", "red"),
    FamilyState.UNKNOWN: Face("unknown", "help", "gray"),
    FamilyState.NOT_ASKED: Face("not asked", "remove", "gray"),
}
CHANGE_FACES = {
    "new": Face("new", "fiber_new", "red"),
    "reopened": Face("reopened", "replay", "red"),
    "resolved": Face("resolved", "check_circle", "green"),
    "unverified": Face("not looked for", "help", "gray"),
    "staying": Face("still there", "remove", "gray"),
}
_GROUPS = (
    ("Critical and high", (Severity.CRITICAL, Severity.HIGH), "What exposes people or loses money now."),
    ("Medium and low", (Severity.MEDIUM, Severity.LOW), "What weakens the wall."),
    ("Information", (Severity.INFO,), "What to know; it does not count against ready."),
)


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

    def shows(self, finding: Finding, families: Mapping[str, str]) -> bool:
        """Tell whether it lets a finding through."""
        table = find_table(finding.subject)
        return (
            (not self.severities or finding.severity.value in self.severities)
            and self.family in (ALL, families.get(finding.key, ""))
            and (self.chapter == ALL or self._touches_chapter(finding))
            and self.table in (ALL, table.id if table else "")
        )

    def _touches_chapter(self, finding: Finding) -> bool:
        """Tell it as the chapters do, so that what breaks one is found by its number."""
        return any(concerns(one, finding) for one in RULES.chapters if str(one.number) == self.chapter)


def name_families(report: Report) -> dict[str, str]:
    """Return which family found each finding, by key."""
    return {key: family.id for family in report.families for key in family.findings}


def pick_findings(report: Report, picked: Filter) -> tuple[Finding, ...]:
    """Return the findings that a filter lets through, the worst first."""
    families = name_families(report)
    return tuple(finding for finding in report.findings if picked.shows(finding, families))


def compare_picked(report: Report, picked: Iterable[str], among: Iterable[str]) -> str:
    """Say how what a check asked is other than what is picked; nothing when it is not.

    Args:
        report: Of the check; another window may have started it.
        picked: Families by their id.
        among: The families that can be picked.
    """
    asked = {f.id for f in report.families if f.state is not FamilyState.NOT_ASKED}.intersection(among)
    more, less = sorted(asked.difference(picked)), sorted(set(picked) - asked)
    told = [*([f"This check also asked {', '.join(more)}."] if more else [])]
    told += [f"It did not ask {', '.join(less)}, picked now. Run the check to ask."] if less else []
    return " ".join(told)


def find_finding(report: Report, key: str) -> Finding | None:
    """Return one finding by its key, also when it is accepted."""
    accepted = [entry.finding for entry in report.accepted]
    return next((finding for finding in (*report.findings, *accepted) if finding.key == key), None)


def count_findings(report: Report) -> tuple[tuple[str, str, str], ...]:
    """Return the four counts: label, count, help. A question mark stands where not all that was asked was seen."""
    seen_all = all(family.complete for family in report.families if family.state is not FamilyState.NOT_ASKED)
    open_end, more = ("", "") if seen_all else ("?", " There may be more: not all could be checked.")
    counts = tuple(
        (label, f"{sum(f.severity in group for f in report.findings)}{open_end}", f"{help}{more}")
        for label, group, help in _GROUPS
    )
    return (*counts, ("Not checked", str(len(report.unknown)), "What nobody could look at; it never reads as ready."))


def write_verdict(report: Report) -> str:
    """Write the verdict card: target, word with icon and colour, one line of reason."""
    face = VERDICT_FACES[report.verdict]
    server = f"Postgres {report.server_version}" if report.server_version else ""
    checked = f"checked {report.started_at:%Y-%m-%d %H:%M:%S} UTC in {report.seconds:.1f} s"
    layers = f"only for {', '.join(LAYER_TITLES[id_] for id_ in report.layers)}" if report.layers else ""
    facts = " · ".join(plain(part, 240) for part in (report.target, server, layers, checked) if part)
    notes = "".join(f"\n\n:small[{plain(note)}]" for note in report.notes)
    headline = f"\n\n{plain(report.headline)}" if report.headline else ""
    reason = describe_report(report).partition(": ")[2]
    told = f"{reason[0].upper()}{reason[1:]}"
    return (
        f":small[{facts}]\n## :{face.colour}[:material/{face.icon}: {face.word.capitalize()}]\n{told}{headline}{notes}"
    )


@dataclass(frozen=True)
class Card:
    """Findings of one family and severity that matter for one reason."""

    family: str
    findings: tuple[Finding, ...]

    def head(self) -> str:
        """Write what they share: severity, chapters, family, why."""
        first, *_ = self.findings
        chapters = sorted({finding.chapter for finding in self.findings})
        told = f"chapter{'s' if len(chapters) > 1 else ''} {', '.join(map(str, chapters))}"
        marks = [severity_chip(first.severity), chip(told), *([chip(self.family)] * bool(self.family))]
        return f"{' '.join(marks)}\n\n{plain(first.why)}"


def gather_cards(findings: Iterable[Finding], families: Mapping[str, str]) -> tuple[Card, ...]:
    """Gather findings that could not be told apart but by their subject or by what was seen; in their order."""
    gathered: dict[tuple[str, Severity, str], list[Finding]] = {}
    for finding in findings:
        family = families.get(finding.key, "")
        gathered.setdefault((family, finding.severity, finding.why), []).append(finding)
    return tuple(Card(family, tuple(members)) for (family, _, _), members in gathered.items())


def write_change(finding: Finding) -> str:
    """Write what was expected and what was seen, on one line; of two long texts where they part."""
    expected, seen = (show_line(text, 4000) for text in (finding.expected, finding.seen))
    if min(len(expected), len(seen)) > SHORT:
        parted = (at for at, (left, right) in enumerate(zip(expected, seen, strict=False)) if left != right)
        same = next(parted, min(len(expected), len(seen)))
        start = max(0, same - SHORT // 3)
        lead = "…" if start else ""
        expected, seen = f"{lead}{expected[start:]}", f"{lead}{seen[start:]}"
    return f"{plain(_cut(expected))} :material/arrow_right_alt: {plain(_cut(seen))}"


def _cut(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def write_detail(finding: Finding, family: str, remark: str) -> str:
    """Write the head of one finding in full, with a remark that is Markdown already."""
    chapter = next((chapter for chapter in RULES.chapters if chapter.number == finding.chapter), None)
    promise = f"Chapter {finding.chapter}: {chapter.promise}" if chapter else f"Chapter {finding.chapter}"
    facts = " · ".join(f"{label} {name(value)}" for label, value in (("rule", finding.rule), ("key", finding.key)))
    said = f"\n\n**{remark}**" if remark else ""
    return f"## {name(finding.subject)}\n{Card(family, (finding,)).head()}{said}\n\n{plain(promise)}\n\n:small[{facts}]"


def write_counterexample(finding: Finding) -> str:
    """Write the made-up row that shows the difference, as JSON; nothing when there is none."""
    if not finding.counterexample:
        return ""
    return show_block(json.dumps(finding.counterexample, indent=2, default=str, ensure_ascii=False))


def pick_accepted(report: Report, picked: Filter) -> tuple[Accepted, ...]:
    """Return the accepted findings that a filter lets through, the worst first."""
    families = name_families(report)
    return tuple(entry for entry in report.accepted if picked.shows(entry.finding, families))


def write_acceptance(acceptance: Acceptance) -> str:
    """Say who decided to live with a finding, until when, and why."""
    return f"Accepted by {plain(acceptance.accepted_by)} until {acceptance.expires}: {plain(acceptance.reason)}"


def write_remark(report: Report, key: str) -> str:
    """Return what is to be said besides on a finding, as Markdown: that somebody accepted it, or once did."""
    acceptances = [entry.acceptance for entry in report.accepted if entry.finding.key == key]
    return write_acceptance(acceptances[0]) if acceptances else plain(report.remarks.get(key, ""))


def frame_families(report: Report) -> Frame:
    """Shape the families of checks, also those that were not asked."""
    rows = tuple(
        (FAMILY_FACES[f.state].chip(), f"**{plain(f.id)}**", plain(f.title), _seconds(f.seconds, f.state))
        for f in report.families
    )
    return Frame(("State", "Family", "What holds when nothing is found", "Time"), rows, "No family was asked.")


def _seconds(seconds: float, state: FamilyState) -> str:
    if state is FamilyState.NOT_ASKED:
        return ""
    told = f"{seconds:.1f} s" if seconds >= 1 else f"{max(1, round(seconds * 1000))} ms"
    return told.replace(" ", NO_BREAK)


def frame_trend(points: Sequence[TrendPoint], changes: Sequence[Changes]) -> Frame:
    """Shape past checks and what each changed, the newest first."""
    rows = tuple(_trend_row(point, change) for point, change in reversed(tuple(zip(points, changes, strict=True))))
    return Frame(
        ("Checked (UTC)", "Verdict", "What was found", "What it changed"), rows, "No check of this target is kept yet."
    )


def _trend_row(point: TrendPoint, changes: Changes) -> tuple[str, ...]:
    scope = f" {chips(point.scope.split(','))}" if point.scope else ""
    changed = [f"{len(keys)} {CHANGE_FACES[kind].word}" for kind, keys in changes if keys and kind != "staying"]
    return (
        f"{point.started_at:%Y-%m-%d %H:%M:%S}{scope}",
        VERDICT_FACES[point.verdict].chip(),
        tell_point(point) or "nothing found",
        ", ".join(changed) or "no change",
    )


def tell_point(point: TrendPoint) -> str:
    """Say what a check found, in numbers; empty when it found nothing."""
    counts = {**point.counts, "accepted": point.accepted, "not checked": point.unknown}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def write_last(runs: Sequence[KeptRun], key: str) -> str:
    """Say when a target was last checked and, when a link names a finding, when that was last found.

    Args:
        runs: The checks that are kept of it, the oldest first.
        key: The finding's; empty when no link names one.
    """
    if not runs:
        linked = f" Nothing is known of {name(key)}, which the link is about." if key else ""
        return f"Nobody has asked this target yet.{linked}"
    told = f"Nobody has asked this target since the app was started. It was last checked {_moment(runs[-1])}"
    told += f" and was {runs[-1].verdict.value}; the history has what was found."
    if not key:
        return told
    held = [run for run in runs if any(finding.key == key for finding in run.findings)]
    when = f"was last found {_moment(held[-1])}" if held else "is in none of the checks that are kept"
    return f"{told} {name(key)}, which the link is about, {when}."


def write_absence(report: Report, runs: Sequence[KeptRun], key: str) -> str:
    """Say why the newest check has no finding of a key: it is resolved only where that was seen.

    Args:
        report: Of the newest check.
        runs: The checks of its target that are kept, the oldest first.
        key: The finding's.
    """
    told = f"The newest check of {plain(report.target)} did not find {name(key)}"
    holding = [(number, run) for number, run in enumerate(runs) if any(f.key == key for f in run.findings)]
    if not holding:
        return f"{told}, and it is in none of the checks that are kept."
    number, held = holding[-1]
    if held.started_at > report.started_at:
        return f"{told}, but a later one did: it was last found {_moment(held)}. Run the check to see it."
    family_id = next(finding.family for finding in held.findings if finding.key == key)
    family = next((family for family in report.families if family.id == family_id), None)
    last = f"It was last found {_moment(held)}."
    if family is None or family.state is FamilyState.NOT_ASKED:
        return f"{told}, for it did not ask {name(family_id)}. {last}"
    if not family.complete:
        return f"{told}, for it could not check all of {name(family_id)}. {last}"
    if report.layers and ",".join(sorted(report.layers)) != held.scope:
        titles = ", ".join(LAYER_TITLES[id_] for id_ in report.layers)
        return f"{told}, for it looked only at what {titles} needs. {last}"
    scopes = {"", held.scope}
    after = (run for run in runs[number + 1 :] if family_id in run.complete and run.scope in scopes)
    gone = next(after, None)
    seen = f", as was first seen {_moment(gone)}" if gone else ""
    return f"{told}: it is resolved{seen}. {last}"


def write_later(report: Report, runs: Sequence[KeptRun]) -> str:
    """Say that somebody else has checked the target since, as the command line does; empty when nobody has.

    Args:
        report: What is shown.
        runs: The checks of its target that are kept, the oldest first.
    """
    if not runs or runs[-1].started_at <= report.started_at:
        return ""
    newest = runs[-1]
    verdict = VERDICT_FACES[newest.verdict].word
    layers = [LAYER_TITLES.get(id_, id_) for id_ in newest.scope.split(",") if id_]
    scope = f", only for {', '.join(layers)}," if layers else ""
    return f"A later check{scope} of {_moment(newest)} is in the history: {verdict}. Run the check to see what it saw."


def _moment(run: KeptRun) -> str:
    return f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC"


def frame_changes(changes: Changes, severities: Mapping[str, str], first: bool = False) -> Frame:
    """Shape what the newest check changed.

    Args:
        changes: Of the newest check.
        severities: Of every finding that is named, by key, as last seen.
        first: Whether it is the first check, which has none to be compared with.
    """
    rows = tuple(
        (face.chip(), severity_chip(Severity(severities[key])), cell(key))
        for kind, face in CHANGE_FACES.items()
        if kind != "staying"
        for key in getattr(changes, kind)
    )
    empty = (
        "It is the first: none before can be compared with it." if first else "Nothing changed since the one before."
    )
    return Frame(("Since the check before", "Severity", "Finding"), rows, empty)


def frame_difference(difference: Difference, left: str, right: str) -> Frame:
    """Shape what two checks do not share."""
    rows = (
        *((chip(f"only {plain(left, 60)}", "orange"), cell(key)) for key in difference.only_left),
        *((chip(f"only {plain(right, 60)}", "blue"), cell(key)) for key in difference.only_right),
        *((chip("both"), cell(key)) for key in difference.both),
        *((chip("not comparable", "gray", "help"), cell(family)) for family in difference.not_comparable),
    )
    return Frame(("Where", "Finding or family"), rows, "Both checks found the same.")


SEVERITY_WORDS = tuple(severity.value for severity in SEVERITIES)
