"""The anchors' files: checkpoints in one, and beside it one line for each anchored entry of each ledger.

Lines are only ever appended. Leaves are written first and checkpoints last, each flushed to the disk. After a crash,
the end may be incomplete: readers ignore it, and the next writer cuts it off.
"""

import contextlib
import fcntl
import os
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from lab.rules.anchoring import LEDGERS
from lab.services.anchor.checkpoint import Checkpoint, read_checkpoint, split_notes
from lab.services.anchor.entries import Entry
from lab.services.anchor.merkle import Tree, hash_leaf
from lab.services.anchor.notes import Verifier, is_signed
from lab.text.errors import LabError

_LEAF = re.compile(rb"([+-]\d{20}) ([+-]\d{20}) ([0-9a-f]{64})\n")
_COPY = "The ledger itself was not verified: use an unchanged copy of the anchors, and with every key that signed"
LEAF_BYTES = 21 + 1 + 21 + 1 + 64 + 1


class AnchorFault(LabError):
    """The anchors can't be used, or their files were changed; says which file, what was found and the next step."""


@dataclass
class Log:
    """The anchored entries of one ledger, in the order of anchoring.

    Args:
        ids: The entries' numbers.
        created: When they were written, in microseconds since 1970.
        contents: Their digests, 32 bytes each.
        newest: The newest checkpoint; None before the first.
        tree: The tree of all of them.
        moments: Size and moment of each checkpoint that was read, in their order.
    """

    ids: "array[int]" = field(default_factory=lambda: array("q"))
    created: "array[int]" = field(default_factory=lambda: array("q"))
    contents: bytearray = field(default_factory=bytearray)
    newest: Checkpoint | None = None
    tree: Tree = field(default_factory=Tree)
    moments: list[tuple[int, datetime]] = field(default_factory=list)

    def content(self, place: int) -> bytes:
        """Return the digest of an entry."""
        return bytes(self.contents[place * 32 : place * 32 + 32])

    def add(self, entry: Entry) -> None:
        """Append an entry."""
        self.__dict__.pop("by_number", None)
        self.ids.append(entry.id)
        self.created.append(entry.created)
        self.contents += entry.content
        self.tree.add(hash_leaf(entry.leaf))

    @cached_property
    def by_number(self) -> Sequence[int]:
        """Return the places in the order of the entries' numbers, which can differ from the order of anchoring."""
        ids, count = self.ids, len(self.ids)
        if all(ids[place] < ids[place + 1] for place in range(count - 1)):
            return range(count)
        return array("q", sorted(range(count), key=ids.__getitem__))


def leaf_path(path: Path, ledger: str) -> Path:
    """Return the file of a ledger's leaves."""
    return path.with_name(f"{path.name}.{ledger}")


def read_anchors(path: Path, verifiers: tuple[Verifier, ...]) -> dict[str, Log]:
    """Read the anchors and verify the files themselves: each signature, and that each root is that of the leaves.

    Args:
        path: The file of checkpoints.
        verifiers: The keys that may have signed; a key from the files themselves would prove nothing.

    Raises:
        AnchorFault: A file is missing, was changed or cut, or was signed by another key.
    """
    try:
        text = _read_notes(path)
    except (OSError, UnicodeDecodeError):
        raise AnchorFault(str(path), "the anchors cannot be read", "Name the file that `lab anchor` writes") from None
    checkpoints = _read_checkpoints(path, text, verifiers)
    return {ledger.id: _read_log(path, ledger.id, checkpoints) for ledger in LEDGERS}


def _read_notes(path: Path) -> str:
    """Return the complete notes of the file; a crash may have cut the last one, even within a letter."""
    data = path.read_bytes()
    return data[: data.rfind(b"\n\n") + 2 if b"\n\n" in data else 0].decode()


