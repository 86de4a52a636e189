"""Plays one purchase from the checkout to the last message, with the product's own code and the faults of a schedule.

Everything happens in one transaction that is rolled back at the end: each of the product's transactions is a savepoint
of it. This way sees no race, no lock wait and no failing commit, and `now()` stands still in it.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any
from uuid import UUID, uuid4

import psycopg
import stripe

from lab.rehearsal.connection import RehearsedConnection
from lab.rehearsal.faults import BY_ID, WEBHOOK, Dropped, Fault, Killed
from lab.rehearsal.outside import Account, Files, Post, StripeInMemory
from lab.rehearsal.points import Counting, Point, Side
from lab.rules import RULES
from lab.services.acting import acting_as_server
from lab.services.billing.event_store import write_event
from lab.services.billing.events import read_event
from lab.services.billing.fulfil import fulfil
from lab.services.billing.processing import process_events
from lab.services.billing.reconcile import reconcile
from lab.services.billing.refusal import Refused
from lab.services.billing.sell import Order, begin_sale
from lab.services.billing.signature import verify_signature
from lab.services.delivery.claims import claim_jobs, read_gate, release_job
from lab.services.delivery.drain import open_channels
from lab.services.delivery.handle import handle_job
from lab.services.delivery.site import DeliverySite
from lab.services.demo_shop.bought import bring_readings
from lab.services.documents import Renderer
from lab.services.local_stripe.actions import act
from lab.services.local_stripe.errors import ApiError

ENVIRONMENT, WORKER, SENDER, ADDRESS = "rehearsal", "rehearsal:1", "Shop <oracle@shop.example>", "https://shop.example"
SECRET, KEY = "whsec_rehearsal", "sk_test_rehearsal"
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
ROUNDS = 20  # after each of which a day passes: longer than every lease and every pause
CALM = 4  # the round from which nothing more goes wrong
QUIET = 2  # rounds without a change, of which the second has seen a day pass
JOBS, LEASE_SECONDS = 10, 3600  # by the real clock, so longer than all plays on one stage take
# What passes time: leases, pauses and plans lie earlier, by more than the longest of them. The clock itself cannot be moved in a transaction.
_PASS = (
    "update public.delivery_jobs set next_run_at = next_run_at - interval '25 hours',"
    " lease_until = lease_until - interval '25 hours' where status in ('pending', 'running')",
    "update public.stripe_events set next_attempt_at = next_attempt_at - interval '25 hours',"
    " lease_until = lease_until - interval '25 hours' where status in ('received', 'processing', 'failed')",
)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What every play begins with, made once.

    Args:
        connection: A connection as `postgres` with an open transaction.
        account: A Stripe account in which the offers are.
        renderer: Renders the files.
        link: What is sold.
        buyer: Who buys, with the e-mail consent given.
        settle: Statements that end a savepoint as a commit would.
        began: The account as it is at the beginning.
    """

    connection: psycopg.Connection[Any]
    account: Account
    renderer: Renderer
    link: UUID
    buyer: UUID
    settle: str
    began: bytes = field(repr=False)


@dataclass(frozen=True)
class Moment:
    """One line of the timeline: a point that was reached, with its kind of call; or something that happened."""

    what: str
    where: str = ""
    fault: str | None = None


@dataclass
class World:
    """What a play has besides the database; all of it can be kept and put back.

    Args:
        order: The order's id.
        session: The checkout's id at Stripe, once the buyer has it.
        told: Ids of events that were received, and answered.
        erasure: The request by which the person is erased.
        passed: The idempotency keys whose intent was committed when the consent was withdrawn; None before that.
    """

    order: UUID
    session: str = ""
    paid: bool = False
    told: set[str] = field(default_factory=set)
    erasure: UUID | None = None
    passed: frozenset[str] | None = None


