"""Reads the ledgers from a dump: pg_dump's text, or its archives by way of pg_restore. Nothing is restored."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.anchor.entries import Entry, kept_columns, read_entry
from lab.anchor.store import AnchorFault
from lab.embedded import binaries
from lab.rules.anchoring import LEDGERS
from lab.rules.model import Table

_COPY = re.compile(r'COPY "?public"?\."?(\w+)"? \(([^)]*)\) FROM stdin;\s*')
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class DumpedLedgers:
    """The ledgers as a dump has them."""

    def __init__(self, entries: dict[str, list[Entry]]) -> None:
        self._entries = entries

    def entries(self, ledger: Table, since: int | None = None) -> Iterator[Entry]:
        """Yield a ledger's entries in the order of their numbers."""
        return (entry for entry in self._entries[ledger.id] if since is None or entry.id >= since)

    def count_before(self, ledger: Table, number: int) -> int:
        """Count the entries with a lower number."""
        return sum(entry.id < number for entry in self._entries[ledger.id])

    def size(self, ledger: Table) -> int:
        """Return how many entries there are."""
        return len(self._entries[ledger.id])

    def blanked(self, numbers: list[int]) -> set[int]:
        """Return which of these consents an erasure says that it blanked."""
        return {entry.blanks for entry in self._entries["admin_audit_events"]} & set(numbers)


def read_dump(path: Path) -> DumpedLedgers:
    """Read a dump's ledgers.

    Raises:
        AnchorFault: It can't be read, is torn, or doesn't hold each ledger once, as COPY.
    """
    found: dict[str, list[Entry]] = {}
    with _open_text(path) as lines:
        for line in lines:
            begins = _COPY.fullmatch(line) if line.startswith("COPY ") else None
            ledger = next((table for table in LEDGERS if begins and table.id == begins[1]), None)
            if begins and ledger:
                if ledger.id in found:
                    again = f"{path}: the dump has the rows of {ledger.qualified} twice, once perhaps in a comment"
                    raise AnchorFault(f"{again}. Dump with --format=custom")
                names = [name.strip(' "') for name in begins[2].split(",")]
                try:
                    found[ledger.id] = sorted(_read_rows(ledger, names, lines), key=lambda entry: entry.id)
                except ValueError:
                    raise AnchorFault(f"{path}: the dump is torn within {ledger.qualified}. Copy it again") from None
    missing = [ledger.qualified for ledger in LEDGERS if ledger.id not in found]
    if missing:
        raise AnchorFault(f"{path}: the dump has no rows of {' and '.join(missing)} as COPY. Dump without --inserts")
    return DumpedLedgers(found)


def _read_rows(ledger: Table, names: list[str], lines: Iterator[str]) -> Iterator[Entry]:
    kept = kept_columns(ledger)
    for line in lines:
        if line == "\\.\n":
            return
        values = [_unescape(field) for field in line.removesuffix("\n").split("\t")]
        yield read_entry(ledger, kept, dict(zip(names, values, strict=True)))
    raise ValueError("the dump ends before its rows do")


def _unescape(field: str) -> str | None:
    if field == "\\N":
        return None
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), field)


@contextmanager
def _open_text(path: Path) -> Iterator[Iterator[str]]:
    try:
        with path.open("rb") as file:
            archived = path.is_file() and file.read(5) == b"PGDMP"
    except OSError as error:
        raise AnchorFault(f"{path}: the dump cannot be read ({error.strerror})") from None
    if not archived:
        with path.open(encoding="utf-8", newline="\n") as text:
            yield text
        return
    with _restore(path) as text:
        yield text


@contextmanager
def _restore(path: Path) -> Iterator[Iterator[str]]:
    """Turn an archive into text; pg_restore writes it out and touches no database."""
    own = binaries() / "pg_restore"
    program = str(own) if own.exists() else shutil.which("pg_restore")
    if program is None:
        raise AnchorFault(f"{path}: there is no pg_restore to read this archive with. Dump as plain text")
    chosen = [part for ledger in LEDGERS for part in ("-t", ledger.id)]
    call = [program, "--data-only", "-n", "public", *chosen, "-f", "-", str(path)]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8") as running:
        yield running.stdout or iter(())
    if running.returncode:
        raise AnchorFault(f"{path}: pg_restore could not read this archive. Use one as new as the server's pg_dump")
