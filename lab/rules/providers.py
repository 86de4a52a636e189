"""The kinds of e-mail provider, and which enhanced status codes say that an address gets no more e-mail."""

from lab.rules.model import MailProvider

smtp = MailProvider(
    id="smtp",
    title="SMTP",
    ability="blind",
    window_seconds=None,
    why="SMTP has no key for repeated messages and no way to ask for one. A server that loses the connection after the"
    " end of a message may have accepted it.",
    source="RFC 5321 section 6.1; https://www.rfc-editor.org/rfc/rfc1047",
)
resend = MailProvider(
    id="resend",
    title="Resend",
    ability="idempotent",
    window_seconds=24 * 60 * 60,
    why="Resend answers a repeated key with the first answer and sends nothing more, for 24 hours.",
    source="https://resend.com/docs/dashboard/emails/idempotency-keys",
)

PROVIDERS = (smtp, resend)

# Permanent failures of the address itself. A full mailbox, a message that is too large and a policy are not among them.
# Source: RFC 3463 sections 3.2 and 3.3, and RFC 7505 (5.1.10, a domain that accepts no e-mail).
ADDRESS_FAILURES = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")
