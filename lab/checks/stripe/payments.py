"""Compares payments, refunds and disputes at Stripe with the purchases in the database. Counts only."""

from collections import defaultdict
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from typing import TypeVar

import stripe

from lab.checks.finding import Finding, Unknown
from lab.checks.stripe.reader import HOUR, QUARTER, Account, counted, read_list
from lab.checks.stripe.records import PurchaseRecords, PurchaseState
from lab.checks.stripe.webhooks import EVENT_TYPES, PAYMENT_TYPES
from lab.rules.criteria.stripe import (
    dispute_settled,
    dispute_unrecorded,
    events_lost,
    events_undelivered,
    fraud_warned,
    refund_failed,
    refund_unrecorded,
    session_lost,
    session_strange,
    session_unpaid_here,
)
from lab.services.billing.stripe_client import Thing

PAID = ("paid", "refunded", "disputed")
# warning_... are inquiries: no money has moved. Source: stripe 16.1.0, Dispute.status.
CALLED_BACK = ("needs_response", "under_review", "lost", "appeal_needs_response", "appeal_under_review")
# A refund or a dispute's decision can come months after the payment, so old payments are compared, too.
DECIDED_DAYS = 180
BATCH = 500
Part = Finding | Unknown
State = TypeVar("State")

_NO_RECORDS = "There is no database to compare with."


def read_sessions(account: Account) -> Iterator[Part]:
    """Compare paid checkouts at Stripe with the purchases."""
    query = {"created": account.since(account.days), "status": "complete", "expand": ["data.line_items"]}
    sessions, left = read_list(account, account.client.v1.checkout.sessions, "Paid checkouts before these.", **query)
    yield from left
    paid = [s for s in sessions if _is_paid(s) and s["created"] < account.now - QUARTER]
    if account.records is None:
        yield Unknown(what="Whether every paid checkout is a purchase in the database.", why=_NO_RECORDS)
        return
    known = _look_up(account.records.sessions, [str(session["id"]) for session in paid])
    yield from _compare_sessions(account, _leave_arriving(account, paid, known), known)


def _is_paid(session: Thing) -> bool:
    """Tell whether a checkout is paid: one with nothing to pay is; a completed one with a pending payment is not."""
    return session.get("payment_status") in ("paid", "no_payment_required") and session.get("mode") == "payment"


def _leave_arriving(account: Account, paid: list[Thing], known: dict[str, PurchaseState]) -> list[Thing]:
    """Leave out checkouts that were paid just now, whenever they began: their event may still be on its way.

    A session has no time of payment, but its event has; events are read only if a purchase is missing.
    """
    amiss = {str(s["id"]) for s in paid if s["id"] not in known or known[s["id"]].status not in PAID}
    if not amiss:
        return paid
    since = {"gte": int(account.now - QUARTER)}
    try:
        events, _ = read_list(account, account.client.v1.events, "", created=since, types=list(PAYMENT_TYPES))
    except stripe.PermissionError:
        return paid  # the part that reads events reports the permission
    arriving = {str(event["data"]["object"]["id"]) for event in events} & amiss
    return [session for session in paid if session["id"] not in arriving]


def _compare_sessions(account: Account, paid: list[Thing], known: dict[str, PurchaseState]) -> Iterator[Part]:
    known = {session["id"]: known[session["id"]] for session in paid if session["id"] in known}
    absent = [_list_sold(session) for session in paid if session["id"] not in known]
    prices, products = {link.price for link in account.links}, {link.product for link in account.links}
    lost = [sold for sold in absent if prices & sold.keys()]
    strange = [sold for sold in absent if not prices & sold.keys() and products & set(sold.values())]
    unpaid = [id for id, state in known.items() if state.status not in PAID]
    said = f"paid checkouts of the last {account.days} days"
    yield from counted(session_lost, "checkout sessions", lost, len(paid), said)
    yield from counted(session_strange, "checkout sessions", strange, len(paid), said)
    yield from counted(session_unpaid_here, "checkout sessions", unpaid, len(paid), said)
    yield from _say_strange(len(absent) - len(lost) - len(strange), "paid checkouts", "prices")


def _list_sold(session: Thing) -> dict[str, str]:
    """Return the prices that a checkout was for, with their products."""
    lines = (session.get("line_items") or {}).get("data") or []
    prices = [line.get("price") or {} for line in lines]
    return {str(price.get("id")): str(price.get("product")) for price in prices}


def _say_strange(many: int, kind: str, whose: str) -> Iterator[Unknown]:
    """Report objects of the account that the database does not have; they may be right, so they are unknown."""
    if many:
        why = f"Their {whose} are not in the database; they may belong to another shop of the same account."
        yield Unknown(what=f"What {many} of the {kind} are about.", why=why)


def read_events(account: Account) -> Iterator[Part]:
    """Compare the events that purchases depend on with the recorded ones, whatever delivery state Stripe shows."""
    query: dict[str, object] = {"created": account.since(account.days), "types": list(EVENT_TYPES)}
    service = account.client.v1.events
    events, left = read_list(account, service, "Events before these.", **query)
    undelivered, more = read_list(account, service, "Undelivered events before these.", **query, delivery_success=False)
    yield from (*left, *more)
    if account.records is None:
        yield Unknown(what="Whether every event is recorded in the database.", why=_NO_RECORDS)
        return
    yield from _compare_events(account, account.records, events, undelivered)


