"""From the order to the unlock, one test for each case: real Postgres, the stock client, a Local Stripe.

Each case has a guard in `guards.py` without which it fails; `test_guards.py` takes it out.
"""

import random
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import stripe

from lab.database.connect import connect
from lab.services.billing.checkout import read_checkout
from lab.services.billing.fulfil import fulfil, settle
from lab.services.billing.processing import Ending, claim_events, finish_event, process_event
from lab.services.billing.sell import Order
from tests.billing.shops import PRICE, SUCCESS, Shop, add_link, add_person

DELAYED = "pm_successDelayed_de"  # a bank account whose payment waits until the test settles it


def attempt(act: Callable[[], str]) -> str:
    """Return what an act answers, or the name of its error."""
    try:
        return act()
    except (psycopg.Error, stripe.StripeError) as error:
        return type(error).__name__


def at_once(shop: Shop, session: str, racers: int = 6) -> list[str]:
    """Fulfil a session several times at once, each over a connection of its own."""

    def fulfil_once(_: int) -> str:
        with connect(shop.database.api_url) as connection:
            return attempt(lambda: fulfil(shop.client, connection, session))

    with ThreadPoolExecutor(racers) as threads:
        return list(threads.map(fulfil_once, range(racers)))


def test_case_02_two_events_one_purchase(shop: Shop) -> None:
    """Several events and several callers at once unlock a purchase once."""
    order, session = shop.buy()
    assert at_once(shop, session) == ["unlocked"] * 6
    assert {ending.outcome for ending in shop.deliver().values()} <= {"done", "ignored"}
    assert (shop.state(order), shop.unlocks(order)) == (("paid", True), 1)
    jobs = (
        "select count(*) from public.delivery_jobs where purchase_id = %s and channel = 'receipt' and leg = 'account'"
    )
    assert shop.count(jobs, order) == 1


def test_case_04_webhook_redirect_or_neither(shop: Shop) -> None:
    """The return page, the webhook, both in either order, or the webhook alone: each unlocks once."""
    for steps in (("page",), ("webhook",), ("page", "webhook"), ("webhook", "page")):
        order, session = shop.buy()
        for step in steps:
            assert shop.fulfil(session) == "unlocked" if step == "page" else shop.deliver()
        assert (shop.state(order), shop.unlocks(order)) == (("paid", True), 1)


def test_case_03_events_out_of_order(shop: Shop) -> None:
    """In whatever order its events arrive, a purchase ends as Stripe has it now."""
    dice = random.Random(20261129)
    for _ in range(6):
        order, session = shop.buy()
        assert shop.fulfil(session) == "unlocked"
        shop.local.act("refund", session)
        shop.receive()
        waiting = [
            row[0] for row in shop.admin.execute("select id from public.stripe_events where status = 'received'")
        ]
        dice.shuffle(waiting)
        for place, event in enumerate(waiting):
            shop.admin.execute(
                "update public.stripe_events set next_attempt_at = now() - make_interval(secs => %s) where id = %s",
                [len(waiting) - place, event],
            )
        shop.process(hurry=False)
        assert shop.state(order) == ("refunded", False)


def test_case_05_same_second(shop: Shop) -> None:
    """What was read before, and is applied after, sets nothing back, though both are of one second."""
    order, session = shop.begin()
    shop.pay(session, DELAYED)
    waiting = read_checkout(shop.client, session)
    shop.local.act("settle", session)
    paid = read_checkout(shop.client, session)
    assert (waiting.state, paid.state) == ("processing", "paid")
    for one in (waiting, paid, waiting, replace(waiting, state="failed"), replace(waiting, state="expired")):
        assert settle(shop.connection, one, [], []) in ("processing", "unlocked", "paid")
    assert (shop.state(order), shop.unlocks(order)) == (("paid", True), 1)


