"""What each process of the shop does in a play, with the product's own code."""

import contextlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import stripe

from lab.rehearsal.connection import RehearsedConnection
from lab.rehearsal.faults import WEBHOOK, Dropped, Killed
from lab.rehearsal.making import Bought
from lab.rehearsal.outside import Files, Post, StripeInMemory
from lab.rehearsal.points import Side
from lab.rehearsal.scene import ENVIRONMENT, Moment, Stage, World
from lab.rehearsal.statements import find_statements
from lab.rehearsal.wishes import Wish, reading
from lab.rehearsal.workers import RehearsedLane, RehearsedSite
from lab.services.acting import acting_as_server
from lab.services.billing.event_store import write_event
from lab.services.billing.events import read_event
from lab.services.billing.fulfil import fulfil
from lab.services.billing.processing import process_events
from lab.services.billing.reconcile import reconcile
from lab.services.billing.refusal import Refused
from lab.services.billing.sell import Order, begin_sale
from lab.services.billing.signature import check_age, verify_signature
from lab.services.delivery.claims import read_gate
from lab.services.delivery.drain import CHANNELS, open_channels
from lab.services.delivery.handle import Handled
from lab.services.delivery.removal import remove_files
from lab.services.delivery.site import DeliverySite
from lab.services.demo_shop.bought import bring_readings
from lab.services.files import StoreFault
from lab.services.local_stripe.actions import act

WORKER, OTHER = "rehearsal:1", "rehearsal:2"
SENDER, ADDRESS = "Shop <oracle@shop.example>", "https://shop.example"
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
# Leases, pauses and plans lie earlier, by more than the longest of them: the clock cannot be moved in a transaction.
_A_DAY_LATER = """
update public.delivery_jobs
   set next_run_at = next_run_at - interval '25 hours', lease_until = lease_until - interval '25 hours'
 where status in ('pending', 'running');
update public.stripe_events
   set next_attempt_at = next_attempt_at - interval '25 hours', lease_until = lease_until - interval '25 hours'
 where status in ('received', 'processing', 'failed');
"""


