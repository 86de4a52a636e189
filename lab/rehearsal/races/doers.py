"""Who can take part in a race, each declared once. To add one, write what it does and add it to DOERS."""

from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from lab.rehearsal.acts import ACTS
from lab.rehearsal.races.racers import Racer, do_nothing
from lab.rules.consents import echo_followup, gift_recipient, public_share

REPORT_STOPS = 2
ERASURE_CALLS = 3  # the tombstone, the rows, and what is left


@dataclass(frozen=True, kw_only=True)
class Doer:
    """Somebody who takes part in a race.

    Args:
        id: Its name.
        title: What it does, in words.
        do: Does it.
    """

    id: str
    title: str
    do: Callable[[Racer], None]


def _withdraw(racer: Racer) -> None:
    """Withdraw the e-mail consent."""
    _decide(racer, "'withdrawn', gen_random_uuid()")


def _give(racer: Racer) -> None:
    """Give the e-mail consent again."""
    notice = "select n.id from public.consent_notices n where n.purpose = 'email_delivery' and n.locale = 'en' limit 1"
    _decide(racer, f"'given', gen_random_uuid(), ({notice})")


def _decide(racer: Racer, how: str) -> None:
    racer.on_commit = lambda: _note_decision(racer)
    racer.call("person", f"select public.record_consent(%s, 'email_delivery', {how})", racer.stage.buyer)


def _withdraw_scoped(purpose: str) -> Callable[[Racer], None]:
    """Return what withdraws a consent as it was given: for one artifact, or for all."""

    def do(racer: Racer) -> None:
        def withhold() -> None:
            racer.world.withheld = {purpose: racer.intents_now(), **racer.world.withheld}

        racer.on_commit = withhold
        racer.call(
            "person",
            "select public.record_consent(c.subject_id, c.purpose, 'withdrawn', gen_random_uuid(), null, c.scope_id)"
            " from public.consents c where c.subject_id = %s and c.purpose = %s and c.standing",
            racer.stage.buyer,
            purpose,
        )

    return do


def _note_decision(racer: Racer) -> None:
    """Note what the newest decision allows: everything, or what has an intent when it is committed."""
    newest = racer.value(
        "select e.action from public.consent_events e where e.subject_id = %s order by e.id desc limit 1",
        racer.stage.buyer,
    )
    if newest == "given":
        racer.world.passed = None
    else:
        _let_pass(racer)


def _let_pass(racer: Racer) -> None:
    """Note what has an intent when the first withdrawal or erasure is committed."""
    if racer.world.passed is None:
        racer.world.passed = racer.intents_now()


def _erase(racer: Racer) -> None:
    """Erase the person, as far as the calls come."""
    request = racer.value(
        "insert into public.privacy_requests (subject_id, kind) values (%s, 'deletion') returning id",
        racer.stage.buyer,
    )
    for state in ("verified", "running"):
        racer.value("update public.privacy_requests set status = %s where id = %s returning id", state, request)
    racer.world.erasure = request
    racer.on_commit = lambda: _let_pass(racer)
    for _ in range(ERASURE_CALLS):
        racer.own("erasure", "select count(*) from public.erase_subject(%s)", request)


def _stop(racer: Racer) -> None:
    """Stop every delivery. What has an intent when that is committed, may still leave."""

    def stop() -> None:
        racer.world.stopped = racer.intents_now()

    racer.on_commit = stop
    racer.own("operator", "select public.switch_deliveries('all', true)")


def _return_money(act: str) -> Callable[[Racer], None]:
    """Return what lets the bank act, after which Stripe tells the shop."""

    def do(racer: Racer) -> None:
        racer.pause("bank")
        ACTS[act](racer)
        racer.receive()
        racer.process()

    return do


def _see_money_return(act: str) -> Callable[[Racer], None]:
    """Return what lets the bank act, after which somebody opens the page again."""

    def do(racer: Racer) -> None:
        racer.pause("bank")
        ACTS[act](racer)
        racer.return_to_page()

    return do


def _report(racer: Racer) -> None:
    """Hold an old snapshot, as a long report does."""
    racer.pause("report")
    connection = racer.stage.connection
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    try:
        with connection.transaction():
            racer.value("select count(*) from public.delivery_jobs")
            for _ in range(REPORT_STOPS):
                racer.hold("report")
    finally:
        connection.isolation_level = None


def _take_over(racer: Racer) -> None:
    """Let the leases end, and do what is due."""
    racer.pause("time")
    racer.pass_time()
    held = racer.held_now()

    def lose() -> None:
        racer.world.lost |= held - racer.held_now()

    racer.on_commit = lose
    racer.reap()
    racer.on_commit = do_nothing
    racer.deliver("other worker")


worker = Doer(id="worker", title="A worker delivers", do=lambda racer: racer.deliver())
other_worker = Doer(id="other_worker", title="Another worker delivers", do=lambda racer: racer.deliver("other worker"))
takes_over = Doer(id="takes_over", title="The leases end, and another worker goes on", do=_take_over)
shop = Doer(id="shop", title="The buyer clicks on buy", do=lambda racer: racer.buy())
page = Doer(id="page", title="The buyer returns to the shop", do=lambda racer: racer.return_to_page())
webhook = Doer(id="webhook", title="Stripe sends its events", do=lambda racer: racer.receive())
events = Doer(id="events", title="The events are processed", do=lambda racer: racer.process())
reconciliation = Doer(
    id="reconciliation", title="Stripe and the database are compared", do=lambda racer: racer.reconcile()
)
site = Doer(id="site", title="The reading is made", do=lambda racer: racer.bring())
withdrawal = Doer(id="withdrawal", title="The person withdraws the e-mail consent", do=_withdraw)
no_gift = Doer(id="no_gift", title="The giver withdraws the consent to invite", do=_withdraw_scoped(gift_recipient.id))
no_card = Doer(id="no_card", title="The person withdraws the public share", do=_withdraw_scoped(public_share.id))
no_echo = Doer(id="no_echo", title="The person withdraws the consent to Echoes", do=_withdraw_scoped(echo_followup.id))
consent = Doer(id="consent", title="The person gives the e-mail consent again", do=_give)
erasure = Doer(id="erasure", title="The person is erased", do=_erase)
operator = Doer(id="operator", title="An operator stops deliveries", do=_stop)
report = Doer(id="report", title="A long report holds an old snapshot", do=_report)
refund = Doer(id="refund", title="The payment is refunded", do=_return_money("refund"))
refund_seen = Doer(
    id="refund_seen", title="The payment is refunded, and the page is opened again", do=_see_money_return("refund")
)
dispute = Doer(id="dispute", title="The payment is disputed", do=_return_money("dispute"))
dispute_seen = Doer(
    id="dispute_seen",
    title="The payment is disputed, and the page is opened again",
    do=_see_money_return("dispute"),
)
