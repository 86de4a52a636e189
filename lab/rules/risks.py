"""The risks of a scenario, with their mitigation and the check that shows them."""

from lab.rules.consents import email_delivery
from lab.rules.model import Risk, Severity

third_party_address = Risk(
    id="third_party_address",
    title="Address of a person who has not consented",
    why="A gift uses the address of a third person. They have not consented, and the giver cannot consent for them.",
    severity=Severity.HIGH,
    mitigation="The address is stored apart, used for one invitation, and deleted when the invitation expires.",
    check="Invitations past their expiry that still hold an address.",
    source="product; GDPR article 14",
)
link_outlives_withdrawal = Risk(
    id="link_outlives_withdrawal",
    title="Signed link that works after a withdrawal",
    why="A signed link to a file works until it expires, even after access was withdrawn.",
    severity=Severity.MEDIUM,
    mitigation="Links expire after minutes, paths are random, and a withdrawn file is removed.",
    check="Withdrawn artifacts that still have a storage path.",
    source="product; Supabase knowledge base on private buckets",
)
shared_copy = Risk(
    id="shared_copy",
    title="Copies of an open share-card",
    why="A closed share-card has no working link, but screenshots and previews remain.",
    severity=Severity.LOW,
    mitigation="Only a title, a symbol, a palette and one line are public, all chosen from approved phrases.",
    check="Open share-cards without a valid consent.",
    source="product",
)
receipt_waits = Risk(
    id="receipt_waits",
    title="Receipt that waits for e-mail consent",
    why="Without e-mail consent the receipt stays in the account, where the buyer may not look for it.",
    severity=Severity.LOW,
    mitigation="The receipt is in the account at once. Its e-mail is sent as soon as e-mail is allowed.",
    check="Receipt e-mails that wait for more than a week.",
    until=email_delivery,
    source="product",
)
recovery_waits = Risk(
    id="recovery_waits",
    title="Recovery link that waits for e-mail consent",
    why="A customer who has lost access gets no e-mail until they allow it.",
    severity=Severity.MEDIUM,
    mitigation="The link is in the account, and support can confirm a purchase without reading private data.",
    check="Recovery e-mails that wait for more than a week.",
    until=email_delivery,
    source="product",
)
link_is_a_key = Risk(
    id="link_is_a_key",
    title="Recovery link used by another person",
    why="Everybody with the link gets access to the purchase, and mail scanners open links before people do.",
    severity=Severity.MEDIUM,
    mitigation="The link works once, expires soon, is stored only as a hash, and opens a page with a button.",
    check="Several recovery jobs for one purchase within an hour.",
    source="product",
)
mail_goes_astray = Risk(
    id="mail_goes_astray",
    title="Notice that bounces or reaches another person",
    why="Addresses are mistyped and mailboxes are shared, so another person may read the e-mail.",
    severity=Severity.MEDIUM,
    mitigation="A notice holds only an opaque link. Addresses that bounce get no more e-mail.",
    check="E-mail jobs that ended as dead letters with a permanent error.",
    source="product",
)
print_left_behind = Risk(
    id="print_left_behind",
    title="Page left in a printer or browser",
    why="Other people can read a printed page, or a page that a shared computer keeps.",
    severity=Severity.LOW,
    mitigation="The page is rendered on request for its signed-in owner and is never cached in public.",
    check="Print-views that have a file in storage.",
    source="product",
)
echo_after_withdrawal = Risk(
    id="echo_after_withdrawal",
    title="Echo that returns after a withdrawal",
    why="An Echo is planned weeks ahead, and the person may withdraw the consent in the meantime.",
    severity=Severity.HIGH,
    mitigation="A withdrawal cancels the Echo and its job at once, and the worker checks the consent again before it sends.",
    check="Echo jobs that were done without a valid consent.",
    source="product",
)
special_category = Risk(
    id="special_category",
    title="Free text that holds special-category data",
    why="People ask an oracle about health, belief and love. The law gives such data special protection.",
    severity=Severity.HIGH,
    mitigation="An AI reads a question only with its owner's explicit consent, through a narrow view and for a limited time.",
    check="Open AI runs without a valid consent.",
    source="product; GDPR article 9",
)
ai_output = Risk(
    id="ai_output",
    title="Wrong or harmful text from an AI",
    why="A question can mislead an AI, and an AI can write wrong or harmful text.",
    severity=Severity.MEDIUM,
    mitigation="The AI writes only into a staging table. The site's server checks the text before adopting it.",
    check="AI runs that were adopted without an output.",
    source="OWASP Top 10 for LLM applications 2026",
)
sealed_for_good = Risk(
    id="sealed_for_good",
    title="Mistake in a sealed record",
    why="Nobody can correct a sealed record. Its owner can only have it deleted.",
    severity=Severity.LOW,
    mitigation="The record is sealed as the last step, after the owner has read it.",
    check="Sealed rows whose content does not match their seal.",
    source="product",
)
event_replay = Risk(
    id="event_replay",
    title="Repeated or reordered Stripe events",
    why="Stripe sends events repeatedly, at the same time and in any order. Each repetition could unlock again.",
    severity=Severity.HIGH,
    mitigation="Event id and checkout session id are unique, and states change only as the rules allow.",
    check="Stripe events that are not processed within an hour.",
    source="product; Stripe documentation on webhooks",
)
refund_after_use = Risk(
    id="refund_after_use",
    title="Refund or dispute after the reading was opened",
    why="A payment can be refunded or disputed after the reading was read or given to somebody else.",
    severity=Severity.MEDIUM,
    mitigation="Refunds and disputes are recorded on the purchase and decide whether it stays unlocked.",
    check="Refunded or disputed purchases that are still unlocked.",
    source="product; Stripe documentation on disputes",
)
sale_without_right = Risk(
    id="sale_without_right",
    title="Sale to an EU buyer without a waiver or a window of withdrawal",
    why="An EU consumer may withdraw for 14 days, unless they gave that right up before what they bought began. A sale "
    "without either breaks the law, and the buyer can withdraw for a year longer.",
    severity=Severity.HIGH,
    mitigation="The payment opens the window, unless the buyer agreed to the waiver and got its confirmation before.",
    check="Paid sales to EU buyers that have neither a confirmed waiver nor a window.",
    source="Directive 2011/83/EU, articles 9, 10 and 16(m)",
)
price_drift = Risk(
    id="price_drift",
    title="Price that differs between Stripe and the shop",
    why="A price can be archived or replaced at Stripe while the shop still uses it.",
    severity=Severity.MEDIUM,
    mitigation="Every price stays connected, and a check compares the links with the Stripe account.",
    check="Active purchase links whose product is not active.",
    source="product; Stripe documentation on prices",
)

