"""E-mails: the consents that they rest on, and what waits or was refused."""

from lab.rules import risks
from lab.rules.model import Invariant, Severity
from lab.rules.tables.consent import consents
from lab.rules.tables.delivery import delivery_jobs

emails_dead_for_good = Invariant(
    id="emails_dead_for_good",
    table=delivery_jobs,
    title="No e-mail was refused for good.",
    severity=Severity.LOW,
    chapter=7,
    why="A mailbox that refuses for good will not take the next notice either: the address is wrong or gone.",
    decide="Let the customer correct the address, then retry the job or park it.",
    risks=(risks.mail_goes_astray,),
)
emails_without_consent = Invariant(
    id="emails_without_consent",
    table=delivery_jobs,
    title="No e-mail is queued without the consents it needs.",
    severity=Severity.CRITICAL,
    chapter=7,
    why="The gate on the table lets no such job in; one that is there came past a wall that was switched off.",
    repairs=True,
)
emails_waiting_needlessly = Invariant(
    id="emails_waiting_needlessly",
    table=delivery_jobs,
    title="No e-mail waits for a consent that has been given.",
    severity=Severity.MEDIUM,
    chapter=7,
    why="An e-mail that waits for a consent which has been given was forgotten when the consent came.",
    walks=consents,
    repairs=True,
    rests_on_ledger=True,
)
receipts_waiting = Invariant(
    id="receipts_waiting",
    table=delivery_jobs,
    title="No receipt's e-mail has waited for more than a week.",
    severity=Severity.LOW,
    chapter=7,
    why="A receipt whose e-mail has waited for a week is one that the buyer may never have seen.",
    decide="Point the buyer to their account on the next visit, and ask there whether e-mail is allowed.",
    risks=(risks.receipt_waits,),
)
recoveries_waiting = Invariant(
    id="recoveries_waiting",
    table=delivery_jobs,
    title="No recovery link's e-mail has waited for more than a week.",
    severity=Severity.MEDIUM,
    chapter=7,
    why="Somebody who asked for their way back a week ago, and cannot be reached by e-mail, is still locked out.",
    decide="Confirm the purchase with the customer and help them into their account; never read a link out.",
    risks=(risks.recovery_waits,),
)
recoveries_repeated = Invariant(
    id="recoveries_repeated",
    table=delivery_jobs,
    title="No purchase was recovered twice within an hour.",
    severity=Severity.MEDIUM,
    chapter=7,
    why="A recovery link is a key; several within an hour for the same purchase may mean that somebody tries the door.",
    walks=delivery_jobs,
    decide="Park further recovery jobs of the purchase, and ask the customer whether it was them.",
    risks=(risks.link_is_a_key,),
)
deliveries_without_consent = Invariant(
    id="deliveries_without_consent",
    table=delivery_jobs,
    title="Every e-mail that went out rested on consents that stood.",
    severity=Severity.CRITICAL,
    chapter=7,
    why="What went out by e-mail while a consent it rests on did not stand was sent against somebody's word.",
    walks=delivery_jobs,
    decide="Stop the workers that skip the question, and tell the people concerned what was sent.",
    risks=(risks.echo_after_withdrawal,),
)