class Play:
    """One purchase on its way.

    Args:
        stage: What it begins with.
        faults: What goes wrong, each once.
        ability: What the e-mail provider can: blind or idempotent.
        fork: Called at every point, with the play; it may play a part of another future, and put everything back.
    """

    def __init__(
        self,
        stage: Stage,
        faults: Sequence[Fault] = (),
        *,
        ability: str = "blind",
        fork: Callable[["Play", Point], None] | None = None,
    ) -> None:
        self.stage, self.fork, self.depth = stage, fork, 0
        self.mark: Any = None
        self.waiting = {fault.point: fault for fault in faults}
        self.timeline: list[Moment] = []
        self.counting, self.doer = Counting(), ""
        self.world = World(order=uuid4())
        self.post, self.files = Post(self.reach, ability), Files(self.reach)

    def branch(self) -> "Play":
        """Return a play that goes on from here after every process was killed."""
        other = Play(self.stage, (), ability=self.post.ability, fork=self.fork)
        other.depth, other.timeline = self.depth + 1, [*self.timeline, Moment("every process is killed")]
        other.waiting, other.counting = dict(self.waiting), Counting(Counter(self.counting.seen))
        other.world = replace(self.world, told=set(self.world.told))
        other.post.letters, other.files.kept = list(self.post.letters), dict(self.files.kept)
        return other

    # -- points

    def reach(self, where: str, call: str, side: Side) -> None:
        """Come to a point: play the forks of it, and let the schedule's fault happen."""
        point = self.counting.next(call, self.doer, side)
        fault = self.waiting.pop(point.name, None)
        self.timeline.append(Moment(point.name, where, fault.kind if fault else None))
        if self.fork:
            self.fork(self, point)
        if fault:
            self._suffer(fault, where)

    def _suffer(self, fault: Fault, where: str) -> None:
        kind = BY_ID[fault.kind]
        if not kind.can_happen(where, fault.point.rpartition("/")[2]):
            return
        if kind.act:
            with self._apart():
                getattr(self, kind.act)()
        if kind.raises:
            raise kind.raises()

    @contextlib.contextmanager
    def _apart(self) -> Iterator[None]:
        """Act as the world outside, in the middle of whatever a process does."""
        role = self._value("select current_setting('role')")
        self.stage.connection.execute("reset role")
        yield
        self.stage.connection.execute("select set_config('role', %s, true)", [role])

    # -- processes

    def connection(self) -> Any:
        """Return the connection of a process."""
        return RehearsedConnection(self.stage.connection, self.reach, self.stage.settle)

    def client(self) -> stripe.StripeClient:
        """Return the client of a process."""
        way = StripeInMemory(self.stage.account.api, self.reach)
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

    # -- the story

    def run(self) -> None:
        """Play from the first click to the end."""
        self.buy()
        self.pay()
        self.return_to_page()
        self.finish()

    def finish(self) -> None:
        """Let every process run until nothing changes any more, with time passing between."""
        quiet = 0
        for turn in range(ROUNDS):
            before, met = self._state(), len(self.interruptions())
            if turn:
                self.heal()
            if turn == CALM:
                self.waiting.clear()
            self.round(reconciling=turn % 2 == 0)
            self.pass_time()
            still = self._state() == before and len(self.interruptions()) == met and not self.waiting_events()
            quiet = quiet + 1 if still else 0
            if quiet == QUIET:
                break

    def round(self, *, reconciling: bool) -> None:
        """Let each process run once."""
        if not self.world.session:
            self.buy()
        self.pay()
        self.receive()
        self.process()
        if reconciling:
            self.reconcile()
        self.bring()
        self.reap()
        self.deliver()

    def buy(self) -> None:
        """Begin the sale, as the shop does when the buyer clicks; again with the same order when it failed."""
        order = Order(order_id=self.world.order, purchase_link_id=self.stage.link, buyer=self.stage.buyer)
        with self.doing("shop"):
            begun = begin_sale(
                self.client(), self.connection(), order, success_url=ADDRESS, cancel_url=ADDRESS
            )
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

    def deliver(self) -> None:
        """Deliver what is due."""
        with self.doing("worker"):
            connection = self.connection()
            channels = open_channels(read_gate(connection, ENVIRONMENT))
            jobs = claim_jobs(connection, WORKER, JOBS, LEASE_SECONDS, channels) if channels else []
            for job in jobs:
                with self._as_job(f"{job.channel}.{job.leg}"):
                    handle_job(self.site, connection, job, self._tell)

    @contextlib.contextmanager
    def _as_job(self, name: str) -> Iterator[None]:
        before, self.doer = self.doer, name
        yield
        self.doer = before

    @cached_property
    def site(self) -> DeliverySite:
        """Return what deliveries work with."""
        made = DeliverySite(
            url="", worker=WORKER, environment=ENVIRONMENT, provider=self.post, renderer=self.stage.renderer,
            store=self.files, sender=SENDER, address=ADDRESS, secret=b"a key of rehearsals alone, 32 byte",
        )  # fmt: skip
        made.__dict__["rules_version"] = rules_version()
        return made

    def _tell(self, sentence: str) -> None:
        self.timeline.append(Moment(sentence))

    # -- the world

    def pass_time(self) -> None:
        """Let an hour pass."""
        for statement in _PASS:
            self.stage.connection.execute(statement.encode())

    def withdraw(self) -> None:
        """Withdraw the e-mail consent, once."""
        if self.world.passed is None:
            self.world.passed = self.intents()
        self._record("select public.record_consent(%s, 'email_delivery', 'withdrawn', gen_random_uuid())")

    def erase(self) -> None:
        """Begin the person's erasure; it cannot end in this one transaction."""
        if self.world.erasure is None:
            self.world.passed = self.intents() if self.world.passed is None else self.world.passed
            row = self._value(
                "insert into public.privacy_requests (subject_id, kind) values (%s, 'deletion') returning id",
                self.stage.buyer,
            )
            self.world.erasure = row
            for state in ("verified", "running"):
                self._value("update public.privacy_requests set status = %s where id = %s returning id", state, row)
        self._value("select count(*) from public.erase_subject(%s)", self.world.erasure)

    def refund(self) -> None:
        """Refund the payment in Stripe's dashboard."""
        self._act("refund")

    def dispute(self) -> None:
        """Dispute the payment at the bank."""
        self._act("dispute")

    def interruptions(self) -> list[Moment]:
        """Return what was not as it is without faults."""
        return [moment for moment in self.timeline if moment.fault or not moment.where]

    def heal(self) -> None:
        """Undo what an operator has stopped."""
        self.stage.connection.execute("reset role")
        self._value("select public.open_environment(%s)", ENVIRONMENT)
        self._value("select public.switch_deliveries('email', false)")

    def close_environment(self) -> None:
        """Let the database look like a copy."""
        self._value("select public.open_environment('elsewhere')")

    def stop_email(self) -> None:
        """Stop the e-mail channel, as an operator does."""
        self._value("select public.switch_deliveries('email', true)")

    def forge_event(self) -> None:
        """Send an event that nobody signed."""
        body = json.dumps(self.waiting_events()[0].write(1)).encode()
        with contextlib.suppress(Refused):
            self.store_event(body, "whsec_of_somebody_else")
            raise AssertionError("a forged event was stored")

    def reorder(self) -> None:
        """Let the newest event come first."""
        event = self.waiting_events()[-1]
        self.record(event.write(1))

    def _act(self, name: str) -> None:
        if self.world.paid:
            with contextlib.suppress(ApiError):  # refunded or disputed before
                act(self.stage.account.store, name, self.world.session, {})

    def _record(self, statement: str) -> None:
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege):  # of an erased person
            with self.stage.connection.transaction():
                self._value(statement, self.stage.buyer)

    def _value(self, statement: str, *values: object) -> Any:
        row = self.stage.connection.execute(statement.encode(), values).fetchone()
        return row[0] if row else None

    def intents(self) -> frozenset[str]:
        """Return the idempotency keys of which an intent to send is committed."""
        return frozenset(
            self._value(
                "select coalesce(array_agg(j.idempotency_key), '{}')"
                " from public.delivery_effects e join public.delivery_jobs j on j.id = e.job_id"
            )
        )

    def value(self, statement: str, *values: object) -> Any:
        """Return the first value of the first row."""
        return self._value(statement, *values)

    def _state(self) -> Any:
        return self._value(_STATE), len(self.post.letters), len(self.world.told), self.world.session


@cache
def rules_version() -> str:
    """Return the version of the rules, which each message keeps."""
    return hashlib.sha256(RULES.model_dump_json().encode()).hexdigest()[:12]


_STATE = """
select array[
  (select string_agg(j.id || j.status || j.attempts, ',' order by j.id) from public.delivery_jobs j),
  (select string_agg(e.id || e.status || e.attempts, ',' order by e.id) from public.stripe_events e),
  (select string_agg(p.status || (p.unlocked_at is not null), ',' order by p.id) from public.purchases p),
  (select count(*)::text from public.oracle_artifacts a)]
"""
_ = release_job