gift_stays = Risk(
    id="gift_stays",
    title="Accepted gift that stays after a refund",
    why="A refund gives the buyer the payment back. A gift that its recipient has accepted stays with the recipient.",
    severity=Severity.LOW,
    mitigation="A refund withdraws every invitation that was not accepted yet.",
    check="Refunded purchases whose gift was accepted.",
    source="product",
)
minor_can_undo = Risk(
    id="minor_can_undo",
    title="Purchase that a parent can undo",
    why="In most countries a minor's purchase binds only with a parent's approval, so the payment may have to go back.",
    severity=Severity.MEDIUM,
    mitigation="A refund in full takes back what was unlocked, and the audit trail records it.",
    check="No check shows it, because the shop stores no age.",
    source="National contract law, which GDPR article 8(3) leaves as it is",
)
account_is_lost = Risk(
    id="account_is_lost",
    title="Purchase in an account that its buyer cannot reopen",
    why="An anonymous sign-in lives in one browser. Without an address, nobody can sign in to it anywhere else.",
    severity=Severity.HIGH,
    mitigation="Support can confirm a purchase without reading private data.",
    check="Paid purchases of anonymous accounts.",
    source="Supabase documentation on anonymous sign-ins",
)
ai_not_named = Risk(
    id="ai_not_named",
    title="Reader who does not know that an AI wrote it",
    why="People must be told when they read the words of an AI.",
    severity=Severity.MEDIUM,
    mitigation="The consent question names the AI before it reads anything.",
    check="AI runs that were adopted without a valid consent.",
    source="Regulation (EU) 2024/1689, article 50",
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
    sale_without_right,
    price_drift,
    gift_stays,
    minor_can_undo,
    account_is_lost,
    ai_not_named,
)
