"""Makes what a job puts into its person's account."""

from collections.abc import Callable

from lab.rules import jobs
from lab.services.delivery.claims import ClaimedJob, Connection, complete_job
from lab.services.delivery.facts import keep_file, read_card, read_payment, read_reading
from lab.services.delivery.outcome import JobFailed
from lab.services.delivery.site import DeliverySite
from lab.services.documents import Card, NotRendered, Reading, Rendered
from lab.services.files import FileGone, StoreFault

REFERENCE_DIGITS = 8
_FOR_GOOD = ("render.too_large", "render.missing_glyph")
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
    shown = Reading(
        question=reading.question,
        answer=reading.answer,
        language=reading.locale,
        made_on=reading.made_at.date(),
        reference=str(job.artifact)[:REFERENCE_DIGITS],
    )
    document = _render(lambda: site.renderer.render_pdf(shown))
    if not _keep(site, connection, job, document, "pdf"):
        raise JobFailed("reading.gone")


def _make_picture(site: DeliverySite, connection: Connection, job: ClaimedJob) -> None:
    """Draw the open card of an artifact. It is read through the door by which everybody sees it."""
    card = read_card(connection, job)
    if card is None:
        raise JobFailed("card.closed", permanent=True)
    title, symbol, palette, line, language = card
    shown = Card(title=title, symbol=symbol, palette=palette, line=line, language=language)
    picture = _render(lambda: site.renderer.render_card(shown))
    if not _keep(site, connection, job, picture, "png"):
        raise JobFailed("card.closed")


def _render(render: Callable[[], Rendered]) -> Rendered:
    try:
        return render()
    except NotRendered as fault:
        raise JobFailed(fault.code, permanent=fault.code in _FOR_GOOD) from None


def _keep(site: DeliverySite, connection: Connection, job: ClaimedJob, made: Rendered, suffix: str) -> bool:
    """Store a file, and write down where it is; False when its artifact takes none.

    An earlier file of the same name may have been on the list of deletions. It can be deleted until the name is written
    down, so the file is looked for afterwards.
    """
    job.lease.require()
    owner = str(job.artifact)
    try:
        name = site.store.put(made.content, suffix, owner)
        if not keep_file(connection, job, name, made.sha256):
            return False
        try:
            site.store.get(name)
        except FileGone:
            site.store.put(made.content, suffix, owner)
    except StoreFault as fault:
        raise JobFailed(fault.code, permanent=fault.permanent) from None
    return True


def _check_payment(_: DeliverySite, connection: Connection, job: ClaimedJob) -> None:
    """The account shows the purchase itself, so there is nothing to make once it is paid."""
    if read_payment(connection, job) is None:
        raise JobFailed("receipt.not_paid", permanent=True)


MAKERS: dict[str, Callable[[DeliverySite, Connection, ClaimedJob], None]] = {
    jobs.pdf.id: _make_pdf,
    jobs.share_card.id: _make_picture,
    jobs.receipt.id: _check_payment,
    jobs.recovery.id: _check_payment,
}
