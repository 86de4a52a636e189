"""Starting Local Stripe: as a program, on a port of choice, and in place of Stripe's test mode."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import stripe

from lab.services import local_stripe
from lab.services.local_stripe import NoTestKey, open_test_stripe, serve_local_stripe
from lab.services.serving import PortTaken
from lab.text.product_files import PROJECT
from tests.test_code import imports_of


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_program_serves_until_it_is_interrupted(ending: signal.Signals) -> None:
    """Also as a background job, which begins with SIGINT ignored."""
    command = [sys.executable, "-m", "lab.services.local_stripe", "--seed", "demo"]
    background = ["bash", "-c", "trap '' INT; exec \"$@\"", "job", *command]
    with subprocess.Popen(background, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        line = program.stdout.readline()
        url, key = re.findall(r"http://\S+|sk_test_\w+", line)
        client = stripe.StripeClient(key, base_addresses={"api": url})
        assert client.v1.balance.retrieve().livemode is False
        assert "No money moves" in line
        program.send_signal(ending)
        assert program.wait(10) == 0


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)), serve_local_stripe(port=port):
            pass
        command = [sys.executable, "-m", "lab.services.local_stripe", "--port", str(port)]
        told = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
        assert (told.returncode, told.stdout, told.stderr.startswith("error: Port")) == (2, "", True)


def test_a_port_is_free_again_after_the_block() -> None:
    with serve_local_stripe() as first:
        port = int(first.url.rpartition(":")[2])
        first.client().v1.balance.retrieve()
    with serve_local_stripe(port=port) as second:
        assert second.client().v1.customers.list().data == []


def test_it_listens_on_this_machine_alone() -> None:
    with serve_local_stripe() as local, socket.socket() as elsewhere:
        port = int(local.url.rpartition(":")[2])
        elsewhere.settimeout(1)
        assert elsewhere.connect_ex(("127.0.0.2", port)) != 0


@pytest.mark.parametrize("key", ["sk_live_x", "pk_test_x", "rk_live_x"])
def test_a_key_of_the_live_mode_is_refused(key: str) -> None:
    with pytest.raises(NoTestKey) as refused, open_test_stripe(key):
        pass
    assert key not in str(refused.value)


def test_a_test_key_leads_to_stripe() -> None:
    """Nothing is sent: where the client would call is enough."""
    with open_test_stripe("sk_test_x") as client:
        addresses: Any = client._requestor._options.base_addresses
        assert "127.0.0.1" not in str(addresses)


def test_its_names_are_listed() -> None:
    assert all(hasattr(local_stripe, name) for name in local_stripe.__all__)


def test_it_knows_nothing_of_the_product() -> None:
    """It is a stand-in for Stripe: the product's own rules would let it err as they do."""
    folder = Path(local_stripe.__file__).parent
    imported = set().union(*(imports_of(path) for path in folder.glob("*.py")))
    ours = {name for name in imported if name.startswith("lab.")}
    known = ("lab.services.local_stripe.", "lab.services.serving.", "lab.text.")
    assert {name for name in ours if not name.startswith(known)} == set()


# The same sentences at Stripe's test mode and here; the environment's key chooses.
KEY_VARIABLE = "LOCAL_STRIPE_TEST_KEY"


@pytest.fixture(scope="module", params=["local", "stripe"])
def either(request: pytest.FixtureRequest) -> Any:
    key = os.environ.get(KEY_VARIABLE) if request.param == "stripe" else None
    if request.param == "stripe" and not key:
        pytest.skip(f"{KEY_VARIABLE} has no key of Stripe's test mode, so nothing was compared with Stripe itself")
    with open_test_stripe(key) as client:
        yield client


def test_amounts_of_prices_are_refused_alike(either: Any) -> None:
    product = either.v1.products.create({"name": "Sealed scroll"})
    price = either.v1.prices.create({"product": product.id, "unit_amount": 4900, "currency": "eur"})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        either.v1.prices.update(price.id, {"unit_amount": 1})
    assert (refused.value.http_status, refused.value.code) == (400, "parameter_unknown")


def test_refunds_are_refused_alike(either: Any) -> None:
    given = {"amount": 4900, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}
    intent = either.v1.payment_intents.create({**given, "payment_method_types": ["card"]})
    either.v1.refunds.create({"payment_intent": intent.id, "amount": 1000})
    with pytest.raises(stripe.InvalidRequestError):
        either.v1.refunds.create({"payment_intent": intent.id, "amount": 3901})
    either.v1.refunds.create({"payment_intent": intent.id, "amount": 3900})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        either.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"
    charge = either.v1.charges.retrieve(intent.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (4900, True)


def test_sessions_begin_and_expire_alike(either: Any) -> None:
    product = either.v1.products.create({"name": "Sealed scroll"})
    price = either.v1.prices.create({"product": product.id, "unit_amount": 4900, "currency": "eur"})
    session = either.v1.checkout.sessions.create({
        "mode": "payment", "line_items": [{"price": price.id, "quantity": 2}], "success_url": "https://shop.example/",
        "expand": ["line_items"],
    })  # fmt: skip
    shown = (session.status, session.payment_status, session.payment_intent, session.amount_total)
    assert shown == ("open", "unpaid", None, 9800)
    assert [line.amount_total for line in session.line_items.data] == [9800]
    assert either.v1.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        either.v1.checkout.sessions.expire(session.id)


def test_idempotency_keys_are_kept_alike(either: Any) -> None:
    key = {"idempotency_key": f"local-stripe-{os.urandom(8).hex()}"}
    first = either.v1.customers.create({"description": "once"}, key)
    assert either.v1.customers.create({"description": "once"}, key).id == first.id
    with pytest.raises(stripe.IdempotencyError):
        either.v1.customers.create({"description": "twice"}, key)
    either.v1.customers.delete(first.id)
    assert either.v1.customers.retrieve(first.id).deleted
