"""What must hold between a ledger and its anchors."""

from lab.rules.model import Criterion, Severity
from lab.rules.tables.consent import consent_events
from lab.rules.tables.operations import admin_audit_events

_REWRITTEN = "A superuser can rewrite a ledger and every hash in it. The anchors show what was changed."
_RESTORE = (
    "Keep the database and the anchors as they are, find out who had the server, and put the entries back from a "
    "backup that fits the anchors. Nobody can accept this finding."
)
_REPLACED = (
    "None of its entries is as it was anchored. The file belongs to another database, or every entry was replaced, so "
    "nothing is known of this ledger."
)
_NAME_THE_FILE = (
    "Name the file that anchors this database: --anchor FILE, or LAB_ANCHOR and the target's name. If it is the right "
    "file, keep the database and the anchors as they are, and find out who had the server."
)

consents_anchored = Criterion(
    id="consent_events_anchored",
    chapter=3,
    severity=Severity.CRITICAL,
    title=f"Every entry of {consent_events.qualified} is as it was anchored outside the database, and none is missing.",
    why=_REWRITTEN,
    decide=_RESTORE,
)
trail_anchored = Criterion(
    id="admin_audit_events_anchored",
    chapter=9,
    severity=Severity.CRITICAL,
    title=f"Every entry of {admin_audit_events.qualified} is as it was anchored outside the database, "
    "and none is missing.",
    why=_REWRITTEN,
    decide=_RESTORE,
)
consents_anchored_elsewhere = Criterion(
    id="consent_events_anchored_elsewhere",
    chapter=3,
    severity=Severity.CRITICAL,
    title=f"The anchors that were named for {consent_events.qualified} are those of this database.",
    why=_REPLACED,
    decide=_NAME_THE_FILE,
)
trail_anchored_elsewhere = Criterion(
    id="admin_audit_events_anchored_elsewhere",
    chapter=9,
    severity=Severity.CRITICAL,
    title=f"The anchors that were named for {admin_audit_events.qualified} are those of this database.",
    why=_REPLACED,
    decide=_NAME_THE_FILE,
)

# By the id of the ledger.
ANCHORED = {consent_events.id: consents_anchored, admin_audit_events.id: trail_anchored}
ELSEWHERE = {consent_events.id: consents_anchored_elsewhere, admin_audit_events.id: trail_anchored_elsewhere}

CRITERIA = (*ANCHORED.values(), *ELSEWHERE.values())