def begin_discounted(shop: Shop, percent: int) -> tuple[uuid.UUID, str]:
    """Begin a sale with a discount; returns the order and the session."""
    order = uuid.uuid4()
    shop.admin.execute("select public.open_purchase(%s, %s, %s)", [order, shop.link, shop.person])
    coupon = shop.client.v1.coupons.create({"percent_off": percent, "duration": "once"})
    session = shop.client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [{"price": shop.price, "quantity": 1}],
            "discounts": [{"coupon": coupon.id}],
            "client_reference_id": str(order),
            "success_url": SUCCESS,
        }
    )
    return order, session.id


def change_lines(shop: Shop, session: str, order: uuid.UUID, **changes: Any) -> str:
    """Settle a paid session with other lines than were ordered."""
    checkout = read_checkout(shop.client, session)
    assert checkout.order_id == order
    return settle(shop.connection, replace(checkout, **changes), [], [])


def test_case_13_unknown_price(shop: Shop) -> None:
    """Money for a price that nobody declared does not vanish: it waits for a person."""
    order, session = shop.buy()
    assert change_lines(shop, session, order, price_ids=["price_unknown"]) == "review"
    assert (shop.state(order), shop.reviews()) == (("paid", False), {"unknown_price"})
    assert shop.fulfil(session) == "paid"
    assert shop.state(order) == ("paid", False)


def test_case_14_price_changed_or_archived(shop: Shop) -> None:
    """A price that was archived after the order stays connected, and its buyer gets what they paid for."""
    order, session = shop.buy()
    shop.client.v1.prices.update(shop.price, {"active": False})
    shop.admin.execute("update public.purchase_links set active = false where id = %s", [shop.link])
    assert shop.fulfil(session) == "unlocked"
    other = shop.client.v1.prices.create({"product": str(_product(shop)), "unit_amount": 5900, "currency": "eur"})
    newer = add_link(shop.admin, _product(shop), other.id, 5900)
    second, paid = shop.buy(purchase_link_id=newer)
    assert change_lines(shop, paid, second, price_ids=[shop.price]) == "review"
    assert (shop.state(order), shop.state(second)) == (("paid", True), ("paid", False))
    assert shop.reviews() == {"price_differs"}


def _product(shop: Shop) -> str:
    return str(shop.client.v1.prices.retrieve(shop.price).product)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"subtotal_minor": PRICE - 1}, "amount_differs"),
        ({"currency": "usd"}, "currency_differs"),
        ({"livemode": True}, "mode_differs"),
    ],
)
def test_an_amount_that_differs_waits_for_a_person(shop: Shop, changes: dict[str, object], reason: str) -> None:
    order, session = shop.buy()
    assert change_lines(shop, session, order, **changes) == "review"
    assert (shop.state(order), shop.reviews()) == (("paid", False), {reason})


