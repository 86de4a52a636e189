"""Reads the ledgers from a dump: pg_dump's text, or its archives by way of pg_restore. Nothing is restored.

Rows count only if the dump also creates the ledger as a plain table. With a view, a rule or a child table in its place,
the restored database would show other rows.
"""

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import chain, pairwise
from pathlib import Path

from lab.database.embedded.server import EmbeddedUnavailable, binaries
from lab.rules.anchoring import LEDGERS
from lab.rules.model import Table
from lab.services.anchor.entries import Entry, kept_columns, read_entry
from lab.services.anchor.script import NotDumped, Part, Truncated, read_parts
from lab.services.anchor.store import AnchorFault
from lab.sql.tokens import Token

_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_BYTES = re.compile(r"\\\\|\\([0-7]{3})|([^\\])")
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"\xfd7zXZ": "xz",
    b"BZh": "bzip2",
    b"PK\x03\x04": "zip",
}
_SETTINGS = {"client_encoding": ("utf8", "--encoding=UTF8"), "standard_conforming_strings": ("on", "it on")}


class DumpedLedgers:
    """The ledgers in a dump."""

    def __init__(self, entries: dict[str, list[Entry]]) -> None:
        self._entries = entries

    def replacement(self, ledger: Table) -> str:
        """Return nothing, because both are plain tables; other dumps are refused."""
        return ""

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
        """Return which of these consents were blanked according to an erasure's record."""
        return {entry.blanks for entry in self._entries["admin_audit_events"]} & set(numbers)


def read_dump(path: Path) -> DumpedLedgers:
    """Read a dump's ledgers.

    Raises:
        AnchorFault: It can't be read, is truncated, or lacks a ledger as a plain table, once, with its rows as COPY.
    """
    made: set[str] = set()
    found: dict[str, list[Entry]] = {}
    try:
        with _open_lines(path) as lines:
            for part in read_parts(lines):
                _take_part(part, made, found)
    except UnicodeDecodeError:
        raise AnchorFault(str(path), "the dump is not in UTF-8", "Dump with --encoding=UTF8") from None
    except NotDumped as error:
        raise AnchorFault(str(path), f"the dump cannot be read as SQL: {error}", "Dump with --format=custom") from None
    except Truncated as error:
        raise AnchorFault(str(path), f"the dump is truncated: {error}", "Copy it again") from None
    except _Refused as error:
        raise AnchorFault(str(path), str(error)) from None
    except OSError as error:
        raise AnchorFault(str(path), f"the dump cannot be read ({error.strerror})", "Check the path") from None
    for there, lack, step in (
        (made, "does not create the table {}", "Dump the schema, too"),
        (found, "has no rows of {} as COPY", "Dump them, without --inserts"),
    ):
        missing = [ledger.qualified for ledger in LEDGERS if ledger.id not in there]
        if missing:
            raise AnchorFault(str(path), f"the dump {lack.format(' and '.join(missing))}", step)
    return DumpedLedgers(found)


class _Refused(Exception):
    """A dump's statements prove nothing about a ledger; says why, and the next step."""


def _take_part(part: Part, made: set[str], found: dict[str, list[Entry]]) -> None:
    """Read one statement: whether it creates or changes a ledger, or has its rows."""
    if part.text[:4].upper() == "SET ":
        _check_setting(part.tokens)
    for ledger in LEDGERS:
        if ledger.id not in part.text:
            continue
        place = _find_name(part.tokens, ledger)
        verdict = _judge(part.tokens, place) if place is not None else ""
        if verdict == "rows":
            _refuse_second(ledger, found, "the rows of")
            found[ledger.id] = _read_rows(ledger, part)
        elif verdict == "table":
            _refuse_second(ledger, made, "the table")
            made.add(ledger.id)
        elif verdict:
            raise _Refused(f"in the dump {ledger.qualified} {verdict}")


def _refuse_second(ledger: Table, there: object, what: str) -> None:
    if isinstance(there, set | dict) and ledger.id in there:
        raise _Refused(f"the dump has {what} {ledger.qualified} twice. Dump one database alone")


def _check_setting(tokens: tuple[Token, ...]) -> None:
    texts = [token.text.strip("'").lower() for token in tokens]
    needed, how = _SETTINGS.get(texts[1] if len(texts) == 5 else "", ("", ""))
    if needed and texts[3] != needed:
        raise _Refused(
            f"the dump has {texts[1]} {texts[3].upper()}, and only {needed.upper()} is read. Dump with {how}"
        )


def _find_name(tokens: tuple[Token, ...], ledger: Table) -> int | None:
    """Return where a statement first names a ledger, as schema, dot and table; None when it does not."""
    texts = [token.text if token.form in ("word", "quoted", "mark") else "" for token in tokens]
    named = ["public", ".", ledger.id]
    return next((place for place in range(len(texts)) if texts[place : place + 3] == named), None)


