"""A scenario from the other side: the questions, and what arrives, as the person sees them."""

import streamlit as st

from lab.plan.make import Plan
from lab.plan.person import Step, list_steps
from lab.rules import RULES
from lab.text.errors import LabError
from lab.ui.kit.badges import badge
from lab.ui.kit.markdown import plain
from lab.ui.scenario.samples import CARD_WIDTH, PAGE_WIDTH, compose_sample, render_samples

PRINT_HEIGHT = 420  # pixels
_PAPERS = {"pdf", "share_card", "print_view"}


def draw_person(plan: Plan) -> None:
    """Draw what a person is asked and gets in a scenario; what a refusal takes away is crossed out."""
    steps = list_steps(plan)
    st.caption(
        "What the person sees, in the order in which it comes. The words are made up; the letters and documents are "
        "made by the handlers that make the real ones."
    )
    if not any(step.kind == "delivery" for step in steps):
        st.markdown("Nothing arrives, because no channel was chosen.")
    for number, step in enumerate(steps, 1):
        with st.container(border=True, key=f"step_{number}"):
            st.markdown(write_step(number, step))
            if step.kind == "delivery" and step.yes:
                _draw_delivery(plan, step)


def write_step(number: int, step: Step) -> str:
    """Write the head of a step: its name and time, its words, and what a refusal takes away."""
    if step.kind == "question":
        answer = f"{badge('given')} Yes" if step.yes else f"{badge('refused')} No. {step.lost}"
        return f"### {number}. {step.title}\n:small[Asked {step.when}]\n\n“{step.words}”\n\n{answer}"
    if step.kind == "waiver":
        return f"### {number}. {step.title}\n:small[Agreed {step.when}]\n\n“{step.words}”\n\n{step.lost}"
    if not step.yes:
        return f"### {number}. ~~{step.title}~~\n:small[{step.when.capitalize()}]\n\n~~{step.words}~~\n\n{step.lost}"
    mail = f"\n\n~~By e-mail, too.~~ {step.no_email_because}" if step.no_email_because else ""
    return f"### {number}. {step.title}\n:small[{step.when.capitalize()}]\n\n{step.words}{mail}"


def _draw_delivery(plan: Plan, step: Step) -> None:
    if step.by_email:
        _draw_mail(plan, step.id)
    if step.id in _PAPERS:
        try:
            _draw_paper(step.id)
        except LabError as error:
            st.info(plain(str(error)), icon=":material/image_not_supported:")


def _draw_mail(plan: Plan, kind: str) -> None:
    """Draw a message as a mail program shows its text."""
    offer = next((offer for offer in RULES.offers if offer.layer.id == plan.scenario.layer), RULES.offers[0])
    mail = compose_sample(kind, offer.amount_minor, offer.currency)
    st.markdown(f"**{plain(mail.subject)}**  \n:small[From {plain(mail.sender)} to {plain(mail.to)}]")
    st.code(mail.text, language=None, wrap_lines=True)


def _draw_paper(id_: str) -> None:
    papers = render_samples()
    if id_ == "pdf":
        st.image(
            papers.first_page, alt="The first page of the PDF, with the question and the reading", width=PAGE_WIDTH
        )
    elif id_ == "share_card":
        st.image(papers.card, alt="The share-card: title, symbol, palette and one line", width=CARD_WIDTH)
    else:
        st.iframe(papers.print_view, height=PRINT_HEIGHT, alt="The reading as a page for printing")
