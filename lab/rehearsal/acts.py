"""What others do in the middle of a play: the person, the bank, an operator, another worker."""

import contextlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import psycopg

from lab.rehearsal.processes import JOBS, LEASE_SECONDS, OTHER
from lab.services.billing.refusal import Refused
from lab.services.delivery.claims import claim_jobs
from lab.services.delivery.drain import CHANNELS
from lab.services.local_stripe.actions import act
from lab.services.local_stripe.errors import ApiError

if TYPE_CHECKING:
    from lab.rehearsal.play import Play


def pass_time(play: "Play") -> None:
    """Let a day pass."""
    play.pass_time()


def withdraw(play: "Play") -> None:
    """Withdraw the e-mail consent, once."""
    if play.world.passed is None:
        play.world.passed = play.intents()
    _record(play, "select public.record_consent(%s, 'email_delivery', 'withdrawn', gen_random_uuid())")


def erase(play: "Play") -> None:
    """Begin the person's erasure; it cannot end in this one transaction."""
    if play.world.erasure is None:
        play.world.passed = play.intents() if play.world.passed is None else play.world.passed
        row = play.value(
            "insert into public.privacy_requests (subject_id, kind) values (%s, 'deletion') returning id",
            play.stage.buyer,
        )
        play.world.erasure = row
        for state in ("verified", "running"):
            play.value("update public.privacy_requests set status = %s where id = %s returning id", state, row)
    play.value("select count(*) from public.erase_subject(%s)", play.world.erasure)


def overtake(play: "Play") -> None:
    """Let the leases end, and another worker do what is due, while this process stands still."""
    play.pass_time()
    play.reap()
    play.deliver("other worker")


def take_over(play: "Play") -> None:
    """Let the leases end, and another worker claim the jobs, which then stands still itplay."""
    play.world.lost |= set(
        play.stage.connection.execute(
            "select j.id, j.lease_token from public.delivery_jobs j where j.status = 'running'"
        ).fetchall()
    )
    play.pass_time()
    play.reap()
    play.pass_time()
    with play.doing("other worker"):
        claim_jobs(play.connection(), OTHER, JOBS, LEASE_SECONDS, CHANNELS)


def refund(play: "Play") -> None:
    """Refund the payment in Stripe's dashboard."""
    _act(play, "refund")


def dispute(play: "Play") -> None:
    """Dispute the payment at the bank."""
    _act(play, "dispute")


def close_environment(play: "Play") -> None:
    """Let the database look like a copy."""
    play.world.stopped = play.intents()
    play.value("select public.open_environment('elsewhere')")


def stop_deliveries(play: "Play") -> None:
    """Stop every delivery, as an operator does."""
    play.world.stopped = play.intents()
    play.value("select public.switch_deliveries('all', true)")


def forge_event(play: "Play") -> None:
    """Send an event with a wrong signature."""
    body = json.dumps(play.waiting_events()[0].write(1)).encode()
    with contextlib.suppress(Refused):
        play.store_event(body, "whsec_of_somebody_else")
        play.world.forged += 1


def reorder(play: "Play") -> None:
    """Let the newest event come first."""
    event = play.waiting_events()[-1]
    play.record(event.write(1))


def _act(play: "Play", name: str) -> None:
    if play.world.paid:
        with contextlib.suppress(ApiError):  # refunded or disputed before
            act(play.stage.account.store, name, play.world.session, {})


def _record(play: "Play", statement: str) -> None:
    erased = contextlib.suppress(psycopg.errors.InsufficientPrivilege)
    with erased, play.stage.connection.transaction():
        play.value(statement, play.stage.buyer)


ACTS: dict[str, Callable[["Play"], None]] = {
    made.__name__: made
    for made in (
        pass_time,
        withdraw,
        erase,
        overtake,
        take_over,
        refund,
        dispute,
        close_environment,
        stop_deliveries,
        forge_event,
        reorder,
    )
}
"""The acts, by the name that kinds of fault give."""
