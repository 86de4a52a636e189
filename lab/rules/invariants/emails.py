"""Invariants of e-mails: their consents, their waiting time and refusals."""

from lab.rules import risks
from lab.rules.model import Invariant, Severity
from lab.rules.tables.consent import consent_events
from lab.rules.tables.delivery import delivery_jobs

emails_dead_for_good = Invariant(
    id="emails_dead_for_good",
    table=delivery_jobs,
    title="No e-mail was refused for good.",
    severity=Severity.LOW,
    chapter=7,
    why="The mailbox will also refuse the next notice, because the address is wrong or no longer exists.",
    decide="Let the customer correct the address, then retry the job or park it.",
    risks=(risks.mail_goes_astray,),
    accept="While you wait for the customer's new address.",
)
emails_without_consent = Invariant(
    id="emails_without_consent",
    table=delivery_jobs,
    title="No e-mail is queued without the consents it needs.",
    severity=Severity.CRITICAL,
    chapter=7,
    why="Triggers refuse such a job, so it was written while a trigger was disabled.",
    repairs=True,
    accept="Never: the e-mails would go out without a consent.",
)
emails_waiting_needlessly = Invariant(
    id="emails_waiting_needlessly",
    table=delivery_jobs,
    title="No e-mail waits for a consent that has been given.",
    severity=Severity.MEDIUM,
    chapter=7,
    why="The consent is given, but the e-mail was not queued.",
    walks=consent_events,
    repairs=True,
    rests_on_ledger=True,
    accept="Never: run the repair.",
)
receipts_waiting = Invariant(
    id="receipts_waiting",
    table=delivery_jobs,
    title="No receipt e-mail waits for more than a week.",
    severity=Severity.LOW,
    chapter=7,
    why="The buyer may never have seen this receipt.",
    decide="Show the buyer the receipt on the next visit, and ask there for the e-mail consent.",
    risks=(risks.receipt_waits,),
    accept="When the buyer can see the receipt in the account.",
)
recoveries_waiting = Invariant(
    id="recoveries_waiting",
    table=delivery_jobs,
    title="No recovery e-mail waits for more than a week.",
    severity=Severity.MEDIUM,
    chapter=7,
    why="The customer asked for a recovery link a week ago, has not allowed e-mail, and is still locked out.",
    decide="Confirm the purchase with the customer and help them sign in. Never read a link to anybody.",
    risks=(risks.recovery_waits,),
    accept="While the customer proves who they are.",
)
recoveries_repeated = Invariant(
    id="recoveries_repeated",
    table=delivery_jobs,
    title="No purchase was recovered twice within an hour.",
    severity=Severity.MEDIUM,
    chapter=7,
    why="A recovery link gives access. Several links for one purchase within an hour may be an attack.",
    walks=delivery_jobs,
    decide="Park further recovery jobs of the purchase, and ask the customer whether they requested them.",
    risks=(risks.link_is_a_key,),
    accept="When the customer confirmed each request.",
)
deliveries_without_consent = Invariant(
    id="deliveries_without_consent",
    table=delivery_jobs,
    title="Every sent e-mail had valid consents.",
    severity=Severity.CRITICAL,
    chapter=7,
    why="This e-mail was sent without a valid consent.",
    walks=delivery_jobs,
    decide="Stop programs that send without begin_send, and tell the people concerned what was sent.",
    risks=(risks.echo_after_withdrawal,),
    accept="Never: tell the people concerned first.",
)
