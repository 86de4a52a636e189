"""Models of the shop's e-mail: what each message may say, and what is known of each provider."""

from typing import Annotated, Literal

from pydantic import Field

from lab.rules.model.product import JobRef
from lab.rules.model.rule import Id, PrivacyClass, Rule, Source, Title, Why

Ability = Literal["idempotent", "askable", "blind"]
Shape = Literal["link", "amount", "currency", "day", "moment", "id", "name", "host"]


class MessageField(Rule):
    """A field that a message's template may use."""

    name: Id
    privacy: PrivacyClass = Field(description="Never secret or personal: an e-mail is read on its way.")
    shape: Shape = Field(description="What its value may be; none of them has room for a sentence of a visitor.")
    why: Why


class Message(Rule):
    """The e-mail of a job's e-mail leg; its id is the job's."""

    id: Id
    job: JobRef
    subject: Title = Field(description="The subject, the same for everybody.")
    fields: tuple[MessageField, ...] = Field(description="Everything that its template may use.")
    source: Source


class MailProvider(Rule):
    """A kind of e-mail provider, and what can be done when it is unknown whether it has sent a message."""

    id: Id
    title: Title
    ability: Ability = Field(
        description="idempotent: sending again under the same key changes nothing. askable: tells whether a key was sent. "
        "blind: neither, so a person decides."
    )
    window_seconds: Annotated[int, Field(gt=0)] | None = Field(
        description="How long a key is remembered, from its first use. None unless idempotent."
    )
    why: Why
    source: Source