def _judge(tokens: tuple[Token, ...], place: int) -> str:
    """Return what a statement does to the ledger that it names: `table`, `rows`, nothing, or why it is refused.

    Args:
        tokens: The tokens of the statement.
        place: Where it first names the ledger.
    """
    words = [token.text for token in tokens if token.form == "word"]
    inherited = [word for before, word in pairwise(words) if word in _CHILDREN and before != "no"]
    before = [token.text for token in tokens[:place]]
    following = tokens[place + 3].text if len(tokens) > place + 3 else ""
    if before == ["copy"]:
        return "rows" if [token.text for token in tokens[-4:]] == [")", "from", "stdin", ";"] else _NO_COPY
    if before[:1] in (["insert"], ["update"], ["delete"], ["merge"], ["truncate"]):
        return _NO_COPY
    if "table" in words[:3] and words[:1] in (["create"], ["alter"]) and inherited:
        return "has child tables or partitions, whose rows it would show. Detach them first"
    if before in (["create", "table"], ["create", "unlogged", "table"]) and following == "(":
        return "table"
    if words[:1] == ["create"] and before[-1] in ("view", "table", "exists"):
        return "is not a plain table. Find out who replaced it"
    if words[:1] == ["create"] and "rule" in words[:4] and before[-1] == "to":
        return "has a rewrite rule. Find out who made it"
    return ""


_CHILDREN = frozenset({"inherit", "inherits", "attach", "partition"})
_NO_COPY = "does not have its rows as COPY. Dump without --inserts"


def _read_rows(ledger: Table, part: Part) -> list[Entry]:
    """Read a ledger's rows.

    Raises:
        _Refused: They are truncated, or do not have the ledger's columns.
    """
    tokens = part.tokens
    names = [token.text for token in tokens[5:-4] if token.form in ("word", "quoted")]
    if not {column.name for column in ledger.columns} <= set(names):
        raise _Refused(f"the dump has {ledger.qualified} without some of its columns. Find out who removed them")
    kept, binary = kept_columns(ledger), {column.name for column in ledger.columns if column.type == "bytea"}
    entries = []
    for line in part.rows:
        values = dict(zip(names, _read_fields(line, len(names), ledger), strict=True))
        values |= {name: _as_hex(text) for name in binary if (text := values[name]) is not None}
        try:
            entries.append(read_entry(ledger, kept, values))
        except ValueError:
            raise _Refused(f"the dump has a row of {ledger.qualified} without a number. Copy it again") from None
    return sorted(entries, key=lambda entry: entry.id)


def _read_fields(line: bytes, count: int, ledger: Table) -> list[str | None]:
    fields = line.decode().removesuffix("\n").split("\t")
    if len(fields) != count:
        raise _Refused(f"the dump is truncated within {ledger.qualified}. Copy it again")
    return [_unescape(field) for field in fields]


def _unescape(field: str) -> str | None:
    if field == "\\N":
        return None
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), field)


def _as_hex(text: str) -> str:
    """Return bytes as Postgres prints them by default, also those of a server with `bytea_output = escape`."""
    if text.startswith("\\x"):
        return text
    codes = [int(one[1], 8) if one[1] else ord(one[2] or "\\") for one in _BYTES.finditer(text)]
    return f"\\x{bytes(code for code in codes if code < 256).hex()}"


@contextlib.contextmanager
def _open_lines(path: Path) -> Iterator[Iterator[bytes]]:
    """Open a dump as the lines of its text."""
    head = b""
    if not path.is_dir():
        with path.open("rb") as file:
            head = file.read(262) if path.is_file() else b""
    packed = next((name for sign, name in _PACKED.items() if head.startswith(sign)), None)
    if packed:
        raise AnchorFault(str(path), f"the dump is packed with {packed}", "Unpack it first")
    if not path.is_dir() and head[:5] != b"PGDMP" and head[257:262] != b"ustar":
        with path.open("rb") as text:
            yield text
        return
    rows = [part for ledger in LEDGERS for part in ("-t", ledger.id)]
    with _restore(path, "--schema-only") as schema, _restore(path, "--data-only", "-n", "public", *rows) as data:
        yield chain(schema, data)


@contextlib.contextmanager
def _restore(path: Path, *chosen: str) -> Iterator[Iterator[bytes]]:
    """Convert an archive to text; pg_restore writes it out without any database."""
    call = [_find_program(path), "--no-owner", "--no-tablespaces", *chosen, "-f", "-", str(path)]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        yield _read_archive(path, running)


def _read_archive(path: Path, running: subprocess.Popen[bytes]) -> Iterator[bytes]:
    yield from running.stdout or ()
    if running.wait():
        raise AnchorFault(str(path), "pg_restore could not read this archive", "Use one as new as the server's pg_dump")


def _find_program(path: Path) -> str:
    with contextlib.suppress(EmbeddedUnavailable):
        if (own := binaries() / "pg_restore").exists():
            return str(own)
    if found := shutil.which("pg_restore"):
        return found
    raise AnchorFault(
        str(path), "there is no pg_restore to read this archive with", "Install Postgres' client programs"
    )
