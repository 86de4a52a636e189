"""What can go wrong at a point, each kind declared once with what it does and where it applies."""

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import stripe
from psycopg import errors

from lab.services.files import StoreFault
from lab.services.mail import Refused, Uncertain

DATABASE, STRIPE, MAIL, FILES, WEBHOOK = "database", "stripe", "mail", "files", "webhook"
ANY = (DATABASE, STRIPE, MAIL, FILES, WEBHOOK)


class Killed(BaseException):
    """The process ended at this point; nothing of it runs after that."""


class Dropped(Exception):
    """A call of the webhook did not arrive, or was refused; it is repeated later."""


class PoolerGone(psycopg.OperationalError):
    """The pooler has closed the connection, so its next use fails."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of fault.

    Args:
        id: Its name in a schedule.
        title: What happens, in words.
        where: The kinds of call at which it can happen.
        sides: Before the call, after it, or both.
        raises: Makes the error that the process sees; None for an act of the world that raises nothing.
        act: The act of the world: a method of `World`.
    """

    id: str
    title: str
    where: tuple[str, ...]
    sides: tuple[str, ...]
    raises: Callable[[], BaseException] | None = None
    act: str | None = None

    def can_happen(self, where: str, side: str) -> bool:
        """Tell whether it can happen there. What others do comes between two transactions, never inside one."""
        inside = self.act is not None and where == DATABASE and side == "before"
        return where in self.where and side in self.sides and not inside


def _gone() -> psycopg.Error:
    return psycopg.OperationalError("the connection is lost")


def _disk_full() -> StoreFault:
    return StoreFault("file.not_written")


def _unreachable() -> stripe.StripeError:
    return stripe.APIConnectionError("no answer")  # type: ignore[no-untyped-call]


def _rate_limit() -> stripe.StripeError:
    return stripe.RateLimitError("too many requests", http_status=429)


