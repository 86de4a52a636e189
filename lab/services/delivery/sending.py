"""Sends a job's message: composed first, judged at the commit of its intent, then handed to the provider once."""

import re

from lab.rules.forms import PROVIDER_ID
from lab.services.delivery.claims import ClaimedJob, Connection, begin_send, complete_job, fail_job, finish_send
from lab.services.delivery.claims import read_address as find_address
from lab.services.delivery.leases import LOST
from lab.services.delivery.messages import compose_message
from lab.services.delivery.outcome import JobFailed, JobPostponed
from lab.services.delivery.site import DeliverySite
from lab.services.mail import Composed, Refused, Uncertain

SEND, SENT, UNCERTAIN, FENCED, STOPPED = "send", "sent", "uncertain", "fenced", "stopped"
ASK = "ask"  # a provider that can be asked: no interface to one exists, so that an operator decides
WAIT_SECONDS = 60  # while an operator has stopped a channel, or the environment is not open


def send_message(site: DeliverySite, connection: Connection, job: ClaimedJob) -> str:
    """Send a job's message if it may leave now; return the job's state.

    No transaction is open while the provider is called. What the provider says is recorded even if the lease has ended
    meanwhile. Whatever else happens during the call, a crash included, leaves the intent, by which the queue knows that
    the message may have been sent.

    Raises:
        JobFailed: It cannot be composed.
        JobPostponed: Nothing may be sent now.
        psycopg.Error: The connection was lost.
    """
    address = find_address(connection, job)
    if address is None:
        return fail_job(connection, job, "address.missing", permanent=True)
    message = compose_message(site, connection, job, address)
    answer = begin_send(
        connection,
        job,
        environment=site.environment,
        provider=site.provider.name,
        to=address,
        sha256=message.sha256,
        rules=site.rules_version,
    )
    return _call(site, connection, job, message) if answer == SEND else _keep_back(connection, job, answer)


def _call(site: DeliverySite, connection: Connection, job: ClaimedJob, message: Composed) -> str:
    if not job.lease.held:  # nothing has left: the intent is taken back, if it is still this worker's
        return finish_send(connection, job, "refused", code=LOST)
    try:
        sent = site.provider.send(message, job.key)
    except Refused as refused:
        return finish_send(
            connection,
            job,
            "refused",
            code=refused.code,
            permanent=refused.permanent,
            pause=refused.retry_after_seconds,
        )
    except Uncertain as uncertain:
        return finish_send(connection, job, UNCERTAIN, code=uncertain.code)
    known = re.fullmatch(PROVIDER_ID, sent.provider_id)  # what was sent counts, whatever the provider calls it
    return finish_send(connection, job, SENT, provider_id=sent.provider_id if known else None)


def _keep_back(connection: Connection, job: ClaimedJob, answer: str) -> str:
    """End an attempt whose message must not be sent."""
    if answer == SENT:
        return complete_job(connection, job)
    if answer in (UNCERTAIN, ASK):
        return fail_job(connection, job, "send.no_answer", permanent=True)
    if answer == FENCED:
        return FENCED
    if answer == STOPPED or answer.startswith("environment."):
        raise JobPostponed(answer, WAIT_SECONDS)
    # A job whose consent was withdrawn is cancelled, or waits for it: the queue looks at the consents itself. If the
    # address was changed, the next attempt reads the new one.
    raise JobFailed(answer, permanent=answer in ("address.missing", "address.suppressed"))
