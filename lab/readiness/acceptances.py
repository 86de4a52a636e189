"""Acceptances: findings that a person accepts until a date, with a reason, in a reviewed file."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from lab.checks.finding import Finding
from lab.rules.model import Severity
from lab.text.errors import LabError

FILE_NAME = "acceptances.toml"

# After a year, a person reviews the finding. A critical finding exposes secrets now. A month is enough to repair it;
# a longer acceptance would be a decision to leave it open.
LONGEST_DAYS = 366
LONGEST_CRITICAL_DAYS = 30
SHORTEST_REASON = 10

_FIELDS = ("key", "rule", "subject", "target", "reason", "accepted_by", "expires")


class AcceptancesFault(LabError):
    """The file of acceptances can't be used; the message names every fault, one a line."""


class Acceptance(BaseModel):
    """One entry of the file: the finding, the reason, the person, and the last day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str | None = Field(default=None, description="The finding's key; or rule and subject instead.")
    rule: str | None = Field(default=None, description="The rule that is broken; needs subject.")
    subject: str | None = Field(default=None, description="The object that breaks the rule.")
    target: str | None = Field(default=None, description="The only target that it applies to, as a check names it.")
    reason: str = Field(description="Why it is accepted.")
    accepted_by: str = Field(description="Who decided.")
    expires: date = Field(description="The last day, in UTC, on which it is valid.")

    @property
    def about(self) -> str:
        """Name the finding that it accepts."""
        return self.key or f"{self.rule} on {self.subject}"

    def covers(self, finding: Finding) -> bool:
        """Tell whether it names a finding."""
        if self.key is not None:
            return self.key == finding.key
        return (self.rule, self.subject) == (finding.rule, finding.subject)


class Accepted(BaseModel):
    """A finding with its acceptance."""

    model_config = ConfigDict(frozen=True)

    finding: Finding
    acceptance: Acceptance


class Judged(NamedTuple):
    """Findings after acceptances."""

    findings: tuple[Finding, ...]
    accepted: tuple[Accepted, ...]
    remarks: dict[str, str]
    unmatched: tuple[Acceptance, ...]


def judge_acceptances(findings: Iterable[Finding], acceptances: Iterable[Acceptance], today: date) -> Judged:
    """Separate open findings from accepted ones; pure.

    When an acceptance has expired, its finding is open again, with a remark. An acceptance that is too long for a
    critical finding does not count.
    """
    given, used = tuple(acceptances), set()
    standing, accepted, remarks = [], [], {}
    for finding in findings:
        covering = [(entry, _refuse(entry, finding, today)) for entry in given if entry.covers(finding)]
        used |= {entry.about for entry, _ in covering}
        valid = next((entry for entry, reason in covering if not reason), None)
        if valid:
            accepted.append(Accepted(finding=finding, acceptance=valid))
            continue
        standing.append(finding)
        if covering:
            remarks[finding.key] = covering[0][1]
    unmatched = tuple(entry for entry in given if entry.about not in used)
    return Judged(tuple(standing), tuple(accepted), remarks, unmatched)


def _refuse(entry: Acceptance, finding: Finding, today: date) -> str:
    """Say why an acceptance does not count for a finding; empty when it does."""
    if finding.final:
        return (
            "acceptance does not count: a ledger that does not fit its anchors cannot be accepted. Remove the entry "
            "from the file"
        )
    if entry.expires < today:
        return f"acceptance expired on {entry.expires.isoformat()} (accepted by {entry.accepted_by}: {entry.reason})"
    if finding.severity is Severity.CRITICAL and entry.expires > today + timedelta(days=LONGEST_CRITICAL_DAYS):
        return (
            f"acceptance until {entry.expires.isoformat()} does not count: "
            f"a critical finding is accepted for {LONGEST_CRITICAL_DAYS} days at most"
        )
    return ""


def read_acceptances(path: Path, today: date) -> tuple[Acceptance, ...]:
    """Read the file of acceptances.

    Raises:
        AcceptancesFault: It can't be read, or entries are wrong; all faults are named together.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors begin a file with a byte-order mark
    except UnicodeDecodeError:
        raise AcceptancesFault(str(path), "is not UTF-8 text", "Save it as UTF-8") from None
    except OSError as error:
        reason = error.strerror or "it can't be opened"
        raise AcceptancesFault(str(path), f"cannot be read ({reason})", "Check the path") from None
    return parse_acceptances(text, today, str(path))


