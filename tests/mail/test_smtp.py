"""Real SMTP against the mailbox: every fault is told apart, and no error tells an address or a password."""

import dataclasses
import logging
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lab.services.mail import ProviderUnknown, Refused, Sent, Uncertain, open_provider
from lab.services.mail.smtp import Smtp
from lab.services.mailbox import Fault, Mailbox, answer, close, drop_answer, serve_mailbox, wait
from lab.services.serving import HOST, listen
from tests.mail.samples import KEY, PASSWORD, TO, everything_told, make


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with serve_mailbox() as served:
        yield served


def smtp_of(mailbox: Mailbox, **changes: object) -> Smtp:
    provider = open_provider(mailbox.url)
    assert isinstance(provider, Smtp)
    return dataclasses.replace(provider, **changes)  # type: ignore[arg-type]


def assert_silent(error: Refused | Uncertain) -> None:
    """No word but the code, and no other error behind it."""
    assert re.fullmatch("[a-z][a-z0-9_.]{0,39}", error.code)
    assert error.__context__ is None
    assert error.__cause__ is None
    told = everything_told(error)
    assert not [word for word in (TO, "canary", PASSWORD, KEY) if word in told]


def test_a_message_arrives_as_it_was_composed(mailbox: Mailbox) -> None:
    composed = make("gift")
    assert smtp_of(mailbox).send(composed, KEY) == Sent(provider_id="")
    letter = mailbox.messages()[-1]
    assert (letter.raw, letter.sender, letter.to) == (composed.raw, "notices@oracle.shop", (TO,))


def test_what_is_known_of_smtp(mailbox: Mailbox) -> None:
    provider = smtp_of(mailbox)
    assert (provider.name, provider.ability, provider.window_seconds) == ("smtp", "blind", None)


def test_a_line_of_a_dot_does_not_end_a_message(mailbox: Mailbox) -> None:
    composed = dataclasses.replace(make(), raw=b"Subject: x\r\n\r\n.\r\n..\r\n.end\r\n")
    smtp_of(mailbox).send(composed, KEY)
    assert mailbox.messages()[-1].raw == composed.raw


def test_an_address_of_another_language_arrives(mailbox: Mailbox) -> None:
    smtp_of(mailbox).send(make(to="\u043c\u0438\u0440\u0430@b\u00fccher.example"), KEY)
    letter = mailbox.messages()[-1]
    assert letter.to == ("\u043c\u0438\u0440\u0430@xn--bcher-kva.example",)
    assert letter.header("To") == letter.to[0]


