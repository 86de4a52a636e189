"""The right of withdrawal, from the order to the refund: waiver, window, both steps, acknowledgement and review."""

import hashlib
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import psycopg
import pytest

from lab.database.connect import connect
from lab.rules.withdrawal import BUYER_KINDS, ENTITLED, waiver, withdrawal_statement
from lab.services.acting import acting_as_server
from lab.services.billing.checkout import read_checkout
from lab.services.billing.fulfil import settle
from lab.services.billing.sell import Order
from lab.services.billing.withdrawal import confirm_withdrawal, read_document, read_waiver, state_withdrawal
from tests.billing.shops import PRICE, Shop, add_person


def buy(shop: Shop, **more: Any) -> tuple[uuid.UUID, str]:
    """Order without a waiver, pay and unlock."""
    order, session = shop.buy(**more)
    assert shop.fulfil(session) == "unlocked"
    return order, session


def order_with_waiver(shop: Shop) -> tuple[uuid.UUID, str, str]:
    """Order and agree to the waiver; returns the order, the session and the confirmation."""
    order, (notice, _) = uuid.uuid4(), read_waiver(shop.connection)
    opened = shop.open(Order(order_id=order, purchase_link_id=shop.link, buyer=shop.person, waiver=notice))
    return order, opened.session_id, opened.confirmation or ""


def withdraw(shop: Shop, order: uuid.UUID, buyer: uuid.UUID | None = None) -> str:
    """Take both steps as the site's server, for the buyer; returns the acknowledgement."""
    state_withdrawal(shop.connection, order, buyer or shop.person)
    return confirm_withdrawal(shop.connection, order, buyer or shop.person)


def refusal(act: Callable[[], object]) -> str:
    """Return what the database says to a refused act, without its hint; nothing when it is not refused."""
    try:
        act()
    except psycopg.Error as error:
        return str(error.diag.message_primary)
    return ""


def end_window(shop: Shop, order: uuid.UUID) -> None:
    """Let the period end, as time does."""
    shop.admin.execute("alter table public.purchases disable trigger user")
    shop.admin.execute(
        "update public.purchases set withdraw_until = now() - interval '1 second' where id = %s", [order]
    )
    shop.admin.execute(ENABLE)


# Every trigger fires also in a replica session, so each is switched on by itself.
ENABLE = """do $$ declare t text; begin
  for t in select tgname from pg_trigger where not tgisinternal and tgrelid = 'public.purchases'::regclass
  loop execute format('alter table public.purchases enable always trigger %I', t); end loop; end $$"""


def lines(shop: Shop, action: str) -> int:
    """Count the lines of the audit trail with an action."""
    return int(shop.count("select count(*) from public.admin_audit_events where action = %s", action))


# Without a waiver ------------------------------------------------------------------------------------


def test_without_a_waiver_the_payment_opens_the_window(shop: Shop) -> None:
    order, _ = buy(shop)
    left = "select withdraw_until - paid_at between interval '14 days' and interval '18 days' from public.purchases"
    assert shop.count(f"{left} where id = %s", order) is True
    assert shop.state(order) == ("paid", True)


def test_a_withdrawal_is_acknowledged_and_waits_for_the_refund(shop: Shop) -> None:
    order, session = buy(shop)
    told = withdraw(shop, order)
    kept = read_document(shop.connection, session, "withdrawal")
    assert kept
    assert (kept.body, kept.sha256) == (told, hashlib.sha256(told.encode()).digest())
    moment = shop.count("select to_char(confirmed_at, 'YYYY-MM-DD HH24:MI:SS') || ' UTC' from public.withdrawals")
    for said in (str(order), "Artifacts", "49.00 EUR", withdrawal_statement.body, moment):
        assert said in told
    assert "{" not in told
    assert (shop.reviews(), shop.state(order)) == ({"withdrawal"}, ("paid", True))
    assert (lines(shop, "withdrawal.stated"), lines(shop, "withdrawal.confirmed")) == (1, 1)
    shop.local.act("refund", session)
    shop.deliver()
    assert shop.state(order) == ("refunded", False)


