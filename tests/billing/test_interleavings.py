"""Webhook, return page and reconciliation, step by step in random order: one unlock, and the state that Stripe has."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from lab.database.connect import connect
from lab.services.billing.checkout import read_checkout, read_disputes, read_refunds
from lab.services.billing.fulfil import fulfil, settle
from lab.services.billing.processing import process_events
from lab.services.billing.stripe_client import plain
from tests.billing.shops import PRICE, Shop

Step = Callable[[], object]
STORIES = 1_000
CALLERS = ("webhook", "page", "reconciliation")


def call(shop: Shop, session: str) -> Iterator[Step]:
    """Yield the steps of one caller: Stripe is read, the answer lies about for a while, then it is applied."""
    read: list[Any] = []

    def ask() -> None:
        checkout = read_checkout(shop.client, session)
        paid = checkout.payment_intent_id if checkout.state == "paid" else None
        read.append((checkout, read_refunds(shop.client, paid), read_disputes(shop.client, paid)) if paid else
                    (checkout, [], []))  # fmt: skip

    yield ask
    yield lambda: settle(shop.connection, *read[0])


def happen(shop: Shop, session: str, dice: random.Random) -> Iterator[Step]:
    """Yield what happens at Stripe meanwhile."""
    yield lambda: shop.pay(session)
    after = dice.choice(("nothing", "refund", "part", "dispute", "won"))
    if after in ("refund", "part"):
        yield lambda: shop.local.act("refund", session, **({"amount": PRICE // 2} if after == "part" else {}))
    elif after != "nothing":
        made: list[str] = []
        yield lambda: made.append(shop.local.act("dispute", session)["id"])
        if after == "won":
            yield lambda: shop.local.act("win", made[0])


def mix(stories: list[Iterator[Step]], dice: random.Random) -> Iterator[Step]:
    """Yield the steps of all stories, each in its own order, and mixed."""
    while stories:
        story = dice.choice(stories)
        step = next(story, None)
        if step is None:
            stories.remove(story)
        else:
            yield step


@pytest.mark.sample(every=25)
@pytest.mark.parametrize("start", range(0, STORIES, 20))
def test_every_interleaving_ends_in_one_unlock(shop: Shop, start: int) -> None:
    for seed in range(start, start + 20):
        dice = random.Random(seed)
        order, session = shop.begin()
        callers = [call(shop, session) for _ in CALLERS * 2]
        for step in mix([happen(shop, session, dice), *callers], dice):
            step()
        shop.fulfil(session)
        checkout = read_checkout(shop.client, session)
        refunds = read_refunds(shop.client, str(checkout.payment_intent_id))
        disputes = read_disputes(shop.client, str(checkout.payment_intent_id))
        returned = sum(one.amount_minor for one in refunds)
        locked = any(one.status in ("needs_response", "under_review") for one in disputes)
        state = "refunded" if returned == PRICE else "disputed" if locked else "paid"
        assert (seed, shop.state(order)) == (seed, (state, state == "paid"))
        won = sum(one.status == "won" for one in disputes)
        assert (seed, shop.unlocks(order) <= 1 + won) == (seed, True)
        assert (
            shop.count("select count(distinct id) from public.purchases where checkout_session_id = %s", session) == 1
        )


@pytest.mark.sample(every=20)
@pytest.mark.parametrize("turn", range(20))
def test_ten_deliveries_at_once_have_one_effect(shop: Shop, turn: int) -> None:
    """Each of about fifty events is delivered ten times at once, and four workers process at once."""
    shop.local.break_next("drop", "*", times=0)
    orders = [shop.buy()[0] for _ in range(10)]
    shop.receive()
    events = [plain(event) for event in shop.client.v1.events.list({"limit": 100}).auto_paging_iter()]
    with ThreadPoolExecutor(10) as threads:
        for event in events:
            answers = list(threads.map(lambda _, event=event: shop.endpoint.deliver(event, shop.secret), range(10)))
            assert sorted(answer.told["first"] for answer in answers) == [False] * 9 + [True]
    assert set(shop.endpoint.rows()) == {event["id"] for event in events}

    def work(place: int) -> None:
        with connect(shop.database.api_url) as connection:
            while process_events(shop.client, connection, worker=f"w:{place}", livemode=False, most=3):
                pass

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert [shop.unlocks(order) for order in orders] == [1] * 10
    assert shop.count("select count(*) from public.stripe_events where status not in ('done', 'ignored')") == 0


@pytest.mark.sample(every=10)
@pytest.mark.parametrize("seed", range(40))
def test_a_caller_that_is_killed_anywhere_loses_nothing(shop: Shop, seed: int) -> None:
    """The database ends the caller's connection at a random moment; whoever comes next finishes."""
    dice = random.Random(seed)
    order, session = shop.buy()
    with connect(shop.database.api_url) as connection:
        pid = connection.info.backend_pid
        killer = threading.Timer(dice.random() * 0.06, shop.admin.execute, ["select pg_terminate_backend(%s)", [pid]])
        killer.start()
        try:
            fulfil(shop.client, connection, session)
        except psycopg.Error:
            connection.close()
        killer.join()
    assert shop.state(order) in (("open", False), ("paid", True))
    assert shop.fulfil(session) == "unlocked"
    assert (shop.state(order), shop.unlocks(order)) == (("paid", True), 1)
