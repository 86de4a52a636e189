"""Try a change in a transaction: read, compare, repair, read again, roll back."""

from dataclasses import dataclass

import psycopg

from fixtures.mutations.model import Mutant
from lab.checks.finding import Finding
from lab.checks.schema.check import check_connection
from lab.checks.schema.repairs import repair_script
from lab.checks.schema.repairs.proposals import accept_proposal


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant."""

    refused: str = ""
    findings: tuple[Finding, ...] = ()
    found: bool = False
    repaired: bool = False
    trouble: str = ""


def weighing(connection: psycopg.Connection) -> tuple[Finding, ...]:
    findings, _ = check_connection(connection)
    return tuple(finding for finding in findings if finding.weighs)


def names(finding: Finding, subject: str) -> bool:
    return finding.subject == subject or finding.subject.startswith((f"{subject}.", f"{subject}("))


def try_mutant(connection: psycopg.Connection, mutant: Mutant) -> Outcome:
    """Weaken, look, repair, look again; nothing stays."""
    try:
        with connection.transaction(force_rollback=True):
            try:
                connection.execute(mutant.sql)
                connection.execute("reset role")
            except psycopg.Error as error:
                return Outcome(refused=str(error).splitlines()[0])
            findings = weighing(connection)
            found = any(names(finding, mutant.subject) for finding in findings)
            if not mutant.mends:
                decided = any(finding.decide and names(finding, mutant.subject) for finding in findings)
                return Outcome(findings=findings, found=found, repaired=decided)
            trouble = mend(connection, findings, needs_admin=mutant.needs_admin)
            return Outcome(findings=findings, found=found, repaired=not trouble, trouble=trouble)
    except psycopg.Error as error:
        return Outcome(refused=f"rolled back: {error}")


def find_faults(connection: psycopg.Connection, mutants: list[Mutant]) -> list[str]:
    """Try a group at once, and where that does not come out clean, smaller groups, down to each by itself.

    Together they are found and repaired as each would be; where one hides another, only the smaller group tells.
    """
    if len(mutants) == 1:
        (mutant,) = mutants
        outcome = try_mutant(connection, mutant)
        if outcome.refused or (outcome.found and outcome.repaired):
            return []
        return [f"{mutant.name}: {outcome.trouble or 'not found'}; {mutant.sql}"]
    if _try_together(connection, mutants):
        return []
    half = len(mutants) // 2
    return find_faults(connection, mutants[:half]) + find_faults(connection, mutants[half:])


def _try_together(connection: psycopg.Connection, mutants: list[Mutant]) -> bool:
    """Tell whether all of them can be made at once, and each is found, and all are repaired or left to a person."""
    with connection.transaction(force_rollback=True):
        try:
            for mutant in mutants:
                connection.execute(mutant.sql)
                connection.execute("reset role")
        except psycopg.Error:
            return False
        findings = weighing(connection)
        if not mutants[0].mends:
            return all(any(f.decide and names(f, mutant.subject) for f in findings) for mutant in mutants)
        found = all(any(names(f, mutant.subject) for f in findings) for mutant in mutants)
        return found and not mend(connection, findings, needs_admin=mutants[0].needs_admin)


def mend(connection: psycopg.Connection, findings: tuple[Finding, ...], *, needs_admin: bool) -> str:
    """Run the repairs as `postgres`, who is no superuser, and the proposals; return what is still wrong."""
    script = repair_script(map(accept_proposal, findings))
    try:
        with connection.transaction():
            if not needs_admin:
                connection.execute("set local role postgres")
            connection.execute(script.encode() or b"select")
            connection.execute("reset role")
    except psycopg.Error as error:
        return f"the repair failed: {str(error).splitlines()[0]}\n{script}"
    left = weighing(connection)
    return "; ".join(f"{finding.key} expected {finding.expected} seen {finding.seen}" for finding in left)