# What goes wrong: the code, whether another attempt fails as well, and whether the message was kept.
REFUSED: dict[str, tuple[Fault, str, bool]] = {
    "no such mailbox": (answer("rcpt", f"550 5.1.1 <{TO}> unknown"), "smtp.5_1_1", True),
    "no such mailbox, in plain words": (answer("rcpt", f"550 {TO} unknown"), "smtp.550", True),
    "a full mailbox": (answer("rcpt", "452 4.2.2 Full"), "smtp.4_2_2", False),
    "a sender that is not allowed": (answer("mail", "553 5.7.1 Not yours"), "smtp.5_7_1", True),
    "a greylist": (answer("mail", "451 4.7.1 Later"), "smtp.4_7_1", False),
    "a server that ends": (answer("rcpt", "421 4.3.2 Closing"), "smtp.4_3_2", False),
    "no data wanted": (answer("data", "503 5.5.1 No"), "smtp.5_5_1", True),
    "words refused": (answer("end", "554 5.7.1 Spam"), "smtp.5_7_1", True),
    "words refused for now": (answer("end", "451 4.3.0 Later"), "smtp.4_3_0", False),
    "closed at the sender": (close("mail"), "smtp.closed", False),
    "closed at the recipient": (close("rcpt"), "smtp.closed", False),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_was_surely_not_sent_is_refused(mailbox: Mailbox, case: str, caplog: pytest.LogCaptureFixture) -> None:
    fault, code, permanent = REFUSED[case]
    before = len(mailbox.messages())
    mailbox.order(fault)
    with caplog.at_level(logging.DEBUG), pytest.raises(Refused) as raised:
        smtp_of(mailbox).send(make(), KEY)
    assert (raised.value.code, raised.value.permanent) == (code, permanent)
    assert_silent(raised.value)
    assert TO not in caplog.text
    assert len(mailbox.messages()) == before


def test_a_connection_that_closes_in_the_middle_of_a_message_is_refused(mailbox: Mailbox) -> None:
    """The message is larger than what the machine buffers, so its end is never reached."""
    mailbox.order(close("data"))
    long = dataclasses.replace(make(), raw=make().raw + b"x" * 50_000_000 + b"\r\n")
    with pytest.raises(Refused) as raised:
        smtp_of(mailbox).send(long, KEY)
    assert (raised.value.code, raised.value.permanent) == ("smtp.closed", False)
    assert_silent(raised.value)


UNCERTAIN: dict[str, tuple[Fault, bool]] = {
    "closed at the end, not kept": (close("end"), False),
    "closed at the end, kept": (drop_answer(), True),
    "no answer in time, kept": (wait(30), True),
    "an answer that is none": (answer("end", "354 Go on"), False),
}


@pytest.mark.parametrize("case", UNCERTAIN)
def test_without_an_answer_to_the_end_it_is_uncertain(mailbox: Mailbox, case: str) -> None:
    fault, kept = UNCERTAIN[case]
    before = len(mailbox.messages())
    mailbox.order(fault)
    with pytest.raises(Uncertain) as raised:
        smtp_of(mailbox, timeout_seconds=1).send(make(), KEY)
    assert raised.value.code == "smtp.no_answer"
    assert_silent(raised.value)
    assert (len(mailbox.messages()) > before) == kept


def test_a_slow_server_is_waited_for(mailbox: Mailbox) -> None:
    mailbox.order(wait(0.2))
    assert smtp_of(mailbox).send(make(), KEY)


def test_a_wrong_login_can_be_repaired(mailbox: Mailbox) -> None:
    with pytest.raises(Refused) as raised:
        smtp_of(mailbox, password=PASSWORD).send(make(), KEY)
    assert (raised.value.code, raised.value.permanent) == ("smtp.5_7_8", False)
    assert_silent(raised.value)


def test_a_client_that_does_not_log_in_sends_nothing(mailbox: Mailbox) -> None:
    with pytest.raises(Refused, match=r"smtp\.5_7_0"):
        smtp_of(mailbox, user="").send(make(), KEY)


def test_nobody_there_is_refused() -> None:
    with listen(0) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Refused) as raised:
        Smtp(host=HOST, port=port, user="x", password=PASSWORD, tls=False).send(make(), KEY)
    assert (raised.value.code, raised.value.permanent) == ("smtp.connect", False)
    assert_silent(raised.value)


def test_an_unknown_host_is_refused() -> None:
    with pytest.raises(Refused) as raised:
        Smtp(host="nobody.invalid", port=25, password=PASSWORD, tls=False).send(make(), KEY)
    assert raised.value.code == "smtp.connect"
    assert_silent(raised.value)


@contextmanager
def speak(*lines: bytes) -> Iterator[int]:
    """Serve one connection by a fixed list of answers, and yield the port; at the end of the list it is silent."""
    ended = threading.Event()

    def talk() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as heard:
            for line in lines:
                connection.sendall(line)
                heard.readline()
            ended.wait(20)

    with listen(0) as listener:
        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        ended.set()
        thread.join()


GREETINGS: dict[str, tuple[tuple[bytes, ...], str]] = {
    "silence": ((), "smtp.timeout"),
    "no service": ((b"554 5.3.2 Not here\r\n",), "smtp.5_3_2"),
    "words of another protocol": ((b"HTTP/1.1 400 Bad Request\r\n",), "smtp.unreadable"),
    "silence after the greeting": ((b"220 mail\r\n",), "smtp.timeout"),
}


@pytest.mark.parametrize("case", GREETINGS)
def test_a_server_that_does_not_begin_is_refused_for_now(case: str) -> None:
    lines, code = GREETINGS[case]
    with speak(*lines) as port, pytest.raises(Refused) as raised:
        Smtp(host=HOST, port=port, tls=False, timeout_seconds=1).send(make(), KEY)
    assert raised.value.permanent is False
    assert raised.value.code == code
    assert_silent(raised.value)


def test_a_server_without_other_alphabets_refuses_such_an_address() -> None:
    with speak(b"220 mail\r\n", b"250 mail\r\n") as port, pytest.raises(Refused) as raised:
        Smtp(host=HOST, port=port, tls=False).send(make(to="\u043c\u0438\u0440\u0430@example.org"), KEY)
    assert (raised.value.code, raised.value.permanent) == ("smtp.no_smtputf8", True)


