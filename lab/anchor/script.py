r"""Takes pg_dump's text apart into statements and rows, as psql would: what stands within quotes is never a statement.

Names of objects stand in pg_dump's comments. Versions that write `\restrict` at the top keep each on its line, so that
no name can pass for a statement; the text of older ones proves nothing.
Source: Postgres 18, psqlscan.l and pg_dump; the release notes of 17.6 (CVE-2025-8714 and CVE-2025-8715).
"""

import contextlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from lab.sql.tokens import Token, take_apart

_PIECE = re.compile(
    rb"""(?P<comment>--[^\n\r]*)
      |(?P<escaped>[eE]')
      |(?P<quote>['"]|\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$)
      |(?P<word>[A-Za-z0-9_\x80-\xff][A-Za-z0-9_$\x80-\xff]*)
      |(?P<foreign>\\|/\*)
      |(?P<mark>[();])""",
    re.VERBOSE,
)
_END_OF_ESCAPED = re.compile(rb"\\.|''|(?P<end>')", re.DOTALL)


class NotDumped(Exception):
    """The text is not what pg_dump writes; says so in a few words."""


class Torn(Exception):
    """The end of the text is missing; says where it breaks off."""


class Part(NamedTuple):
    """A statement, or a command to psql, and the rows that follow it.

    Args:
        text: As it stands there.
        rows: The lines of its data; to be read before the next part is asked for.
    """

    text: str
    rows: Iterator[bytes]

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Return its tokens, names without their quotes."""
        return tuple(Token(form, _plain(form, text)) for form, text in take_apart(self.text))


def _plain(form: str, text: str) -> str:
    return text[1:-1].replace('""', '"') if form == "quoted" and text.startswith('"') else text


def read_parts(lines: Iterator[bytes]) -> Iterator[Part]:
    """Yield the parts of a dump in their order.

    Raises:
        NotDumped: The text is no such dump, or an older pg_dump wrote it.
        Torn: Its end is missing.
    """
    reader = _Reader(lines)
    text = _read_head(reader)
    while following := reader.read():
        text = following
        rows = reader.read_rows() if _takes_rows(text) else iter(())
        yield Part(text.decode(), rows)
        for _ in rows:
            pass
    if not text.startswith(b"\\unrestrict "):
        raise Torn("it ends before pg_dump's last line")


def _read_head(reader: "_Reader") -> bytes:
    """Read what newer versions of pg_dump begin with."""
    with contextlib.suppress(Torn):
        if (text := reader.read()).startswith(b"\\restrict "):
            return text
    raise NotDumped("it does not begin as pg_dump's text does since 13.22, 14.19, 15.14, 16.10 and 17.6")


def _takes_rows(text: bytes) -> bool:
    return text[:5].upper() == b"COPY " and re.search(rb"\sFROM\s+stdin\s*;\Z", text, re.IGNORECASE) is not None


class _Reader:
    """Reads one statement after the other from lines."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._text = bytearray()

    def read(self) -> bytes:
        """Return the next statement or command, without the comments before it; nothing at the end."""
        place, depth, begin = 0, 0, None
        while True:
            found = _PIECE.search(self._text, place)
            if found is None:
                place = len(self._text)
                if not self._take_line():
                    return self._end(begin)
                if begin is None and self._text[place : place + 1] == b"\\":
                    return self._give(place, len(self._text))
                continue
            form, piece = found.lastgroup, found.group()
            place = found.end()
            if form == "comment":
                continue
            begin = found.start() if begin is None else begin
            if form == "foreign":
                raise NotDumped(f"it has {piece.decode()} outside of quotes, which pg_dump does not write")
            if form in ("escaped", "quote"):
                place = self._pass_quoted(_find_closing(piece), place)
            depth += {b"(": 1, b")": -1}.get(piece, 0)
            if piece == b";" and depth <= 0:
                return self._give(begin, place)

    def read_rows(self) -> Iterator[bytes]:
        """Yield the lines of data up to their end."""
        if self._text.strip():
            raise NotDumped("something stands behind COPY, which pg_dump does not write")
        for line in self._lines:
            if line == b"\\.\n":
                return
            yield line
        raise Torn("it ends within rows")

    def _take_line(self) -> bool:
        line = next(self._lines, b"")
        if line.endswith(b"\r\n"):
            raise NotDumped("its lines end as on Windows, so that rows cannot be told from their ends")
        self._text += line
        return bool(line)

    def _pass_quoted(self, closing: re.Pattern[bytes], place: int) -> int:
        """Return the place behind what is quoted."""
        while True:
            for found in closing.finditer(self._text, place):
                if found.lastgroup == "end":
                    return found.end()
            place = len(self._text)
            if not self._take_line():
                raise Torn("it ends within quotes")

    def _give(self, begin: int, end: int) -> bytes:
        given, self._text = bytes(self._text[begin:end]), self._text[end:]
        return given

    def _end(self, begin: int | None) -> bytes:
        if begin is not None:
            raise Torn("it ends within a statement")
        return b""


def _find_closing(opening: bytes) -> re.Pattern[bytes]:
    """Return what ends a quotation; a doubled quote ends one and begins the next, which comes to the same."""
    if opening in (b"e'", b"E'"):
        return _END_OF_ESCAPED
    return re.compile(rb"(?P<end>" + re.escape(opening) + rb")")
