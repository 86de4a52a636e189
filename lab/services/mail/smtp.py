"""Sends a message by SMTP, and says for every way in which it can fail whether it was sent.

Nothing is sent before the end of the message, a line with a dot alone, was handed over; from then on only an answer
tells. SMTP has no key, so a lost answer stays `Uncertain`.

Source: RFC 5321 sections 4.2 and 6.1, RFC 1047 (lost answers), RFC 3463 (enhanced codes), RFC 8314 (TLS), RFC 6531.
"""

import contextlib
import functools
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from lab.rules.providers import smtp as RULE
from lab.services.mail.compose import Composed
from lab.services.mail.provider import Refused, Sent, Uncertain

TIMEOUT_SECONDS, QUIT_SECONDS = 20.0, 2.0
_LOCAL = ("127.0.0.1", "localhost", "::1")  # may be without TLS: nobody is in between
_ENHANCED = re.compile(rb"\s*([245])\.(\d{1,3})\.(\d{1,3})(?:\s|$)")
_END_OF_MESSAGE = b".\r\n"
_CODES: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "smtp.timeout"),
    (ssl.SSLError, "smtp.tls"),
    (smtplib.SMTPNotSupportedError, "smtp.not_supported"),
    (smtplib.SMTPServerDisconnected, "smtp.closed"),
)
T = TypeVar("T")


@functools.cache
def trust_system() -> ssl.SSLContext:
    """Return what trusts the certificates that the system trusts; it is made once, which takes a while."""
    return ssl.create_default_context()


@dataclass(frozen=True, kw_only=True)
class Smtp:
    """An account at an SMTP server. Its `repr` shows no login.

    Args:
        host: The server.
        port: Its port.
        user: The login; empty for none.
        password: Its password.
        tls: True for TLS from the start, false for STARTTLS, without which only a server on this machine is used.
        timeout_seconds: The longest wait for each answer.
        trust: Whose certificates count; by default those that the system trusts.
    """

    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    tls: bool
    timeout_seconds: float = TIMEOUT_SECONDS
    trust: Callable[[], ssl.SSLContext] = field(default=trust_system, repr=False)

    name = RULE.id
    ability = RULE.ability
    window_seconds = RULE.window_seconds

    def send(self, composed: Composed, key: str) -> Sent:
        """Hand over a message; see `Provider.send`. The key is not used: the Message-ID follows from it already."""
        refusal, client = _attempt(lambda: self._connect(composed.sender.rpartition("@")[2]))
        if client is None:  # nothing is wrong with the message, so another attempt may succeed
            raise Refused(refusal.code if refusal else "smtp.closed")
        with _closing(client):
            refusal, _ = _attempt(lambda: _begin(client, composed))
            if refusal:
                raise refusal
            return _end(client)

    def _connect(self, domain: str) -> smtplib.SMTP:
        """Connect as a machine of the sender's domain, encrypt and log in."""
        whom, wait = (self.host, self.port, domain), self.timeout_seconds
        client = smtplib.SMTP_SSL(*whom, timeout=wait, context=self.trust()) if self.tls else smtplib.SMTP(*whom, wait)
        try:
            self._log_in(client)
        except BaseException:
            client.close()
            raise
        return client

    def _log_in(self, client: smtplib.SMTP) -> None:
        client.ehlo_or_helo_if_needed()
        if not self.tls:
            self._encrypt(client)
        if self.user:
            client.login(self.user, self.password)

    def _encrypt(self, client: smtplib.SMTP) -> None:
        if client.has_extn("starttls"):
            _expect(client.starttls(context=self.trust()), 2)
            client.ehlo_or_helo_if_needed()
        elif self.host not in _LOCAL:
            raise Refused("smtp.no_tls")


def _begin(client: smtplib.SMTP, composed: Composed) -> None:
    """Hand over everything but the end of the message."""
    options = []
    if not (composed.to + composed.sender).isascii():
        if not client.has_extn("smtputf8"):
            raise Refused("smtp.no_smtputf8", permanent=True)
        options = ["SMTPUTF8", "BODY=8BITMIME"]
        client.command_encoding = "utf-8"
    _expect(client.mail(composed.sender, options), 2)
    _expect(client.rcpt(composed.to), 2)
    _expect(client.docmd("DATA"), 3)
    client.send(re.sub(rb"(?m)^\.", b"..", composed.raw))


def _end(client: smtplib.SMTP) -> Sent:
    """Hand over the end of the message and read the answer."""
    answer: tuple[int, bytes] | None = None
    with contextlib.suppress(OSError, smtplib.SMTPException):
        client.send(_END_OF_MESSAGE)
        answer = client.getreply()
    if answer is None or answer[0] // 100 not in (2, 4, 5):
        raise Uncertain("smtp.no_answer")
    if answer[0] // 100 != 2:
        raise _refuse(*answer)
    return Sent(provider_id="")


def _attempt(step: Callable[[], T]) -> tuple[Refused | None, T | None]:
    """Take a step before the end of the message; a failure becomes a `Refused` that remembers no other error.

    smtplib's errors hold the address and the server's words, so none of them is passed on, not even as a context.
    """
    try:
        return None, step()
    except (Refused, OSError, smtplib.SMTPException, UnicodeError) as error:
        refusal = _explain(error)
    return refusal, None


def _explain(error: Exception) -> Refused:
    if isinstance(error, Refused):
        return Refused(error.code, permanent=error.permanent)
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return _refuse(error.smtp_code, words if isinstance(words, bytes) else words.encode())
    if isinstance(error.__context__, TimeoutError):  # smtplib calls a timeout a closed connection
        return Refused("smtp.timeout")
    return Refused(next((code for kind, code in _CODES if isinstance(error, kind)), "smtp.connect"))


def _expect(answer: tuple[int, bytes], kind: int) -> None:
    """Refuse an answer of another kind; 2 is done, 3 is go on."""
    if answer[0] == -1:
        raise Refused("smtp.closed")
    if answer[0] // 100 != kind:
        raise _refuse(*answer)


def _refuse(code: int, words: bytes) -> Refused:
    """Return the refusal of an answer: 5 is permanent. The enhanced code says more than the plain one."""
    if code not in range(200, 600):
        return Refused("smtp.unreadable")
    enhanced = _ENHANCED.match(words)
    digits = [part.decode() for part in enhanced.groups()] if enhanced else [str(code)]
    return Refused(f"smtp.{'_'.join(digits)}", permanent=code // 100 == 5)


@contextlib.contextmanager
def _closing(client: smtplib.SMTP) -> Iterator[None]:
    """Take leave of the server. It has answered for the message already, so how it takes leave does not matter."""
    try:
        yield
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if client.sock:
                client.sock.settimeout(QUIT_SECONDS)
            client.quit()
        client.close()