def _find_first_endpoint(account: Account) -> float:
    """Return when the first endpoint was made, in seconds since 1970; earlier events were not sent."""
    try:
        endpoints, _ = read_list(account, account.client.v1.webhook_endpoints, "")
    except stripe.PermissionError:
        return 0  # the part that reads endpoints reports the permission
    return min((endpoint["created"] for endpoint in endpoints), default=0)


def _compare_events(
    account: Account, records: PurchaseRecords, events: list[Thing], undelivered: list[Thing]
) -> Iterator[Part]:
    made = {str(event["id"]): event["created"] for event in (*events, *undelivered)}
    old = {id for id, created in made.items() if created < account.now - HOUR}
    failing = {str(event["id"]) for event in undelivered} & old
    recorded = {id for batch in _batches(sorted(old)) for id in records.events(batch)}
    lost = old - failing - recorded
    if lost:  # the endpoints are read only if an event is missing
        started = min([_find_first_endpoint(account), *(made[id] for id in recorded)])
        lost = {id for id in lost if made[id] >= started}
    said = f"events of the last {account.days} days"
    yield from counted(events_undelivered, "events", failing - recorded, len(old), said)
    yield from counted(events_lost, "events", lost, len(old), said)
    if not recorded:
        why = "No event of this account is recorded yet; Stripe never shows the secret, so only an arrival proves it."
        yield Unknown(what="Whether the webhook secret is that of the endpoint.", why=why)


def read_disputes(account: Account) -> Iterator[Part]:
    """Compare disputes with their purchases."""
    service = account.client.v1.disputes
    disputes, left = read_list(account, service, "Disputes before these.", created=account.since(DECIDED_DAYS))
    yield from left
    told = [dispute for dispute in disputes if dispute["created"] < account.now - QUARTER]
    by_payment = {str(d["payment_intent"]): d for d in reversed(told) if d.get("payment_intent")}
    known = yield from _purchases(account, by_payment, "disputes")
    called_back = [i for i, s in known.items() if _is_called_back(by_payment[i]) and s.status == "paid"]
    settled = [i for i, s in known.items() if _status(by_payment[i]) == "won" and s.status == "disputed"]
    said = f"disputes of the last {DECIDED_DAYS} days"
    yield from counted(dispute_unrecorded, "disputes", called_back, len(disputes), said)
    yield from counted(dispute_settled, "disputes", settled, len(disputes), said)


def _is_called_back(dispute: Thing) -> bool:
    """Tell whether a dispute was decided against us; a prevented one never began, whatever its outcome."""
    moved = sum(int(entry.get("amount") or 0) for entry in dispute.get("balance_transactions") or [])
    return _status(dispute) in CALLED_BACK or (_status(dispute) == "prevented" and moved < 0)


def read_refunds(account: Account) -> Iterator[Part]:
    """Compare refunds with the purchases: by sums, never by differences."""
    service = account.client.v1.refunds
    refunds, left = read_list(account, service, "Refunds before these.", created=account.since(DECIDED_DAYS))
    yield from left
    back: dict[str, int] = defaultdict(int)
    fresh: dict[str, int] = defaultdict(int)  # whose event may still be on its way
    for refund in refunds:
        if payment := refund.get("payment_intent"):
            amount = int(refund.get("amount") or 0) if _status(refund) in ("succeeded", "pending") else 0
            back[str(payment)] += amount
            fresh[str(payment)] += amount if refund["created"] > account.now - QUARTER else 0
    known = yield from _purchases(account, back, "refunds")
    unrecorded = [id for id, state in known.items() if state.refunded_minor < back[id] - fresh[id]]
    failed = [id for id, state in known.items() if state.status == "refunded" and back[id] == 0]
    said = f"payments with a refund in the last {DECIDED_DAYS} days"
    yield from counted(refund_unrecorded, "refunds", unrecorded, len(back), said)
    yield from counted(refund_failed, "refunds", failed, len(back), said)


def read_warnings(account: Account) -> Iterator[Part]:
    """Count the early fraud warnings that can still be acted on."""
    service = account.client.v1.radar.early_fraud_warnings
    warnings, left = read_list(
        account, service, "Early fraud warnings before these.", created=account.since(DECIDED_DAYS)
    )
    yield from left
    open_ones = [warning for warning in warnings if warning.get("actionable")]
    said = f"early fraud warnings of the last {DECIDED_DAYS} days"
    yield from counted(fraud_warned, "early fraud warnings", open_ones, len(warnings), said)


def _status(thing: Thing) -> str:
    return str(thing.get("status"))


def _purchases(
    account: Account, payments: Collection[str], kind: str
) -> Generator[Unknown, None, dict[str, PurchaseState]]:
    """Return the purchases of payments, and yield an unknown if the database does not have all of them."""
    if account.records is None:
        yield Unknown(what=f"Whether the {kind} stand on their purchases.", why=_NO_RECORDS)
        return {}
    known = _look_up(account.records.payments, sorted(payments))
    yield from _say_strange(len(payments) - len(known), kind, "payments")
    return known


def _look_up(find: Callable[[Sequence[str]], dict[str, State]], ids: Sequence[str]) -> dict[str, State]:
    return {id: state for batch in _batches(ids) for id, state in find(batch).items()}


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