def test_a_second_click_changes_nothing(shop: Shop) -> None:
    """Six clicks at once on each step, each over a connection of its own."""
    order, _ = buy(shop)

    def click(step: Callable[..., Any]) -> Any:
        with connect(shop.database.api_url) as connection:
            return step(connection, order, shop.person)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(click, [state_withdrawal] * 6))
        told = set(threads.map(click, [confirm_withdrawal] * 6))
    assert len(told) == 1
    assert shop.count("select count(*) from public.withdrawal_documents where purchase_id = %s", order) == 1
    assert shop.count("select count(*) from public.payment_reviews where reason = 'withdrawal'") == 1
    assert (lines(shop, "withdrawal.stated"), lines(shop, "withdrawal.confirmed")) == (1, 1)
    end_window(shop, order)
    assert {click(confirm_withdrawal)} == told


def test_the_second_step_needs_the_first(shop: Shop) -> None:
    order, _ = buy(shop)
    said = refusal(lambda: confirm_withdrawal(shop.connection, order, shop.person))
    assert said == "a withdrawal is confirmed only after it was stated"
    assert shop.reviews() == set()


def test_nothing_is_accepted_after_the_window(shop: Shop) -> None:
    """Neither step: the second one submits the statement, so it has to be in time, too."""
    order, _ = buy(shop)
    state_withdrawal(shop.connection, order, shop.person)
    end_window(shop, order)
    over = "the period for a withdrawal is over"
    assert refusal(lambda: confirm_withdrawal(shop.connection, order, shop.person)) == over
    late, _ = buy(shop)
    end_window(shop, late)
    assert refusal(lambda: state_withdrawal(shop.connection, late, shop.person)) == over
    assert (shop.reviews(), shop.count("select count(*) from public.withdrawal_documents")) == (set(), 0)


def test_only_the_buyer_withdraws(shop: Shop) -> None:
    """Not another customer, not the person it was bought for, and nobody for a buyer with an account."""
    recipient, stranger = add_person(shop.admin), add_person(shop.admin)
    order, _ = buy(shop, recipient=recipient)
    for other in (recipient, stranger, None):
        for step in (state_withdrawal, confirm_withdrawal):
            said = refusal(partial(step, shop.connection, order, other))
            assert said == "this buyer has no such purchase"


def test_a_guest_withdraws_through_the_site(shop: Shop) -> None:
    order, session = shop.buy(buyer=None)
    assert shop.fulfil(session) == "unlocked"
    state_withdrawal(shop.connection, order, None)
    assert str(order) in confirm_withdrawal(shop.connection, order, None)
    assert shop.reviews() == {"withdrawal"}