KINDS = (
    Kind(id="crash", title="The process is killed", where=ANY, sides=("before", "after"), raises=Killed),
    Kind(id="gone", title="The database is gone", where=(DATABASE,), sides=("before",), raises=_gone),
    Kind(
        id="pooler_gone", title="The pooler closes the connection between two transactions", where=(DATABASE,),
        sides=("before",), raises=PoolerGone,
    ),
    Kind(id="commit_lost", title="The answer to a commit is lost", where=(DATABASE,), sides=("after",), raises=_gone),
    Kind(
        id="serialization",
        title="A transaction must be repeated (40001)",
        where=(DATABASE,),
        sides=("before",),
        raises=errors.SerializationFailure,
    ),
    Kind(
        id="deadlock",
        title="A transaction is the victim of a deadlock (40P01)",
        where=(DATABASE,),
        sides=("before",),
        raises=errors.DeadlockDetected,
    ),
    Kind(
        id="stripe_down", title="Stripe cannot be reached", where=(STRIPE,), sides=("before",), raises=_unreachable
    ),
    Kind(
        id="stripe_lost", title="Stripe's answer is lost", where=(STRIPE,), sides=("after",), raises=_unreachable
    ),
    Kind(id="stripe_limit", title="Stripe limits the rate", where=(STRIPE,), sides=("before",), raises=_rate_limit),
    Kind(
        id="mail_refused",
        title="The e-mail provider refuses for now",
        where=(MAIL,),
        sides=("before",),
        raises=lambda: Refused("smtp.4_3_2"),
    ),
    Kind(
        id="mail_refused_for_good",
        title="The e-mail provider refuses the address",
        where=(MAIL,),
        sides=("before",),
        raises=lambda: Refused("smtp.5_1_1", permanent=True),
    ),
    Kind(
        id="mail_silent",
        title="The e-mail provider does not answer, and has nothing",
        where=(MAIL,),
        sides=("before",),
        raises=lambda: Uncertain("smtp.no_answer"),
    ),
    Kind(
        id="mail_lost",
        title="The e-mail provider has the message, and its answer is lost",
        where=(MAIL,),
        sides=("after",),
        raises=lambda: Uncertain("smtp.no_answer"),
    ),
    Kind(id="disk_full", title="The disk for files is full", where=(FILES,), sides=("before",), raises=_disk_full),
    Kind(id="dropped", title="An event does not arrive", where=(WEBHOOK,), sides=("before",), raises=Dropped),
    Kind(
        id="unanswered",
        title="An event arrives, and its answer is lost",
        where=(WEBHOOK,),
        sides=("after",),
        raises=Dropped,
    ),
    Kind(
        id="forged",
        title="An event comes with a wrong signature before",
        where=(WEBHOOK,),
        sides=("before",),
        act="forge_event",
    ),
    Kind(id="reordered", title="The newest event comes first", where=(WEBHOOK,), sides=("before",), act="reorder"),
    Kind(id="late", title="A day passes", where=ANY, sides=("before", "after"), act="pass_time"),
    Kind(
        id="overtaken", title="It stands still until its lease has ended and another worker went on",
        where=(DATABASE, MAIL, FILES), sides=("before", "after"), act="overtake",
    ),
    Kind(
        id="taken", title="It stands still until its lease has ended and another worker has its jobs",
        where=(DATABASE, MAIL, FILES), sides=("before", "after"), act="take_over",
    ),
    Kind(
        id="withdrawn", title="The person withdraws the e-mail consent", where=ANY, sides=("before", "after"),
        act="withdraw",
    ),
    Kind(id="erased", title="The person is erased", where=ANY, sides=("before", "after"), act="erase"),
    Kind(id="refunded", title="The payment is refunded", where=ANY, sides=("before", "after"), act="refund"),
    Kind(
        id="refunded_in_part", title="A part of the payment is refunded", where=ANY, sides=("after",), act="refund_part"
    ),
    Kind(id="disputed", title="The payment is disputed", where=ANY, sides=("before", "after"), act="dispute"),
    Kind(
        id="dispute_won", title="The payment is disputed, and the shop wins", where=ANY, sides=("after",),
        act="win_dispute",
    ),
    Kind(
        id="dispute_lost", title="The payment is disputed, and the shop loses", where=ANY, sides=("after",),
        act="lose_dispute",
    ),
    Kind(
        id="old_snapshot", title="An old snapshot is held from now on", where=(WEBHOOK, MAIL, FILES), sides=("before",),
        act="hold_snapshot",
    ),
    Kind(
        id="secret_rotated", title="The webhook secret is rotated, and Stripe signs with both for a while",
        where=(WEBHOOK,), sides=("before",), act="rotate_secret",
    ),
    Kind(
        id="secret_replaced", title="The webhook secret is replaced, before the receiver knows the new one",
        where=(WEBHOOK,), sides=("before",), act="replace_secret",
    ),
    Kind(
        id="key_rolled", title="The API key is rolled, and the old one is valid for a while",
        where=(STRIPE,), sides=("before",), act="roll_key",
    ),
    Kind(
        id="key_replaced", title="The API key is replaced, before the processes know the new one",
        where=(STRIPE,), sides=("before",), act="replace_key",
    ),
    Kind(
        id="deployed", title="A new release is deployed: new workers have other rules and other wording",
        where=(MAIL, FILES), sides=("before", "after"), act="deploy",
    ),
    Kind(
        id="clock_ahead", title="The receiver's clock is an hour ahead", where=(WEBHOOK,), sides=("before",),
        act="run_ahead",
    ),
    Kind(
        id="clock_behind", title="The receiver's clock is an hour behind", where=(WEBHOOK,), sides=("before",),
        act="fall_behind",
    ),
    Kind(
        id="stripe_ahead", title="Stripe's clock is an hour ahead of the database's", where=(STRIPE, WEBHOOK),
        sides=("before",), act="let_stripe_run_ahead",
    ),
    Kind(id="copied", title="The environment is closed: a copy", where=ANY, sides=("after",), act="close_environment"),
    Kind(id="stopped", title="An operator stops deliveries", where=ANY, sides=("after",), act="stop_deliveries"),
)  # fmt: skip
BY_ID = {kind.id: kind for kind in KINDS}


@dataclass(frozen=True, kw_only=True, order=True)
class Fault:
    """A kind of fault at a point.

    Args:
        point: The point's name.
        kind: The kind's id.
    """

    point: str
    kind: str

    def __str__(self) -> str:
        """Return the fault as schedules and links write it."""
        return f"{self.kind}@{self.point}"
