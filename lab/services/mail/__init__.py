"""Composes the shop's e-mail, hands it to a provider, and reads what comes back as bounces and complaints."""

from lab.services.mail.compose import Composed, compose
from lab.services.mail.faults import NotComposed
from lab.services.mail.provider import Provider, Refused, Sent, Uncertain
from lab.services.mail.providers import ProviderUnknown, open_provider
from lab.services.mail.reports import read_report
from lab.services.mail.resend_events import NotAccepted, read_resend_event
from lab.services.mail.suppressions import Suppression, hash_address

__all__ = [
    "Composed",
    "NotAccepted",
    "NotComposed",
    "Provider",
    "ProviderUnknown",
    "Refused",
    "Sent",
    "Suppression",
    "Uncertain",
    "compose",
    "hash_address",
    "open_provider",
    "read_report",
    "read_resend_event",
]
