"""Compares Stripe with the database, and settles what is missing: events, payments, refunds and disputes.

Sessions, refunds and disputes are the last truth: Stripe keeps events for thirty days, may fail to make one, and counts
one as delivered that was lost here.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import stripe
from psycopg.errors import InsufficientPrivilege

from lab.services.acting import acting_as_server
from lab.services.billing.checkout import find_session, read_state
from lab.services.billing.fulfil import fulfil
from lab.services.billing.stripe_client import Thing, plain

EVENT_DAYS = 30
MOST = 100_000  # objects of each kind
SETTLED = ("paid", "refunded", "disputed")
REFUSED = "refused"  # by the database


@dataclass(frozen=True)
class Difference:
    """Something that Stripe has and the database lacks, or has otherwise.

    Args:
        kind: event, session, refund or dispute.
        id: Stripe's id.
        at_stripe: Its state there.
        here: Its state in the database; None when it is unknown.
        outcome: What settling it came to; None in a dry run.
    """

    kind: str
    id: str
    at_stripe: str
    here: str | None
    outcome: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """What was compared, and what differs.

    Args:
        since: The earliest time that was looked at.
        compared: The number of objects that were compared, by their kind.
        differences: What differs, in the order in which it was found.
        whole: False when there was more than was read.
    """

    since: datetime
    compared: dict[str, int]
    differences: tuple[Difference, ...]
    whole: bool

    @property
    def left(self) -> tuple[Difference, ...]:
        """Return what still differs, or waits for a person."""
        return tuple(d for d in self.differences if d.outcome in (None, "unknown", "review", "paid", REFUSED))


def reconcile(
    client: stripe.StripeClient,
    connection: psycopg.Connection[Any],
    *,
    since: datetime,
    apply: bool,
    record: Callable[[Thing], None],
    between: Callable[[], object] = lambda: None,
) -> Reconciliation:
    """Compare everything since a time, and settle what differs.

    Args:
        client: The official client.
        connection: A connection without an open transaction, whose login may act as the site's server.
        since: The earliest creation time; events are read for the last thirty days of it.
        apply: False only compares, and changes nothing.
        record: Records an event that never arrived.
        between: Called between two steps; may raise to end the reconciliation there.

    Raises:
        stripe.StripeError: Stripe cannot be asked.
        psycopg.Error: The database cannot be reached.
    """
    created = {"gte": int(since.timestamp())}
    sessions = _read(client.v1.checkout.sessions, created=created)
    between()
    refunds = _read(client.v1.refunds, created=created)
    disputes = _read(client.v1.disputes, created=created)
    between()
    recent = max(since, datetime.now(UTC) - timedelta(days=EVENT_DAYS))
    events = _read(client.v1.events, created={"gte": int(recent.timestamp())})
    found = [
        *_compare_sessions(connection, sessions),
        *_compare_states(connection, "refund", refunds),
        *_compare_states(connection, "dispute", disputes),
    ]
    missing = list(_find_missing_events(connection, events))
    if apply:
        things = {thing["id"]: thing for thing in (*refunds, *disputes)}
        found = list(_settle(client, connection, found, things, between))
        for event in missing:
            record(event)
    outcome = "recorded" if apply else None
    found += [Difference("event", event["id"], event["type"], None, outcome) for event in missing]
    kinds = {"session": sessions, "refund": refunds, "dispute": disputes, "event": events}
    return Reconciliation(
        since=since,
        compared={kind: len(things) for kind, things in kinds.items()},
        differences=tuple(found),
        whole=all(len(things) < MOST for things in kinds.values()),
    )


def _read(service: Any, **query: Any) -> list[Thing]:
    page = service.list({"limit": 100, **query})
    return [plain(thing) for thing in itertools.islice(page.auto_paging_iter(), MOST)]


def _compare_sessions(connection: psycopg.Connection[Any], sessions: Sequence[Thing]) -> Iterator[Difference]:
    """Yield the sessions whose purchase is not in the state that Stripe gives it."""
    known = _look_up(
        connection,
        "select p.checkout_session_id, case when p.status = 'paid' and p.unlocked_at is null and not exists"
        " (select from public.payment_reviews r where r.purchase_id = p.id) then 'locked' else p.status end"
        " from public.purchases p where p.checkout_session_id = any(%s)",
        sessions,
    )
    for session in sessions:
        here, there = known.get(session["id"]), read_state(session, None)
        if not _is_settled(there, here):
            yield Difference("session", session["id"], there, here)


def _is_settled(there: str, here: str | None) -> bool:
    """Tell whether a purchase is as far as its session; only a payment needs a purchase, and only an open one waits."""
    if there == "paid":
        return here in SETTLED
    return there == "open" or here != "open"


def _compare_states(connection: psycopg.Connection[Any], kind: str, things: Sequence[Thing]) -> Iterator[Difference]:
    """Yield the refunds or disputes that the database lacks, or has in another state."""
    query = f"select t.id, t.status from public.{kind}s t where t.id = any(%s)"  # one of two names
    known = _look_up(connection, query, things)
    for thing in things:
        if known.get(thing["id"]) != thing["status"]:
            yield Difference(kind, thing["id"], thing["status"], known.get(thing["id"]))


def _find_missing_events(connection: psycopg.Connection[Any], events: Sequence[Thing]) -> Iterator[Thing]:
    """Yield the events that were never recorded, whether or not Stripe counts them as delivered."""
    known = _look_up(connection, "select e.id, e.status from public.stripe_events e where e.id = any(%s)", events)
    return (event for event in events if event["id"] not in known)


def _look_up(connection: psycopg.Connection[Any], query: str, things: Iterable[Thing]) -> dict[str, str]:
    with acting_as_server(connection):
        return dict(connection.execute(query.encode(), [[thing["id"] for thing in things]]).fetchall())


def _settle(
    client: stripe.StripeClient,
    connection: psycopg.Connection[Any],
    differences: Sequence[Difference],
    things: dict[str, Thing],
    between: Callable[[], object],
) -> Iterator[Difference]:
    """Fulfil the session of each difference, once; money without an order waits for a person."""
    outcomes: dict[str | None, str] = {None: "no checkout"}
    for one in differences:
        between()
        session = one.id if one.kind == "session" else _session_of(client, things[one.id])
        if session not in outcomes and session is not None:
            outcomes[session] = settle_session(client, connection, session)
            if outcomes[session] == "unknown":
                _review(connection, session)
        yield Difference(one.kind, one.id, one.at_stripe, one.here, outcomes[session])


def settle_session(client: stripe.StripeClient, connection: psycopg.Connection[Any], session: str) -> str:
    """Fulfil a session; one that the database refuses keeps no other from being settled.

    An example is a purchase whose buyer is being erased: its events wait for an operator.

    Raises:
        stripe.StripeError: Stripe cannot be asked.
        psycopg.Error: The database cannot be reached, another attempt may succeed, or its functions are others.
    """
    try:
        return fulfil(client, connection, session)
    except (psycopg.IntegrityError, psycopg.DataError, InsufficientPrivilege):
        return REFUSED


def _session_of(client: stripe.StripeClient, thing: Thing) -> str | None:
    payment = thing.get("payment_intent")
    return find_session(client, payment) if payment else None


def _review(connection: psycopg.Connection[Any], session: str) -> None:
    with acting_as_server(connection):
        connection.execute("select public.review_payment(%s, 'unknown_order')", [session])
