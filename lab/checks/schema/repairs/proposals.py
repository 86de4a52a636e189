"""Repairs of what nobody declared: proposals, whose SQL is commented out, for it may be somebody else's. Pure."""

import re

from lab.checks.finding import Finding, Repair

HEAD = "-- A proposal only: the rules do not declare this, so it may belong to another application."
HOW = "-- Find out whose it is. To run it, remove the dashes in front of the lines below."
_LINE_END = r"(\r\n|\r|\n)"  # each of them ends a comment, also within a quoted name


def propose(repair: Repair) -> Repair:
    """Return a repair as a comment that says what it is; no line of it can be run as it stands."""
    commented = re.sub(_LINE_END, r"\1-- ", repair.sql)
    return Repair(change=f"{HEAD}\n{HOW}\n-- {commented}", stage=repair.stage, proposal=True)


def accept_proposal(finding: Finding) -> Finding:
    """Return a finding whose proposal, if it has one, is a repair."""
    if not finding.repair or not finding.repair.proposal:
        return finding
    change = re.sub(rf"(^|{_LINE_END})-- ", r"\1", finding.repair.sql.removeprefix(f"{HEAD}\n{HOW}\n"))
    return finding.model_copy(update={"repair": Repair(change=change, stage=finding.repair.stage)})
