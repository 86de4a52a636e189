"""What a person sees, made by the handlers that make the real thing, with made-up words."""

import email
import email.policy
import uuid
from datetime import UTC, date, datetime
from email.message import EmailMessage
from io import BytesIO
from typing import NamedTuple

import streamlit as st

from lab.rules import RULES
from lab.rules.card_phrases import CARD_PHRASES
from lab.rules.channels import gift

DAY = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
CARD_WIDTH, PAGE_WIDTH = 480, 360  # pixels
SITE, SENDER = "https://oracle.example", "Oracle <hello@oracle.example>"
PERSON, RECIPIENT = "mara@example.org", "noor@example.org"
_TOKEN = "5f1c" * 16
_ID = uuid.UUID("5f1c5f1c-0000-4000-8000-5f1c5f1c5f1c")
QUESTION = "Should I move to the house by the sea?"
ANSWER = (
    "The Star stands over the house you ask about. It does not say go or stay. It says that the light you look for is "
    "already lit.\n\n"
    "The second card is the Tower. What you fear to lose by leaving has been falling for a while, and the sea only "
    "lets you hear it.\n\n"
    "Sleep there for one night before you decide. Leave the window open."
)


class Mail(NamedTuple):
    """An e-mail as a person reads it."""

    sender: str
    to: str
    subject: str
    text: str


@st.cache_data(show_spinner=False, max_entries=64)
def compose_sample(kind: str, amount_minor: int, currency: str) -> Mail:
    """Compose the message of a job with made-up fields."""
    from lab.services.mail import compose
    from lab.services.mail.fields import FieldValue

    made_up: dict[str, FieldValue] = {
        "link": f"{SITE}/open/{_TOKEN}", "day": date(2026, 12, 14), "amount": amount_minor,
        "currency": currency, "id": _ID, "moment": datetime(2026, 11, 30, 10, 0, tzinfo=UTC),
    }  # fmt: skip
    message = next(message for message in RULES.messages if message.id == kind)
    fields = {field.name: made_up[field.shape] for field in message.fields if field.shape in made_up}
    fields |= {"paid_on": DAY.date()} if "paid_on" in fields else {}
    to = RECIPIENT if kind == gift.id else PERSON
    made = compose(kind, fields, sender=SENDER, to=to, key=f"sample-{kind}", date=DAY, site=SITE)
    read = email.message_from_bytes(made.raw, policy=email.policy.SMTPUTF8)
    body = read.get_body(("plain",)) if isinstance(read, EmailMessage) else None
    return Mail(
        read["From"], read["To"], read["Subject"], "\n".join(str(body.get_content()).splitlines()) if body else ""
    )


class Papers(NamedTuple):
    """The documents of a reading."""

    first_page: bytes
    card: bytes
    print_view: str


@st.cache_resource(show_spinner="Rendering the documents once", max_entries=1)
def render_samples() -> Papers:
    """Render the documents in a process of their own, which ends with it; pictures as wide as the page shows them.

    Raises:
        NotRendered: Its code says why.
    """
    from lab.services.documents import Card, Reading, Renderer

    reading = Reading(question=QUESTION, answer=ANSWER, language="en", made_on=DAY.date(), reference=str(_ID)[:8])
    phrases = {phrase.kind: phrase.words for phrase in reversed(CARD_PHRASES) if phrase.locale == "en"}  # the first
    card = Card(**{kind: phrases[kind] for kind in ("title", "symbol", "palette", "line")})
    with Renderer() as renderer:
        return Papers(
            first_page=_shrink(renderer.render_first_page(reading).content, PAGE_WIDTH),
            card=_shrink(renderer.render_card(card).content, CARD_WIDTH),
            print_view=renderer.render_print_view(reading).content.decode(),
        )


def _shrink(picture: bytes, width: int) -> bytes:
    """Return a picture in a width, or else Streamlit would make it anew in every run of the page."""
    from PIL import Image

    with Image.open(BytesIO(picture)) as opened:
        shrunk = opened.resize((width, round(opened.height * width / opened.width)))
    kept = BytesIO()
    shrunk.save(kept, "PNG")
    return kept.getvalue()
