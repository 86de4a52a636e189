"""Serves a mailbox: SMTP on one port of this machine, and its pages on another."""

import contextlib
import secrets
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field

from lab.services.mailbox.app import make_app
from lab.services.mailbox.faults import Fault, Orders
from lab.services.mailbox.letters import Letter, Letters
from lab.services.mailbox.smtp_server import Desk, serve_smtp
from lab.services.serving import HOST, listen, serve

USER = "mailbox"


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """A mailbox that is being served.

    Args:
        url: An EMAIL_PROVIDER_URL that leads to it.
        page: The address of its pages.
    """

    url: str = field(repr=False)
    page: str
    _letters: Letters = field(repr=False)
    _orders: Orders = field(repr=False)

    def messages(self) -> tuple[Letter, ...]:
        """Return the newest 500 messages, the oldest of them first."""
        return self._letters.all()

    def order(self, *faults: Fault) -> None:
        """Order faults, one for each of the next messages."""
        self._orders.add(faults)


@contextlib.contextmanager
def serve_mailbox(
    *, port: int = 0, page_port: int = 0, tls: ssl.SSLContext | None = None, tls_from_start: bool = False
) -> Iterator[Mailbox]:
    """Serve a mailbox on this machine alone, until the block ends. Nothing that it receives goes any further.

    Args:
        port: Where it receives by SMTP; 0 for a free one.
        page_port: Where its pages are; 0 for a free one.
        tls: The certificate with which it encrypts; None to encrypt nothing.
        tls_from_start: True to encrypt from the start, false to offer STARTTLS.

    Raises:
        PortTaken: A port is not free.
    """
    letters, orders, password = Letters(), Orders(), secrets.token_urlsafe(12)
    with contextlib.ExitStack() as stack:
        smtp, pages = stack.enter_context(listen(port)), stack.enter_context(listen(page_port))
        place = f"{HOST}:{smtp.getsockname()[1]}"
        desk = Desk(letters=letters, orders=orders, user=USER, password=password)
        stack.enter_context(serve_smtp(desk, smtp, tls, from_start=tls_from_start))
        stack.enter_context(serve(make_app(letters, place), pages))
        yield Mailbox(
            url=f"{'smtps' if tls_from_start else 'smtp'}://{USER}:{password}@{place}",
            page=f"http://{HOST}:{pages.getsockname()[1]}/",
            _letters=letters,
            _orders=orders,
        )
