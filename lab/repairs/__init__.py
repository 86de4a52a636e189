"""The SQL that restores a rule. It never drops data: a stranger is closed, a lost column comes back empty."""

from collections.abc import Iterable

from lab.findings import Finding

__all__ = ["repair_script"]


def repair_script(findings: Iterable[Finding]) -> str:
    """Return one script of all repairs, in an order that works, each statement once."""
    ordered = sorted((f for f in findings if f.repair), key=lambda f: (f.stage, f.key))
    parts = dict.fromkeys(
        f"-- {f.subject}: {f.seen.splitlines()[0][:80] if f.seen else ''}\n{f.repair}" for f in ordered
    )
    return "\n\n".join(parts) + "\n" if parts else ""
