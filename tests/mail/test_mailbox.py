"""The mailbox: what it keeps, what its pages show, and that a hostile message can do nothing in them."""

import dataclasses
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from lab.services.mail import Refused, open_provider
from lab.services.mailbox import Letter, Mailbox, answer, serve_mailbox
from lab.services.mailbox.letters import MOST_BYTES, MOST_KEPT, Letters
from lab.services.serving import PortTaken, listen
from tests.mail.samples import KEY, TO, make


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with serve_mailbox() as served:
        yield served


def deliver(mailbox: Mailbox, raw: bytes) -> Letter:
    """Send a message as it is, and return what was kept."""
    open_provider(mailbox.url).send(dataclasses.replace(make(), raw=raw), KEY)
    return mailbox.messages()[-1]


def read_page(mailbox: Mailbox, path: str = "", **options: str) -> httpx.Response:
    return httpx.get(mailbox.page + path, headers=options)


def test_an_empty_mailbox_says_where_messages_arrive() -> None:
    with serve_mailbox() as mailbox:
        page = read_page(mailbox).text
        place = re.sub(r".*@", "", mailbox.url)
        assert "No messages yet" in page
        assert place in page
        assert mailbox.url not in page


def test_messages_are_listed_the_newest_first(mailbox: Mailbox) -> None:
    provider = open_provider(mailbox.url)
    for kind in ("email", "receipt"):
        provider.send(make(kind), KEY)
    page = read_page(mailbox).text
    assert page.index("Your receipt") < page.index("Your reading is ready")
    assert TO in page


def test_a_message_is_shown_with_headers_page_and_text(mailbox: Mailbox) -> None:
    letter = deliver(mailbox, make("receipt").raw)
    page = read_page(mailbox, f"messages/{letter.number}").text
    assert f"<dt>Message-ID</dt><dd>&lt;{make('receipt').message_id.strip('<>')}&gt;</dd>" in page
    assert "Amount: 29.00 EUR" in page
    assert f'<iframe src="/messages/{letter.number}/html" sandbox="allow-popups' in page
    assert "29.00 EUR</td>" in read_page(mailbox, f"messages/{letter.number}/html").text


def test_the_frame_of_a_message_runs_and_loads_nothing(mailbox: Mailbox) -> None:
    letter = deliver(mailbox, make().raw)
    for path in (f"messages/{letter.number}", f"messages/{letter.number}/html", ""):
        policy = read_page(mailbox, path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
    policy = read_page(mailbox, f"messages/{letter.number}/html").headers["content-security-policy"]
    assert "sandbox allow-popups " in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


HOSTILE = {
    "markup in the subject": b"Subject: <script>canary</script>\r\n\r\nx\r\n",
    "markup in a header": b'X-Canary: "><script>canary</script>\r\n\r\nx\r\n',
    "markup in a header's name": b"X-<script>canary</script>: x\r\n\r\nx\r\n",
    "markup in the text": b"Subject: x\r\n\r\n<script>canary</script>\r\n",
    "an unknown charset": b"Content-Type: text/plain; charset=canary\r\n\r\n<script>canary</script>\xff\r\n",
    "an encoded subject": b"Subject: =?utf-8?q?=3Cscript=3Ecanary?=\r\n\r\nx\r\n",
    "a subject of an unknown charset": b"Subject: =?canary?q?x?=\r\n\r\nx\r\n",
    "a subject that is not encoded": b"Subject: \xff\xfe<script>\r\n\r\nx\r\n",
    "a broken part": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<script>",
    "broken base64": b"Content-Transfer-Encoding: base64\r\n\r\n%%%%\r\n",
    "no header": b"\r\n<script>\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_message_is_shown_as_text(mailbox: Mailbox, case: str) -> None:
    letter = deliver(mailbox, HOSTILE[case] + b"\r\n")
    shown = read_page(mailbox, f"messages/{letter.number}")
    listed = read_page(mailbox)
    assert (shown.status_code, listed.status_code) == (200, 200)
    assert "<script" not in shown.text + listed.text


@pytest.mark.parametrize("path", ["messages/9999", "messages/9999/html", "messages/x", "nothing"])
def test_what_is_not_there_is_not_found(mailbox: Mailbox, path: str) -> None:
    assert read_page(mailbox, path).status_code == 404


def test_another_host_name_is_refused(mailbox: Mailbox) -> None:
    """A page elsewhere whose name leads to this machine reads nothing."""
    assert read_page(mailbox, host="evil.shop").status_code == 400


def test_the_newest_are_kept() -> None:
    letters = Letters()
    for number in range(MOST_KEPT + 3):
        letters.add(datetime.now(UTC), "x@oracle.shop", (TO,), b"%d" % number)
    kept = letters.all()
    assert (len(kept), kept[0].number, kept[-1].number) == (MOST_KEPT, 4, MOST_KEPT + 3)
    assert letters.find(3) is None
    assert letters.find(4) is kept[0]


def test_a_message_that_is_too_large_is_refused(mailbox: Mailbox) -> None:
    large = (b"x" * 70 + b"\r\n") * (MOST_BYTES // 72 + 1)
    with pytest.raises(Refused, match=r"smtp\.552"):
        deliver(mailbox, large)


def test_a_fault_is_for_one_message(mailbox: Mailbox) -> None:
    mailbox.order(answer("rcpt", "451 4.7.1 Later"), answer("rcpt", "550 5.1.1 Unknown"))
    for code in (r"smtp\.4_7_1", r"smtp\.5_1_1"):
        with pytest.raises(Refused, match=code):
            deliver(mailbox, make().raw)
    assert deliver(mailbox, make().raw).to == (TO,)


def test_a_mailbox_shows_no_password_and_no_address(mailbox: Mailbox) -> None:
    letter = deliver(mailbox, make().raw)
    password = mailbox.url.split(":")[2].split("@")[0]
    assert password not in repr(mailbox)
    assert "canary" not in repr(letter)


def test_a_port_that_is_taken_is_named() -> None:
    with listen(0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port}"), serve_mailbox(port=port):
            pass


def test_a_mailbox_ends_with_its_block() -> None:
    with serve_mailbox() as mailbox:
        provider = open_provider(mailbox.url)
    with pytest.raises(Refused, match=r"smtp\.connect"):
        provider.send(make(), KEY)
    with pytest.raises(httpx.ConnectError):
        read_page(mailbox)
