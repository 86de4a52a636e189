"""Local Stripe, and a shop's endpoint for its events."""

from collections.abc import Iterator

import pytest
import stripe

from lab.services.local_stripe import LocalStripe, serve_local_stripe
from tests.local_stripe.receiver import Receiver, receive
from tests.local_stripe.served import serve_briefly
from tests.local_stripe.shop import Shop


@pytest.fixture(scope="module")
def local() -> Iterator[LocalStripe]:
    """One server for the tests of a file: each makes objects of its own."""
    with serve_local_stripe(seed="tests", schedule=(0.02, 0.02), settle_seconds=None) as local:
        yield local


@pytest.fixture
def fresh() -> Iterator[LocalStripe]:
    """An empty account, which settles what waits at once."""
    with serve_briefly(schedule=(0.02, 0.02), settle_seconds=0.02) as local:
        yield local


@pytest.fixture
def client(local: LocalStripe) -> stripe.StripeClient:
    return local.client()


@pytest.fixture
def shop(local: LocalStripe) -> Shop:
    return Shop(local)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receive() as receiver:
        yield receiver
