"""What the person sees: made by the real handlers, with made-up words."""

import pytest

from lab.rules import RULES
from lab.ui.scenario.samples import ANSWER, PERSON, QUESTION, RECIPIENT, compose_sample, render_samples
from tests.ui.drawing import Open, words


@pytest.mark.parametrize("kind", [message.id for message in RULES.messages])
def test_every_message_can_be_shown_and_holds_no_word_of_the_reading(kind: str) -> None:
    mail = compose_sample(kind, 4900, "eur")
    assert mail.subject == next(message.subject for message in RULES.messages if message.id == kind)
    assert mail.to == (RECIPIENT if kind == "gift" else PERSON)
    assert QUESTION not in mail.text
    assert not any(sentence in mail.text for sentence in ANSWER.split(". "))
    assert "\r" not in mail.text


def test_the_documents_are_those_of_the_renderer() -> None:
    papers = render_samples()
    assert papers.first_page.startswith(b"\x89PNG")
    assert papers.card.startswith(b"\x89PNG")
    assert QUESTION in papers.print_view
    assert papers == render_samples()


def test_the_page_shows_questions_letters_and_what_a_refusal_takes_away(open_page: Open) -> None:
    page = open_page("lab", channel=["email", "pdf", "receipt", "share_card"], consent="email_delivery", view="Person")
    told = words(page)
    assert not page.exception
    assert "“May we e-mail you a private link when something of yours is ready?" in told
    assert "Your reading is ready" in told
    assert "Amount: 49.00 EUR" in told
    assert "~~Share-card~~" in told
    assert "No public page is made." in told
    assert "~~E-mail~~" not in told
    assert len(page.get("image")) == 1  # the first page; the card does not exist


def test_no_other_view_renders(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("rendered")

    monkeypatch.setattr("lab.ui.scenario.person.render_samples", refuse)
    for view in ("Needs", "Consents", "Risks", "SQL"):
        assert not open_page("lab", channel="pdf", view=view).exception
    assert open_page("lab", channel="pdf", view="Person").exception
