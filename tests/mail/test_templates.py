"""Templates use declared fields alone, and no declared field is private."""

import pytest
from jinja2 import UndefinedError

from lab.rules import RULES
from lab.rules.model import PrivacyClass
from lab.services.mail.wording import TEMPLATES, WrongTemplate, check_template, draw
from tests.mail.samples import FIELDS

MESSAGES = {message.id: message for message in RULES.messages}


def test_there_is_a_template_for_every_message_and_no_other() -> None:
    assert {path.stem for path in TEMPLATES.glob("*.jinja")} == set(MESSAGES)


@pytest.mark.parametrize("kind", MESSAGES)
def test_no_declared_field_is_private(kind: str) -> None:
    classes = {field.privacy for field in MESSAGES[kind].fields}
    assert not classes & {PrivacyClass.SECRET, PrivacyClass.PERSONAL}


@pytest.mark.parametrize("kind", MESSAGES)
def test_the_channel_exposes_the_classes_of_its_message(kind: str) -> None:
    channel = next(channel for channel in RULES.channels if channel.id == kind)
    assert {field.privacy for field in MESSAGES[kind].fields} <= {*channel.exposes, PrivacyClass.PUBLIC}


USES = {
    "in a sentence": "Hello {{ question }}",
    "in a block": "{% block main %}{{ question }}{% endblock %}",
    "in a condition": "{% if question %}x{% endif %}",
    "by a filter": "{{ question | upper }}",
    "in an attribute": '<a href="{{ link }}?q={{ question }}">x</a>',
}


@pytest.mark.parametrize("case", USES)
def test_a_field_that_is_not_declared_is_refused(case: str) -> None:
    with pytest.raises(WrongTemplate, match=r"Template email.jinja: It uses question, which the message does not decl"):
        check_template(MESSAGES["email"], USES[case])


def test_a_field_of_another_message_is_refused() -> None:
    check_template(MESSAGES["receipt"], "{{ order_id }}")
    with pytest.raises(WrongTemplate, match="It uses order_id"):
        check_template(MESSAGES["echo"], "{{ order_id }}")


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_is_not_drawn_without_a_field(kind: str) -> None:
    with pytest.raises(UndefinedError):
        draw(MESSAGES[kind], {**FIELDS[kind], "shop": "Oracle"})
