"""Invariants of Echoes and privacy requests: nothing is late."""

from lab.rules.model import Invariant, Severity
from lab.rules.tables.erasure import erasure_keys
from lab.rules.tables.premium import echo_entries
from lab.rules.tables.privacy import privacy_requests

_HANDLED = "Finish the request. Its steps show what is left."

echoes_late = Invariant(
    id="echoes_late",
    table=echo_entries,
    title="No Echo is more than a day late.",
    severity=Severity.MEDIUM,
    chapter=5,
    why="The Echo is a day late, so its delivery was missed.",
    decide="Deliver the oldest one, or cancel it and tell its owner.",
    accept="When its owner agreed to a later day.",
)
erasures_blocked = Invariant(
    id="erasures_blocked",
    table=privacy_requests,
    title="No foreign key of an undeclared table blocks an erasure.",
    severity=Severity.MEDIUM,
    chapter=10,
    why="A row with such a key prevents the deletion of a person's rows or account.",
    derived="blocking keys",
    counts="foreign key",
    decide="Ask its owner to add on delete cascade or on delete set null, or to delete its rows before each erasure.",
    accept="While no erasure is due, until the key is changed.",
)
erasure_key_missing = Invariant(
    id="erasure_key_missing",
    table=erasure_keys,
    title="The key of tombstones exists.",
    severity=Severity.HIGH,
    chapter=10,
    why="Without its key no tombstone can be written, so every erasure is refused.",
    repairs=True,
    decide="If people were erased before, restore the former key from a backup: a new key does not recognize them.",
    accept="Never: no person can be erased until then.",
)
privacy_requests_overdue = Invariant(
    id="privacy_requests_overdue",
    table=privacy_requests,
    title="No privacy request is past its deadline.",
    severity=Severity.CRITICAL,
    chapter=10,
    why="The law allows one month, or up to three months when the person was told why.",
    decide=_HANDLED,
    accept="Never: the period is set by law.",
)
privacy_requests_due_soon = Invariant(
    id="privacy_requests_due_soon",
    table=privacy_requests,
    title="No privacy request is within a week of its deadline.",
    severity=Severity.MEDIUM,
    chapter=10,
    why="There is less than a week to answer, or to tell the person why it takes longer.",
    decide=_HANDLED,
    accept="When the person was told of a longer period.",
)
