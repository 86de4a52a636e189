"""What the pages of the demo shop show, read from the database as the site's server."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from lab.rules import RULES
from lab.services.acting import acting_as_server

NEWEST = 20  # rows that a list shows
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Activity:
    """What happened since the demo began, newest first."""

    purchases: list[Row]
    events: list[Row]
    audit: list[Row]


def read_shelf(connection: psycopg.Connection[Any]) -> list[Row]:
    """Return what is for sale for test money, in the order of the rules."""
    order = {offer.layer.id: place for place, offer in enumerate(RULES.offers)}
    at_once = {offer.layer.id for offer in RULES.offers if offer.delivered == "at_once"}
    rows = _read(connection, _SHELF, {})
    for row in rows:
        row["description"] = RULES.layer(row["layer"]).description
        row["at_once"] = row["layer"] in at_once
    return sorted(rows, key=lambda row: order.get(row["layer"], len(order)))


def read_buyer(connection: psycopg.Connection[Any]) -> UUID | None:
    """Return somebody made-up who bought before; None if there is nobody."""
    rows = _read(connection, _BUYER, {})
    return rows[0]["id"] if rows else None


def read_purchase(connection: psycopg.Connection[Any], session_id: str) -> Row | None:
    """Return the purchase of a checkout session."""
    rows = _read(connection, f"{_PURCHASES} where p.checkout_session_id = %(session)s", {"session": session_id})
    return rows[0] if rows else None


def read_right(connection: psycopg.Connection[Any], session_id: str) -> Row | None:
    """Return what decides on the right of withdrawal of a checkout session's purchase."""
    rows = _read(connection, _RIGHT, {"session": session_id})
    return rows[0] if rows else None


def read_activity(connection: psycopg.Connection[Any], since: datetime) -> Activity:
    """Return the newest purchases, events and audit lines."""
    values = {"since": since, "newest": NEWEST}
    newest = " where p.created_at >= %(since)s order by p.created_at desc, p.id limit %(newest)s"
    return Activity(
        purchases=_read(connection, _PURCHASES + newest, values),
        events=_read(connection, _EVENTS, values),
        audit=_read(connection, _AUDIT, values),
    )


def end_earlier_sales(connection: psycopg.Connection[Any], prices: list[str]) -> None:
    """End the sale of everything for test money that has none of these prices.

    Each Local Stripe begins empty, so the prices of an earlier one cannot be bought any more.
    """
    with acting_as_server(connection):
        connection.execute(_END_LINKS, {"prices": prices})
        connection.execute(_END_PRODUCTS)


def _read(connection: psycopg.Connection[Any], query: str, values: Row) -> list[Row]:
    with acting_as_server(connection):
        cursor = connection.execute(query.encode(), values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]


_SHELF = """
select l.id, p.layer, p.title, l.amount_minor, l.currency
from public.purchase_links l
join public.products p on p.id = l.product_id
where l.active and p.active and not l.livemode
order by p.title, l.amount_minor
"""
_BUYER = """
select p.buyer_subject_id as id from public.purchases p
where p.buyer_subject_id is not null
order by p.created_at, p.id limit 1
"""
_PURCHASES = """
select r.title, p.status, p.unlocked_at is not null as unlocked, p.expected_minor as amount_minor,
       p.amount_refunded_minor, p.currency, p.checkout_session_id, p.created_at,
       array(select d.status from public.disputes d where d.purchase_id = p.id order by d.created_at) as disputes,
       exists (select from public.payment_reviews v where v.purchase_id = p.id and v.status = 'open') as reviewed,
       exists (select from public.withdrawals w where w.purchase_id = p.id and w.status = 'confirmed') as withdrawn
from public.purchases p
join public.purchase_links l on l.id = p.purchase_link_id
join public.products r on r.id = l.product_id
"""
_RIGHT = """
select p.id, p.checkout_session_id, r.title, p.received_minor as amount_minor, p.currency, p.status,
       p.paid_at is not null as paid, p.unlocked_at is not null as unlocked,
       p.withdraw_until, clock_timestamp() > p.withdraw_until as over,
       exists (select from public.withdrawal_documents d where d.purchase_id = p.id and d.kind = 'waiver') as waived,
       w.created_at as stated_at, w.confirmed_at
from public.purchases p
join public.purchase_links l on l.id = p.purchase_link_id
join public.products r on r.id = l.product_id
left join public.withdrawals w on w.purchase_id = p.id
where p.checkout_session_id = %(session)s
"""
_EVENTS = """
select e.type, e.status, e.attempts, e.error_class, e.created_at from public.stripe_events e
where e.created_at >= %(since)s
order by e.created_at desc, e.id limit %(newest)s
"""
_AUDIT = """
select a.action, a.object_table, a.outcome, a.created_at from public.admin_audit_events a
where a.created_at >= %(since)s
order by a.id desc limit %(newest)s
"""
_END_LINKS = """
update public.purchase_links l set active = false
where l.active and not l.livemode and l.stripe_price_id <> all (%(prices)s)
"""
_END_PRODUCTS = """
update public.products p set active = false
where p.active and not p.livemode
  and not exists (select from public.purchase_links l where l.product_id = p.id and l.active)
"""
