"""What happens to a purchase at Stripe, chapter by chapter, and who of the product learns of it.

To add a story: write its chapters as functions that act at Stripe, list it in STORIES, and say in `facts.py` how it
ends.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import anyio
import stripe

from lab.checks.stripe.webhooks import EVENT_TYPES
from lab.database.connect import LimitedConnection, connect
from lab.services.billing import fulfil, processing, reconcile, sell
from lab.services.billing.event_store import record_missing
from lab.services.billing.mount import PATH
from lab.services.billing.receiver import Receiver
from lab.services.billing.settings import Settings
from lab.services.local_stripe.store import Event
from tests.billing.crash_points import Killed, Watch, WatchedStripe
from tests.billing.facts import tell
from tests.billing.served import sign
from tests.billing.shops import CANCEL, SUCCESS, Shop, add_person

Chapter = Callable[["Tale"], object]
DELAYED = "pm_successDelayed_de"


@dataclass
class Tale:
    """One purchase on its way through a story.

    Args:
        shop: The shop.
        watch: Watches the product.
        doer: Who learns of what happens at Stripe: a name of DOERS.
        order: What is ordered.
    """

    shop: Shop
    watch: Watch
    doer: str
    order: sell.Order
    session: str = ""
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    told: int = 0  # events at Stripe that were sent
    made: dict[str, uuid.UUID] = field(default_factory=dict)
    dispute: str = ""
    refund: str = ""

    def client(self) -> stripe.StripeClient:
        """Return the client of a new process."""
        return self.shop.local.client(http_client=WatchedStripe(self.watch))

    def connection(self) -> LimitedConnection:
        """Return the connection of a new process."""
        return connect(self.shop.database.api_url)

    def facts(self) -> dict[str, Any]:
        """Return what the purchase has come to."""
        return tell(self.shop, self.order.order_id, self.session, self.made)

    def act(self, name: str, id: str = "", **fields: Any) -> dict[str, Any]:
        """Let something happen at Stripe."""
        return self.shop.local.act(name, id or self.session, **fields)


def begin_sale(tale: Tale) -> None:
    """Begin the sale, as the shop does when the buyer clicks."""
    with tale.connection() as connection:
        begun = sell.begin_sale(tale.client(), connection, tale.order, success_url=SUCCESS, cancel_url=CANCEL)
    tale.session = begun.session_id


def work(tale: Tale) -> None:
    """Receive what Stripe sends, and process it."""
    with ThreadPoolExecutor(1) as thread:  # a browser of another test may have an event loop in this one
        thread.submit(anyio.run, _receive, tale).result()
    process(tale)


async def _receive(tale: Tale) -> None:
    """Receive each event in turn; one that was not answered with 200 is sent again next time."""
    receiver = Receiver(Settings(url=tale.shop.database.api_url, secrets=(tale.shop.secret,), livemode=False))
    for event in list(tale.shop.local.store.events.values())[tale.told :]:
        if event.type in EVENT_TYPES:
            assert await _deliver(receiver, tale.shop, event) == 200
        tale.told += 1


async def _deliver(receiver: Receiver, shop: Shop, event: Event) -> int:
    """Send one event to the receiver; returns the status of its answer."""
    body = json.dumps(event.write(1)).encode()
    head = [(b"stripe-signature", sign(body, shop.secret).encode())]
    scope = {"type": "http", "method": "POST", "path": PATH, "query_string": b"", "headers": head}
    answers: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        answers.append(message)

    await receiver(scope, receive, send)
    return int(answers[0]["status"])


def process(tale: Tale) -> None:
    """Process until nothing is due."""
    with tale.connection() as connection:
        while processing.process_events(tale.client(), connection, worker="test:1", livemode=False, most=100):
            pass


def return_to_page(tale: Tale) -> None:
    """Fulfil, as the page that the buyer returns to does."""
    with tale.connection() as connection:
        fulfil.fulfil(tale.client(), connection, tale.session)


def compare(tale: Tale, *, apply: bool = True) -> reconcile.Reconciliation:
    """Reconcile what happened since the story began."""
    record = record_missing(tale.shop.database.api_url)
    with tale.connection() as connection:
        return reconcile.reconcile(tale.client(), connection, since=tale.since, apply=apply, record=record)


DOERS: dict[str, Callable[[Tale], object]] = {"worker": work, "page": return_to_page, "reconciliation": compare}


def _pay(tale: Tale) -> None:
    tale.act("pay", payment_method="pm_card_visa")


def _pay_later(tale: Tale) -> None:
    tale.act("pay", payment_method=DELAYED)


def _make_gift(tale: Tale) -> None:
    """Make the file that was bought, and invite somebody to it."""
    gift, invitation = uuid.uuid4(), uuid.uuid4()
    run = tale.shop.admin.execute
    run(
        "insert into public.oracle_artifacts (id, subject_id, scroll_id, purchase_id, kind, state)"
        " values (%s, %s, %s, %s, 'gift', 'ready')",
        [gift, tale.order.buyer, tale.order.scroll_id, tale.order.order_id],
    )
    run(
        "select public.record_consent(%s, 'gift_recipient', 'given', gen_random_uuid(), n.id, %s)"
        " from public.consent_notices n where n.purpose = 'gift_recipient' and n.locale = 'en' limit 1",
        [tale.order.buyer, gift],
    )
    run(
        "insert into public.gift_recipients (id, artifact_id, subject_id, contact, token_sha256)"
        " values (%s, %s, %s, 'friend@example.test', sha256(%s::text::bytea))",
        [invitation, gift, tale.order.buyer, str(invitation)],
    )
    tale.made = {"gift": gift, "invitation": invitation}


def _refund(tale: Tale) -> None:
    tale.act("refund", amount=1000)
    tale.act("refund")


def _dispute(tale: Tale) -> None:
    tale.dispute = tale.act("dispute")["id"]


def _refund_gift(tale: Tale) -> None:
    _make_gift(tale)
    tale.refund = tale.act("refund")["id"]


STORIES: dict[str, tuple[Chapter, ...]] = {
    "paid at once": (_pay,),
    "paid later": (_pay_later, lambda tale: tale.act("settle")),
    "refund": (_pay, _refund),
    "dispute": (_pay, _dispute, lambda tale: tale.act("lose", tale.dispute)),
    "gift": (_pay, _refund_gift),
    "failed refund": (_pay, _refund_gift, lambda tale: tale.act("fail_refund", tale.refund)),
}


def begin(shop: Shop, watch: Watch, story: str, doer: str) -> Tale:
    """Begin a story with a person, a reading and an order of its own; what happened before is over."""
    person, scroll = add_person(shop.admin), uuid.uuid4()
    question = "insert into public.oracle_scrolls (id, subject_id, question) values (%s, %s, 'Will it rain?')"
    shop.admin.execute(question, [scroll, person])
    recipient = add_person(shop.admin) if story == "gift" else None
    order = sell.Order(
        order_id=uuid.uuid4(), purchase_link_id=shop.link, buyer=person, recipient=recipient, scroll_id=scroll
    )
    tale = Tale(shop, watch, doer, order)
    tale.told = len(shop.local.store.events)
    return tale


def steps(tale: Tale, story: str) -> Iterator[tuple[Chapter, Chapter]]:
    """Yield what happens at Stripe with what the product does after it."""
    yield lambda _: None, begin_sale
    for chapter in STORIES[story]:
        yield chapter, DOERS[tale.doer]


def run(tale: Tale, story: str, after: int | None = None) -> tuple[list[str], list[dict[str, Any]]]:
    """Run a story to its end; a killed process is started again. At the end Stripe delivers what it still can.

    Args:
        tale: The purchase.
        story: A name of STORIES.
        after: The number of the call after which the first process ends.

    Returns:
        The calls that the first process made, and the facts after each chapter and at the end.
    """
    crash, facts = tale.watch.begin(after), []
    for happen, do in steps(tale, story):
        happen(tale)
        try:
            do(tale)
        except Killed:
            tale.watch.begin()
            end_leases(tale.shop)
            do(tale)
        facts.append(tale.facts())
    tale.watch.begin()
    work(tale)
    facts.append(tale.facts() | {"differences": _compare_payments(tale)})
    record_all(tale)
    return crash.calls, facts


def _compare_payments(tale: Tale) -> list[str]:
    """Return the kinds of what still differs from Stripe, but for the events that nobody asked for."""
    return sorted({one.kind for one in compare(tale, apply=False).differences} - {"event"})


def record_all(tale: Tale) -> None:
    """Record also the events that nobody needs, so that they belong to no later story."""
    compare(tale)
    process(tale)


def end_leases(shop: Shop) -> None:
    """Let the time pass after which the events of a worker that has ended are claimed again."""
    shop.admin.execute("update public.stripe_events set next_attempt_at = now() where status = 'processing'")