def test_what_was_refunded_is_not_withdrawn_from(shop: Shop) -> None:
    """A refund in part, or a dispute, leaves the right; the whole refund leaves nothing to withdraw from."""
    refunded, session = buy(shop)
    shop.local.act("refund", session)
    shop.deliver()
    said = refusal(lambda: state_withdrawal(shop.connection, refunded, shop.person))
    assert said == "there is no payment to withdraw from: this purchase is unpaid or refunded"
    partly, session = buy(shop)
    shop.local.act("refund", session, amount=PRICE // 2)
    disputed, other = buy(shop)
    shop.local.act("dispute", other)
    shop.deliver()
    assert shop.state(disputed)[0] == "disputed"
    assert all(str(order) in withdraw(shop, order) for order in (partly, disputed))


def test_an_unpaid_order_is_not_withdrawn_from(shop: Shop) -> None:
    order, _ = shop.begin()
    said = refusal(lambda: state_withdrawal(shop.connection, order, shop.person))
    assert said == "there is no payment to withdraw from: this purchase is unpaid or refunded"


@pytest.mark.parametrize("kind", BUYER_KINDS)
def test_a_buyer_of_whom_nothing_is_known_has_the_right(shop: Shop, kind: str) -> None:
    order, _ = buy(shop, buyer_kind=kind)
    assert (shop.purchase(order)["withdraw_until"] is not None) == (kind in ENTITLED)
    said = refusal(lambda: withdraw(shop, order))
    assert said == ("" if kind in ENTITLED else "this buyer has no right of withdrawal")


def test_the_kind_of_buyer_is_part_of_the_order(shop: Shop) -> None:
    order, _ = shop.begin()
    again = Order(order_id=order, purchase_link_id=shop.link, buyer=shop.person, buyer_kind="business")
    assert refusal(lambda: shop.open(again)) == "this order id belongs to another purchase"


# With a waiver ---------------------------------------------------------------------------------------


def test_a_confirmed_waiver_leaves_no_window(shop: Shop) -> None:
    order, session, told = order_with_waiver(shop)
    shop.pay(session)
    assert shop.fulfil(session) == "unlocked"
    kept = read_document(shop.connection, session, "waiver")
    assert kept
    assert (kept.body, kept.sha256) == (told, hashlib.sha256(told.encode()).digest())
    agreed = shop.count("select to_char(created_at, 'YYYY-MM-DD HH24:MI:SS') || ' UTC' from public.withdrawal_waivers")
    for said in (str(order), "Artifacts", "49.00 EUR", waiver.body, agreed):
        assert said in told
    wording = "select wording_sha256 from public.withdrawal_waivers where purchase_id = %s"
    assert shop.count(wording, order) == hashlib.sha256(waiver.body.encode()).digest()
    assert shop.purchase(order)["withdraw_until"] is None
    said = refusal(lambda: withdraw(shop, order))
    assert said == "the buyer gave up the right of withdrawal, and got the confirmation"
    assert lines(shop, "withdrawal.waived") == 1


def test_a_waiver_without_its_confirmation_has_no_effect(shop: Shop) -> None:
    """Also one whose confirmation comes after the payment: it is refused, and the right stays."""
    order, session = shop.begin()
    notice, _ = read_waiver(shop.connection)
    shop.admin.execute("select public.record_waiver(%s, %s)", [order, notice])
    shop.pay(session)
    assert shop.fulfil(session) == "unlocked"
    late = refusal(lambda: shop.admin.execute("select public.confirm_waiver(%s)", [order]))
    assert late == "the confirmation of a waiver comes between the waiver and the payment"
    assert str(order) in withdraw(shop, order)


def test_a_waiver_ends_the_right_when_the_delivery_begins(shop: Shop) -> None:
    """A payment that waits for a person delivers nothing yet, so that its buyer may still withdraw."""
    orders = []
    for _ in range(2):
        order, session, _ = order_with_waiver(shop)
        shop.pay(session)
        checkout = replace(read_checkout(shop.client, session), subtotal_minor=PRICE - 1)
        assert settle(shop.connection, checkout, [], []) == "review"
        orders.append(order)
    locked, unlocked = orders
    assert str(locked) in withdraw(shop, locked)
    review = shop.count("select id from public.payment_reviews where purchase_id = %s", unlocked)
    shop.admin.execute("select public.decide_review(%s, 'unlock')", [review])
    said = refusal(lambda: withdraw(shop, unlocked))
    assert said == "the buyer gave up the right of withdrawal, and got the confirmation"


def test_an_order_is_waived_once_however_often_it_is_sent(shop: Shop) -> None:
    order, (notice, _) = uuid.uuid4(), read_waiver(shop.connection)
    one = Order(order_id=order, purchase_link_id=shop.link, buyer=shop.person, waiver=notice)
    assert len({shop.open(one).confirmation for _ in range(3)}) == 1
    assert shop.count("select count(*) from public.withdrawal_waivers") == 1


def test_a_waiver_comes_before_the_payment(shop: Shop) -> None:
    notice, _ = read_waiver(shop.connection)
    for act in ("pay", "expire"):
        order, session = shop.begin()
        shop.local.act(act, session, **({"payment_method": "pm_card_visa"} if act == "pay" else {}))
        shop.fulfil(session)
        said = refusal(partial(record, shop, order, notice))
        assert said == "a waiver comes before the payment, and this purchase is not open any more"


def record(shop: Shop, order: uuid.UUID, notice: uuid.UUID) -> None:
    """Record a waiver as the owner of the tables, past every function."""
    insert = (
        "insert into public.withdrawal_waivers (purchase_id, subject_id, notice_id) select id, buyer_subject_id, %s"
    )
    shop.admin.execute(f"{insert} from public.purchases where id = %s".encode(), [notice, order])


def test_a_guest_keeps_the_right(shop: Shop) -> None:
    notice, _ = read_waiver(shop.connection)
    order = Order(order_id=uuid.uuid4(), purchase_link_id=shop.link, waiver=notice)
    assert refusal(lambda: shop.open(order)) == "only the buyer can give up the right of withdrawal"
    assert shop.count("select count(*) from public.purchases") == 0


def test_what_is_delivered_later_has_no_waiver(shop: Shop) -> None:
    shop.admin.execute("alter table public.products disable trigger products_fixed")
    shop.admin.execute("update public.products set layer = 'echo'")
    assert refusal(lambda: order_with_waiver(shop)) == "what is delivered later has no waiver"


def test_a_waiver_needs_its_own_wording(shop: Shop) -> None:
    order, _ = shop.begin()
    for purpose in ("withdrawal_statement", "email_delivery"):
        notice = shop.count("select id from public.consent_notices where purpose = %s", purpose)
        said = refusal(partial(record, shop, order, notice))
        assert said == "this notice is no wording of a waiver"


def open_waived(shop: Shop) -> tuple[uuid.UUID, str]:
    """Open an order with a waiver that is not confirmed yet, and pay it at Stripe alone."""
    order, session = shop.begin()
    notice, _ = read_waiver(shop.connection)
    shop.admin.execute("select public.record_waiver(%s, %s)", [order, notice])
    shop.pay(session)
    return order, session


def confirm_waiver(shop: Shop, order: uuid.UUID) -> None:
    """Write the confirmation as the site's server."""
    with acting_as_server(shop.connection):
        shop.connection.execute("select public.confirm_waiver(%s)", [order])


def waits(shop: Shop) -> bool:
    """Tell whether somebody waits for a lock."""
    return bool(shop.count("select exists (select from pg_locks where not granted)"))


@pytest.mark.parametrize("commits", [True, False])
def test_a_payment_waits_for_the_confirmation_before_it(shop: Shop, commits: bool) -> None:
    """A confirmation that is being written counts if it is committed; if it fails, the right stays."""
    order, session = open_waived(shop)
    with psycopg.connect(shop.database.admin_url) as other, ThreadPoolExecutor(1) as threads:
        other.execute("select public.confirm_waiver(%s)", [order])
        paying = threads.submit(shop.fulfil, session)
        while not waits(shop):
            assert not paying.done()
        other.commit() if commits else other.rollback()
        assert paying.result() == "unlocked"
    assert (shop.purchase(order)["withdraw_until"] is None) == commits


def test_a_confirmation_waits_for_the_payment_before_it(shop: Shop) -> None:
    """It comes too late then, and is refused."""
    order, _ = open_waived(shop)
    with psycopg.connect(shop.database.admin_url) as other, ThreadPoolExecutor(1) as threads:
        other.execute(
            "update public.purchases set status = 'paid', paid_at = now(), payment_intent_id = 'pi_1' where id = %s",
            [order],
        )
        confirming = threads.submit(refusal, lambda: confirm_waiver(shop, order))
        while not waits(shop):
            assert not confirming.done()
        other.commit()
        assert confirming.result() == "the confirmation of a waiver comes between the waiver and the payment"
    assert shop.purchase(order)["withdraw_until"] is not None


# The end of the window -------------------------------------------------------------------------------

# The day of the contract does not count; a period that would end at a weekend ends with Monday; the day ends at UTC-4.
DEADLINES = {
    "2026-11-30 12:00+00": "2026-12-15 04:00+00",  # a Monday: two weeks later is a Monday
    "2026-11-30 19:59+00": "2026-12-15 04:00+00",
    "2026-11-30 20:01+00": "2026-12-16 04:00+00",  # at UTC+4 it is Tuesday already
    "2026-12-04 12:00+00": "2026-12-19 04:00+00",  # a Friday
    "2026-12-05 12:00+00": "2026-12-22 04:00+00",  # a Saturday: until the end of Monday
    "2026-12-06 12:00+00": "2026-12-22 04:00+00",  # a Sunday
    "2026-03-20 12:00+00": "2026-04-04 04:00+00",  # over a change of the clocks
}


@pytest.mark.parametrize("paid", DEADLINES)
def test_the_window_ends_with_a_working_day(shop: Shop, paid: str) -> None:
    assert shop.count("select wall.withdrawal_deadline(%s) = %s::timestamptz", paid, DEADLINES[paid]) is True
