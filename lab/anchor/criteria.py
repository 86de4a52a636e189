"""What must hold between a ledger and its anchors."""

from lab.checks.criterion import Criterion
from lab.rules.anchoring import LEDGERS
from lab.rules.model import Severity, Table

_CHAPTERS = {"consent_events": 3, "admin_audit_events": 9}


def _declare(ledger: Table) -> Criterion:
    return Criterion(
        id=f"{ledger.id}_anchored",
        chapter=_CHAPTERS[ledger.id],
        severity=Severity.CRITICAL,
        title=f"Every entry of {ledger.qualified} is as it was anchored outside the database, and none is missing.",
        why="A superuser can rewrite a ledger and every hash in it. The anchors show what was changed.",
        decide="Keep the database and the anchors as they are, find out who had the server, and put the entries back "
        "from a backup that fits the anchors. Nobody can accept this finding.",
    )


def _declare_elsewhere(ledger: Table) -> Criterion:
    return Criterion(
        id=f"{ledger.id}_anchored_elsewhere",
        chapter=_CHAPTERS[ledger.id],
        severity=Severity.CRITICAL,
        title=f"The anchors that were named for {ledger.qualified} are those of this database.",
        why="None of its entries is as it was anchored. The file belongs to another database, or every entry was "
        "replaced, so nothing is known of this ledger.",
        decide="Name the file that anchors this database: --anchor FILE, or LAB_ANCHOR and the target's name. If it is "
        "the right file, keep the database and the anchors as they are, and find out who had the server.",
    )


ANCHORED = {ledger.id: _declare(ledger) for ledger in LEDGERS}
ELSEWHERE = {ledger.id: _declare_elsewhere(ledger) for ledger in LEDGERS}
