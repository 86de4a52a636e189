"""The tracked delivery jobs: what each carries out of the database, and who helps when it fails."""

from lab.rules.consents import echo_followup, email_delivery, gift_recipient
from lab.rules.model import Job

email = Job(
    id="email",
    title="E-mail notice",
    description="Sends a notice with an opaque link; the reading itself stays behind the login.",
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
    support="Retry the rendering; if it fails again, park the job and pass its number to engineering.",
    source="product",
)
gift = Job(
    id="gift",
    title="Gift invitation",
    description="Invites the recipient by e-mail; the gift opens only when they accept it themselves.",
    legs=("email",),
    consents=(gift_recipient, email_delivery),
    max_attempts=8,
    support_path="/operate/queue?channel=gift",
    support="Never send twice on a guess: ask the buyer to check the address, then send again under a new number.",
    source="product",
)
receipt = Job(
    id="receipt",
    title="Receipt",
    description="Puts the receipt into the buyer's account; its e-mail follows once e-mail is allowed.",
    legs=("account", "email"),
    consents=(),
    email_leg_waits_for=(email_delivery,),
    max_attempts=10,
    support_path="/operate/queue?channel=receipt",
    support="The receipt is in the account already; retry the e-mail or point the customer to their account.",
    source="product",
)
echo = Job(
    id="echo",
    title="Echo notice",
    description="Tells the visitor that their Echo has returned; the words wait behind the login.",
    legs=("email",),
    consents=(echo_followup, email_delivery),
    max_attempts=8,
    support_path="/operate/queue?channel=echo",
    support="The Echo itself is in the account; retry the notice or park it when the address is refused.",
    source="product",
)
recovery = Job(
    id="recovery",
    title="Recovery link",
    description="Makes a one-time, short-lived link back to what was bought; its e-mail waits for e-mail consent.",
    legs=("account", "email"),
    consents=(),
    email_leg_waits_for=(email_delivery,),
    max_attempts=6,
    support_path="/operate/queue?channel=recovery",
    support="Check that the purchase is the customer's, then make a fresh link; never read a link out to anybody.",
    source="product",
)

JOBS = (email, pdf, gift, receipt, echo, recovery)
