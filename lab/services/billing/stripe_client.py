"""The official Stripe client, with limits of its own."""

from collections.abc import Mapping
from typing import Any

import stripe

from lab.text.secret_patterns import stripe_mode

Thing = dict[str, Any]
CONNECT_SECONDS, ANSWER_SECONDS, RETRIES = 3.0, 10.0, 2


def open_stripe(key: str, base_addresses: Mapping[str, str] | None = None) -> stripe.StripeClient:
    """Open the official client with a shorter time limit and with retries.

    Source: stripe 16.1.0: a StripeClient makes one try and waits 80 seconds unless told otherwise.
    """
    addresses: Any = dict(base_addresses or {})
    limits = stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS))
    return stripe.StripeClient(key, max_network_retries=RETRIES, http_client=limits, base_addresses=addresses)


def key_mode(key: str) -> str | None:
    """Return `test` or `live`, None when the key is not a server key of Stripe."""
    return None if key.startswith("pk_") else stripe_mode(key)


def plain(thing: Any) -> Thing:
    """Return a Stripe object as a plain dictionary."""
    found: Thing = thing.to_dict(for_json=True)
    return found


def is_missing(error: stripe.InvalidRequestError) -> bool:
    """Tell whether an error means that this account and mode has no such object."""
    return error.http_status == 404 or error.code == "resource_missing"
