"""Anchors of the ledgers, outside the database: signed checkpoints that even its superuser cannot rewrite."""

from lab.services.anchor.dump import read_dump
from lab.services.anchor.faults import Fault, Wrong
from lab.services.anchor.notes import KeyFault, Signer, Verifier, draw_key, read_key, read_verifier, write_key
from lab.services.anchor.proof import Proof, prove_entry
from lab.services.anchor.reader import open_ledgers
from lab.services.anchor.states import AnchorSource, AnchorState, find_source, read_states, read_verifiers
from lab.services.anchor.store import AnchorFault, Log, hold_anchors, read_anchors
from lab.services.anchor.verification import NEWEST, Ledgers, Result, say_age, verify_ledgers
from lab.services.anchor.writer import Anchored, Anchors, anchor_once

__all__ = [
    "NEWEST",
    "AnchorFault",
    "AnchorSource",
    "AnchorState",
    "Anchored",
    "Anchors",
    "Fault",
    "KeyFault",
    "Ledgers",
    "Log",
    "Proof",
    "Result",
    "Signer",
    "Verifier",
    "Wrong",
    "anchor_once",
    "draw_key",
    "find_source",
    "hold_anchors",
    "open_ledgers",
    "prove_entry",
    "read_anchors",
    "read_dump",
    "read_key",
    "read_states",
    "read_verifier",
    "read_verifiers",
    "say_age",
    "verify_ledgers",
    "write_key",
]
