"""Ledgers and seals: what stands, and that nobody changed what was written."""

from lab.rules import risks
from lab.rules.model import Invariant, Severity
from lab.rules.tables.consent import consent_events, consents
from lab.rules.tables.operations import admin_audit_events, ledger_seals
from lab.rules.tables.premium import passport_records
from lab.rules.tables.readings import oracle_scrolls

consents_unlike_ledger = Invariant(
    id="consents_unlike_ledger",
    table=consents,
    title="What stands is what the ledger says.",
    severity=Severity.CRITICAL,
    chapter=3,
    why="What stands must be what the latest ledger entry of the same person, purpose and scope says.",
    walks=consents,
    repairs=True,
    rests_on_ledger=True,
)
consent_ledger_lately_broken = Invariant(
    id="consent_ledger_lately_broken",
    table=consent_events,
    title="No entry of the consent ledger was changed, removed or slipped in.",
    severity=Severity.CRITICAL,
    chapter=3,
    why="The hash chain names the first row that was changed, removed or slipped in.",
    walks=consent_events,
    decide="Ask public.verify_ledger('consent_events') for the first row, and compare it with a backup.",
)
audit_trail_lately_broken = Invariant(
    id="audit_trail_lately_broken",
    table=admin_audit_events,
    title="No line of the audit trail was changed, removed or slipped in.",
    severity=Severity.CRITICAL,
    chapter=9,
    why="The hash chain names the first row that was changed, removed or slipped in.",
    walks=admin_audit_events,
    decide="Ask public.verify_ledger('admin_audit_events') for the first row, and compare it with a backup.",
)
ledgers_unsealed = Invariant(
    id="ledgers_unsealed",
    table=ledger_seals,
    title="Every ledger row joins the chain within the hour.",
    severity=Severity.MEDIUM,
    chapter=9,
    why="A ledger row that is not in the chain within the hour could be changed without a trace.",
    repairs=True,
)
seals_lately_broken = Invariant(
    id="seals_lately_broken",
    table=oracle_scrolls,
    title="Every seal still fits what it seals.",
    severity=Severity.CRITICAL,
    chapter=4,
    why="A sealed row whose content no longer gives its seal was changed by somebody who could switch the wall off.",
    walks=oracle_scrolls,
    decide="Ask wall.broken_seals() which, and restore those rows from a backup; a seal is never made anew.",
    risks=(risks.sealed_for_good,),
)
passports_unfounded = Invariant(
    id="passports_unfounded",
    table=passport_records,
    title="Every sealed Passport record stands on a sealed reading.",
    severity=Severity.CRITICAL,
    chapter=4,
    why="A sealed Passport record stands on a sealed reading; one without it proves nothing.",
    walks=passport_records,
    decide="Restore the reading from a backup.",
)
