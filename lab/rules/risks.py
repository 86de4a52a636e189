"""What can go wrong with what was chosen, what holds against it, and the check that would show it."""

from lab.rules.consents import email_delivery
from lab.rules.model import Risk, Severity

third_party_address = Risk(
    id="third_party_address",
    title="The address of somebody who was never asked",
    why="A gift brings in a third person's address. They have agreed to nothing yet, and the giver cannot agree for them.",
    severity=Severity.HIGH,
    mitigation="The address is kept apart, used for one invitation, and due for deletion when the invitation expires.",
    check="Invitations past their expiry that still hold an address.",
    source="product; GDPR article 14",
)
link_outlives_withdrawal = Risk(
    id="link_outlives_withdrawal",
    title="A signed link that outlives a withdrawal",
    why="A signed link to a file keeps working until it expires, even when access has been taken away meanwhile.",
    severity=Severity.MEDIUM,
    mitigation="Links live for minutes, paths are random, and the file itself is removed when it is withdrawn.",
    check="Artifacts that are withdrawn while their storage path is still set.",
    source="product; Supabase knowledge base on private buckets",
)
shared_copy = Risk(
    id="shared_copy",
    title="A copy that was taken while the card was open",
    why="Closing a share-card kills its link, but not a screenshot or a preview that somebody already has.",
    severity=Severity.LOW,
    mitigation="Only a title, a symbol, a palette and one line are ever public; the question cannot be among them.",
    check="Open share-cards whose consent does not stand.",
    source="product",
)
receipt_waits = Risk(
    id="receipt_waits",
    title="A receipt that can't be mailed yet",
    why="Without consent to e-mail the receipt stays in the account, where a buyer may not look for it.",
    severity=Severity.LOW,
    mitigation="The receipt is ready in the account at once; its e-mail goes out as soon as e-mail is allowed.",
    check="E-mail legs of receipts that have been waiting for more than a week.",
    until=email_delivery,
    source="product",
)
recovery_waits = Risk(
    id="recovery_waits",
    title="A recovery link that can't be mailed yet",
    why="Somebody who has lost their way back cannot be reached by e-mail until they allow it.",
    severity=Severity.MEDIUM,
    mitigation="The link is ready in the account, and support can confirm a purchase without reading anything private.",
    check="E-mail legs of recovery links that have been waiting for more than a week.",
    until=email_delivery,
    source="product",
)
link_is_a_key = Risk(
    id="link_is_a_key",
    title="A recovery link in the wrong hands",
    why="Whoever holds the link holds what was bought, and mail scanners open links before people do.",
    severity=Severity.MEDIUM,
    mitigation="The link works once, lives briefly, is kept as a hash only, and leads to a page with a button.",
    check="Recovery jobs done more than once for the same purchase within an hour.",
    source="product",
)
mail_goes_astray = Risk(
    id="mail_goes_astray",
    title="A notice that bounces, or reaches another's inbox",
    why="Addresses are mistyped and mailboxes are shared; whatever stands in the e-mail may be read by somebody else.",
    severity=Severity.MEDIUM,
    mitigation="A notice holds an opaque link and nothing else; dead addresses are not written to again.",
    check="E-mail jobs that ended as dead letters with a permanent error.",
    source="product",
)
print_left_behind = Risk(
    id="print_left_behind",
    title="A page left in the printer or the browser",
    why="A printed page, or one kept by a shared computer, can be read by whoever finds it.",
    severity=Severity.LOW,
    mitigation="The page is rendered on request for its signed-in owner and is never cached in public.",
    check="Print-view artifacts that have a file in storage, which none should have.",
    source="product",
)
echo_after_withdrawal = Risk(
    id="echo_after_withdrawal",
    title="An Echo that comes back after a withdrawal",
    why="An Echo is planned weeks ahead; the person may have changed their mind by then.",
    severity=Severity.HIGH,
    mitigation="A withdrawal cancels the Echo and its job at once, and the worker asks again before it sends.",
    check="Echo jobs that were done although the consent did not stand.",
    source="product",
)
special_category = Risk(
    id="special_category",
    title="Free text that holds special-category data",
    why="People ask an oracle about health, belief and love. The law protects such words more than others.",
    severity=Severity.HIGH,
    mitigation="An AI reads a question only with its owner's explicit consent, through a narrow view, for minutes.",
    check="AI runs whose owner's consent does not stand.",
    source="product; GDPR article 9",
)
ai_output = Risk(
    id="ai_output",
    title="Words that an AI should not have written",
    why="An AI can be misled by what stands in a question, and can state what is wrong or harmful.",
    severity=Severity.MEDIUM,
    mitigation="The AI writes into a staging table alone; the site's server checks its words before taking them over.",
    check="AI runs that were taken over without having been written first.",
    source="OWASP Top 10 for LLM applications 2026",
)
sealed_for_good = Risk(
    id="sealed_for_good",
    title="A mistake that is sealed for good",
    why="What is sealed cannot be corrected, not even by the shop; only its owner can have it deleted.",
    severity=Severity.LOW,
    mitigation="The seal is set as the last step, after the owner has seen the reading.",
    check="Sealed rows whose content no longer gives their seal.",
    source="product",
)
event_replay = Risk(
    id="event_replay",
    title="The same payment message twice, or out of order",
    why="Stripe sends messages again, several at once and in any order; each repetition could unlock once more.",
    severity=Severity.HIGH,
    mitigation="Event id and checkout session id are unique, and states only move the way their rules allow.",
    check="Stripe events that were delivered and are still not processed after an hour.",
    source="product; Stripe documentation on webhooks",
)
refund_after_use = Risk(
    id="refund_after_use",
    title="A refund or dispute after the reading was opened",
    why="Money can be called back when the reading has long been read, or been given to somebody else.",
    severity=Severity.MEDIUM,
    mitigation="Refunds and disputes are kept on the purchase, which decides what stays unlocked.",
    check="Purchases that are refunded or disputed and still unlocked.",
    source="product; Stripe documentation on disputes",
)
price_drift = Risk(
    id="price_drift",
    title="A price that Stripe and the shop see differently",
    why="A price can be archived or replaced at Stripe while the shop still links to it.",
    severity=Severity.MEDIUM,
    mitigation="Every price keeps its link for ever, and the links are compared with the Stripe account.",
    check="Active purchase links of products that are not active.",
    source="product; Stripe documentation on prices",
)

RISKS = (
    third_party_address,
    link_outlives_withdrawal,
    shared_copy,
    receipt_waits,
    recovery_waits,
    link_is_a_key,
    mail_goes_astray,
    print_left_behind,
    echo_after_withdrawal,
    special_category,
    ai_output,
    sealed_for_good,
    event_replay,
    refund_after_use,
    price_drift,
)
