"""Failures in words, each with the schedule that plays it. To add one, add an entry to OUTAGES."""

from dataclasses import dataclass

from lab.rehearsal.schedules import Schedule, read_schedule


@dataclass(frozen=True, kw_only=True)
class Outage:
    """Something that goes wrong, as people tell it.

    Args:
        id: Its name in a link.
        title: What happens.
        text: The schedule.
    """

    id: str
    title: str
    text: str

    @property
    def schedule(self) -> Schedule:
        """Return the schedule that plays it."""
        return read_schedule(self.text)


OUTAGES = (
    Outage(id="none", title="Nothing goes wrong", text="blind"),
    Outage(
        id="killed_after_sending",
        title="The worker is killed right after the receipt was sent",
        text="blind crash@send/receipt.email/1/after",
    ),
    Outage(
        id="mail_answer_lost",
        title="The e-mail provider takes the notice, and its answer is lost",
        text="idempotent mail_lost@send/email.email/1/after",
    ),
    Outage(
        id="mail_gone",
        title="The e-mail provider refuses every message for a while",
        text="blind mail_refused@send/receipt.email/1/before mail_refused@send/email.email/1/before",
    ),
    Outage(
        id="checkout_answer_lost",
        title="Stripe opens the checkout, and its answer is lost",
        text="blind stripe_lost@stripe_post_checkout_sessions/shop/1/after",
    ),
    Outage(
        id="shop_killed",
        title="The shop is killed when the buyer returns, and the first event does not arrive",
        text="blind crash@settle_purchase/page/2/before dropped@payment_intent_created/webhook/1/before",
    ),
    Outage(
        id="withdrawn_meanwhile",
        title="The buyer withdraws the e-mail consent while the notice is composed",
        text="blind withdrawn@delivery_address/email.email/1/after",
    ),
    Outage(
        id="refunded_meanwhile",
        title="The payment is refunded while the PDF is made",
        text="blind refunded@put/pdf.account/1/after",
    ),
    Outage(
        id="worker_stands_still",
        title="A worker stands still, and another one takes its jobs",
        text="blind taken@put/pdf.account/1/before",
    ),
    Outage(
        id="disk_full",
        title="The disk for files is full",
        text="blind disk_full@put/pdf.account/1/before",
    ),
    Outage(
        id="copied",
        title="The database turns out to be a copy",
        text="blind copied@claim_delivery_jobs/worker/1/after",
    ),
)
BY_ID = {outage.id: outage for outage in OUTAGES}
