"""Opens Stripe's client with a key that was given, and says in our own words why Stripe cannot be asked."""

import contextlib
import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

import stripe

from lab.rules.env import stripe_secret_key
from lab.services.billing.processing import explain_stripe
from lab.services.billing.stripe_client import key_mode, open_stripe
from lab.text.errors import LabError


class StripeUnavailable(LabError):
    """Stripe cannot be asked: there is no key, its address is not allowed, or it refuses or does not answer."""


def open_client(key: str, api_base: str | None = None) -> stripe.StripeClient:
    """Open the client with a key.

    Args:
        key: A server key.
        api_base: Another address than Stripe's own: it gets no live key, and is on this machine.

    Raises:
        StripeUnavailable: The key or the address cannot be used.
    """
    if key_mode(key) is None:
        found = "is missing, or is no server key of Stripe"
        raise StripeUnavailable(stripe_secret_key.id, found, "Set it to sk_… or rk_…")
    if not api_base:
        return open_stripe(key)
    if key_mode(key) != "test" or not _is_local(api_base):
        raise StripeUnavailable("--api-base", "is for an address of this machine and a test key")
    return open_stripe(key, {"api": api_base.rstrip("/")})


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


@contextlib.contextmanager
def explaining_stripe() -> Iterator[None]:
    """Say with a code of our own why Stripe cannot be asked: Stripe's words may quote the key.

    Raises:
        StripeUnavailable: Stripe refused, or did not answer.
    """
    try:
        yield
    except stripe.StripeError as error:
        found = f"could not be asked: {explain_stripe(error).error_class}"
        raise StripeUnavailable("Stripe", found, "Check STRIPE_SECRET_KEY and the network, and try again") from None
