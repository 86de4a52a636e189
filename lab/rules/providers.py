"""The providers of e-mail, and what can be done when a call to one of them ends without an answer."""

from lab.rules.model import Provider

smtp = Provider(
    id="smtp",
    title="SMTP",
    ability="blind",
    source="RFC 5321 section 4.5.3.2.6: a client whose data was taken without a reply cannot know whether it was sent",
)
resend = Provider(
    id="resend",
    title="Resend",
    ability="idempotent",
    window_seconds=24 * 3600,
    source="https://resend.com/docs/dashboard/emails/idempotency-keys",
)

PROVIDERS = (smtp, resend)
