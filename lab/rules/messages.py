"""The shop's e-mail: the fields that each message may use, and its subject. The only personal thing is the address."""

from lab.rules import jobs
from lab.rules.model import Message, MessageField, PrivacyClass

# An opaque path below the site's address: one or two short words, then a UUID or 32 to 64 hexadecimal digits. Letters
# of every alphabet could spell a question; hexadecimal digits cannot.
OPAQUE_PATH = r"(?:/[a-z]{1,12}){1,2}/(?:[0-9a-f]{32,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"

_shop = MessageField(
    name="shop",
    privacy=PrivacyClass.PUBLIC,
    shape="name",
    why="Names the shop: the sender's name, or its domain.",
)
_host = MessageField(
    name="host",
    privacy=PrivacyClass.PUBLIC,
    shape="host",
    why="The site's host name, so that a reader can compare it with the links.",
)
_link = MessageField(
    name="link",
    privacy=PrivacyClass.OPERATIONAL,
    shape="link",
    why="An opaque link to the page that shows more after login.",
)
_unsubscribe_link = MessageField(
    name="unsubscribe_link",
    privacy=PrivacyClass.OPERATIONAL,
    shape="link",
    why="An opaque link that stops e-mail; mail programs may call it with one click.",
)
_open_until = MessageField(
    name="open_until",
    privacy=PrivacyClass.OPERATIONAL,
    shape="day",
    why="The invitation's last day; then the address is deleted.",
)
_amount_minor = MessageField(
    name="amount_minor",
    privacy=PrivacyClass.FINANCIAL,
    shape="amount",
    why="What was paid, in the currency's smallest unit.",
)
_currency = MessageField(
    name="currency",
    privacy=PrivacyClass.FINANCIAL,
    shape="currency",
    why="The currency of the amount.",
)
_paid_on = MessageField(name="paid_on", privacy=PrivacyClass.FINANCIAL, shape="day", why="The day of the payment.")
_order_id = MessageField(
    name="order_id",
    privacy=PrivacyClass.OPERATIONAL,
    shape="id",
    why="The order's id, which support asks for.",
)
_valid_until = MessageField(
    name="valid_until",
    privacy=PrivacyClass.OPERATIONAL,
    shape="moment",
    why="When the one-time link ends.",
)

# What `compose` fills in itself, from the sender and the site.
GIVEN = (_shop, _host)
_EVERY = (*GIVEN, _link, _unsubscribe_link)

email = Message(
    id="email",
    job=jobs.email,
    subject="Your reading is ready",
    fields=_EVERY,
    source="product: a notice with an opaque link; no question, no answer",
)
gift = Message(
    id="gift",
    job=jobs.gift,
    subject="A gift is waiting for you",
    fields=(*_EVERY, _open_until),
    source="product: an invitation; GDPR article 14 on telling a person where their address comes from",
)
receipt = Message(
    id="receipt",
    job=jobs.receipt,
    subject="Your receipt",
    fields=(*_EVERY, _amount_minor, _currency, _paid_on, _order_id),
    source="product: amount, date, order id",
)
echo = Message(
    id="echo",
    job=jobs.echo,
    subject="Your Echo has returned",
    fields=_EVERY,
    source="product: a notice that the Echo has returned",
)
recovery = Message(
    id="recovery",
    job=jobs.recovery,
    subject="Your link back to your purchase",
    fields=(*_EVERY, _valid_until),
    source="product: a one-time link, short-lived",
)

MESSAGES = (email, gift, receipt, echo, recovery)