def test_case_15_amount_or_currency_differs(shop: Shop) -> None:
    """The sum of the lines is compared with the order; a discount alone is no difference."""
    order, session = begin_discounted(shop, 50)
    shop.pay(session)
    assert shop.fulfil(session) == "unlocked"
    assert (shop.state(order), shop.purchase(order)["received_minor"]) == (("paid", True), PRICE // 2)
    second, paid = shop.buy()
    assert change_lines(shop, paid, second, subtotal_minor=PRICE - 1) == "review"
    assert (shop.state(second), shop.reviews()) == (("paid", False), {"amount_differs"})


def test_case_16_more_than_one_piece(shop: Shop) -> None:
    """The number of pieces is that of the order; any other waits for a person."""
    order, session = shop.buy(quantity=2)
    assert shop.fulfil(session) == "unlocked"
    assert shop.purchase(order)["received_minor"] == 2 * PRICE
    second, paid = shop.buy()
    assert change_lines(shop, paid, second, quantities=[2], subtotal_minor=2 * PRICE) == "review"
    assert (shop.state(second), shop.reviews()) == (("paid", False), {"quantity_differs"})


def test_case_22_completed_but_unpaid(shop: Shop) -> None:
    """A completed checkout whose money is on its way unlocks nothing."""
    order, session = shop.begin()
    shop.pay(session, DELAYED)
    assert shop.session(session)["status"] == "complete"
    shop.deliver()
    assert (shop.fulfil(session), shop.state(order)) == ("processing", ("processing", False))


def test_case_23_delayed_payment_succeeds_or_fails(shop: Shop) -> None:
    """A delayed payment that arrives unlocks, one that fails does not, and a late failure undoes nothing."""
    order, session = shop.begin()
    shop.pay(session, DELAYED)
    shop.deliver()
    shop.local.act("settle", session)
    shop.deliver()
    assert shop.state(order) == ("paid", True)
    assert settle(shop.connection, replace(read_checkout(shop.client, session), state="failed"), [], []) == "paid"
    assert shop.state(order) == ("paid", True)
    other, late = shop.begin()
    shop.pay(late, DELAYED)
    shop.local.act("fail", late)
    shop.deliver()
    assert shop.state(other) == ("failed", False)


def test_case_24_nothing_is_due(shop: Shop) -> None:
    """Who pays nothing, because of a discount of the whole price, gets what they ordered."""
    order, session = begin_discounted(shop, 100)
    shop.pay(session)
    assert shop.session(session)["payment_status"] == "no_payment_required"
    shop.deliver()
    assert (shop.state(order), shop.purchase(order)["payment_intent_id"]) == (("paid", True), None)


def test_case_25_session_expires(shop: Shop) -> None:
    """An expired checkout ends the purchase, and never touches one that was paid."""
    order, session = shop.begin()
    shop.local.act("expire", session)
    shop.deliver()
    assert shop.state(order) == ("expired", False)
    paid, done = shop.buy()
    shop.deliver()
    assert settle(shop.connection, replace(read_checkout(shop.client, done), state="expired"), [], []) == "paid"
    assert shop.state(paid) == ("paid", True)


def test_case_26_customer_is_deleted(shop: Shop) -> None:
    """A purchase does not depend on the customer at Stripe."""
    order, session = shop.buy()
    shop.deliver()
    customer = shop.client.v1.customers.create({"email": "somebody@example.test"})
    shop.client.v1.customers.delete(customer.id)
    assert set(shop.deliver().values()) == {Ending("ignored")}
    assert (shop.fulfil(session), shop.state(order)) == ("unlocked", ("paid", True))


def test_case_27_reference_is_missing(shop: Shop) -> None:
    """Without a reference the session's own id finds the order; without an order the event is tried again."""
    order, session = shop.buy()
    assert change_lines_without_order(shop, session) == "unlocked"
    assert shop.state(order) == ("paid", True)
    foreign = shop.client.v1.checkout.sessions.create(
        {"mode": "payment", "line_items": [{"price": shop.price, "quantity": 1}], "success_url": "https://a.example/"}
    )
    shop.pay(foreign.id)
    endings = shop.deliver()
    assert {(e.outcome, e.error_class) for e in endings.values()} >= {("failed", "order.unknown")}
    assert shop.count("select count(*) from public.stripe_events where status = 'failed'") >= 1


def change_lines_without_order(shop: Shop, session: str) -> str:
    """Settle a session that names no order."""
    return settle(shop.connection, replace(read_checkout(shop.client, session), order_id=None), [], [])


def test_an_event_before_its_order_is_kept_and_tried_again(shop: Shop) -> None:
    """The order is committed after the payment: nothing is lost, and nothing has to be sent again."""
    order = uuid.uuid4()
    early = shop.client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [{"price": shop.price, "quantity": 1}],
            "success_url": "https://a.example/",
            "client_reference_id": str(order),
        }
    )
    shop.pay(early.id)
    assert "order.unknown" in {ending.error_class for ending in shop.deliver().values()}
    with shop.admin.transaction():
        shop.admin.execute("select public.open_purchase(%s, %s, %s)", [order, shop.link, shop.person])
    assert {ending.outcome for _, ending in shop.process()} == {"done"}
    assert (shop.state(order), shop.unlocks(order)) == (("paid", True), 1)


