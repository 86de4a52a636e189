"""What a play has: what it begins with, what happens outside the database, and its timeline."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg

from lab.rehearsal.answers import Answers
from lab.services.documents import Renderer
from lab.services.local_stripe.api import Api

ENVIRONMENT, KEY = "rehearsal", "sk_test_rehearsal"
SECRET = "whsec_rehearsal"  # noqa: S105 (of rehearsals alone)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What every play begins with, made once.

    Args:
        connection: A connection as `postgres` to a database of its own.
        account: A Stripe account in which the offers are.
        renderer: Renders the files.
        link: What is sold.
        buyer: Who buys, with the e-mail consent given.
        settle: Statements that end a savepoint as a commit would.
        began: The account as it is at the beginning.
        clock: Stripe's clock.
        order: The id of the order of each play that is rolled back.
        answers: What the stock client has made of Stripe's answers.
    """

    connection: psycopg.Connection[Any]
    account: Api
    renderer: Renderer
    link: UUID
    buyer: UUID
    settle: str
    began: bytes = field(repr=False)
    clock: Callable[[], float] = time.time
    order: UUID = field(default_factory=uuid4)
    answers: Answers = field(default_factory=Answers, repr=False)

    def tidy(self) -> None:
        """Remove what rolled back plays have left in the tables, which would make the next ones slower."""
        self.connection.execute("vacuum")


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
        paid: Whether the buyer has paid.
        passed: The idempotency keys whose intent was committed when the consent was withdrawn; None before that.
        withheld: The same for each other consent that was withdrawn, by its purpose.
        stopped: Those whose intent was committed when an operator stopped deliveries; None while nothing is stopped.
        sent_while_stopped: How many messages left without being among them.
        forged: How many events were stored that Stripe has not signed.
        lost: The jobs, with their tokens, whose leases ended before their workers did.
        stale: How many jobs were completed with one of them.
        signing: The webhook secrets with which Stripe signs: two while a rotation overlaps.
        known: The webhook secrets that the receiver knows.
        refused_in_overlap: How many events were refused although Stripe signed them with a known secret.
        key: The API key that the processes use.
        accepted: The API keys that Stripe accepts.
        release: The version of the program that new workers run.
        clock_off: Seconds by which the receiver's clock is wrong.
    """

    order: UUID
    session: str = ""
    paid: bool = False
    told: set[str] = field(default_factory=set)
    erasure: UUID | None = None
    passed: frozenset[str] | None = None
    withheld: Mapping[str, frozenset[str]] = field(default_factory=dict)
    stopped: frozenset[str] | None = None
    sent_while_stopped: int = 0
    forged: int = 0
    lost: set[tuple[int, UUID]] = field(default_factory=set)
    stale: int = 0
    signing: tuple[str, ...] = (SECRET,)
    known: tuple[str, ...] = (SECRET,)
    refused_in_overlap: int = 0
    key: str = KEY
    accepted: tuple[str, ...] = (KEY,)
    release: int = 1
    clock_off: int = 0
