"""What each process of the shop does in a play, with the product's own code."""

import contextlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import psycopg
import stripe

from lab.database.connect import DatabaseUnavailable, LimitedConnection
from lab.rehearsal.connection import RehearsedConnection
from lab.rehearsal.faults import WEBHOOK, Dropped, Killed
from lab.rehearsal.outside import Files, Post, StripeInMemory
from lab.rehearsal.points import Side
from lab.rehearsal.scene import ENVIRONMENT, KEY, Moment, Stage, World
from lab.services.acting import acting_as_server
from lab.services.billing.event_store import write_event
from lab.services.billing.events import read_event
from lab.services.billing.fulfil import fulfil
from lab.services.billing.processing import process_events
from lab.services.billing.reconcile import reconcile
from lab.services.billing.sell import Order, begin_sale
from lab.services.billing.signature import verify_signature
from lab.services.delivery.claims import ClaimedJob, extend_leases, read_gate
from lab.services.delivery.drain import CHANNELS, Delivery, Lane, open_channels
from lab.services.delivery.handle import Handled
from lab.services.delivery.leases import Leases
from lab.services.delivery.position import Position
from lab.services.delivery.removal import remove_files
from lab.services.delivery.site import DeliverySite
from lab.services.demo_shop.bought import bring_readings
from lab.services.files import StoreFault
from lab.services.local_stripe.actions import act
from lab.services.worker import Stop

WORKER, OTHER = "rehearsal:1", "rehearsal:2"
SENDER, ADDRESS, SECRET = "Shop <oracle@shop.example>", "https://shop.example", "whsec_rehearsal"
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
JOBS, LEASE_SECONDS = 10, 3600  # by the real clock, so longer than all plays on one stage take
# Leases, pauses and plans lie earlier, by more than the longest of them: the clock cannot be moved in a transaction.
_PASS = (
    "update public.delivery_jobs set next_run_at = next_run_at - interval '25 hours',"
    " lease_until = lease_until - interval '25 hours' where status in ('pending', 'running')",
    "update public.stripe_events set next_attempt_at = next_attempt_at - interval '25 hours',"
    " lease_until = lease_until - interval '25 hours' where status in ('received', 'processing', 'failed')",
)


class Processes(ABC):
    """The processes; each connection, call and file of theirs has its points.

    Args:
        stage: What the play begins with.
        world: What is outside the database.
        ability: What the e-mail provider can: blind or idempotent.
    """

    def __init__(self, stage: Stage, world: World, ability: str) -> None:
        self.stage, self.world, self.doer = stage, world, ""
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
        way = StripeInMemory(self.stage.account, self.reach)
        return stripe.StripeClient(KEY, http_client=way, max_network_retries=0)

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
            self.stage.connection.execute("reset role")

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
                self.store_event(json.dumps(event.write(1)).encode(), SECRET)
                self.reach(WEBHOOK, event.type.replace(".", "_"), "after")
                self.world.told.add(event.id)

    def store_event(self, body: bytes, secret: str) -> None:
        """Verify and store one event, as the receiver does."""
        now = int(datetime.now(UTC).timestamp())
        head = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, now)
        verify_signature(body, head, [SECRET])
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
            reconcile(self.client(), self.connection(), since=SINCE, apply=True, record=self.record)

    def bring(self) -> None:
        """Make the reading that was bought, and queue its deliveries."""
        with self.doing("site"):
            bring_readings(self.connection(), SINCE)

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

    @cached_property
    def site(self) -> DeliverySite:
        """Return what deliveries work with."""
        return DeliverySite(
            url="", worker=WORKER, environment=ENVIRONMENT, provider=self.post, renderer=self.stage.renderer,
            store=self.files, sender=SENDER, address=ADDRESS, secret=b"a key of rehearsals alone, 32 byte",
        )  # fmt: skip

    def tell(self, sentence: str) -> None:
        """Add a sentence to the timeline."""
        self.timeline.append(Moment(sentence))

    def pass_time(self) -> None:
        """Let a day pass."""
        for statement in _PASS:
            self.stage.connection.execute(statement.encode())

    def value(self, statement: str, *values: object) -> Any:
        """Return the first value of the first row, as the owner of the database sees it."""
        row = self.stage.connection.execute(statement.encode(), values).fetchone()
        return row[0] if row else None

    def intents(self) -> frozenset[str]:
        """Return the idempotency keys of which an intent to send is committed."""
        return frozenset(
            self.value(
                "select coalesce(array_agg(j.idempotency_key), '{}')"
                " from public.delivery_effects e join public.delivery_jobs j on j.id = e.job_id"
            )
        )


class RehearsedLane(Lane):
    """A worker's lane, of which each job is a doer of its own.

    Args:
        processes: The processes of the play.
        ending: Of the doers' names.
    """

    def __init__(self, processes: Processes, ending: str) -> None:
        delivery = Delivery(
            site=processes.site,
            stop=_NEVER,
            report=processes.report,
            tell=processes.tell,
            batch=JOBS,
            lease_seconds=LEASE_SECONDS,
        )
        super().__init__(delivery=delivery, leases=Leases(_open_none, extend_leases, LEASE_SECONDS), bell=None)
        self.position = Position(clock=lambda: 0.0)
        self._processes, self._ending = processes, ending

    def handle(self, connection: psycopg.Connection[Any], job: ClaimedJob) -> None:
        """Handle a job as the doer that it names."""
        before, self._processes.doer = self._processes.doer, f"{job.channel}.{job.leg}{self._ending}"
        super().handle(connection, job)
        self._processes.doer = before


class _Never(Stop):
    """A stop that is never asked for, and that needs no socket."""

    def __init__(self) -> None:
        self.asked = False


_NEVER = _Never()


def _open_none() -> LimitedConnection:
    raise DatabaseUnavailable("The rehearsal", "No lease is extended in it", "Nothing is to be done")
