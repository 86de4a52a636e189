"""Invariants of ledgers and seals: written entries and sealed rows were not changed."""

from lab.rules import risks
from lab.rules.model import Invariant, Severity
from lab.rules.tables.consent import consent_events, consent_notices, consents
from lab.rules.tables.operations import admin_audit_events, ledger_seals
from lab.rules.tables.premium import passport_records
from lab.rules.tables.readings import oracle_scrolls

consents_unlike_ledger = Invariant(
    id="consents_unlike_ledger",
    table=consents,
    title="The current consents match the ledger.",
    severity=Severity.CRITICAL,
    chapter=3,
    why="A current consent must match the newest ledger entry of its person, purpose and scope.",
    walks=consents,
    repairs=True,
    rests_on_ledger=True,
    accept="Never: the ledger is the proof.",
)
consent_ledger_lately_broken = Invariant(
    id="consent_ledger_lately_broken",
    table=consent_events,
    title="No entry of the consent ledger was changed, removed or inserted.",
    severity=Severity.CRITICAL,
    chapter=3,
    why="The hash chain shows the first row that was changed, removed or inserted.",
    walks=consent_events,
    decide="Call public.verify_ledger('consent_events') for the first row, and compare it with a backup.",
    accept="Never: find out who changed the ledger.",
)
audit_trail_lately_broken = Invariant(
    id="audit_trail_lately_broken",
    table=admin_audit_events,
    title="No line of the audit trail was changed, removed or inserted.",
    severity=Severity.CRITICAL,
    chapter=9,
    why="The hash chain shows the first row that was changed, removed or inserted.",
    walks=admin_audit_events,
    decide="Call public.verify_ledger('admin_audit_events') for the first row, and compare it with a backup.",
    accept="Never: find out who changed the trail.",
)
notices_unlike_hash = Invariant(
    id="notices_unlike_hash",
    table=consent_notices,
    title="Every consent notice is the text that was shown.",
    severity=Severity.CRITICAL,
    chapter=3,
    why="The text no longer matches its hash, or the hash in a consent, so nobody can prove what people agreed to.",
    decide="Restore the text from its migration or a backup. Then find out who disabled the trigger that protects it.",
    accept="Never: the words are what people agreed to.",
)
ledgers_unsealed = Invariant(
    id="ledgers_unsealed",
    table=ledger_seals,
    title="Every ledger row is in the hash chain within an hour.",
    severity=Severity.MEDIUM,
    chapter=9,
    why="A ledger row outside the chain can be changed without a trace.",
    repairs=True,
    accept="While the worker is being started.",
)
seals_lately_broken = Invariant(
    id="seals_lately_broken",
    table=oracle_scrolls,
    title="Every seal matches its record.",
    severity=Severity.CRITICAL,
    chapter=4,
    why="The content of a sealed row has changed, although triggers refuse that: somebody disabled them.",
    walks=oracle_scrolls,
    decide="Call wall.broken_seals() for the rows, and restore them from a backup. Never seal them again.",
    risks=(risks.sealed_for_good,),
    accept="Never: find out who disabled the triggers.",
)
passports_unfounded = Invariant(
    id="passports_unfounded",
    table=passport_records,
    title="Every sealed Passport record has a sealed reading.",
    severity=Severity.CRITICAL,
    chapter=4,
    why="A sealed Passport record proves nothing without its sealed reading.",
    walks=passport_records,
    decide="Restore the reading from a backup.",
    accept="Never: restore the reading.",
)
