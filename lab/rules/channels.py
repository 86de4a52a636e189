"""The eight ways something leaves the database."""

from lab.rules import env, jobs, risks
from lab.rules.consents import echo_followup, email_delivery, gift_recipient, public_share
from lab.rules.model import Channel, PrivacyClass
from lab.rules.tables.cards import card_phrases, share_cards
from lab.rules.tables.consent import consent_events, consent_notices, consents
from lab.rules.tables.delivery import delivery_attempts, email_suppressions
from lab.rules.tables.gifts import gift_recipients
from lab.rules.tables.payments import purchases
from lab.rules.tables.premium import echo_entries
from lab.rules.tables.readings import oracle_artifacts
from lab.rules.words import asks, keeps

_STANDS = keeps(consents, "Whether the consent stands is asked here, at the moment of writing.")
_LEDGER = keeps(consent_events, "Every consent given or withdrawn is kept as proof.")
_WORDING = keeps(consent_notices, "The wording that was shown is kept with its hash.")
_ATTEMPTS = keeps(delivery_attempts, "Every attempt of the job is kept, so that support can see what happened.")

email = Channel(
    id="email",
    title="E-mail",
    description="A notice that something is ready, with a private link.",
    leaves="A notice with an opaque link; no question, no answer.",
    job=jobs.email,
    tables=(
        _STANDS,
        _LEDGER,
        _WORDING,
        keeps(email_suppressions, "Addresses that bounced or complained are not written to again."),
        _ATTEMPTS,
    ),
    consents=(asks(email_delivery, "We write to somebody only after they have allowed it."),),
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
    job=jobs.pdf,
    tables=(
        keeps(oracle_artifacts, "The PDF is an artifact of its own, with its state and its hash."),
        _ATTEMPTS,
    ),
    consents=(),
    risks=(risks.link_outlives_withdrawal,),
    exposes=(PrivacyClass.SECRET,),
    source="product",
)
share_card = Channel(
    id="share_card",
    title="Share-card",
    description="A public page with a title, a symbol, a palette and one line.",
    leaves="Public fields only, to anybody who has the link.",
    job=None,
    tables=(
        keeps(share_cards, "The public fields live in a table of their own, apart from the reading."),
        keeps(card_phrases, "What a card says is chosen from approved phrases, so that no typed word reaches it."),
        _STANDS,
        _LEDGER,
        _WORDING,
    ),
    consents=(asks(public_share, "A page that anybody can open is made only after its owner has allowed it."),),
    risks=(risks.shared_copy,),
    exposes=(PrivacyClass.PUBLIC,),
    source="product",
)
gift = Channel(
    id="gift",
    title="Gift",
    description="An invitation to somebody else to open a reading as a gift.",
    leaves="An invitation; the gift opens only on the recipient's own acceptance.",
    job=jobs.gift,
    tables=(
        keeps(gift_recipients, "The recipient's address is kept apart from the gift, with its expiry."),
        keeps(oracle_artifacts, "The gift is an artifact of its own."),
        _STANDS,
        _LEDGER,
        _WORDING,
        _ATTEMPTS,
    ),
    consents=(
        asks(
            gift_recipient,
            "Another person's address is used only for this one invitation, and only if the giver says so.",
        ),
        asks(
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
    description="A page made for paper.",
    leaves="A page for its owner, rendered on request, never cached in public.",
    job=None,
    tables=(keeps(oracle_artifacts, "The print view is an artifact of its own, though it leaves no file."),),
    consents=(),
    risks=(risks.print_left_behind,),
    exposes=(PrivacyClass.SECRET,),
    source="product",
)
receipt = Channel(
    id="receipt",
    title="Receipt",
    description="The receipt for a purchase, in the account and, once allowed, by e-mail.",
    leaves="Amount, date and order id.",
    job=jobs.receipt,
    tables=(keeps(purchases, "The receipt rests on the purchase itself."), _ATTEMPTS),
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
    leaves="A notice that the Echo has returned; the words wait behind the login.",
    job=jobs.echo,
    tables=(
        keeps(echo_entries, "The Echo itself waits here until its day."),
        _STANDS,
        _LEDGER,
        _WORDING,
        _ATTEMPTS,
    ),
    consents=(
        asks(echo_followup, "We come back to somebody later only if they want us to."),
        asks(email_delivery, "The notice goes out by e-mail."),
    ),
    env=env.EMAIL,
    risks=(risks.echo_after_withdrawal, risks.mail_goes_astray),
    exposes=(PrivacyClass.OPERATIONAL,),
    source="product",
)
recovery = Channel(
    id="recovery",
    title="Recovery",
    description="A way back to what was bought, for somebody who has lost it.",
    leaves="A one-time link, short-lived.",
    job=jobs.recovery,
    tables=(keeps(purchases, "The link rests on the purchase itself."), _ATTEMPTS),
    consents=(),
    env=env.EMAIL,
    risks=(risks.recovery_waits, risks.link_is_a_key),
    exposes=(PrivacyClass.OPERATIONAL,),
    source="product",
)

CHANNELS = (email, pdf, share_card, gift, print_view, receipt, echo, recovery)
