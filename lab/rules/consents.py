"""The six consents that a visitor can give, each for one purpose and with its wording."""

from lab.rules.model import Consent

passport_write = Consent(
    id="passport_write",
    title="Passport",
    question="May we keep this sealed reading in your Passport, the collection that only you can open?",
    without_it="The reading stays in your account. Nothing is added to your Passport.",
    withdrawal="Nothing new is added to your Passport. What was sealed stays there until you ask us to delete it.",
    scope="account",
    version=1,
    locale="en",
    source="product; GDPR article 7",
)
email_delivery = Consent(
    id="email_delivery",
    title="E-mail",
    question="May we e-mail you a private link when something of yours is ready? The e-mail never holds your question.",
    without_it="Everything is ready in your account. We do not send you e-mail.",
    withdrawal="Queued e-mails are cancelled. Receipts and recovery links stay in your account.",
    scope="account",
    version=1,
    locale="en",
    source="product; GDPR article 7",
)
public_share = Consent(
    id="public_share",
    title="Public share-card",
    question="May we show this one share-card, its title, symbol and single line, to anybody who has the link?",
    without_it="No public page is made. A share-card never shows your question or your reading.",
    withdrawal="The share-card closes at once, and its link stops working.",
    scope="artifact",
    version=1,
    locale="en",
    source="product; GDPR article 7",
)
gift_recipient = Consent(
    id="gift_recipient",
    title="Gift recipient",
    question="May we use the address you enter to send this one gift invitation, and say that it came from you?",
    without_it="No invitation is sent, and no address is stored. You keep the reading.",
    withdrawal="An unsent invitation is cancelled. An open one can no longer be accepted.",
    scope="artifact",
    version=1,
    locale="en",
    source="product; GDPR articles 7 and 14",
)
echo_followup = Consent(
    id="echo_followup",
    title="Echo follow-up",
    question="May we come back to you later, when the Echo of this reading returns?",
    without_it="The Echo stays in your account. We do not contact you about it.",
    withdrawal="Echoes that have not returned yet are cancelled.",
    scope="account",
    version=1,
    locale="en",
    source="product; GDPR article 7",
)
ai_processing = Consent(
    id="ai_processing",
    title="AI processing",
    question=(
        "May an AI service read your question to write this reading? A question can touch health, belief or love; "
        "it is used for this reading only."
    ),
    without_it="We make no layers for you that an AI writes. Everything else works.",
    withdrawal="Unfinished AI texts are discarded. The AI reads no more of your questions.",
    scope="account",
    version=1,
    locale="en",
    source="product; GDPR articles 7 and 9",
)

CONSENTS = (passport_write, email_delivery, public_share, gift_recipient, echo_followup, ai_processing)