class Processes(ABC):
    """The processes; each connection, call and file of theirs has its points.

    Args:
        stage: What the play begins with.
        world: What is outside the database.
        ability: What the e-mail provider can: blind or idempotent.
        wish: What the buyer asks for.
    """

    def __init__(self, stage: Stage, world: World, ability: str, wish: Wish = reading) -> None:
        self.stage, self.world, self.doer, self.since = stage, world, "", SINCE
        self.wish = wish
        self.timeline: list[Moment] = []
        self.post, self.files = Post(self.reach, self.note_sent, ability), Files(self.reach)

    @abstractmethod
    def reach(self, where: str, call: str, side: Side) -> None:
        """Come to a point."""

    @abstractmethod
    def note_sent(self, key: str) -> None:
        """Note that a message leaves."""

    def connection(self) -> Any:
        """Return the connection of a process."""
        return RehearsedConnection(self.stage.connection, self.reach, self.stage.settle)

    def client(self) -> stripe.StripeClient:
        """Return the client of a process."""
        way = StripeInMemory(self.stage.account, self._reach_stripe)
        return self.stage.answers.open_client(self.world.key, way)

    def _reach_stripe(self, where: str, call: str, side: Side) -> None:
        """Come to a point at Stripe, which refuses an old key.

        Raises:
            stripe.AuthenticationError: The key is not accepted any more.
        """
        self.reach(where, call, side)
        if side == "before" and self.world.key not in self.world.accepted:
            raise stripe.AuthenticationError("the key was replaced")

    @contextlib.contextmanager
    def doing(self, doer: str) -> Iterator[None]:
        """Let a process do something; what ends it, ends this alone, as the loops of the product have it."""
        before, self.doer = self.doer, doer
        try:
            yield
        except Killed:
            self.timeline.append(Moment(f"{self.doer} is killed"))
        except (psycopg.Error, stripe.StripeError, Dropped) as error:
            self.timeline.append(Moment(f"{self.doer} ends with {type(error).__name__}"))
        finally:
            self.doer = before

    def buy(self) -> None:
        """Begin the sale, as the shop does when the buyer clicks; again with the same order when it failed."""
        order = Order(order_id=self.world.order, purchase_link_id=self.stage.link, buyer=self.stage.buyer)
        with self.doing("shop"):
            begun = begin_sale(self.client(), self.connection(), order, success_url=ADDRESS, cancel_url=ADDRESS)
            self.world.session = begun.session_id

    def pay(self) -> None:
        """Pay at Stripe, once."""
        if self.world.session and not self.world.paid:
            act(self.stage.account.store, "pay", self.world.session, {"payment_method": "pm_card_visa"})
            self.world.paid = True

    def return_to_page(self) -> None:
        """Fulfil, as the page does to which the buyer returns."""
        if self.world.session:
            with self.doing("page"):
                fulfil(self.client(), self.connection(), self.world.session)

    def waiting_events(self) -> list[Any]:
        """Return the events that Stripe still delivers, in their order."""
        return [event for event in self.stage.account.store.events.values() if event.id not in self.world.told]

    def receive(self) -> None:
        """Receive what Stripe sends; what is not answered is sent again in the next round."""
        for event in self.waiting_events():
            with self.doing("webhook"):
                self.reach(WEBHOOK, event.type.replace(".", "_"), "before")
                self._take_event(json.dumps(event.write(1)).encode())
                self.reach(WEBHOOK, event.type.replace(".", "_"), "after")
                self.world.told.add(event.id)

    def _take_event(self, body: bytes) -> None:
        """Take one event of Stripe; one that is refused is sent again.

        Raises:
            Dropped: It was refused.
        """
        try:
            self.store_event(body, *self.world.signing)
        except Refused:
            overlaps = not self.world.clock_off and set(self.world.signing) & set(self.world.known)
            self.world.refused_in_overlap += bool(overlaps)
            raise Dropped from None

    def store_event(self, body: bytes, *secrets: str) -> None:
        """Verify and store one event, as the receiver does.

        Raises:
            Refused: It has no signature of a known secret, or another time.
        """
        now = int(datetime.now(UTC).timestamp())
        heads = [stripe.WebhookSignature.generate_signature_header(body.decode(), one, now) for one in secrets]
        head = ",".join([heads[0], *(one.partition(",")[2] for one in heads[1:])])
        check_age(verify_signature(body, head, self.world.known), now + self.world.clock_off)
        self.record(json.loads(body))

    def record(self, thing: Any) -> None:
        """Store an event."""
        connection = self.connection()
        with acting_as_server(connection):
            connection.execute(*write_event(read_event(json.dumps(thing).encode())))

    def process(self) -> None:
        """Process what is due."""
        with self.doing("events"):
            while process_events(self.client(), self.connection(), worker=WORKER, livemode=False, most=10):
                pass

    def reconcile(self) -> None:
        """Settle what is missing."""
        with self.doing("reconciliation"):
            reconcile(self.client(), self.connection(), since=self.since, apply=True, record=self.record)

    def bring(self) -> None:
        """Make what was bought, and queue its deliveries."""
        with self.doing("site"):
            if self.wish.reading:
                bring_readings(self.connection(), self.since)
            if self.wish is not reading and (bought := self._find_bought()):
                with contextlib.suppress(psycopg.errors.InsufficientPrivilege):  # the buyer is being erased
                    self.wish.make(self.connection(), bought)

    def _find_bought(self) -> Bought | None:
        """Return the purchase once it is unlocked."""
        unlocked = self.value(
            "select p.id from public.purchases p where p.id = %s and p.unlocked_at is not null and p.status = 'paid'",
            self.world.order,
        )
        return unlocked and Bought(
            purchase=unlocked,
            session=self.world.session,
            buyer=self.stage.buyer,
            consents=self.wish.scenario.consents,
        )

    def reap(self) -> None:
        """Return the jobs of processes that ended to the queue."""
        with self.doing("reaper"):
            connection = self.connection()
            with acting_as_server(connection):
                connection.execute("select public.reap_delivery_leases()")

    def deliver(self, doer: str = "worker") -> None:
        """Deliver what is due, by the lane of a worker."""
        with self.doing(doer):
            connection = self.connection()
            with contextlib.suppress(StoreFault):  # the file stays on the list
                remove_files(self.files, connection)
            channels = open_channels(read_gate(connection, ENVIRONMENT, CHANNELS))
            lane = RehearsedLane(self, " of the other" if doer != "worker" else "")
            if channels:
                lane.drain(connection, channels)

    def report(self, done: Handled) -> None:
        """Note a job that was completed by a worker that had lost it."""
        late = (done.job.id, done.job.token) in self.world.lost
        self.world.stale += done.state == "done" and done.job.leg == "account" and late

    @property
    def site(self) -> DeliverySite:
        """Return what the deliveries of a new worker work with; each release writes its messages otherwise."""
        release = self.world.release
        sender = SENDER if release == 1 else SENDER.replace("Shop", f"Shop {release}")
        return RehearsedSite(
            url="", worker=WORKER, environment=ENVIRONMENT, provider=self.post, renderer=self.stage.renderer,
            store=self.files, sender=sender, address=ADDRESS, secret=b"a key of rehearsals alone, 32 byte",
            release=release,
        )  # fmt: skip

    def tell(self, sentence: str) -> None:
        """Add a sentence to the timeline."""
        self.timeline.append(Moment(sentence))

    def pass_time(self) -> None:
        """Let a day pass."""
        self.stage.connection.execute(_A_DAY_LATER.encode())

    def value(self, statement: str, *values: object) -> Any:
        """Return the first value of the first row, as the owner of the database sees it."""
        connection = self.stage.connection
        row = find_statements(connection).execute(connection, statement.encode(), values or None).fetchone()
        return row[0] if row else None

    def intents(self) -> frozenset[str]:
        """Return the idempotency keys of which an intent to send is committed."""
        return frozenset(
            self.value(
                "select coalesce(array_agg(j.idempotency_key), '{}')"
                " from public.delivery_effects e join public.delivery_jobs j on j.id = e.job_id"
            )
        )
