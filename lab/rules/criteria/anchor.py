"""What must hold between a ledger and its anchors."""

from lab.rules.model import Criterion, Severity
from lab.rules.tables.consent import consent_events
from lab.rules.tables.operations import admin_audit_events

_REWRITTEN = "A superuser can rewrite a ledger and all its hashes. The anchors show what was changed."
_RESTORE = "Change neither the database nor the anchors. Find out who had access to the server, and restore the entries from a backup that matches the anchors. This finding cannot be accepted."
_REPLACED = "No entry matches the anchors. The file belongs to another database, or every entry was replaced."
_NAME_THE_FILE = "Name the file that anchors this database: --anchor FILE, or LAB_ANCHOR and the target's name. If it is the right file, change neither the database nor the anchors, and find out who had access to the server."

consents_anchored = Criterion(
    id="consent_events_anchored",
    chapter=3,
    severity=Severity.CRITICAL,
    title=f"Every entry of {consent_events.qualified} matches its anchors outside the database, and none is missing.",
    why=_REWRITTEN,
    decide=_RESTORE,
    example="Entry 812 was changed after it had been anchored.",
    accept="Never: the check does not let it be accepted.",
)
trail_anchored = Criterion(
    id="admin_audit_events_anchored",
    chapter=9,
    severity=Severity.CRITICAL,
    title=f"Every entry of {admin_audit_events.qualified} matches its anchors outside the database, "
    "and none is missing.",
    why=_REWRITTEN,
    decide=_RESTORE,
    example="Line 4,071 of the audit trail is missing, although an anchor counts it.",
    accept="Never: the check does not let it be accepted.",
)
consents_anchored_elsewhere = Criterion(
    id="consent_events_anchored_elsewhere",
    chapter=3,
    severity=Severity.CRITICAL,
    title=f"The named anchors of {consent_events.qualified} belong to this database.",
    why=_REPLACED,
    decide=_NAME_THE_FILE,
    example="`--anchor` names the file of staging, and the target is production.",
    accept="Never: the check does not let it be accepted.",
)
trail_anchored_elsewhere = Criterion(
    id="admin_audit_events_anchored_elsewhere",
    chapter=9,
    severity=Severity.CRITICAL,
    title=f"The named anchors of {admin_audit_events.qualified} belong to this database.",
    why=_REPLACED,
    decide=_NAME_THE_FILE,
    example="`--anchor` names the file of staging, and the target is production.",
    accept="Never: the check does not let it be accepted.",
)

# By the id of the ledger.
ANCHORED = {consent_events.id: consents_anchored, admin_audit_events.id: trail_anchored}
ELSEWHERE = {consent_events.id: consents_anchored_elsewhere, admin_audit_events.id: trail_anchored_elsewhere}

CRITERIA = (*ANCHORED.values(), *ELSEWHERE.values())
