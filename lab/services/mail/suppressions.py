"""Addresses that get no more e-mail, as values for `email_suppressions`. Pure."""

import hashlib
from dataclasses import dataclass, field
from typing import Literal

import idna


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """An address that bounced or complained.

    Args:
        address_sha256: SHA-256 of the address in lower case, 32 bytes.
        reason: One of `email_suppressions.reason`.
        provider_code: A short code, such as `5.1.1` or `permanent.noemail`; None when there is none.
        message_id: Message-ID of the e-mail that it is about, with its angle brackets; None when it is not told. A
            report by e-mail is not signed: compare this with what was sent to the address before you believe it.
        address: The address itself, by which the database finds the message.
    """

    address_sha256: bytes = field(repr=False)
    reason: Literal["hard_bounce", "complaint"]
    provider_code: str | None
    message_id: str | None = None
    address: str = field(default="", repr=False, compare=False)


def hash_address(address: str) -> bytes:
    """Return the SHA-256 of an address in lower case, as `email_suppressions.address_sha256` has it."""
    return hashlib.sha256(address.strip().lower().encode()).digest()


def suppress(
    address: str, reason: Literal["hard_bounce", "complaint"], code: str | None, message_id: str | None = None
) -> tuple[Suppression, ...]:
    """Return the suppressions of an address: one, or two when its domain can be written in two alphabets."""
    return tuple(
        Suppression(
            address_sha256=hash_address(form), reason=reason, provider_code=code, message_id=message_id, address=form
        )
        for form in _forms(address.strip().lower())
    )


def _forms(address: str) -> tuple[str, ...]:
    local, _, domain = address.rpartition("@")
    try:
        forms = (idna.encode(domain, uts46=True).decode(), idna.decode(domain, uts46=True))
    except (idna.IDNAError, UnicodeError):
        forms = (domain, domain)
    return tuple(dict.fromkeys(f"{local}@{form}" for form in forms))
