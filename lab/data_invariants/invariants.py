"""The invariants over live data: what must be true of the rows, each with the query that counts offenders."""

from pathlib import Path

from pydantic import Field

from lab.criterion import Criterion
from lab.data_invariants.orphans import count_orphans, references
from lab.rules import risks
from lab.rules.model import Risk, Severity, Table
from lab.rules.tables import TABLES
from lab.rules.tables.commerce import purchase_links, purchases, stripe_events
from lab.rules.tables.consent import consent_events, consents
from lab.rules.tables.delivery import delivery_jobs
from lab.rules.tables.operations import admin_audit_events, ledger_seals, privacy_requests
from lab.rules.tables.premium import ai_runs, echo_entries, passport_records
from lab.rules.tables.readings import gift_recipients, oracle_artifacts, oracle_scrolls, share_cards

# A question that also proves a chapter stays with the chapters' questions, and is asked from there.
QUERY_FOLDERS = tuple(Path(__file__).parents[2] / "sql" / name for name in ("invariants", "checks"))
REPAIR_FOLDER = Path(__file__).parents[2] / "sql" / "repairs"


class Invariant(Criterion):
    """Something that must be true of the rows; the query of the same name counts those of which it is not."""

    table: Table = Field(description="Where the offenders are.")
    made: str | None = Field(default=None, description="The query itself, when it is made from the rules.")
    walks: Table | None = Field(default=None, description="Walked from its newest row backwards, as far as is allowed.")
    counts: str = Field(default="row", description="What the query counts, in the singular.")
    whole: str | None = Field(default=None, description="Another query, which is asked when all rows are to be walked.")
    repairs: bool = Field(default=False, description="True when sql/repairs has a file of the same name.")
    risks: tuple[Risk, ...] = Field(default=(), description="The risks that it shows to have come true.")

    def query(self, *, whole: bool = False) -> str:
        """Return the query that counts offenders."""
        return self.made or read_query((whole and self.whole) or self.id)

    @property
    def repair(self) -> str | None:
        """Return the SQL that restores it, if SQL alone can."""
        return (REPAIR_FOLDER / f"{self.id}.sql").read_text().strip() if self.repairs else None


def read_query(name: str) -> str:
    """Return a query's text by its name."""
    path = next(path for folder in QUERY_FOLDERS if (path := folder / f"{name}.sql").exists())
    return path.read_text().strip()


def first_comment(query: str) -> str:
    """Return the sentences that head a query file: why it is asked."""
    return " ".join(line[2:].strip() for line in query.splitlines() if line.startswith("--"))


def _invariant(id: str, table: Table, title: str, severity: Severity, chapter: int, **options: object) -> Invariant:
    return Invariant.model_validate(
        {
            "id": id,
            "table": table,
            "title": title,
            "severity": severity,
            "chapter": chapter,
            "why": first_comment(str(options.get("made") or read_query(id))),
            **options,
        }
    )


def _orphans(table: Table) -> Invariant:
    """Return the invariant that a table's rows hang on something."""
    columns = ", ".join(column.name for column in references(table))
    return _invariant(
        f"orphans_in_{table.id}",
        table,
        f"Every reference of {table.id} leads to a row that is there: {columns}.",
        Severity.HIGH,
        13,
        made=count_orphans(table),
        walks=table,
        counts="reference",
        decide="Restore what is missing from a backup, or erase the rows that point at it; nothing here does either. "
        "Then find out who switched the foreign key's triggers off.",
    )


_QUEUE = "Open the queue: the job's line says what went wrong and whom it concerns only by number."
_START = "See whether a worker runs, and start one: whatever calls public.claim_delivery_jobs for the shop."
_HANDLED = "Handle it in the privacy workflow; each request's steps say what is left."

