"""The tracked delivery jobs: what each delivers, and what support does when it fails."""

from lab.rules.consents import echo_followup, email_delivery, gift_recipient, public_share
from lab.rules.model import Job

email = Job(
    id="email",
    title="E-mail notice",
    description="Sends a notice with an opaque link. The reading is shown only after login.",
    legs=("email",),
    consents=(email_delivery,),
    max_attempts=10,
    support_path="/operate/queue?channel=email",
    support="Look up why the provider refused, correct the address with the customer, then retry or park the job.",
    source="product",
)
pdf = Job(
    id="pdf",
    title="PDF",
    description="Renders the full reading as a PDF and puts it into its owner's account.",
    legs=("account",),
    consents=(),
    max_attempts=5,
    support_path="/operate/queue?channel=pdf",
    support="Retry the rendering. If it fails again, park the job and give its number to engineering.",
    source="product",
)
share_card = Job(
    id="share_card",
    title="Share-card picture",
    description="Draws the approved phrases of an open share-card as a picture. It is shown only while the card is open.",
    legs=("account",),
    consents=(public_share,),
    max_attempts=5,
    support_path="/operate/queue?channel=share_card",
    support="Retry the drawing. If it fails again, park the job and give its number to engineering.",
    source="product",
)
gift = Job(
    id="gift",
    title="Gift invitation",
    description="Invites the recipient by e-mail. The gift opens only when they accept it themselves.",
    legs=("email",),
    consents=(gift_recipient, email_delivery),
    max_attempts=8,
    support_path="/operate/queue?channel=gift",
    support="Ask the buyer to check the address before sending again. Then send it as a new repetition.",
    source="product",
)
receipt = Job(
    id="receipt",
    title="Receipt",
    description="Puts the receipt into the buyer's account. Its e-mail is sent once e-mail is allowed.",
    legs=("account", "email"),
    consents=(),
    email_leg_waits_for=(email_delivery,),
    max_attempts=10,
    support_path="/operate/queue?channel=receipt",
    support="The receipt is in the account. Retry the e-mail, or show the customer where it is.",
    source="product",
)
echo = Job(
    id="echo",
    title="Echo notice",
    description="Notifies the visitor that their Echo has returned. Its text is shown only after login.",
    legs=("email",),
    consents=(echo_followup, email_delivery),
    max_attempts=8,
    support_path="/operate/queue?channel=echo",
    support="The Echo is in the account. Retry the notice, or park it if the address is refused.",
    source="product",
)
recovery = Job(
    id="recovery",
    title="Recovery link",
    description="Makes a short-lived one-time link to a purchase. Its e-mail waits for e-mail consent.",
    legs=("account", "email"),
    consents=(),
    email_leg_waits_for=(email_delivery,),
    max_attempts=6,
    support_path="/operate/queue?channel=recovery",
    support="Check that the purchase is the customer's, then make a new link. Never read a link to anybody.",
    source="product",
)

JOBS = (email, pdf, share_card, gift, receipt, echo, recovery)
