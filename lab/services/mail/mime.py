"""Writes a message as bytes. The same parts are always the same bytes, also in another version of Python. Pure.

Source: RFC 5322, RFC 2045 to 2047, RFC 6532 (addresses in UTF-8), RFC 8058 (one click), RFC 3834 (Auto-Submitted).
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from email.quoprimime import body_encode
from email.utils import quote

from lab.services.mail.address import Sender

_PLAIN = re.compile(r"[A-Za-z0-9 ]*")
_END = "\r\n"
_MOST_LINE = 76


@dataclass(frozen=True, kw_only=True)
class Part:
    """One form of a message's words.

    Args:
        kind: "plain" or "html".
        text: The words, with line feeds.
    """

    kind: str
    text: str


def write_message(headers: dict[str, str], parts: tuple[Part, ...], boundary: str) -> bytes:
    """Return a message of several forms, the simplest first.

    Args:
        headers: Names and values that are already written, in their order. None has a line's end.
        parts: The forms.
        boundary: What separates them; occurs in none of them.
    """
    lines = [f"{name}: {value}" for name, value in headers.items()]
    lines += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{boundary}"', ""]
    for part in parts:
        lines += [f"--{boundary}", *_write_part(part)]
    return _END.join([*lines, f"--{boundary}--", ""]).encode()


def write_sender(sender: Sender) -> str:
    """Return the value of a From header."""
    written = sender.address.written
    return f"{_write_name(sender.name)} <{written}>" if sender.name else written


def _write_name(name: str) -> str:
    if _PLAIN.fullmatch(name):
        return name
    return f'"{quote(name)}"' if name.isascii() else f"=?utf-8?b?{b64encode(name.encode()).decode()}?="


def _write_part(part: Part) -> list[str]:
    """Return a part's lines: quoted-printable, so that no server on the way has a reason to change it."""
    body = body_encode(_to_ascii(part.text), maxlinelen=_MOST_LINE, eol=_END)
    kind = f"Content-Type: text/{part.kind}; charset=utf-8"
    return [kind, "Content-Transfer-Encoding: quoted-printable", "", body.removesuffix(_END)]


def _to_ascii(text: str) -> str:
    """Return the bytes of a text as characters, which is what the encoder expects."""
    return text.encode().decode("latin-1")
