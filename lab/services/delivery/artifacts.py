"""Makes what a job puts into its person's account."""

from collections.abc import Callable

from lab.rules import jobs
from lab.services.delivery.claims import ClaimedJob, Connection, complete_job
from lab.services.delivery.facts import keep_file, read_payment, read_reading
from lab.services.delivery.outcome import JobFailed
from lab.services.delivery.site import DeliverySite
from lab.services.documents import NotRendered, Reading

REFERENCE_DIGITS = 8


MADE = "made"


def make_for_account(site: DeliverySite, connection: Connection, job: ClaimedJob) -> str:
    """Do what a job's account leg is for. It is left to the caller to complete the job; a repetition changes nothing.

    Raises:
        JobFailed: It could not be done, or the lease was lost.
        psycopg.Error: The connection was lost.
    """
    job.lease.require()
    MAKERS[job.channel](site, connection, job)
    return MADE


def fill_account(site: DeliverySite, connection: Connection, job: ClaimedJob) -> str:
    """Do what a job's account leg is for, and complete it; return its state.

    Raises:
        JobFailed: It could not be done, or the lease was lost.
        psycopg.Error: The connection was lost.
    """
    make_for_account(site, connection, job)
    return complete_job(connection, job)


def _make_pdf(site: DeliverySite, connection: Connection, job: ClaimedJob) -> None:
    """Render the reading, keep the file, and then write down where it is. A repetition makes the same file."""
    reading = read_reading(connection, job)
    if reading is None or reading.state == "withdrawn":
        raise JobFailed("reading.gone", permanent=True)
    try:
        document = site.renderer.render_pdf(
            Reading(
                question=reading.question,
                answer=reading.answer,
                language=reading.locale,
                made_on=reading.made_at.date(),
                reference=str(job.artifact)[:REFERENCE_DIGITS],
            )
        )
    except NotRendered as fault:
        raise JobFailed(fault.code, permanent=fault.code in ("render.too_large", "render.missing_glyph")) from None
    job.lease.require()
    try:
        name = site.store.put(document.content, "pdf")
    except OSError:
        raise JobFailed("file.not_written") from None
    if not keep_file(connection, job, name, document.sha256):
        raise JobFailed("reading.gone")


def _check_payment(_: DeliverySite, connection: Connection, job: ClaimedJob) -> None:
    """The account shows the purchase itself, so there is nothing to make once it is paid."""
    if read_payment(connection, job) is None:
        raise JobFailed("receipt.not_paid", permanent=True)


MAKERS: dict[str, Callable[[DeliverySite, Connection, ClaimedJob], None]] = {
    jobs.pdf.id: _make_pdf,
    jobs.receipt.id: _check_payment,
    jobs.recovery.id: _check_payment,
}
