"""The six permissions a visitor can give, each for one purpose, with the sentence that asks for it."""

from lab.rules.model import Consent

passport_write = Consent(
    id="passport_write",
    title="Passport",
    question="May we keep this sealed reading in your Passport, the collection that only you can open?",
    without_it="The reading stays in your account as it is; nothing is added to your Passport.",
    withdrawal="Nothing new enters the Passport. What was sealed stays yours until you ask us to delete it.",
    scope="account",
    version=1,
    locale="en",
    source="product; GDPR article 7",
)
email_delivery = Consent(
    id="email_delivery",
    title="E-mail",
    question="May we e-mail you a private link when something of yours is ready? The e-mail never holds your question.",
    without_it="Everything is kept ready in your account; we simply do not write to you.",
    withdrawal="Queued e-mails are cancelled; receipts and recovery links wait in your account.",
    scope="account",
    version=1,
    locale="en",
    source="product; GDPR article 7",
)
public_share = Consent(
    id="public_share",
    title="Public share-card",
    question="May we show this one share-card, its title, symbol and single line, to anybody who has the link?",
    without_it="No public page is made. Your question and your reading are never part of a share-card anyway.",
    withdrawal="The share-card closes at once and its link stops working.",
    scope="artifact",
    version=1,
    locale="en",
    source="product; GDPR article 7",
)
gift_recipient = Consent(
    id="gift_recipient",
    title="Gift recipient",
    question="May we use the address you enter to send this one gift invitation, and say that it came from you?",
    without_it="No invitation is sent and no address is kept; you can still enjoy the reading yourself.",
    withdrawal="An invitation that has not been sent is cancelled, and an open one can no longer be accepted.",
    scope="artifact",
    version=1,
    locale="en",
    source="product; GDPR articles 7 and 14",
)
echo_followup = Consent(
    id="echo_followup",
    title="Echo follow-up",
    question="May we come back to you later, when the Echo of this reading returns?",
    without_it="The Echo waits in your account; we do not come back to you about it.",
    withdrawal="Echoes that are still on their way are cancelled.",
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
    without_it="Layers that an AI writes are not made for you; everything else works.",
    withdrawal="Readings that the AI has not begun are discarded; it sees nothing more of yours.",
    scope="account",
    version=1,
    locale="en",
    source="product; GDPR articles 7 and 9",
)

CONSENTS = (passport_write, email_delivery, public_share, gift_recipient, echo_followup, ai_processing)
