"""A call of the API as it comes in, its answer, and what its headers must be."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from lab.services.local_stripe.errors import NOTICE, ApiError
from lab.services.local_stripe.store import API_VERSION

_KEY = re.compile(r"(sk|rk)_test_\w{1,200}", re.ASCII)
_VERSION = re.compile(r"\d{4}-\d\d-\d\d(\.\w+)?", re.ASCII)
_LONGEST_KEY = 255


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call as it came: names of headers in lower case, and the decoded pairs of its query or form."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)

    @property
    def idempotency_key(self) -> str | None:
        """Return the key under which this call's answer is kept; only those that write have one."""
        return self.headers.get("idempotency-key") if self.method == "POST" else None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer, and what a fault does to it: it waits, or it never leaves."""

    status: int
    body: bytes
    headers: dict[str, str]
    wait_seconds: float = 0.0
    lost: bool = False


def read_key(call: Call) -> str:
    """Return the key of a call; it appears in no message.

    Raises:
        ApiError: There is none, or it is no test key.
    """
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value).decode("ascii").partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            value = ""
    if not value:
        raise ApiError(401, "You did not provide an API key: send it as a bearer token.")
    if not _KEY.fullmatch(value):
        raise ApiError(401, f"Invalid API Key provided: a key begins with sk_test_ or rk_test_. {NOTICE}")
    return value


def check_headers(call: Call) -> None:
    """Refuse headers that could not be honoured."""
    if not _VERSION.fullmatch(call.headers.get("stripe-version", API_VERSION)):
        raise ApiError(400, "Invalid Stripe API version.")
    if len(call.idempotency_key or "") > _LONGEST_KEY:
        raise ApiError(400, f"An idempotency key has at most {_LONGEST_KEY} characters.", type="idempotency_error")
    if "stripe-account" in call.headers:
        raise ApiError(403, f"There are no connected accounts. {NOTICE}", code="account_invalid")
