"""What each case rests on: take the guard out, and its test must fail.

To add a case: write `test_case_NN_...` in a file of this folder, and add a line to GUARDS.
"""

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from lab.rules import RULES
from lab.services.billing import (
    checkout,
    event_store,
    events,
    fulfil,
    payload,
    processing,
    receiver,
    reconcile,
    sell,
    signature,
)
from lab.services.billing.refusal import Refused
from lab.services.billing.settings import Settings
from lab.services.billing.stripe_client import plain
from lab.sql.functions import create_function
from tests.billing import shops
from tests.billing import test_money_back as money
from tests.billing import test_receiver as cases
from tests.billing import test_reconciliation as missing
from tests.billing import test_sales as sales
from tests.billing import test_taking_back as taking

TakeOut = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Guard:
    """A guard, and the case that needs it.

    Args:
        test: The test of the case, named `test_case_NN_...`; its arguments are fixtures.
        without: What the product does once the guard is taken out.
        take_out: Takes it out.
    """

    test: Callable[..., None]
    without: str
    take_out: TakeOut

    @property
    def case(self) -> int:
        """Return the case's number."""
        return int(self.test.__name__.split("_")[2])


def replace(owner: object, name: str, value: Any) -> TakeOut:
    """Replace a function or a limit."""
    return lambda patch: patch.setattr(owner, name, value)


def read_any_length(patch: pytest.MonkeyPatch) -> None:
    """Read a body of any length, and do not wait long for it."""
    patch.setattr(receiver, "MOST_BYTES", 10**9)
    patch.setattr(receiver, "READ_SECONDS", 0.2)


def read_at_once(patch: pytest.MonkeyPatch) -> None:
    """Read a body whatever its Content-Length is, and do not wait long for it."""
    patch.setattr(receiver, "check_length", lambda told: None)
    patch.setattr(receiver, "READ_SECONDS", 0.2)


def rewrite(function: str, old: str, new: str) -> TakeOut:
    """Replace a part of a function in the shop's database."""
    made = create_function(next(one for one in RULES.functions if one.id == function))
    assert old in made, f"{function} has no such part"
    return replace(shops, "WEAKENED", [made.replace(old, new)])


def weaken(*statements: str) -> TakeOut:
    """Run statements in the shop's database before anything is sold."""
    return replace(shops, "WEAKENED", list(statements))


def read_paid(session: Any, payment_status: object) -> str:
    """Take every completed checkout for paid, as many examples do."""
    return "paid" if session["status"] == "complete" else checkout.read_state(session, None)


def read_late(session: Any, payment_status: object) -> str:
    """Take whatever was not paid for still on its way."""
    state = checkout.read_state(session, None)
    return "processing" if state == "failed" else state


def read_refunds_once(client: Any, payment: str) -> list[checkout.Refund]:
    """Read a payment's refunds once, and believe that for good."""
    return _SEEN.setdefault(payment, checkout.read_refunds(client, payment))


_SEEN: dict[str, list[checkout.Refund]] = {}


def look_up_customers(patch: pytest.MonkeyPatch) -> None:
    """Look every event's object up as a customer."""
    patch.setattr(processing, "ABOUT_PAYMENTS", ("",))
    patch.setattr(processing, "_find_session", lambda client, event: client.v1.customers.retrieve(event.object_id).id)


def end_as_done(error: object) -> processing.Ending:
    """Take an error for the end."""
    return processing.Ending("done")


def skip_unknown(client: Any, connection: Any, session_id: str) -> str:
    """Take an order that is not there yet for settled."""
    outcome = fulfil.fulfil(client, connection, session_id)
    return "unlocked" if outcome == "unknown" else outcome


def list_undelivered(service: Any, **query: Any) -> list[Any]:
    """Read only the events that Stripe counts as undelivered."""
    more = {"delivery_success": False} if "Event" in type(service).__name__ else {}
    return [plain(thing) for thing in service.list({"limit": 100, **query, **more}).auto_paging_iter()]


def list_events(service: Any, **query: Any) -> list[Any]:
    """Read only the events."""
    found = service.list({"limit": 100, **query}).auto_paging_iter()
    return [plain(thing) for thing in found] if "Event" in type(service).__name__ else []


def list_no_events(service: Any, **query: Any) -> list[Any]:
    """Read everything but the events."""
    return [] if "Event" in type(service).__name__ else list_all(service, **query)


list_all = reconcile._read


def believe(body: bytes, header: str, secrets: object) -> int:
    """Believe every signature."""
    with suppress(Refused, ValueError):
        return int(header.partition("t=")[2].partition(",")[0])
    return 0


