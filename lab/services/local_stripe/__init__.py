"""A Stripe of one's own, for demos, tests and rehearsals of a shop that sells one-time products by Checkout.

It keeps one made-up account in memory and listens on this machine alone. It speaks the API of version
2026-10-28.endive as far as such a shop needs it; everything else is refused, with a sentence that says so. No money
moves, and nothing of it is Stripe.

    with serve_local_stripe() as local:
        client = local.client()  # stripe.StripeClient(local.key, base_addresses={"api": local.url})
        session = client.v1.checkout.sessions.create(...)  # session.url is a page to pay on
        local.act("pay", session.id)  # or by a script: a POST to /_local/pay/ID
        local.break_next("drop", "checkout.session.completed", times=2)

The official command line drives it as well: `STRIPE_API_KEY=sk_test_localstripe stripe trigger EVENT --api-base URL`.
"""

from lab.services.local_stripe.actions import ACTIONS
from lab.services.local_stripe.client import NoTestKey, open_test_stripe
from lab.services.local_stripe.faults import Fault, WrongFault
from lab.services.local_stripe.server import LOCAL_KEY, LocalStripe, serve_local_stripe

__all__ = [
    "ACTIONS",
    "LOCAL_KEY",
    "Fault",
    "LocalStripe",
    "NoTestKey",
    "WrongFault",
    "open_test_stripe",
    "serve_local_stripe",
]
