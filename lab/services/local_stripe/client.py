"""One way to Stripe's test mode or to Local Stripe: the key decides."""

import contextlib
from collections.abc import Iterator

import stripe

from lab.services.local_stripe.server import serve_local_stripe
from lab.text.errors import LabError


class NoTestKey(LabError):
    """A key is not one of Stripe's test mode."""


@contextlib.contextmanager
def open_test_stripe(key: str | None) -> Iterator[stripe.StripeClient]:
    """Yield a client of Stripe's test mode, or without a key one of a Local Stripe of its own.

    Args:
        key: `sk_test_...`, or None.

    Raises:
        NoTestKey: The key is of the live mode, or of another kind.
    """
    if not key:
        with serve_local_stripe() as local:
            yield local.client()
    elif key.startswith("sk_test_"):
        timeouts = stripe.RequestsClient(timeout=(3, 10))
        yield stripe.StripeClient(key, max_network_retries=2, http_client=timeouts)
    else:
        raise NoTestKey("The Stripe key", "It does not begin with sk_test_", "Use a key of Stripe's test mode")
