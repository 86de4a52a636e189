"""Receives messages by SMTP on this machine, in a thread with a loop of its own."""

import asyncio
import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from lab.services.mailbox.faults import Fault, Orders
from lab.services.mailbox.letters import MOST_BYTES, Letters

_KEPT = "250 2.0.0 Kept"
_CLOSING = "421 4.3.2 Closing"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What every connection works with; the hooks are called by aiosmtpd.

    Args:
        letters: Where messages are kept.
        orders: The faults to come.
        user: The login that is accepted.
        password: Its password.
        clock: Tells the time.
    """

    letters: Letters
    orders: Orders
    user: str
    password: str = field(repr=False)
    clock: Callable[[], datetime] = _now

    def let_in(self, _: Any, __: Any, ___: Any, ____: str, login: Any) -> AuthResult:
        """Accept the one login."""
        known = isinstance(login, LoginPassword) and (login.login, login.password) == (
            self.user.encode(),
            self.password.encode(),
        )
        return AuthResult(success=known, handled=known)

    async def handle_MAIL(
        self, server: "Line", session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Begin a message of a client that has logged in, with the next fault that was ordered."""
        if not session.authenticated:
            return "530 5.7.0 Log in first"
        server.fault = self.orders.take()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return server.meet("mail") or "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: "Line", _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept a recipient."""
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return server.meet("rcpt") or "250 2.1.5 OK"

    async def handle_DATA(self, server: "Line", _: Session, envelope: Envelope) -> str:
        """Keep a message, unless a fault says otherwise."""
        fault = server.fault
        ends = fault if fault and fault.stage == "end" else None
        if ends is None or ends.does in ("keep_and_close", "wait"):
            to = tuple(map(str, envelope.rcpt_tos))
            self.letters.add(self.clock(), str(envelope.mail_from), to, bytes(envelope.original_content or b""))
        if ends and ends.does == "wait":
            await asyncio.sleep(ends.seconds)
        return server.meet("end") or _KEPT


class Line(SMTP):
    """A connection."""

    fault: Fault | None = None

    def meet(self, stage: str) -> str | None:
        """Do what a fault says at its stage, and return its answer; None when nothing is wrong."""
        fault = self.fault
        if fault is None or fault.stage != stage or fault.does == "wait":
            return None
        if fault.does == "answer":
            return fault.words
        if self.transport:
            self.transport.close()
        return _CLOSING

    async def smtp_DATA(self, arg: str) -> None:
        """Begin a message's data, or end before they have come."""
        if self.fault and self.fault.stage == "data":
            if self.fault.does == "close":
                await self.push("354 End data with a dot")
            await self.push(self.meet("data") or _CLOSING)
            return
        await super().smtp_DATA(arg)


@contextlib.contextmanager
def serve_smtp(desk: Desk, listener: socket.socket, tls: ssl.SSLContext | None, *, from_start: bool) -> Iterator[None]:
    """Receive messages until the block ends.

    Args:
        desk: What connections work with.
        listener: Where they arrive.
        tls: The certificate with which it encrypts; None to encrypt nothing.
        from_start: True to encrypt from the start, false to offer STARTTLS.
    """
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # aiosmtpd writes addresses there
    loop = asyncio.new_event_loop()

    def connect() -> Line:
        return Line(
            desk,
            data_size_limit=MOST_BYTES,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="Mailbox",
            loop=loop,
            auth_require_tls=tls is not None and not from_start,
            authenticator=desk.let_in,
            tls_context=None if from_start else tls,
        )

    thread = threading.Thread(target=loop.run_forever, name="mailbox", daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(
        loop.create_server(connect, sock=listener, ssl=tls if from_start else None), loop
    ).result()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Stop listening, and end every connection that is still open."""
    server.close()
    open_tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in open_tasks:
        task.cancel()
    await asyncio.gather(*open_tasks, return_exceptions=True)
