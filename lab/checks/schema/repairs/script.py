"""Writes repairs as a script: in a working order, each independent of the others, with remarks as comments."""

from collections.abc import Iterable
from itertools import count

from lab.checks.finding import Finding, Repair
from lab.text.escape import show_line


def write_remark(text: str, limit: int = 400) -> str:
    """Write a comment of one line; a name from outside can't end the comment."""
    return f"-- {show_line(text, limit)}"


def order_repairs(findings: Iterable[Finding]) -> dict[str, Finding]:
    """Return every repair once, in a working order, with the first finding that needs it."""
    once: dict[str, Finding] = {}
    for repair, finding in _sort(findings):
        once.setdefault(repair.sql, finding)
    return once


def repair_script(findings: Iterable[Finding]) -> str:
    """Return one script of all repairs, each statement once, in a working order; existing rows are validated last.

    Each repair is done completely or not at all. One that Postgres refuses is a warning, and does not stop the others.
    Proposals are comments at the end.
    """
    known = _sort(findings := list(findings))
    repairs = [(repair, finding) for repair, finding in known if not repair.proposal]
    once: dict[str, Finding] = {}
    for text, finding in (*((r.change, f) for r, f in repairs), *((r.proof, f) for r, f in repairs)):
        if text:
            once.setdefault(text, finding)
    steps = [_write_step(text, finding) for text, finding in once.items()]
    steps += ["\n".join([*_write_head(finding), repair.sql]) for repair, finding in known if repair.proposal]
    return "\n\n".join([*_open_session(findings), *steps]) + "\n" if steps else ""


_READ_WRITE = """-- New sessions are read-only in this database. This makes the script's own session writable.
set default_transaction_read_only = off;
set transaction_read_only = off;"""


def _open_session(findings: Iterable[Finding]) -> list[str]:
    """Return the statement that makes the session writable if sessions begin read-only."""
    read_only = any(f.kind == "setting" and f.name.endswith("|default_transaction_read_only") for f in findings)
    return [_READ_WRITE] if read_only else []


def _sort(findings: Iterable[Finding]) -> list[tuple[Repair, Finding]]:
    repairs = ((finding.repair, finding) for finding in findings if finding.repair)
    return sorted(repairs, key=lambda pair: (pair[0].stage, pair[1].key))


def _write_step(text: str, finding: Finding) -> str:
    return "\n".join([*_write_head(finding), _write_block(text, show_line(finding.subject, 120))])


def _write_head(finding: Finding) -> list[str]:
    head = [write_remark(f"{finding.subject}: {finding.seen}", 120)]
    return [*head, *([write_remark(finding.decide)] if finding.decide else [])]


def _write_block(text: str, subject: str) -> str:
    """Write statements that fail together, with a warning; a name in them can't end the quotation."""
    tags = (str(number or "") for number in count())
    tag = next(tag for tag in tags if not any(f"${word}{tag}$" in text + subject for word in ("repair", "sql")))
    return (
        f"do $repair{tag}$ begin execute $sql{tag}$\n{text}\n$sql{tag}$;\n"
        f"exception when others then raise warning '%: %', $sql{tag}${subject}$sql{tag}$, sqlerrm;\nend $repair{tag}$;"
    )
