"""What others do in the middle of a play: the person, the bank, an operator, another worker."""

import contextlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import psycopg

from lab.rehearsal.processes import OTHER
from lab.rehearsal.workers import JOBS, LEASE_SECONDS
from lab.services.billing.refusal import Refused
from lab.services.delivery.claims import claim_jobs
from lab.services.delivery.drain import CHANNELS
from lab.services.local_stripe.actions import act
from lab.services.local_stripe.errors import ApiError

HOUR = 3600
NEW_SECRET, NEW_KEY = "whsec_of_the_new_rotation", "sk_test_of_the_new_rotation"

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


def refund_part(play: "Play") -> None:
    """Refund a hundredth of the payment in Stripe's dashboard."""
    session = play.stage.account.store.objects["checkout/sessions"].get(play.world.session, {})
    _act(play, "refund", amount=str(max(1, int(session.get("amount_total") or 0) // 100)))


def dispute(play: "Play") -> None:
    """Dispute the payment at the bank."""
    _act(play, "dispute")


def win_dispute(play: "Play") -> None:
    """Dispute the payment, and let the bank decide for the shop."""
    _end_dispute(play, "win")


def lose_dispute(play: "Play") -> None:
    """Dispute the payment, and let the bank decide against the shop."""
    _end_dispute(play, "lose")


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


def hold_snapshot(play: "Play") -> None:
    """Hold a snapshot, as a long report does, until nothing more goes wrong."""
    play.hold_snapshot()


def rotate_secret(play: "Play") -> None:
    """Rotate the webhook secret. Stripe signs with both until a day has passed."""
    play.world.signing = (NEW_SECRET, *play.world.known[:1])


def replace_secret(play: "Play") -> None:
    """Replace the webhook secret at once."""
    play.world.signing = (NEW_SECRET,)


def roll_key(play: "Play") -> None:
    """Roll the API key. Stripe accepts both until a day has passed."""
    play.world.accepted = (NEW_KEY, *play.world.accepted)


def replace_key(play: "Play") -> None:
    """Replace the API key at once."""
    play.world.accepted = (NEW_KEY,)


def deploy(play: "Play") -> None:
    """Let every worker that starts from now on be of another release."""
    play.world.release += 1


def run_ahead(play: "Play") -> None:
    """Let the receiver's clock be ahead."""
    play.world.clock_off = HOUR


def fall_behind(play: "Play") -> None:
    """Let the receiver's clock be behind."""
    play.world.clock_off = -HOUR


def let_stripe_run_ahead(play: "Play") -> None:
    """Let Stripe's clock be ahead of the database's."""
    play.stage.account.store.clock = lambda: play.stage.clock() + HOUR


def _act(play: "Play", name: str, **form: str) -> None:
    if play.world.paid:
        with contextlib.suppress(ApiError):  # refunded or disputed before
            act(play.stage.account.store, name, play.world.session, form)


def _end_dispute(play: "Play", name: str) -> None:
    """End the open dispute, after the payment was disputed if it was not before."""
    _act(play, "dispute")
    store = play.stage.account.store
    with contextlib.suppress(ApiError):  # it has ended before
        for id in list(store.objects["disputes"]):
            act(store, name, id)


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
        refund_part,
        dispute,
        win_dispute,
        lose_dispute,
        close_environment,
        stop_deliveries,
        forge_event,
        reorder,
        hold_snapshot,
        rotate_secret,
        replace_secret,
        roll_key,
        replace_key,
        deploy,
        run_ahead,
        fall_behind,
        let_stripe_run_ahead,
    )
}
"""The acts, by the name that kinds of fault give."""
