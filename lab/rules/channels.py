"""The eight delivery channels."""

from lab.rules import env, jobs, risks
from lab.rules.consents import echo_followup, email_delivery, gift_recipient, public_share
from lab.rules.constructors import needs_consent, needs_table
from lab.rules.model import Arrival, Channel, PrivacyClass
from lab.rules.tables.artifacts import oracle_artifacts
from lab.rules.tables.attempts import delivery_attempts
from lab.rules.tables.cards import card_phrases, share_cards
from lab.rules.tables.consent import consent_events, consent_notices, consents
from lab.rules.tables.gifts import gift_recipients
from lab.rules.tables.payments import purchases
from lab.rules.tables.premium import echo_entries
from lab.rules.tables.sending import email_suppressions

_CURRENT = needs_table(consents, "The current consents are checked here before a delivery.")
_LEDGER = needs_table(consent_events, "Every consent that was given or withdrawn is kept as proof.")
_WORDING = needs_table(consent_notices, "The wording that was shown is kept with its hash.")
_ATTEMPTS = needs_table(delivery_attempts, "Every attempt of the job is kept, so that support can see what happened.")

email = Channel(
    id="email",
    title="E-mail",
    description="A notice that something is ready, with a private link.",
    leaves="A notice with an opaque link; no question, no answer.",
    arrives=Arrival.READY,
    job=jobs.email,
    tables=(
        _CURRENT,
        _LEDGER,
        _WORDING,
        needs_table(email_suppressions, "Addresses that bounced or complained get no more e-mail."),
        _ATTEMPTS,
    ),
    consents=(needs_consent(email_delivery, "E-mail is sent only with the person's consent."),),
    env=env.EMAIL,
    risks=(risks.mail_goes_astray,),
    exposes=(PrivacyClass.OPERATIONAL,),
    source="product",
)
pdf = Channel(
    id="pdf",
    title="PDF",
    description="The full reading as a file in its owner's account.",
    leaves="The full reading, to its owner's account alone.",
    arrives=Arrival.READY,
    job=jobs.pdf,
    tables=(
        needs_table(oracle_artifacts, "The PDF is an artifact with its own state and hash."),
        _ATTEMPTS,
    ),
    consents=(),
    env=env.FILES,
    risks=(risks.link_outlives_withdrawal,),
    exposes=(PrivacyClass.SECRET,),
    source="product",
)
share_card = Channel(
    id="share_card",
    title="Share-card",
    description="A public page with a title, a symbol, a palette and one line.",
    leaves="Public fields only, to anybody who has the link.",
    arrives=Arrival.CHOICE,
    job=jobs.share_card,
    tables=(
        needs_table(oracle_artifacts, "The card's picture is the file of an artifact, with its own state and hash."),
        needs_table(share_cards, "The public fields are kept in a table of their own, apart from the reading."),
        needs_table(card_phrases, "A card shows only approved phrases, so that no typed text is published."),
        _CURRENT,
        _LEDGER,
        _WORDING,
        _ATTEMPTS,
    ),
    consents=(needs_consent(public_share, "A public page is made only with its owner's consent."),),
    env=env.FILES,
    risks=(risks.shared_copy,),
    exposes=(PrivacyClass.PUBLIC,),
    source="product",
)
gift = Channel(
    id="gift",
    title="Gift",
    description="An invitation to somebody else to open a reading as a gift.",
    leaves="An invitation; the gift opens only on the recipient's own acceptance.",
    arrives=Arrival.CHOICE,
    job=jobs.gift,
    tables=(
        needs_table(gift_recipients, "The recipient's address is kept apart from the gift, with its expiry."),
        needs_table(oracle_artifacts, "The gift is an artifact with its own state."),
        _CURRENT,
        _LEDGER,
        _WORDING,
        _ATTEMPTS,
    ),
    consents=(
        needs_consent(
            gift_recipient,
            "The recipient's address is used only for this one invitation, with the giver's consent.",
        ),
        needs_consent(
            email_delivery,
            "The invitation goes out by e-mail in the giver's name, so the giver must allow e-mail.",
        ),
    ),
    env=env.EMAIL,
    risks=(risks.third_party_address, risks.mail_goes_astray),
    exposes=(PrivacyClass.OPERATIONAL, PrivacyClass.PERSONAL),
    source="product",
)
print_view = Channel(
    id="print_view",
    title="Print view",
    description="A page of the reading for printing.",
    leaves="A page for its owner, rendered on request, never cached in public.",
    arrives=Arrival.READY,
    job=None,
    tables=(needs_table(oracle_artifacts, "The print view is an artifact with its own state; it has no file."),),
    consents=(),
    risks=(risks.print_left_behind,),
    exposes=(PrivacyClass.SECRET,),
    source="product",
)
receipt = Channel(
    id="receipt",
    title="Receipt",
    description="The receipt for a purchase: in the account, and by e-mail once that is allowed.",
    leaves="Amount, date and order id.",
    arrives=Arrival.PAYMENT,
    job=jobs.receipt,
    tables=(needs_table(purchases, "The receipt shows the purchase."), _ATTEMPTS),
    consents=(),
    env=env.EMAIL,
    risks=(risks.receipt_waits,),
    exposes=(PrivacyClass.FINANCIAL, PrivacyClass.OPERATIONAL),
    source="product",
)
echo = Channel(
    id="echo",
    title="Echo",
    description="A notice that the Echo has returned.",
    leaves="A notice that the Echo has returned; its text is shown only after login.",
    arrives=Arrival.LATER,
    job=jobs.echo,
    tables=(
        needs_table(echo_entries, "The Echo is kept here until its day."),
        _CURRENT,
        _LEDGER,
        _WORDING,
        _ATTEMPTS,
    ),
    consents=(
        needs_consent(echo_followup, "An Echo returns later only with the person's consent."),
        needs_consent(email_delivery, "The notice goes out by e-mail."),
    ),
    env=env.EMAIL,
    risks=(risks.echo_after_withdrawal, risks.mail_goes_astray),
    exposes=(PrivacyClass.OPERATIONAL,),
    source="product",
)
recovery = Channel(
    id="recovery",
    title="Recovery",
    description="A link back to a purchase, for a buyer who has lost access.",
    leaves="A one-time link, short-lived.",
    arrives=Arrival.LOSS,
    job=jobs.recovery,
    tables=(needs_table(purchases, "The link leads to a purchase."), _ATTEMPTS),
    consents=(),
    env=env.EMAIL,
    risks=(risks.recovery_waits, risks.link_is_a_key),
    exposes=(PrivacyClass.OPERATIONAL,),
    source="product",
)

CHANNELS = (email, pdf, share_card, gift, print_view, receipt, echo, recovery)