def parse_acceptances(text: str, today: date, name: str = FILE_NAME) -> tuple[Acceptance, ...]:
    """Parse acceptances; pure.

    Args:
        text: TOML with one `[[acceptance]]` for each.
        today: The day from which the longest expiry counts.
        name: The file's name in errors.

    Raises:
        AcceptancesFault: Syntax or entries are wrong; all faults are named together.
    """
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise AcceptancesFault(name, f"is not TOML: {error}", "Correct that first") from None
    entries = data.get("acceptance", [])
    faults = [
        f"{name}: {key!r} is not known. Write [[acceptance]] entries only." for key in data.keys() - {"acceptance"}
    ]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise AcceptancesFault(name, next_step="write [[acceptance]] with two brackets, once an entry", faults=faults)
    places = _places(text, len(entries))
    for place, entry in zip(places, entries, strict=True):
        faults += [f"{name}, {place}: {fault}" for fault in _find_faults(entry, today)]
    faults += _find_doubles(name, places, entries)
    if faults:
        raise AcceptancesFault(faults=faults)
    return tuple(Acceptance(**entry) for entry in entries)


def _places(text: str, count: int) -> list[str]:
    """Name each entry by its number and, where a header is found, its line."""
    lines = [
        n for n, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[\s*[\"']?acceptance[\"']?\s*\]\]", line)
    ]
    told = [f" (line {line})" for line in lines] if len(lines) == count else [""] * count
    return [f"entry {number}{line}" for number, line in enumerate(told, 1)]


def _find_faults(entry: Mapping[str, Any], today: date) -> Iterator[str]:
    for name in entry.keys() - set(_FIELDS):
        yield f"{name!r} is not known. Use one of {', '.join(_FIELDS)}."
    for name in ("key", "rule", "subject", "target", "reason", "accepted_by"):
        if name in entry and (not isinstance(entry[name], str) or not entry[name].strip()):
            yield f"{name} must be text that is not empty."
    yield from _find_subject_faults(entry)
    for name in ("reason", "accepted_by", "expires"):
        if name not in entry:
            yield f"{name} is missing."
    reason = entry.get("reason")
    if isinstance(reason, str) and 0 < len(reason.strip()) < SHORTEST_REASON:
        yield f"reason must say why, in {SHORTEST_REASON} characters or more."
    if "expires" in entry:
        yield from _find_expiry_faults(entry["expires"], today)


def _find_subject_faults(entry: Mapping[str, Any]) -> Iterator[str]:
    given = {name for name in ("key", "rule", "subject") if name in entry}
    if given not in ({"key"}, {"rule", "subject"}):
        found = ", ".join(sorted(given)) or "none of them"
        yield f"give either key, or rule and subject together; found {found}."


def _find_expiry_faults(expires: object, today: date) -> Iterator[str]:
    if type(expires) is not date:  # a `datetime` is a `date`, too
        yield "expires must be a date without quotes or time, such as 2027-01-31."
    elif expires > today + timedelta(days=LONGEST_DAYS):
        latest = (today + timedelta(days=365)).isoformat()
        yield f"expires {expires.isoformat()} is more than a year ahead. Choose {latest} or earlier."


def _find_doubles(name: str, places: list[str], entries: list[dict[str, Any]]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for place, entry in zip(places, entries, strict=True):
        about = repr([entry.get(field) for field in ("key", "rule", "subject", "target")])
        if about in seen:
            yield f"{name}, {place}: accepts the same as {seen[about]}. Keep one of them."
        seen.setdefault(about, place)
