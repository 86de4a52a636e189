"""What must hold between a ledger and its anchors."""

from lab.criterion import Criterion
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


ANCHORED = {ledger.id: _declare(ledger) for ledger in LEDGERS}
