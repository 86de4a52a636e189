"""Proposals: repairs of undeclared objects, commented out, because another application may own the objects. Pure."""

import re

from lab.checks.finding import Finding, Repair

HEAD = "-- Proposal: the rules do not declare this object, so it may belong to another application."
UNDO = "-- This SQL reverts it:"
KEEP = "-- Before you change anything, run this query and keep what it prints. That SQL reverts the change."
HOW = "-- Find out who uses it. To run this SQL, remove the dashes before the lines below."
_LINE_END = r"(\r\n|\r|\n)"  # each of them ends a comment, also within a quoted name


def propose(repair: Repair) -> Repair:
    """Return a repair as a comment that explains it and how to revert it; no line of it runs as it is."""
    way = KEEP if is_query(repair.undo) else UNDO
    undo = [way, _comment_out(repair.undo, "--   ")] if repair.undo else []
    lines = [HEAD, *undo, HOW, _comment_out(repair.sql, "-- ")]
    return Repair(change="\n".join(lines), stage=repair.stage, proposal=True, undo=repair.undo, accepted=repair.sql)


def is_query(undo: str) -> bool:
    """Tell whether `undo` is a query that prints the SQL, because it contains words that are not shown here."""
    return undo.startswith("select ")


def _comment_out(text: str, mark: str) -> str:
    return mark + re.sub(_LINE_END, rf"\1{mark}", text)


def accept_proposal(finding: Finding) -> Finding:
    """Return a finding whose proposal, if it has one, is a repair."""
    repair = finding.repair
    if not repair or not repair.proposal:
        return finding
    accepted = Repair(change=repair.accepted, stage=repair.stage, undo=repair.undo)
    return finding.model_copy(update={"repair": accepted})
