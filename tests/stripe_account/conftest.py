"""An account at a Stripe of our own."""

import time
from collections.abc import Iterator

import pytest
import stripe

from lab.checks.stripe.webhooks import EVENT_TYPES
from tests.stripe_account.fake import Shop, serve
from tests.stripe_account.trial import add_session


@pytest.fixture
def shop() -> Iterator[Shop]:
    """An account in which everything is as the database says."""
    with serve(Shop()) as shop:
        shop.add("products", active=True)
        shop.add("prices", active=True, type="one_time", unit_amount=4900, currency="eur", product="products_1")
        shop.add(
            "webhook_endpoints", url="https://oracle.shop/stripe/webhook", status="enabled",
            created=int(time.time()) - 20 * 86400,
            enabled_events=list(EVENT_TYPES), api_version=stripe.api_version,
        )  # fmt: skip
        add_session(shop)
        shop.add("events", type="checkout.session.completed")
        yield shop
