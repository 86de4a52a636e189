"""Reads the bounces and complaints that Resend reports to a webhook, and verifies that Resend signed them. Pure.

Source: https://resend.com/docs/webhooks/verify-webhooks-requests (signatures of Svix),
https://docs.svix.com/receiving/verifying-payloads/how-manual, https://resend.com/docs/webhooks/emails/bounced
"""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from lab.services.mail.suppressions import Suppression, suppress

MOST_SECONDS = 300  # of the sender's clock behind ours, and ahead of it
_NUMBER = re.compile("[0-9]{1,12}", re.ASCII)
_WORD = re.compile("[^a-z0-9]")


class NotAccepted(Exception):
    """An event that does not come from Resend, or not now. Shows its code alone.

    Args:
        code: `wrong_signature`, `too_old`, `from_the_future` or `unreadable`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_resend_event(
    body: bytes, headers: Mapping[str, str], *, secrets: Iterable[str], now: float
) -> tuple[Suppression, ...]:
    """Return what an event of Resend suppresses; nothing for an event that is neither a bounce nor a complaint.

    Args:
        body: The bytes as they were received.
        headers: The request's headers, names in lower case.
        secrets: The endpoint's secrets of which one must fit; two while they are exchanged.
        now: Seconds since 1970.

    Raises:
        NotAccepted: The signature does not fit, it is older than five minutes, or the event is no JSON.
    """
    verify_svix(body, headers, secrets=secrets, now=now)
    try:
        event = json.loads(body)
        return _read_event(event["type"], event["data"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise NotAccepted("unreadable")


def verify_svix(body: bytes, headers: Mapping[str, str], *, secrets: Iterable[str], now: float) -> None:
    """Verify that a request was signed by an endpoint's secret a short time ago; see `read_resend_event`.

    Raises:
        NotAccepted: It was not.
    """
    id, signed_at = headers.get("svix-id", ""), headers.get("svix-timestamp", "")
    told = [part.partition(",")[::2] for part in headers.get("svix-signature", "").split(" ")]
    signatures = [signature.encode() for version, signature in told if version == "v1"]
    signed = f"{id}.{signed_at}.".encode() + body
    expected = [base64.b64encode(hmac.digest(key, signed, "sha256")) for key in _read_secrets(secrets)]
    if not id or not any(hmac.compare_digest(mine, theirs) for mine in expected for theirs in signatures):
        raise NotAccepted("wrong_signature")
    if not _NUMBER.fullmatch(signed_at):
        raise NotAccepted("wrong_signature")
    if int(signed_at) < now - MOST_SECONDS:
        raise NotAccepted("too_old")
    if int(signed_at) > now + MOST_SECONDS:
        raise NotAccepted("from_the_future")


def _read_secrets(secrets: Iterable[str]) -> list[bytes]:
    """Return the keys in secrets of the form whsec_BASE64; one of another form, or an empty one, fits nothing."""
    keys = []
    for secret in secrets:
        try:
            keys.append(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
        except (binascii.Error, ValueError):
            continue
    return [key for key in keys if key]


def _read_event(kind: str, data: dict[str, Any]) -> tuple[Suppression, ...]:
    if kind == "email.complained":
        return _each(data["to"], "complaint", None)
    bounce = data.get("bounce") or {}
    # Resend describes the event as a permanent refusal; one whose type says otherwise suppresses nothing.
    if kind == "email.bounced" and _word(bounce.get("type", "Permanent")) == "permanent":
        told = _word(bounce.get("subType", ""))
        return _each(data["to"], "hard_bounce", f"permanent.{told}"[:24] if told else "permanent")
    return ()


def _each(addresses: list[str] | str, reason: Any, code: str | None) -> tuple[Suppression, ...]:
    listed = [addresses] if isinstance(addresses, str) else addresses
    return tuple(found for address in listed for found in suppress(address, reason, code))


def _word(text: str) -> str:
    return _WORD.sub("", text.lower())
