"""The official command line triggers events: each arrives at the shop's endpoint, signed.

The program says "Trigger succeeded" when every call was answered with success, whether or not the event came.
"""

import os
import subprocess
from pathlib import Path

import pytest

from fixtures.npm_programs import NoProgram, find_program
from lab.services.local_stripe import LocalStripe
from tests.local_stripe.receiver import Receiver

TRIGGERS = [
    "checkout.session.completed", "charge.captured", "charge.failed",
    "checkout.session.async_payment_succeeded", "charge.succeeded", "charge.refund.updated",
    "checkout.session.async_payment_failed", "charge.dispute.updated", "charge.dispute.closed",
    "charge.refunded", "coupon.created", "coupon.updated",
    "charge.dispute.created", "coupon.deleted", "customer.created",
    "checkout.session.expired", "customer.updated", "payment_intent.created",
    "price.updated", "payment_intent.canceled", "payment_intent.processing",
    "product.updated", "payment_intent.requires_action", "payment_intent.amount_capturable_updated",
    "customer.deleted", "payment_method.attached", "payment_method.detached",
    "payment_intent.payment_failed", "price.created", "product.created",
    "payment_intent.succeeded", "promotion_code.created", "promotion_code.updated",
    "product.deleted",
]  # fmt: skip


@pytest.fixture(scope="session")
def program() -> Path:
    try:
        return find_program("stripe")
    except NoProgram as reason:
        pytest.skip(str(reason))


def trigger(program: Path, local: LocalStripe, event: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Trigger an event at a Local Stripe, with settings of its own and no telemetry."""
    environ = {
        **os.environ, "STRIPE_API_KEY": "sk_test_localstripe", "STRIPE_CLI_TELEMETRY_OPTOUT": "1",
        "XDG_CONFIG_HOME": str(home), "HOME": str(home),
    }  # fmt: skip
    command = [str(program), "trigger", event, "--api-base", local.url]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environ)


@pytest.mark.sample(every=3)
@pytest.mark.parametrize("event", TRIGGERS)
def test_a_triggered_event_arrives_signed(
    program: Path, fresh: LocalStripe, receiver: Receiver, tmp_path: Path, event: str
) -> None:
    endpoint = fresh.client().v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    told = trigger(program, fresh, event, tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr
    assert fresh.wait_for_deliveries()
    assert endpoint.secret is not None
    assert receiver.types(endpoint.secret).count(event) == 1


def test_a_triggered_event_that_never_comes_is_noticed(
    program: Path, fresh: LocalStripe, receiver: Receiver, tmp_path: Path
) -> None:
    """The program is content, and the endpoint has nothing: only what arrives counts."""
    endpoint = fresh.client().v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    fresh.break_next("not_generated", "product.created")
    told = trigger(program, fresh, "product.created", tmp_path)
    assert "Trigger succeeded" in told.stdout + told.stderr
    assert fresh.wait_for_deliveries()
    assert endpoint.secret is not None
    assert receiver.types(endpoint.secret) == []


def test_a_trigger_that_is_not_served_fails_and_says_why(program: Path, fresh: LocalStripe, tmp_path: Path) -> None:
    told = trigger(program, fresh, "invoice.created", tmp_path)
    assert told.returncode != 0
    assert "Local Stripe" in told.stdout + told.stderr
