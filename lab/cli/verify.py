"""The command that tells whether a file was allowed to leave."""

import argparse
import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab.cli.outcome import FINDINGS, HOLDS, NotDone, say, say_json, tell
from lab.cli.parser import Commands, add_command, add_json, add_target
from lab.database.connect import open_target, resolve_url
from lab.rules.tables.consent import consent_events
from lab.services.anchor import Proof, prove_entry, read_verifiers
from lab.services.anchor.states import VKEY
from lab.services.delivery.receipts import Receipt, find_receipts

MOST_BYTES = 100_000_000


def add_commands(commands: Commands) -> None:
    """Add `verify`."""
    adding = add_command(commands, verify, "python -m lab verify message.eml")
    adding.add_argument("file", type=Path, metavar="FILE", help="a message as it was sent, or a file of an account")
    add_target(adding)
    add_json(adding)
    adding.add_argument(
        "--anchors", type=Path, metavar="FILE", help="look the consent up in these anchors, as `anchor` writes them"
    )
    adding.add_argument("--vkey", action="append", default=[], help=f"a key that may have signed; by default {VKEY}")


def verify(options: argparse.Namespace) -> int:
    """Tell whether a file was allowed to leave, and when. Only its hash is compared; nothing in it is read or shown."""
    digest = _hash(options.file)
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    receipts = find_receipts(target.url, digest)
    proofs = [_prove(options, target.url, receipt) for receipt in receipts]
    if options.json:
        told = [
            _write(receipt) | {"anchor": _write(proof) if proof else None} for receipt, proof in _pair(receipts, proofs)
        ]
        say_json({"sha256": digest.hex(), "receipts": told}, None)
    else:
        lines = (_describe(receipt, proof) for receipt, proof in _pair(receipts, proofs))
        say("\n".join(lines) or f"Nothing with the SHA-256 {digest.hex()} has left {target.name}.")
    return HOLDS if receipts and all(proof is None or proof.at for proof in proofs) else FINDINGS


def _pair(receipts: list[Receipt], proofs: list[Proof | None]) -> Iterator[tuple[Receipt, Proof | None]]:
    return zip(receipts, proofs, strict=True)


def _prove(options: argparse.Namespace, url: str, receipt: Receipt) -> Proof | None:
    """Look a message's consent up in the anchors; None when no anchors were given, or nothing needed a consent."""
    if options.anchors is None or receipt.consent is None:
        return None
    verifiers = read_verifiers(options.vkey, os.environ)
    return prove_entry(url, options.anchors, verifiers, consent_events, receipt.consent, datetime.now(UTC))


def _hash(file: Path) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise NotDone(str(file), f"It has more than {MOST_BYTES:,} bytes", "Nothing so large is delivered")
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError as error:
        raise NotDone(str(file), f"It cannot be read: {error.strerror}", "Name a file that you may read") from None


def _write(found: Receipt | Proof) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in vars(found).items()}


def _describe(receipt: Receipt, proof: Proof | None) -> str:
    moment = f"{receipt.at:%Y-%m-%d %H:%M:%S} UTC"
    if receipt.kind == "file":
        return f"A file in its owner's account since {moment}: {receipt.state}. It needs no consent."
    sealed = f"sealed at position {receipt.sealed}" if receipt.sealed else "not sealed yet"
    lines = [
        f"A message: {receipt.state}. It was allowed to leave at {moment}, under rules {receipt.rules_version}.",
        f"Consent: entry {receipt.consent}, given at {receipt.given_at:%Y-%m-%d %H:%M:%S} UTC, {sealed}.",
    ]
    if receipt.withdrawn_at:
        lines.append(f"The consent was withdrawn afterwards, at {receipt.withdrawn_at:%Y-%m-%d %H:%M:%S} UTC.")
    if proof:
        lines.append(_describe_proof(proof))
    return "\n".join(lines)


def _describe_proof(proof: Proof) -> str:
    if proof.at:
        return f"Anchor: the entry was anchored at {proof.at:%Y-%m-%d %H:%M:%S} UTC, and is unchanged."
    return f"Anchor: broken. {proof.wrong}" if proof.wrong else f"Anchor: unknown, because {proof.unknown}."
