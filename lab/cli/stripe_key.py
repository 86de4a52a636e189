"""Opens Stripe's client with the key of the environment, for the commands that ask Stripe."""

import ipaddress
from urllib.parse import urlsplit

import stripe

from lab.cli.outcome import NotDone
from lab.rules.env import stripe_secret_key
from lab.services.billing.stripe_client import key_mode, open_stripe


def open_client(key: str, api_base: str | None) -> stripe.StripeClient:
    """Open the client; another address than Stripe's own gets no live key, and is on this machine.

    Raises:
        NotDone: The key or the address cannot be used.
    """
    if key_mode(key) is None:
        raise NotDone(stripe_secret_key.id, "is missing, or is no server key of Stripe", "Set it to sk_… or rk_…")
    if api_base is None:
        return open_stripe(key)
    if key_mode(key) != "test" or not _is_local(api_base):
        raise NotDone("--api-base", "is for an address of this machine and a test key")
    return open_stripe(key, {"api": api_base.rstrip("/")})


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
