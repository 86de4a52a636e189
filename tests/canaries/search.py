"""Finds a text in bytes in whatever form it was written: encoded, folded, escaped or compressed."""

import base64
import binascii
import contextlib
import html
import quopri
import re
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-](?:[A-Za-z0-9+/_-]|\r?\n){14,}={0,2}")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}[ \r\n]?){8,}")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_FOLD = re.compile(rb"=\r?\n|\r?\n[ \t]")
DEPTH, LEAST, MOST = 3, 12, 5_000_000


def squeeze(text: bytes) -> bytes:
    """Return the letters and digits of a text alone: spaces and signs change in addresses and names of files."""
    return re.sub(rb"%20|[^0-9A-Za-z\x80-\xff]", b"", text).lower()


def holds(content: bytes, wanted: bytes) -> bool:
    """Tell whether a content holds a text, in whatever form."""
    return bool(find_all([content], [wanted]))


def find_all(contents: Iterable[bytes], wanted: Iterable[bytes]) -> set[bytes]:
    """Return which of some texts are in some contents, in whatever form. Each content is read once."""
    needles = {text: squeeze(text) for text in wanted}
    found: set[bytes] = set()
    for view in unfold(set(contents)):
        bare = squeeze(view)
        found |= {text for text, needle in needles.items() if text not in found and (needle in bare or text in view)}
    return found


def unfold(contents: set[bytes]) -> set[bytes]:
    """Return contents and everything that can be read out of them."""
    found, news = set(contents), contents
    for _ in range(DEPTH):
        news = {view for one in news for view in _read(one) if len(view) > LEAST} - found
        found |= news
    return found | {view for one in found for view in _read_wide(one)}


def _read(content: bytes) -> Iterator[bytes]:
    """Yield what one step of reading makes of a content, where there is something to read."""
    if _FOLD.search(content):
        yield _FOLD.sub(b"", content)
    if b"=" in content:
        yield quopri.decodestring(content)
        yield quopri.decodestring(content, header=True)
    if b"&" in content:
        yield html.unescape(content.decode("utf-8", "replace")).encode()
    if b"%" in content:
        yield urllib.parse.unquote_to_bytes(content)
    if b"\\u" in content:
        text = content.decode("utf-8", "replace")
        yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda one: chr(int(one[1], 16)), text).encode("utf-8", "replace")
    for run in _BASE64.findall(content):
        yield from _decode(run)
    for run in _HEX.findall(content):
        with contextlib.suppress(binascii.Error):
            yield binascii.unhexlify(re.sub(rb"\s", b"", run))
    for place in _ZLIB.finditer(content):
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj().decompress(content[place.start() :], MOST)


def _read_wide(content: bytes) -> Iterator[bytes]:
    """Yield a content read in two bytes a letter, at each of the two places at which letters may begin."""
    if b"\0" in content or b"\xfe\xff" in content:
        for order in ("utf-16-be", "utf-16-le"):
            for start in (0, 1):
                yield content[start:].decode(order, "ignore").encode("utf-8", "ignore")


def _decode(run: bytes) -> Iterator[bytes]:
    """Yield what a run of letters is in base64, from each of the four places at which it may begin."""
    letters = re.sub(rb"[\s=]", b"", run).translate(bytes.maketrans(b"-_", b"+/"))
    for start in range(4):
        part = letters[start:]
        with contextlib.suppress(binascii.Error):
            yield base64.b64decode(part[: len(part) // 4 * 4] + (part[len(part) // 4 * 4 :] + b"==")[:4])
