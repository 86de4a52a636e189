"""Composes the message of a job from its facts and links. The same job gives the same bytes at every attempt."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lab.rules import jobs
from lab.services.delivery.claims import ClaimedJob, Connection, keep_link
from lab.services.delivery.facts import read_invitation, read_payment
from lab.services.delivery.links import (
    ACCEPT,
    OPEN,
    RECOVER,
    UNSUBSCRIBE,
    VALID_SECONDS,
    derive_token,
    hash_token,
    write_link,
)
from lab.services.delivery.outcome import JobFailed
from lab.services.delivery.site import DeliverySite
from lab.services.mail import Composed, NotComposed, compose
from lab.services.mail.fields import FieldValue

Fields = dict[str, FieldValue]


def compose_message(site: DeliverySite, connection: Connection, job: ClaimedJob, to: str) -> Composed:
    """Compose a job's message, and keep the hashes of its links.

    Args:
        site: What deliveries work with.
        connection: One without an open transaction.
        job: The job.
        to: The address.

    Raises:
        JobFailed: Something that it shows is missing, or the lease was lost.
    """
    stop, until = _make_link(site, connection, job, UNSUBSCRIBE)
    first = until - timedelta(seconds=VALID_SECONDS[UNSUBSCRIBE])  # when it was composed first
    fields = FIELDS[job.channel](site, connection, job) | {"unsubscribe_link": stop}
    try:
        return compose(
            job.channel,
            fields,
            sender=site.sender,
            to=to,
            key=job.key,
            date=first.replace(microsecond=0),
            site=site.address,
        )
    except NotComposed as fault:
        raise JobFailed(fault.code, permanent=True) from None


def _make_link(site: DeliverySite, connection: Connection, job: ClaimedJob, purpose: str) -> tuple[str, datetime]:
    token = derive_token(site.secret, purpose, job.key)
    until = keep_link(connection, job, purpose, hash_token(token), VALID_SECONDS[purpose])
    if until is None:
        raise JobFailed("lease.lost")
    return write_link(site.address, purpose, token), until


def _open(site: DeliverySite, connection: Connection, job: ClaimedJob) -> Fields:
    return {"link": _make_link(site, connection, job, OPEN)[0]}


def _gift(site: DeliverySite, connection: Connection, job: ClaimedJob) -> Fields:
    invitation = read_invitation(connection, job)
    if invitation is None:
        raise JobFailed("gift.closed", permanent=True)
    token = derive_token(site.secret, ACCEPT, str(invitation.id))
    return {"link": write_link(site.address, ACCEPT, token), "open_until": invitation.open_until.date()}


def _receipt(site: DeliverySite, connection: Connection, job: ClaimedJob) -> Fields:
    payment = read_payment(connection, job)
    if payment is None:
        raise JobFailed("receipt.not_paid", permanent=True)
    return _open(site, connection, job) | {
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "paid_on": payment.paid_at.date(),
        "order_id": payment.order,
    }


def _recovery(site: DeliverySite, connection: Connection, job: ClaimedJob) -> Fields:
    link, until = _make_link(site, connection, job, RECOVER)
    if until <= datetime.now(UTC):
        raise JobFailed("link.expired", permanent=True)
    return {"link": link, "valid_until": until}


FIELDS: dict[str, Callable[[DeliverySite, Connection, ClaimedJob], Fields]] = {
    jobs.email.id: _open,
    jobs.gift.id: _gift,
    jobs.receipt.id: _receipt,
    jobs.echo.id: _open,
    jobs.recovery.id: _recovery,
}
