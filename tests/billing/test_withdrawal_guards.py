"""What each rule of the right of withdrawal rests on: take the guard out, and its test fails."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest

from tests.billing import test_withdrawal as right
from tests.billing.guards import rewrite


@dataclass(frozen=True)
class Guard:
    """A part of a function of the database, and the test that needs it.

    Args:
        without: What the database does once the part is taken out.
        test: The test that fails then.
        function: The function.
        old: The part.
        new: What is in its place.
        arguments: The test's own parameters.
    """

    without: str
    test: Callable[..., None]
    function: str
    old: str
    new: str
    arguments: tuple[str, ...] = ()


GUARDS = (
    Guard("opens no window", right.test_without_a_waiver_the_payment_opens_the_window, "set_withdrawal_window",
          "new.withdraw_until := ending;", "null;"),
    Guard("opens a window for everybody", right.test_a_buyer_of_whom_nothing_is_known_has_the_right, "withdrawal_end",
          "or withdrawal_end.buyer_kind <> all ('{eu_consumer,unknown}')", "", ("business",)),
    Guard("takes an unknown buyer for none", right.test_a_buyer_of_whom_nothing_is_known_has_the_right,
          "withdrawal_end", "{eu_consumer,unknown}", "{eu_consumer}", ("unknown",)),
    Guard("lets a buyer change kind", right.test_the_kind_of_buyer_is_part_of_the_order, "open_purchase",
          "and p.buyer_kind = open_purchase.buyer_kind", ""),
    Guard("keeps a window beside a waiver", right.test_a_confirmed_waiver_leaves_no_window, "withdrawal_end",
          "d.kind = 'waiver'", "false"),
    Guard("counts a waiver without its confirmation", right.test_a_waiver_without_its_confirmation_has_no_effect,
          "withdrawal_end", "public.withdrawal_documents d",
          "(select purchase_id, 'waiver' as kind from public.withdrawal_waivers) d"),
    Guard("confirms a waiver after the payment", right.test_a_waiver_without_its_confirmation_has_no_effect,
          "write_document", "or purchase.status <> 'open'", ""),
    Guard("takes a waiver after the payment", right.test_a_waiver_comes_before_the_payment, "guard_waiver",
          "if purchase.status <> 'open' then", "if false then"),
    Guard("takes a guest's waiver", right.test_a_guest_keeps_the_right, "guard_waiver",
          "if new.subject_id is null or new.subject_id is distinct from purchase.buyer_subject_id then",
          "if false then"),
    Guard("takes a waiver of what comes later", right.test_what_is_delivered_later_has_no_waiver, "guard_waiver",
          "if not wall.is_delivered_at_once(purchase.purchase_link_id) then", "if false then"),
    Guard("takes any wording for a waiver", right.test_a_waiver_needs_its_own_wording, "guard_waiver",
          "and n.purpose = 'withdrawal_waiver'", ""),
    Guard("records a waiver twice", right.test_an_order_is_waived_once_however_often_it_is_sent, "record_waiver",
          "if not found then", "if true then"),
    Guard("takes a withdrawal after the window", right.test_nothing_is_accepted_after_the_window, "guard_withdrawal",
          "if clock_timestamp() > ending then", "if false then"),
    Guard("ends the right before the delivery", right.test_a_waiver_ends_the_right_when_the_delivery_begins,
          "guard_withdrawal", "waived and purchase.status = 'paid' and purchase.unlocked_at is null", "false"),
    Guard("lets the right outlive the delivery", right.test_a_waiver_ends_the_right_when_the_delivery_begins,
          "guard_withdrawal", "and purchase.status = 'paid' and purchase.unlocked_at is null", ""),
    Guard("takes a withdrawal after a refund", right.test_what_was_refunded_is_not_withdrawn_from, "guard_withdrawal",
          "or purchase.status = 'refunded'", ""),
    Guard("takes a withdrawal from anybody", right.test_only_the_buyer_withdraws, "lock_purchase_of",
          "and p.buyer_subject_id is not distinct from lock_purchase_of.buyer", ""),
    Guard("takes the second step alone", right.test_the_second_step_needs_the_first, "complete_withdrawal",
          "if not found then", "if false then"),
    Guard("opens no review", right.test_a_withdrawal_is_acknowledged_and_waits_for_the_refund, "apply_withdrawal",
          "where p.id = new.purchase_id", "where false"),
    Guard("acknowledges without the statement", right.test_a_withdrawal_is_acknowledged_and_waits_for_the_refund,
          "write_document", "'withdrawal_statement'", "'email_delivery'"),
    Guard("ends on a Sunday", right.test_the_window_ends_with_a_working_day, "withdrawal_deadline",
          "when 7 then 1", "when 7 then 0", ("2026-12-06 12:00+00",)),
)  # fmt: skip


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.without)
def test_a_rule_fails_without_its_guard(
    guard: Guard, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite(guard.function, guard.old, guard.new)(monkeypatch)
    shop = request.getfixturevalue("shop")
    assert next(iter(inspect.signature(guard.test).parameters)) == "shop"
    with pytest.raises((AssertionError, pytest.fail.Exception, psycopg.Error)):
        guard.test(shop, *guard.arguments)