def _read_checkpoints(path: Path, text: str, verifiers: tuple[Verifier, ...]) -> list[Checkpoint]:
    made: list[Checkpoint] = []
    known = {ledger.id for ledger in LEDGERS}
    for number, (body, signatures) in enumerate(split_notes(text), 1):
        which = f"checkpoint {number}"
        if not is_signed(body, list(signatures), verifiers):
            raise AnchorFault(str(path), f"{which} was changed, or was signed by a key that was not given", _COPY)
        checkpoint = read_checkpoint(body, signatures)
        if checkpoint is None or checkpoint.ledger not in known:
            raise AnchorFault(str(path), f"{which} is not of a ledger that is anchored", _COPY)
        made.append(checkpoint)
    return made


def _read_log(path: Path, ledger: str, checkpoints: list[Checkpoint]) -> Log:
    """Read a ledger's leaves up to the last signed one; later ones were left by a crash."""
    log, file = Log(), leaf_path(path, ledger)
    mine = [checkpoint for checkpoint in checkpoints if checkpoint.ledger == ledger]
    data = file.read_bytes() if file.exists() else b""
    for checkpoint in mine:
        if log.newest and (checkpoint.size < log.newest.size or checkpoint.at < log.newest.at):
            raise AnchorFault(str(path), f"the checkpoints of {ledger} are not in their order", _COPY)
        _add_leaves(log, data, checkpoint.size, file)
        if log.tree.root != checkpoint.root:
            since = log.newest.size if log.newest else 0
            raise AnchorFault(str(file), f"a line from {since + 1} to {checkpoint.size} was changed", _COPY)
        log.newest = checkpoint
        log.moments.append((checkpoint.size, checkpoint.at))
    return log


def _add_leaves(log: Log, data: bytes, size: int, file: Path) -> None:
    for place in range(len(log.ids), size):
        found = _LEAF.fullmatch(data, place * LEAF_BYTES, (place + 1) * LEAF_BYTES)
        if found is None:
            raise AnchorFault(str(file), f"line {place + 1} is missing or was changed", _COPY)
        log.add(Entry(int(found[1]), int(found[2]), bytes.fromhex(found[3].decode()), "none"))


@contextlib.contextmanager
def hold_anchors(path: Path) -> Iterator[None]:
    """Lock the files for writing; other writers are refused.

    Raises:
        AnchorFault: Another process writes them, or the place can't be written.
    """
    try:
        handle = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise AnchorFault(
            str(path), f"the anchors cannot be written ({error.strerror})", "Choose another place"
        ) from None
    try:
        _lock(handle, path)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        found = "another process is writing these anchors"
        raise AnchorFault(str(path), found, "Wait until it ends, or stop it and anchor again") from None


def mend_files(path: Path, logs: dict[str, Log]) -> list[str]:
    """Cut off lines that a crash left after the last checkpoint, while the files are locked; return what was cut."""
    mended = []
    text = _read_notes(path) if path.exists() else ""
    notes = (f"{body}\n" + "".join(f"{s}\n" for s in signed) + "\n" for body, signed in split_notes(text))
    whole = len("".join(notes).encode())
    if path.exists() and whole < path.stat().st_size:
        _truncate(path, whole)
        mended.append(f"{path}: the incomplete end was cut off")
    for ledger, log in logs.items():
        file = leaf_path(path, ledger)
        if file.exists() and file.stat().st_size > len(log.ids) * LEAF_BYTES:
            _truncate(file, len(log.ids) * LEAF_BYTES)
            mended.append(f"{file}: lines without a checkpoint were cut off")
    return mended


def append_leaves(path: Path, ledger: str, entries: Sequence[Entry]) -> None:
    """Write the leaves of new entries, to the disk."""
    _append(leaf_path(path, ledger), b"".join(entry.leaf for entry in entries))


def append_checkpoints(path: Path, notes: str) -> None:
    """Write signed checkpoints, to the disk, after everything else."""
    _append(path, notes.encode())


def _append(path: Path, data: bytes) -> None:
    try:
        with path.open("ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise AnchorFault(
            str(path), f"the anchors cannot be written ({error.strerror})", "Make room, and anchor again"
        ) from None


def _truncate(path: Path, size: int) -> None:
    with path.open("r+b") as file:
        file.truncate(size)
        file.flush()
        os.fsync(file.fileno())
