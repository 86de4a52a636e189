r"""Splits pg_dump's text into statements and rows, as psql would: quoted text is never a statement.

pg_dump writes names of objects into comments. Versions that begin with `\restrict` keep each name on its line, so that
no name can be read as a statement. The text of older versions proves nothing.
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
    """The text was not written by pg_dump; says why in a few words."""


class Truncated(Exception):
    """The end of the text is missing; says where it ends."""


class Part(NamedTuple):
    """A statement, or a command to psql, and the rows that follow it.

    Args:
        text: Its text, unchanged.
        rows: The lines of its data; read them before the next part.
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
        NotDumped: The text is not such a dump, or an older pg_dump wrote it.
        Truncated: Its end is missing.
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
        raise Truncated("it ends before pg_dump's last line")


def _read_head(reader: "_Reader") -> bytes:
    """Read the first lines that newer versions of pg_dump write."""
    with contextlib.suppress(Truncated):
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
            raise NotDumped("text follows COPY on its line, which pg_dump does not write")
        for line in self._lines:
            if line == b"\\.\n":
                return
            yield line
        raise Truncated("it ends within rows")

    def _take_line(self) -> bool:
        line = next(self._lines, b"")
        if line.endswith(b"\r\n"):
            raise NotDumped("its lines have Windows line ends, which cannot be told from data")
        self._text += line
        return bool(line)

    def _pass_quoted(self, closing: re.Pattern[bytes], place: int) -> int:
        """Return the place after the quoted text."""
        while True:
            for found in closing.finditer(self._text, place):
                if found.lastgroup == "end":
                    return found.end()
            place = len(self._text)
            if not self._take_line():
                raise Truncated("it ends within quotes")

    def _give(self, begin: int, end: int) -> bytes:
        given, self._text = bytes(self._text[begin:end]), self._text[end:]
        return given

    def _end(self, begin: int | None) -> bytes:
        if begin is not None:
            raise Truncated("it ends within a statement")
        return b""


def _find_closing(opening: bytes) -> re.Pattern[bytes]:
    """Return the pattern that ends a quotation; a doubled quote counts as the end of one and the start of the next."""
    if opening in (b"e'", b"E'"):
        return _END_OF_ESCAPED
    return re.compile(rb"(?P<end>" + re.escape(opening) + rb")")
