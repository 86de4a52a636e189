"""Repairs as a script: in an order that works, each statement once, and remarks that stay remarks."""

from collections.abc import Iterable

from lab.escapes import show_line
from lab.findings import Finding


def write_remark(text: str, limit: int = 400) -> str:
    """Write a comment of one line; whatever a name from outside holds, it can't end the comment."""
    return f"-- {show_line(text, limit)}"


def order_repairs(findings: Iterable[Finding]) -> dict[str, Finding]:
    """Return every repair once, in an order that works, with the first finding that needs it."""
    ordered = sorted((finding for finding in findings if finding.repair), key=lambda f: (f.stage, f.key))
    once: dict[str, Finding] = {}
    for finding in ordered:
        once.setdefault(str(finding.repair), finding)
    return once


def repair_script(findings: Iterable[Finding]) -> str:
    """Return one script of all repairs, in an order that works, each statement once."""
    parts = [
        f"{write_remark(f'{f.subject}: {f.seen}', 120)}\n{repair}" for repair, f in order_repairs(findings).items()
    ]
    return "\n\n".join(parts) + "\n" if parts else ""
