"""Proposals: repairs of undeclared objects, commented out, because another application may own the objects. Pure."""

import re

from lab.checks.finding import Finding, Repair

HEAD = "-- Proposal: the rules do not declare this object, so it may belong to another application."
HOW = "-- Find out who uses it. To run this SQL, remove the dashes before the lines below."
_LINE_END = r"(\r\n|\r|\n)"  # each of them ends a comment, also within a quoted name


def propose(repair: Repair) -> Repair:
    """Return a repair as a comment that explains itself; none of its lines runs unless a person removes the dashes."""
    commented = re.sub(_LINE_END, r"\1-- ", repair.sql)
    return Repair(change=f"{HEAD}\n{HOW}\n-- {commented}", stage=repair.stage, proposal=True)


def accept_proposal(finding: Finding) -> Finding:
    """Return a finding whose proposal, if it has one, is a repair."""
    if not finding.repair or not finding.repair.proposal:
        return finding
    change = re.sub(rf"(^|{_LINE_END})-- ", r"\1", finding.repair.sql.removeprefix(f"{HEAD}\n{HOW}\n"))
    return finding.model_copy(update={"repair": Repair(change=change, stage=finding.repair.stage)})