def check_age_as_the_library(signed_at: int, now: float) -> None:
    """Check the age in one direction alone, as Stripe's own library does."""
    if signed_at < now - signature.MOST_SECONDS:
        raise Refused("too_old", clock_difference_seconds=round(signed_at - now))


def store_or_not(url: str, role: str | None, event: events.Event) -> bool:
    """Answer 200 also when nothing was stored."""
    with suppress(Refused):
        return event_store.store_event(url, role, event)
    return True


def verify_by_the_first(body: bytes, header: str, secrets: tuple[str, ...]) -> int:
    """Verify with the first secret alone."""
    return signature.verify_signature(body, header, secrets[:1])


# A delivery is recorded under an id of its own, as an insert without the unique id would do.
RECORD_EACH = event_store._RECORD.replace("(%s,", "(%s || '_' || floor(random() * 1e9)::text,", 1)

GUARDS = (
    Guard(cases.test_case_01_duplicate_delivery, "the id is not unique", replace(event_store, "_RECORD", RECORD_EACH)),
    Guard(cases.test_case_06_wrong_secret, "signatures are believed", replace(receiver, "verify_signature", believe)),
    Guard(cases.test_case_07_rotated_secret, "one secret counts",
          replace(receiver, "verify_signature", verify_by_the_first)),
    Guard(cases.test_case_08_replayed_old_timestamp, "any age counts", replace(receiver, "check_age", lambda *_: None)),
    Guard(cases.test_case_09_clock_skew, "the future counts", replace(receiver, "check_age", check_age_as_the_library)),
    Guard(cases.test_case_10_huge_or_hostile_body, "any length is read", read_any_length),
    Guard(cases.test_case_10_huge_or_hostile_body, "Content-Length is not looked at", read_at_once),
    Guard(cases.test_case_10_huge_or_hostile_body, "only Content-Length counts",
          replace(receiver, "read_body", lambda request: request.body())),
    Guard(cases.test_case_10_huge_or_hostile_body, "texts are not looked at",
          replace(events, "_check_texts", lambda given: None)),
    Guard(cases.test_case_10_huge_or_hostile_body, "repeated keys count", replace(events, "_read_object", dict)),
    Guard(cases.test_case_10_huge_or_hostile_body, "signatures are believed",
          replace(receiver, "verify_signature", believe)),
    Guard(cases.test_case_11_unsigned_or_secret_unset, "no secret is needed",
          replace(Settings, "__post_init__", lambda settings: None)),
    Guard(cases.test_case_12_livemode_mismatch, "every mode is handed on",
          replace(receiver, "is_of_other_mode", lambda *_: False)),
    Guard(cases.test_case_28_personal_data_in_a_payload, "the payload is stored as it is",
          replace(events, "reduce_payload", lambda event: event)),
    Guard(cases.test_case_31_database_down, "errors are 200", replace(receiver, "store_event", store_or_not)),
    Guard(cases.test_case_32_answer_before_the_commit, "the answer does not wait",
          replace(event_store, "commit", lambda connection: None)),
    Guard(cases.test_case_38_older_api_versions, "versions are stored as they are",
          replace(events, "keep_form", lambda value, form: value)),
    Guard(cases.test_case_39_two_endpoints_with_one_address, "one secret counts",
          replace(receiver, "verify_signature", verify_by_the_first)),
    Guard(cases.test_case_39_two_endpoints_with_one_address, "the id is not unique",
          replace(event_store, "_RECORD", RECORD_EACH)),
    Guard(cases.test_case_40_unknown_event_type, "types are stored as they are",
          replace(payload, "known_or_unknown", lambda kind: kind)),
    Guard(sales.test_case_02_two_events_one_purchase, "the row is not locked",
          rewrite("settle_purchase", "session_id for update;", "session_id; perform pg_sleep(0.3);")),
    Guard(sales.test_case_02_two_events_one_purchase, "every payment unlocks",
          rewrite("settle_purchase", "purchase.status in ('open', 'processing', 'failed', 'expired')", "true")),
    Guard(sales.test_case_03_events_out_of_order, "the first answer counts for good",
          replace(fulfil, "read_refunds", read_refunds_once)),
    Guard(sales.test_case_04_webhook_redirect_or_neither, "events are ignored",
          replace(processing, "ABOUT_PAYMENTS", ("nothing.",))),
    Guard(sales.test_case_05_same_second, "an older answer counts",
          rewrite("settle_purchase", "and (purchase.status = 'open' and state in", "and (state in")),
    Guard(sales.test_case_13_unknown_price, "prices are not compared",
          rewrite("settle_purchase", "then 'unknown_price'", "then null")),
    Guard(sales.test_case_14_price_changed_or_archived, "another price counts",
          rewrite("settle_purchase", "then 'price_differs'", "then null")),
    Guard(sales.test_case_14_price_changed_or_archived, "old prices are forgotten",
          rewrite("settle_purchase", "l.stripe_price_id = price_ids[1])",
                  "l.active and l.stripe_price_id = price_ids[1])")),
    Guard(sales.test_case_15_amount_or_currency_differs, "sums are not compared",
          rewrite("settle_purchase", "then 'amount_differs'", "then null")),
    Guard(sales.test_case_15_amount_or_currency_differs, "a discount is a difference",
          rewrite("settle_purchase", "when subtotal_minor is", "when settle_purchase.received_minor is")),
    Guard(sales.test_case_16_more_than_one_piece, "pieces are not compared",
          rewrite("settle_purchase", "then 'quantity_differs'", "then null")),
    Guard(sales.test_case_22_completed_but_unpaid, "completed is paid", replace(checkout, "read_state", read_paid)),
    Guard(sales.test_case_23_delayed_payment_succeeds_or_fails, "completed is paid",
          replace(checkout, "read_state", read_paid)),
    Guard(sales.test_case_24_nothing_is_due, "nothing due is not paid",
          replace(checkout, "NOTHING_LEFT", ("paid",))),
    Guard(sales.test_case_25_session_expires, "expiry counts always",
          rewrite("settle_purchase", "and (purchase.status = 'open' and state in", "and (state in")),
    Guard(sales.test_case_26_customer_is_deleted, "customers are looked up", look_up_customers),
    Guard(sales.test_case_27_reference_is_missing, "unknown orders are settled",
          replace(processing, "fulfil", skip_unknown)),
    Guard(sales.test_case_29_buyer_and_recipient_differ, "an order may change",
          rewrite("open_purchase", "if not exists (select", "if false and not exists (select")),
    Guard(sales.test_case_30_crash_between_recording_and_work, "a claim never ends",
          rewrite("claim_stripe_events", "'received', 'processing', 'failed'", "'received', 'failed'")),
    Guard(sales.test_case_30_crash_between_recording_and_work, "an old token counts",
          rewrite("finish_stripe_event", "and e.lease_token = finish_stripe_event.lease_token", "")),
    Guard(sales.test_case_41_response_is_lost, "each attempt has a key of its own",
          replace(sell, "make_key", lambda order_id: uuid.uuid4().hex)),
    Guard(sales.test_case_42_stripe_is_down_during_the_return, "an error is the end",
          replace(processing, "explain_stripe", end_as_done)),
    Guard(taking.test_case_18_refund_after_use_or_gift, "nothing is taken back",
          rewrite("take_back", "t.purchase_id = purchase", "false")),
    Guard(taking.test_case_18_refund_after_use_or_gift, "every refund takes back",
          rewrite("apply_refund", "if state = 'refunded' and purchase.status <> 'refunded' then", "if true then")),
    Guard(money.test_case_17_partial_refunds, "only the last refund counts",
          rewrite("refunded_minor", "sum(r.amount_minor)", "min(r.amount_minor)")),
    Guard(money.test_case_19_refund_fails_later, "failed refunds count",
          rewrite("refunded_minor", "succeeded}", "succeeded,failed}")),
    Guard(money.test_case_20_dispute, "disputes lock nothing",
          weaken("alter table public.disputes disable trigger disputes_apply")),
    Guard(money.test_case_20_dispute, "an inquiry locks",
          rewrite("is_disputed", "{needs_response", "{warning_needs_response,needs_response")),
    Guard(money.test_case_20_dispute, "a lost one unlocks", rewrite("is_disputed", ",lost}", "}")),
    Guard(money.test_case_21_early_fraud_warning, "warnings are not looked at",
          replace(processing, "WARNING", "nothing.")),
    Guard(missing.test_case_33_retries_end, "only events are compared", replace(reconcile, "_read", list_events)),
    Guard(missing.test_case_34_endpoint_is_disabled, "only undelivered events are compared",
          replace(reconcile, "_read", lambda service, **query: [
              thing for thing in list_undelivered(service, **query) if thing["object"] == "event"])),
    Guard(missing.test_case_35_missed_events, "events are not compared", replace(reconcile, "_read", list_no_events)),
    Guard(missing.test_case_36_delivered_but_lost, "only undelivered events are compared",
          replace(reconcile, "_read", list_undelivered)),
    Guard(missing.test_case_37_event_never_generated, "only events are compared",
          replace(reconcile, "_read", list_events)),
)  # fmt: skip