INVARIANTS = (
    _invariant(
        "paid_not_unlocked",
        purchases,
        "Whatever is paid is unlocked within a quarter of an hour.",
        Severity.CRITICAL,
        13,
        decide="Look for the purchase's Stripe event: process it again, or have Stripe send it again.",
    ),
    _invariant(
        "unlocked_not_paid",
        purchases,
        "Nothing is unlocked that was not paid.",
        Severity.HIGH,
        13,
        decide="Compare the checkout session at Stripe: record the payment that was missed, or lock it again.",
    ),
    _invariant(
        "refunded_still_unlocked",
        purchases,
        "What was refunded or disputed is locked again.",
        Severity.MEDIUM,
        13,
        decide="Decide for each purchase whether the buyer keeps what was opened; if not, clear unlocked_at.",
        risks=(risks.refund_after_use,),
    ),
    _invariant(
        "artifacts_without_purchase",
        oracle_artifacts,
        "Every artifact that is ready belongs to a paid purchase.",
        Severity.LOW,
        13,
        walks=oracle_artifacts,
        decide="Look for the payment at Stripe; if it was given away on purpose, nothing is to be done.",
    ),
    _invariant(
        "links_without_product",
        purchase_links,
        "Every link that can be bought leads to a product that can be bought.",
        Severity.HIGH,
        8,
        decide="Offer the product again, or switch the link off.",
        risks=(risks.price_drift,),
    ),
    _invariant(
        "stripe_events_waiting",
        stripe_events,
        "Every Stripe event is processed within the hour.",
        Severity.HIGH,
        13,
        decide="See whether the server that processes events runs; then look up the oldest one's error code.",
        risks=(risks.event_replay,),
    ),
    _invariant(
        "stripe_events_in_review",
        stripe_events,
        "Every Stripe event that needs a person has found one within the day.",
        Severity.HIGH,
        13,
        decide="Open the events in review, compare each with Stripe, and say what it was for.",
    ),
    _invariant(
        "jobs_overdue",
        delivery_jobs,
        "Every job is taken up within a quarter of an hour.",
        Severity.HIGH,
        6,
        decide=_START,
    ),
    _invariant(
        "leases_expired",
        delivery_jobs,
        "No lease has run out unnoticed.",
        Severity.HIGH,
        6,
        repairs=True,
    ),
    _invariant(
        "jobs_held_for_long",
        delivery_jobs,
        "Every running job is leased, for an hour at most.",
        Severity.HIGH,
        6,
        repairs=True,
    ),
    _invariant(
        "jobs_put_off",
        delivery_jobs,
        "No job is put off for longer than the queue ever does.",
        Severity.HIGH,
        6,
        decide="Find out who wrote it past the queue's functions; park the job and retry it, and it is due at once.",
    ),
    _invariant(
        "jobs_parked_for_long",
        delivery_jobs,
        "No job has been parked for more than a week.",
        Severity.MEDIUM,
        6,
        decide="Look into what it was parked for: retry it, or tell the customer that it will not come.",
    ),
    _invariant("dead_letters", delivery_jobs, "There is no dead letter.", Severity.MEDIUM, 6, decide=_QUEUE),
    _invariant(
        "emails_dead_for_good",
        delivery_jobs,
        "No e-mail was refused for good.",
        Severity.LOW,
        7,
        decide="Let the customer correct the address, then retry the job or park it.",
        risks=(risks.mail_goes_astray,),
    ),
    _invariant(
        "emails_without_consent",
        delivery_jobs,
        "No e-mail is queued without the consents it needs.",
        Severity.CRITICAL,
        7,
        repairs=True,
    ),
    _invariant(
        "emails_waiting_needlessly",
        delivery_jobs,
        "No e-mail waits for a consent that has been given.",
        Severity.MEDIUM,
        7,
        walks=consents,
        repairs=True,
    ),
    _invariant(
        "receipts_waiting",
        delivery_jobs,
        "No receipt's e-mail has waited for more than a week.",
        Severity.LOW,
        7,
        decide="Point the buyer to their account on the next visit, and ask there whether e-mail is allowed.",
        risks=(risks.receipt_waits,),
    ),
    _invariant(
        "recoveries_waiting",
        delivery_jobs,
        "No recovery link's e-mail has waited for more than a week.",
        Severity.MEDIUM,
        7,
        decide="Confirm the purchase with the customer and help them into their account; never read a link out.",
        risks=(risks.recovery_waits,),
    ),
    _invariant(
        "recoveries_repeated",
        delivery_jobs,
        "No purchase was recovered twice within an hour.",
        Severity.MEDIUM,
        7,
        walks=delivery_jobs,
        decide="Park further recovery jobs of the purchase, and ask the customer whether it was them.",
        risks=(risks.link_is_a_key,),
    ),
    _invariant(
        "deliveries_without_consent",
        delivery_jobs,
        "Every e-mail that went out rested on consents that stood.",
        Severity.CRITICAL,
        7,
        walks=delivery_jobs,
        decide="Stop the workers that skip the question, and tell the people concerned what was sent.",
        risks=(risks.echo_after_withdrawal,),
    ),
    _invariant(
        "share_cards_without_consent",
        share_cards,
        "Every open share-card rests on a consent that stands.",
        Severity.CRITICAL,
        3,
        walks=share_cards,
        repairs=True,
        risks=(risks.shared_copy,),
    ),
    _invariant(
        "gifts_without_consent",
        gift_recipients,
        "Every open invitation rests on a consent that stands.",
        Severity.HIGH,
        3,
        repairs=True,
    ),
    _invariant(
        "gift_addresses_expired",
        gift_recipients,
        "No address is kept beyond its invitation.",
        Severity.HIGH,
        10,
        decide="Delete the expired invitations; the gifts themselves stay with their givers.",
        risks=(risks.third_party_address,),
    ),
    _invariant(
        "ai_runs_without_consent",
        ai_runs,
        "Every question that an AI may read is one whose owner allows it.",
        Severity.CRITICAL,
        14,
        repairs=True,
        risks=(risks.special_category,),
    ),
    _invariant(
        "ai_runs_unwritten",
        ai_runs,
        "Only words that an AI has written were taken over.",
        Severity.HIGH,
        14,
        decide="Find out who took the words over, and where they came from; the audit trail has the moment.",
        risks=(risks.ai_output,),
    ),
    _invariant(
        "withdrawn_files",
        oracle_artifacts,
        "No withdrawn artifact keeps a file.",
        Severity.MEDIUM,
        11,
        decide="Remove the file through the Storage API, then clear storage_path; SQL alone leaves the file there.",
        risks=(risks.link_outlives_withdrawal,),
    ),
    _invariant(
        "print_views_stored",
        oracle_artifacts,
        "No print-view has a file.",
        Severity.LOW,
        11,
        decide="Remove the file through the Storage API, then clear storage_path.",
        risks=(risks.print_left_behind,),
    ),
    _invariant(
        "consents_unlike_ledger",
        consents,
        "What stands is what the ledger says.",
        Severity.CRITICAL,
        3,
        walks=consents,
        repairs=True,
    ),
    _invariant(
        "consent_ledger_lately_broken",
        consent_events,
        "No entry of the consent ledger was changed, removed or slipped in.",
        Severity.CRITICAL,
        3,
        walks=consent_events,
        whole="consent_ledger_broken",
        decide="Ask public.verify_ledger('consent_events') for the first row, and compare it with a backup.",
    ),
    _invariant(
        "audit_trail_lately_broken",
        admin_audit_events,
        "No line of the audit trail was changed, removed or slipped in.",
        Severity.CRITICAL,
        9,
        walks=admin_audit_events,
        whole="audit_trail_broken",
        decide="Ask public.verify_ledger('admin_audit_events') for the first row, and compare it with a backup.",
    ),
    _invariant(
        "ledgers_unsealed",
        ledger_seals,
        "Every ledger row joins the chain within the hour.",
        Severity.MEDIUM,
        9,
        repairs=True,
    ),
    _invariant(
        "seals_lately_broken",
        oracle_scrolls,
        "Every seal still fits what it seals.",
        Severity.CRITICAL,
        4,
        walks=oracle_scrolls,
        whole="seals_broken",
        decide="Ask wall.broken_seals() which, and restore those rows from a backup; a seal is never made anew.",
        risks=(risks.sealed_for_good,),
    ),
    _invariant(
        "passports_unfounded",
        passport_records,
        "Every sealed Passport record stands on a sealed reading.",
        Severity.CRITICAL,
        4,
        walks=passport_records,
        decide="Restore the reading from a backup.",
    ),
    _invariant(
        "echoes_late",
        echo_entries,
        "No Echo is more than a day late.",
        Severity.MEDIUM,
        5,
        decide="Let the oldest one return, or cancel it and tell its owner.",
    ),
    _invariant(
        "privacy_requests_overdue",
        privacy_requests,
        "No privacy request is past its deadline.",
        Severity.CRITICAL,
        10,
        decide=_HANDLED,
    ),
    _invariant(
        "privacy_requests_due_soon",
        privacy_requests,
        "No privacy request is within a week of its deadline.",
        Severity.MEDIUM,
        10,
        decide=_HANDLED,
    ),
    *(_orphans(table) for table in TABLES if references(table)),
)
