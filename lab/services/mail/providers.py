"""Opens the provider that EMAIL_PROVIDER_URL names."""

import re
from urllib.parse import unquote, urlsplit

from lab.rules.env import email_provider_url
from lab.services.mail.provider import Provider
from lab.services.mail.resend import Resend
from lab.services.mail.smtp import Smtp
from lab.text.errors import LabError


class ProviderUnknown(LabError):
    """EMAIL_PROVIDER_URL has another form; its value is not shown."""


def open_provider(url: str) -> Provider:
    """Return the provider of an address; nothing is connected yet.

    Args:
        url: EMAIL_PROVIDER_URL: `smtps://USER:PASSWORD@HOST:PORT` (TLS from the start, port 465), `smtp://` (STARTTLS,
            port 587), or `resend://re_KEY`.

    Raises:
        ProviderUnknown: It has another form.
    """
    parts = urlsplit(url) if re.fullmatch(email_provider_url.form, url) else None
    if parts is None or _port_of(url) == 0:
        raise ProviderUnknown(email_provider_url.id, "It has another form", f"Use {email_provider_url.form_in_words}")
    if parts.scheme == "resend":
        return Resend(parts.netloc)
    tls = parts.scheme == "smtps"
    return Smtp(
        host=parts.hostname or "",
        port=_port_of(url) or (465 if tls else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
    )


def _port_of(url: str) -> int | None:
    """Return the port, None if there is none, 0 if it is too large."""
    try:
        return urlsplit(url).port
    except ValueError:
        return 0