def test_an_order_that_is_paid_twice_waits_for_a_person(shop: Shop) -> None:
    """The key of the first attempt has expired, so that Stripe made a second checkout, and both were paid."""
    order, first = shop.buy()
    second = shop.client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [{"price": shop.price, "quantity": 1}],
            "success_url": SUCCESS,
            "client_reference_id": str(order),
        }
    ).id
    assert (shop.fulfil(second), shop.reviews()) == ("unknown", set())
    shop.pay(second)
    assert (shop.fulfil(first), shop.fulfil(second), shop.fulfil(second)) == ("unlocked", "review", "review")
    assert (shop.reviews(), shop.unlocks(order)) == ({"second_payment"}, 1)


@pytest.mark.parametrize("session", ["", "cs_test_../../v1/charges", "cs_test_1?expand=x", "pi_1", "cs_test_é", "\n"])
def test_a_return_page_asks_stripe_only_for_sessions(shop: Shop, session: str) -> None:
    shop.local.break_next("error", "*", times=0)
    assert shop.fulfil(session) == "unknown"


def test_case_29_buyer_and_recipient_differ(shop: Shop) -> None:
    """Who it is for stands on the order before the checkout; the payer's address decides nothing."""
    recipient = add_person(shop.admin)
    order, session = shop.begin(recipient=recipient)
    shop.local.act("pay", session, payment_method="pm_card_visa", email=f"{shop.person}@example.test")
    shop.deliver()
    row = shop.purchase(order)
    assert (row["buyer_subject_id"], row["recipient_subject_id"]) == (shop.person, recipient)
    again = Order(order_id=order, purchase_link_id=shop.link, buyer=shop.person, recipient=shop.person)
    assert attempt(lambda: shop.open(again).session_id) == "InvalidParameterValue"


def test_case_30_crash_between_recording_and_work(shop: Shop) -> None:
    """A worker that is killed after its claim, or before it says so, loses nothing: the lease ends."""
    order, _ = shop.buy()
    shop.receive()
    claimed = claim_events(shop.connection, "killed:1", livemode=False, most=100)
    assert claimed
    assert shop.process() == []
    process_event(shop.client, shop.connection, claimed[0])
    shop.admin.execute("update public.stripe_events set next_attempt_at = now(), lease_until = now()")
    again = claim_events(shop.connection, "next:1", livemode=False, most=100)
    assert {event.id for event in again} == {event.id for event in claimed}
    assert not any(finish_event(shop.connection, event, Ending("done")) for event in claimed)
    endings = [process_event(shop.client, shop.connection, event) for event in again]
    assert all(finish_event(shop.connection, *ended) for ended in zip(again, endings, strict=True))
    assert (shop.state(order), shop.unlocks(order)) == (("paid", True), 1)


def test_case_41_response_is_lost(shop: Shop) -> None:
    """The answer to a new checkout is lost: the next attempt gets the same session."""
    order = Order(order_id=uuid.uuid4(), purchase_link_id=shop.link, buyer=shop.person)
    shop.local.break_next("lose_response", "POST /v1/checkout/sessions*", times=9)
    assert attempt(lambda: shop.open(order).session_id) == "APIConnectionError"
    with shop.local.store.lock:
        shop.local.store.faults.clear()
    session = shop.open(order).session_id
    assert _sessions(shop) == [session]
    assert shop.purchase(order.order_id)["checkout_session_id"] == session


def _sessions(shop: Shop) -> Sequence[str]:
    return [session.id for session in shop.client.v1.checkout.sessions.list().auto_paging_iter()]


def test_case_42_stripe_is_down_during_the_return(shop: Shop) -> None:
    """While Stripe cannot be asked, the order stands; the webhook's event is tried again and unlocks it."""
    order, session = shop.buy()
    shop.receive()
    shop.local.break_next("error", "GET /v1/*", times=0, status=500)
    assert attempt(lambda: shop.fulfil(session)) == "APIError"
    assert {ending.outcome for _, ending in shop.process()} <= {"failed", "ignored"}
    assert shop.state(order) == ("open", False)
    with shop.local.store.lock:
        shop.local.store.faults.clear()
    shop.process()
    assert (shop.state(order), shop.unlocks(order)) == (("paid", True), 1)
