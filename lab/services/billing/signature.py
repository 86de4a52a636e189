"""Verifies that a delivery comes from Stripe, and that it was sent a short time ago.

Source: Stripe documentation on webhooks, and stripe-python 16.1.0, which bounds the age in one direction alone.
"""

import hmac
import re
from collections.abc import Iterable

from lab.services.billing.refusal import Refused

HEADER = "stripe-signature"
MOST_SECONDS = 300  # of the sender's clock behind ours, and ahead of it
_TIME = re.compile("[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile("[0-9a-f]{64}", re.ASCII)


def verify_signature(body: bytes, header: str, secrets: Iterable[str]) -> int:
    """Return when a delivery was signed, in seconds since 1970.

    Args:
        body: The bytes as they were received.
        header: The value of `Stripe-Signature`: `t=TIME,v1=SIGNATURE`, with a signature for each secret.
        secrets: The secrets of which one must fit.

    Raises:
        Refused: None of them fits, or the header has another form.
    """
    parts = [part.strip().partition("=")[::2] for part in header.split(",")]
    times = [value for name, value in parts if name == "t"]
    signatures = [value for name, value in parts if name == "v1" and _SIGNATURE.fullmatch(value)]
    if len(times) != 1 or not _TIME.fullmatch(times[0]):
        raise Refused("wrong_signature")
    signed = b"%s.%s" % (times[0].encode(), body)
    expected = [hmac.digest(secret.encode(), signed, "sha256").hex() for secret in secrets]
    if not any(hmac.compare_digest(mine, theirs) for mine in expected for theirs in signatures):
        raise Refused("wrong_signature")
    return int(times[0])


def check_age(signed_at: int, now: float) -> None:
    """Refuse a delivery that was signed too long ago, or in the future.

    Raises:
        Refused: Sender's and receiver's clock differ by more than `MOST_SECONDS`; says by how much.
    """
    difference = round(signed_at - now)
    if difference < -MOST_SECONDS:
        raise Refused("too_old", clock_difference_seconds=difference)
    if difference > MOST_SECONDS:
        raise Refused("from_the_future", clock_difference_seconds=difference)
