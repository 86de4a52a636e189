"""The command that tells whether a file was allowed to leave."""

import argparse
import hashlib
import os
from pathlib import Path
from typing import Any

from lab.cli.outcome import FINDINGS, HOLDS, NotDone, say, say_json, tell
from lab.cli.parser import Commands, add_command, add_json, add_target
from lab.database.connect import open_target, resolve_url
from lab.services.delivery.receipts import Receipt, find_receipts

MOST_BYTES = 100_000_000


def add_commands(commands: Commands) -> None:
    """Add `verify`."""
    adding = add_command(commands, verify, "python -m lab verify message.eml")
    adding.add_argument("file", type=Path, metavar="FILE", help="a message as it was sent, or a file of an account")
    add_target(adding)
    add_json(adding)


def verify(options: argparse.Namespace) -> int:
    """Tell whether a file was allowed to leave, and when. Only its hash is compared; nothing in it is read or shown."""
    digest = _hash(options.file)
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    receipts = find_receipts(target.url, digest)
    if options.json:
        say_json({"sha256": digest.hex(), "receipts": [_write(receipt) for receipt in receipts]}, None)
    else:
        say("\n".join(map(_describe, receipts)) or f"Nothing with the SHA-256 {digest.hex()} has left {target.name}.")
    return HOLDS if receipts else FINDINGS


def _hash(file: Path) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise NotDone(str(file), f"It has more than {MOST_BYTES:,} bytes", "Nothing so large is delivered")
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError as error:
        raise NotDone(str(file), f"It cannot be read: {error.strerror}", "Name a file that you may read") from None


def _write(receipt: Receipt) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in vars(receipt).items()}


def _describe(receipt: Receipt) -> str:
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
    return "\n".join(lines)
