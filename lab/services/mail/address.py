"""Reads e-mail addresses strictly: what could end a header or be read in two ways is refused. Pure.

Source: RFC 5321 section 4.5.3.1 (lengths), RFC 5322 section 3.4.1, RFC 6531 (letters of every language), and UTS 46
for domains (IDNA 2008, as the package `idna` has it).
"""

import re
import unicodedata
from dataclasses import dataclass, field

import idna

from lab.services.mail.faults import NotComposed

MOST_LOCAL_BYTES, MOST_BYTES = 64, 254
MOST_NAME_BYTES = 45  # one encoded word: mail programs disagree on the space between two
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])")
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")


@dataclass(frozen=True, kw_only=True)
class Address:
    """An address in the form in which it is sent.

    Args:
        local: What is before the @, as it was written.
        domain: The domain in lower-case ASCII.
    """

    local: str = field(repr=False)
    domain: str

    @property
    def written(self) -> str:
        """Return the whole address."""
        return f"{self.local}@{self.domain}"


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who a message is from.

    Args:
        name: The name that mail programs show; empty when there is none.
        address: The address.
    """

    name: str
    address: Address


def read_address(text: str, part: str) -> Address:
    """Read an address.

    Args:
        text: The address alone, without a name.
        part: Which one it is, for the error: "recipient" or "sender".

    Raises:
        NotComposed: It is not one, or mail systems do not agree on it.
    """
    local, at, domain = text.rpartition("@")
    if not at or _holds_unseen(text) or not _LOCAL.fullmatch(local):
        raise _not_an_address(part)
    address = Address(local=local, domain=_read_domain(domain, part))
    if len(local.encode()) > MOST_LOCAL_BYTES or len(address.written.encode()) > MOST_BYTES:
        raise _not_an_address(part)
    return address


def read_sender(text: str) -> Sender:
    """Read a sender: an address, or a name followed by the address in < and >.

    Raises:
        NotComposed: It has another form.
    """
    named = _NAMED.fullmatch(text.strip(" "))
    name = named["name"].strip(" ") if named else ""
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    if _holds_unseen(name.replace(" ", "")) or len(name.encode()) > MOST_NAME_BYTES:
        found = f"The name has more than {MOST_NAME_BYTES} bytes, or an invisible character"
        raise NotComposed("EMAIL_FROM", found, "Correct it", code="mail.sender")
    return Sender(name=name, address=read_address(named["address"] if named else text.strip(" "), "sender"))


def _read_domain(domain: str, part: str) -> str:
    try:
        written = idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        written = ""
    if not _DOMAIN.fullmatch(written):
        raise _not_an_address(part)
    return written


def _holds_unseen(text: str) -> bool:
    """Tell whether a text holds a space, a line break or an invisible character."""
    return any(unicodedata.category(character)[0] in "CZ" for character in text)


def _not_an_address(part: str) -> NotComposed:
    return NotComposed(
        f"The {part}'s address",
        "It is not of the form LOCAL@DOMAIN",
        "Correct it; quotes, spaces and addresses of machines are not accepted",
        code=f"mail.{part}",
    )
