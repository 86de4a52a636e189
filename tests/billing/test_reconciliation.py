"""What never arrived is found at Stripe and settled: one test for each case."""

import uuid
from datetime import UTC, datetime, timedelta

from lab.services.billing.event_store import record_missing
from lab.services.billing.reconcile import Reconciliation, reconcile
from tests.billing.shops import SUCCESS, Shop


def compare(shop: Shop, *, apply: bool = False, days: int = 60) -> Reconciliation:
    """Reconcile the last days."""
    since = datetime.now(UTC) - timedelta(days=days)
    return reconcile(
        shop.client, shop.connection, since=since, apply=apply, record=record_missing(shop.database.api_url)
    )


def kinds(found: Reconciliation) -> set[str]:
    """Return the kinds of what differs."""
    return {one.kind for one in found.differences}


def lose_events(shop: Shop, kind: str = "not_generated") -> None:
    """Let no event arrive from now on."""
    shop.local.break_next(kind, "*", times=0)


def heal(shop: Shop) -> None:
    """Let everything work again."""
    with shop.local.store.lock:
        shop.local.store.faults.clear()


def settle_all(shop: Shop, order: uuid.UUID) -> None:
    """Reconcile: the dry run changes nothing, the real one settles everything, and then nothing is left."""
    assert kinds(compare(shop)) >= {"session"}
    assert shop.state(order) == ("open", False)
    assert compare(shop, apply=True).left == ()
    assert (shop.state(order), shop.unlocks(order)) == (("paid", True), 1)
    assert compare(shop).differences == ()


def test_case_33_retries_end(shop: Shop) -> None:
    """Every attempt to deliver fails, however Stripe plans them; what was paid is found all the same."""
    lose_events(shop, "drop")
    order, _ = shop.buy()
    shop.receive()
    assert shop.count("select count(*) from public.stripe_events") == 0
    heal(shop)
    settle_all(shop, order)


def test_case_34_endpoint_is_disabled(shop: Shop) -> None:
    """No event is sent to a disabled endpoint, and none later."""
    endpoint = shop.client.v1.webhook_endpoints.list().data[0]
    shop.local.act("disable", endpoint.id)
    order, _ = shop.buy()
    assert shop.deliver() == {}
    settle_all(shop, order)


def test_case_35_missed_events(shop: Shop) -> None:
    """An event that never arrived is recorded from Stripe's own list, and processed once."""
    lose_events(shop, "drop")
    order, _ = shop.buy()
    shop.receive()
    heal(shop)
    assert kinds(compare(shop)) == {"session", "event"}
    compare(shop, apply=True)
    recorded = {row[0] for row in shop.admin.execute("select id from public.stripe_events")}
    assert recorded == shop.events()
    shop.process()
    assert (shop.state(order), shop.unlocks(order)) == (("paid", True), 1)


def test_case_36_delivered_but_lost(shop: Shop) -> None:
    """Stripe counts an event as delivered that is not in the database: it is compared all the same."""
    order, session = shop.buy()
    shop.receive()
    with shop.admin.transaction():
        shop.admin.execute("set local session_replication_role = replica")
        shop.admin.execute("alter table public.stripe_events disable trigger user")
        shop.admin.execute("delete from public.stripe_events")
        shop.admin.execute("alter table public.stripe_events enable trigger user")
        shop.admin.execute("alter table public.stripe_events enable always trigger stripe_events_kept")
    assert {one.id for one in compare(shop).differences} == {session, *shop.events()}
    settle_all(shop, order)


def test_case_37_event_never_generated(shop: Shop) -> None:
    """Without any event, the sessions, refunds and disputes themselves tell what happened."""
    lose_events(shop)
    order, session = shop.buy()
    settle_all(shop, order)
    shop.local.act("refund", session)
    assert {(one.kind, one.here) for one in compare(shop).differences} == {("refund", None)}
    compare(shop, apply=True)
    assert shop.state(order) == ("refunded", False)
    disputed, session = shop.buy()
    shop.local.act("dispute", session)
    compare(shop, apply=True)
    assert shop.state(disputed) == ("disputed", False)
    assert compare(shop).differences == ()


def test_money_without_an_order_waits_for_a_person(shop: Shop) -> None:
    foreign = shop.client.v1.checkout.sessions.create(
        {"mode": "payment", "line_items": [{"price": shop.price, "quantity": 1}], "success_url": SUCCESS}
    )
    shop.pay(foreign.id)
    found = compare(shop, apply=True)
    assert {(one.kind, one.outcome) for one in found.left} == {("session", "unknown")}
    assert shop.reviews() == {"unknown_order"}
    compare(shop, apply=True)
    assert shop.count("select count(*) from public.payment_reviews") == 1
