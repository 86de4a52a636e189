"""What waits for an operator: each kind is shown with its next step, and each act is carried out once and audited."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import psycopg
import pytest

from lab.checks.data.questions import read_question
from lab.database.connect import connect
from lab.rules import RULES
from lab.rules.invariants.money import paid_not_unlocked, payment_reviews_waiting
from lab.rules.model import OperatorAct
from lab.rules.tables.money_back import LOCKING_REASONS
from lab.rules.waiting import ACTS, WAITING, dismiss, leave, refund, replay, settle, unlock
from lab.services.billing.operate import UnknownSubject, carry_out, settle_again
from lab.services.billing.overview import LISTS, Payments, WaitingItem, read_payments
from tests.billing.shops import PRICE, Shop
from tests.billing.test_sales import DELAYED


def read(shop: Shop) -> Payments:
    """Read what operators see."""
    return read_payments(shop.database.url)


def waiting(shop: Shop) -> dict[str, WaitingItem]:
    """Return what waits by its kind."""
    items = read(shop).waiting
    assert items is not None
    return {item.waiting.id: item for item in items}


def act(shop: Shop, one: OperatorAct, id: str) -> bool:
    """Carry out an act as the product does."""
    with connect(shop.database.url) as connection:
        return carry_out(connection, one, id)


def audits(shop: Shop, action: str) -> list[tuple[str, str]]:
    """Return who did it to what, for each line of the audit trail."""
    lines = "select actor_kind, object_id from public.admin_audit_events where action = %s order by id"
    return [(row[0], row[1]) for row in shop.admin.execute(lines, [action])]


def review(shop: Shop, reason: str) -> uuid.UUID:
    """Buy, and open a review."""
    order, session = shop.buy()
    shop.deliver()
    shop.admin.execute("select public.review_payment(%s, %s, %s)", [session, reason, order])
    return order


def disputed(shop: Shop) -> uuid.UUID:
    order, session = shop.buy()
    shop.local.act("dispute", session)
    shop.deliver()
    return order


def refund_decided(shop: Shop) -> uuid.UUID:
    order = review(shop, "fraud_warning")
    assert act(shop, refund, waiting(shop)["fraud_warning"].id)
    return order


def force(shop: Shop, table: str, sets: str, *values: Any) -> None:
    """Write into a table past its triggers."""
    shop.admin.execute(f"alter table public.{table} disable trigger user".encode())
    shop.admin.execute(f"update public.{table} set {sets}".encode(), values)
    shop.admin.execute(f"alter table public.{table} enable trigger user".encode())


def event(shop: Shop, status: str, attempts: int) -> uuid.UUID:
    order, _ = shop.buy()
    shop.deliver()
    sets = "status = %s, attempts = %s, error_class = 'stripe.error' where type = 'checkout.session.completed'"
    force(shop, "stripe_events", sets, status, attempts)
    return order


def locked(shop: Shop) -> uuid.UUID:
    order, _ = shop.buy()
    shop.deliver()
    force(shop, "purchases", "unlocked_at = null where id = %s", order)
    return order


def pending(shop: Shop) -> uuid.UUID:
    order, _ = shop.buy(DELAYED)
    shop.deliver()
    force(shop, "purchases", "created_at = now() - interval '15 days' where id = %s", order)
    return order


REASONS = RULES.table("payment_reviews").column("reason").allowed
MAKERS: dict[str, Callable[[Shop], uuid.UUID]] = {
    **{reason: partial(review, reason=reason) for reason in REASONS},
    "dispute_open": disputed,
    "refund_due": refund_decided,
    "event_stopped": lambda shop: event(shop, "needs_review", 1),
    "event_failing": lambda shop: event(shop, "failed", 5),
    "paid_and_locked": locked,
    "payment_pending": pending,
}


def test_everything_that_waits_has_a_case() -> None:
    assert set(MAKERS) == {kind.id for kind in WAITING}


@pytest.mark.parametrize("kind", [kind.id for kind in WAITING])
def test_it_waits_with_what_an_operator_needs(shop: Shop, kind: str) -> None:
    assert read(shop).waiting == ()
    order = MAKERS[kind](shop)
    found = waiting(shop)
    assert set(found) == {kind}
    item = found[kind]
    assert (item.purchase_id, item.livemode, item.session_id) == (
        order,
        False,
        shop.purchase(order)["checkout_session_id"],
    )
    assert item.waiting.acts
    assert all(item.subject_of(one) for one in item.waiting.acts)


NEAR: dict[str, Callable[[Shop], object]] = {
    "a purchase as it should be": lambda shop: (shop.buy(), shop.deliver()),
    "an open checkout": lambda shop: shop.begin(),
    "a delayed payment of today": lambda shop: (shop.buy(DELAYED), shop.deliver()),
    "an event that has failed four times": lambda shop: event(shop, "failed", 4),
    "a dispute that was won": lambda shop: (
        shop.local.act("win", shop.local.act("dispute", shop.buy()[1])["id"]),
        shop.deliver(),
    ),
}


@pytest.mark.parametrize("name", NEAR)
def test_what_comes_near_does_not_wait(shop: Shop, name: str) -> None:
    NEAR[name](shop)
    assert read(shop).waiting == ()


# Acts -------------------------------------------------------------------------------------------------


def test_a_payment_that_differs_is_locked_until_it_is_unlocked_once(shop: Shop) -> None:
    order = review_of_a_locked_purchase(shop)
    item = waiting(shop)["amount_differs"]
    assert [act(shop, unlock, item.id) for _ in range(3)] == [True, False, False]
    assert (shop.state(order), shop.unlocks(order)) == (("paid", True), 1)
    assert audits(shop, "review.decided") == [("operator", item.id)]
    assert read(shop).waiting == ()


def review_of_a_locked_purchase(shop: Shop) -> uuid.UUID:
    """Pay another amount than the one that was ordered."""
    order, session = shop.begin()
    settled = "select public.settle_purchase(%s, 'paid', false, array[%s], array[1], %s, %s, 'eur', %s, 'pi_1', 'ch_1')"
    shop.admin.execute(settled, [session, shop.price, PRICE - 1, PRICE - 1, order])
    assert shop.state(order) == ("paid", False)
    return order


def test_ten_operators_at_once_unlock_once(shop: Shop) -> None:
    order = review_of_a_locked_purchase(shop)
    id = waiting(shop)["amount_differs"].id
    with ThreadPoolExecutor(10) as pool:
        done = list(pool.map(lambda _: act(shop, unlock, id), range(10)))
    assert (sorted(done), shop.unlocks(order)) == ([False] * 9 + [True], 1)
    assert len(audits(shop, "review.decided")) == 1


@pytest.mark.parametrize(("one", "left"), [(refund, {"refund_due"}), (leave, set())], ids=["refund", "leave"])
def test_other_decisions_unlock_nothing(shop: Shop, one: OperatorAct, left: set[str]) -> None:
    order = review_of_a_locked_purchase(shop)
    assert act(shop, one, waiting(shop)["amount_differs"].id)
    assert (shop.state(order), set(waiting(shop))) == (("paid", False), left)


def test_a_decided_refund_waits_until_it_is_made(shop: Shop) -> None:
    order, session = shop.buy()
    shop.deliver()
    shop.admin.execute("select public.review_payment(%s, 'fraud_warning', %s)", [session, order])
    act(shop, refund, waiting(shop)["fraud_warning"].id)
    assert set(waiting(shop)) == {"refund_due"}
    shop.local.act("refund", session)
    item = waiting(shop)["refund_due"]
    with connect(shop.database.url) as connection:
        assert [settle_again(shop.client, connection, item.subject_of(settle)) for _ in range(2)] == [True, False]
    assert (shop.state(order), read(shop).waiting) == (("refunded", False), ())
    assert audits(shop, "payment.retried") == [("operator", session)] * 2


@pytest.mark.parametrize("decision", ["unlock", "nonsense"])
def test_what_is_not_paid_is_not_unlocked(shop: Shop, decision: str) -> None:
    order = review(shop, "refund_failed")
    shop.local.act("refund", shop.purchase(order)["checkout_session_id"])
    shop.deliver()
    id = waiting(shop)["refund_failed"].id
    with pytest.raises(psycopg.Error, match=r"only a paid purchase|unknown decision"):
        act(shop, unlock.model_copy(update={"decision": decision}), id)
    assert (shop.state(order), audits(shop, "review.decided")) == (("refunded", False), [])
    assert set(waiting(shop)) == {"refund_failed"}


def test_a_payment_without_an_order_cannot_be_unlocked(shop: Shop) -> None:
    shop.admin.execute("select public.review_payment('cs_test_1', 'unknown_order')")
    with pytest.raises(psycopg.Error, match="only a paid purchase"):
        act(shop, unlock, waiting(shop)["unknown_order"].id)


def test_an_event_is_replayed_once_and_then_has_its_effect(shop: Shop) -> None:
    order, _ = shop.buy()
    shop.receive()
    held = "update public.stripe_events set status = 'needs_review', error_class = 'stripe.missing'"
    shop.admin.execute(held)
    ids = {item.id for item in read(shop).waiting or ()}
    assert {act(shop, replay, id) for id in ids} == {True}
    assert {act(shop, replay, id) for id in ids} == {False}
    shop.process()
    assert (shop.state(order), shop.unlocks(order), read(shop).waiting) == (("paid", True), 1, ())
    assert {(who, id) for who, id in audits(shop, "event.replayed")} == {("operator", id) for id in ids}


def test_an_event_is_dismissed_once_and_has_no_effect(shop: Shop) -> None:
    event(shop, "needs_review", 1)
    id = waiting(shop)["event_stopped"].id
    assert [act(shop, one, id) for one in (dismiss, dismiss, replay)] == [True, False, False]
    assert shop.process() == []
    assert audits(shop, "event.dismissed") == [("operator", id)]


def test_an_event_that_is_processed_cannot_be_dismissed(shop: Shop) -> None:
    shop.buy()
    shop.receive()
    id = shop.count("select id from public.stripe_events limit 1")
    assert [act(shop, one, id) for one in (dismiss, replay)] == [False, False]


@pytest.mark.parametrize(
    ("one", "id"),
    [
        (unlock, "x"),
        (unlock, "evt_1"),
        (replay, "'; drop table x"),
        (replay, "0d000000-0000-4000-8000-000000000001"),
        (dismiss, ""),
    ],
)
def test_an_id_of_another_kind_is_refused(shop: Shop, one: OperatorAct, id: str) -> None:
    with pytest.raises(UnknownSubject, match="is no id of"):
        act(shop, one, id)


def test_nothing_is_asked_of_stripe_for_what_is_no_session(shop: Shop) -> None:
    with connect(shop.database.url) as connection, pytest.raises(UnknownSubject):
        settle_again(shop.client, connection, "pi_1")


# What is seen -----------------------------------------------------------------------------------------


def test_no_list_has_a_personal_field(shop: Shop) -> None:
    """No person, address or question is in any cell, and no column of that class in any list."""
    scroll = uuid.uuid4()
    question = "insert into public.oracle_scrolls (id, subject_id, question) values (%s, %s, 'Will it rain?')"
    shop.admin.execute(question, [scroll, shop.person])
    disputed(shop)
    order, session = shop.buy(scroll_id=scroll)
    shop.local.act("refund", session, amount=10)
    shop.deliver()
    review(shop, "fraud_warning")
    found = read(shop)
    assert (set(found.lists), found.unread) == (set(LISTS), {})
    assert all(found.lists[name].rows for name in LISTS)
    told = repr(found)
    assert str(order) in told
    assert all(private not in told for private in (str(shop.person), str(scroll), "example.test", "Will it rain"))


def test_lists_hold_the_newest_rows_and_count_the_others(shop: Shop) -> None:
    orders = [str(shop.begin()[0]) for _ in range(3)]
    listed = read_payments(shop.database.url, most=2).lists["purchases"]
    assert ([row["id"] for row in listed.rows], listed.total) == (orders[:0:-1], 3)


def test_reading_changes_nothing_and_needs_no_more_than_an_operator_has(shop: Shop) -> None:
    shop.admin.execute("revoke all on all tables in schema operations from oracle_operator")
    found = read(shop)
    assert (found.waiting, found.lists, set(found.unread)) == (None, {}, {"waiting", *LISTS})
    assert "may not read" in found.unread["waiting"]


def test_a_review_that_keeps_a_purchase_locked_is_no_lost_unlock(shop: Shop) -> None:
    """The buyer waits for a person, which another invariant counts after a day."""
    order = review_of_a_locked_purchase(shop)
    force(shop, "purchases", "paid_at = now() - interval '2 days' where id = %s", order)
    force(shop, "payment_reviews", "created_at = now() - interval '2 days'")
    counts = {one.id: shop.count(read_question(one)) for one in (paid_not_unlocked, payment_reviews_waiting)}
    assert counts == {"paid_not_unlocked": 0, "payment_reviews_waiting": 1}


def test_only_reviews_that_lock_explain_a_locked_purchase() -> None:
    told = read_question(paid_not_unlocked)
    assert {reason for reason in REASONS if f"'{reason}'" in told} == set(LOCKING_REASONS)


@pytest.mark.parametrize("one", [one for one in ACTS if one.function], ids=lambda one: one.id)
@pytest.mark.parametrize("role", ["anon", "authenticated", "ai_worker"])
def test_nobody_else_acts(shop: Shop, one: OperatorAct, role: str) -> None:
    assert one.function
    with shop.admin.transaction(force_rollback=True):
        shop.admin.execute("select set_config('role', %s, true)", [role])
        given: list[Any] = [str(uuid.uuid4()), *([one.decision] if one.decision else [])]
        call = f"select {one.function.qualified}({', '.join(['%s'] * len(given))})"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            shop.admin.execute(call.encode(), given)
