"""Invariants of the right of withdrawal: no sale without it, and no withdrawal without its acknowledgement and refund."""

from lab.rules import risks
from lab.rules.model import Invariant, Severity
from lab.rules.tables.payments import purchases
from lab.rules.tables.withdrawal import withdrawals

sales_without_withdrawal = Invariant(
    id="sales_without_withdrawal",
    table=purchases,
    title="Every paid sale to an EU buyer has a window of withdrawal or a confirmed waiver.",
    severity=Severity.HIGH,
    chapter=13,
    why="The buyer has the right of withdrawal by law, and the shop has no date for it. It then lasts up to a year longer.",
    walks=purchases,
    repairs=True,
    decide="Find out who removed the date or the confirmation. The repair sets the date that the payment had given.",
    risks=(risks.sale_without_right,),
    accept="Never: the period of withdrawal becomes longer by law.",
)
withdrawals_unacknowledged = Invariant(
    id="withdrawals_unacknowledged",
    table=withdrawals,
    title="Every confirmed withdrawal is acknowledged within a day.",
    severity=Severity.HIGH,
    chapter=13,
    why="The buyer must get an acknowledgement with the date and time without delay, and has none.",
    repairs=True,
    decide="Find out who removed it. The repair writes it again with the time of the withdrawal; send it to the buyer.",
    accept="Never: the acknowledgement is due without delay.",
)
withdrawals_not_refunded = Invariant(
    id="withdrawals_not_refunded",
    table=withdrawals,
    title="Every confirmed withdrawal is refunded within ten days.",
    severity=Severity.HIGH,
    chapter=13,
    why="The law allows 14 days for the refund, and at least ten have passed.",
    decide="Open the review of the purchase, and refund it at Stripe.",
    accept="Never beyond the fourteenth day after the withdrawal.",
)
