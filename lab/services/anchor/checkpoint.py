"""Checkpoints of a ledger in the format C2SP tlog-checkpoint, one after the other in one text."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lab.services.anchor.notes import Signer

_AT = re.compile(r"at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")


@dataclass(frozen=True)
class Checkpoint:
    """The size and the root of a ledger at a moment.

    Args:
        origin: The key's name and the ledger's.
        size: How many entries were anchored.
        root: The root of their tree.
        at: When, by the anchoring machine's clock, to the second.
        text: The signed text.
        signatures: Its signature lines.
    """

    origin: str
    size: int
    root: bytes
    at: datetime
    text: str
    signatures: tuple[str, ...]

    @property
    def ledger(self) -> str:
        """Return the ledger's name."""
        return self.origin.rpartition("/")[2]


def write_checkpoint(ledger: str, size: int, root: bytes, at: datetime, signer: Signer) -> str:
    """Return a signed checkpoint; its extension line says when it was made."""
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = f"{signer.name}/{ledger}\n{size}\n{base64.b64encode(root).decode()}\nat {moment}\n"
    return f"{text}\n{signer.sign(text)}\n"


def split_notes(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each complete note: its text and its signature lines; an incomplete one at the end is left out."""
    blocks = text.split("\n\n")
    for body, signed in zip(blocks[:-1:2], blocks[1:-1:2], strict=False):
        yield f"{body}\n", tuple(signed.splitlines())


def read_checkpoint(text: str, signatures: tuple[str, ...]) -> Checkpoint | None:
    """Read one checkpoint; None when the text is not one."""
    lines = text.splitlines()
    moment = _AT.fullmatch(lines[3]) if len(lines) == 4 else None
    if moment is None or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
        return None
    try:
        root = base64.b64decode(lines[2], validate=True)
        at = datetime.fromisoformat(moment[1])
    except (binascii.Error, ValueError):
        return None
    if len(root) != 32:
        return None
    return Checkpoint(lines[0], int(lines[1]), root, at, text, signatures)