def test_a_login_is_not_sent_in_clear_beyond_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    found = socket.getaddrinfo

    def find(host: str, *rest: object, **options: object) -> object:
        return found(HOST if host == "mail.oracle.shop" else host, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", find)
    with speak(b"220 mail\r\n", b"250-mail\r\n250 AUTH PLAIN\r\n") as port, pytest.raises(Refused) as raised:
        Smtp(host="mail.oracle.shop", port=port, user="x", password=PASSWORD, tls=False).send(make(), KEY)
    assert raised.value.code == "smtp.no_tls"
    assert_silent(raised.value)


def test_a_goodbye_that_fails_leaves_the_message_sent() -> None:
    """Each answer is for one line; those of the message come while it is read, and none follows its own."""
    body = make().raw
    quiet = [b""] * body.count(b"\n")
    start = [b"220 mail\r\n", b"250 mail\r\n", b"250 sender\r\n", b"250 recipient\r\n", b"354 go\r\n"]
    with speak(*start, *quiet, b"250 2.0.0 kept\r\n") as port:
        sent = Smtp(host=HOST, port=port, tls=False, timeout_seconds=5).send(make(), KEY)
    assert sent == Sent(provider_id="")


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A certificate for this machine."""

    path: Path

    def offer(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        return context

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.path)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mailbox")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "mailbox.pem"
    encoding, none = serialization.Encoding.PEM, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, none) + made.public_bytes(encoding))
    return Certificate(path)


def test_starttls_is_used_where_it_is_offered(certificate: Certificate) -> None:
    with serve_mailbox(tls=certificate.offer()) as mailbox:
        assert smtp_of(mailbox, trust=certificate.trust).send(make(), KEY)
        assert len(mailbox.messages()) == 1


def test_a_certificate_that_nobody_trusts_is_refused(certificate: Certificate) -> None:
    with serve_mailbox(tls=certificate.offer()) as mailbox:
        with pytest.raises(Refused) as raised:
            smtp_of(mailbox).send(make(), KEY)
        assert (raised.value.code, raised.value.permanent) == ("smtp.tls", False)
        assert_silent(raised.value)
        assert not mailbox.messages()


def test_tls_from_the_start(certificate: Certificate) -> None:
    with serve_mailbox(tls=certificate.offer(), tls_from_start=True) as mailbox:
        assert mailbox.url.startswith("smtps://")
        assert smtp_of(mailbox, trust=certificate.trust).send(make(), KEY)
        assert len(mailbox.messages()) == 1


def test_tls_is_not_spoken_with_a_server_that_does_not() -> None:
    with speak(b"220 mail\r\n") as port, pytest.raises(Refused) as raised:
        Smtp(host=HOST, port=port, user="x", password=PASSWORD, tls=True, timeout_seconds=2).send(make(), KEY)
    assert raised.value.code == "smtp.tls"
    assert_silent(raised.value)


URLS = {
    "smtps://mailer%40oracle.shop:S3cr3t%2FW0rd%40canary@smtp.mailer.shop": ("smtp.mailer.shop", 465, True),
    "SMTP://mailer%40oracle.shop:S3cr3t%2FW0rd%40canary@smtp.mailer.shop:2525/": ("smtp.mailer.shop", 2525, False),
    "smtp://mailer%40oracle.shop:S3cr3t%2FW0rd%40canary@smtp.mailer.shop": ("smtp.mailer.shop", 587, False),
}


@pytest.mark.parametrize("url", URLS)
def test_an_address_of_a_provider_is_read(url: str) -> None:
    provider = open_provider(url)
    assert isinstance(provider, Smtp)
    assert (provider.host, provider.port, provider.tls) == URLS[url]
    assert (provider.user, provider.password) == ("mailer@oracle.shop", PASSWORD)
    assert "canary" not in repr(provider)
    assert "mailer@" not in repr(provider)


@pytest.mark.parametrize(
    "url", ["", "smtp://canary", "https://api.canary.shop", "smtp://a:canary@b:99999", "resend://x"]
)
def test_an_address_of_another_form_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ProviderUnknown, match="EMAIL_PROVIDER_URL: It has another form") as raised:
        open_provider(url)
    assert "canary" not in everything_told(raised.value)
