"""Writes an entry for the file of acceptances, for a person to review. Pure: nothing is written to the file."""

import json
from datetime import date

from lab.checks.finding import Finding
from lab.readiness.acceptances import LONGEST_CRITICAL_DAYS, LONGEST_DAYS
from lab.rules.model import Severity
from lab.text.escape import show_line


def find_longest(finding: Finding) -> int:
    """Return for how many days a finding can be accepted; 0 when it cannot be accepted at all."""
    if finding.final:
        return 0
    return LONGEST_CRITICAL_DAYS if finding.severity is Severity.CRITICAL else LONGEST_DAYS - 1


def write_entry(finding: Finding, *, target: str, reason: str, accepted_by: str, expires: date) -> str:
    """Return the entry that accepts a finding on a target, as TOML.

    Args:
        finding: What is accepted.
        target: The only target that the entry applies to.
        reason: Why it is accepted.
        accepted_by: Who decided.
        expires: The last day on which the entry counts.
    """
    words = {"key": finding.key, "target": target, "reason": show_line(reason), "accepted_by": show_line(accepted_by)}
    lines = [f"{name} = {_quote(value)}" for name, value in words.items()]
    return "\n".join(["[[acceptance]]", *lines, f"expires = {expires.isoformat()}"]) + "\n"


def _quote(text: str) -> str:
    """Return a basic string of TOML, whose escapes are those of JSON; DEL is not allowed as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
