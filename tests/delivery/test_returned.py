"""Bounces and complaints that arrive as e-mail: kept when they are about a message of ours, and never otherwise."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from lab.services.mailbox.letters import Letter
from lab.text.product_files import PROJECT
from tests.delivery.people import Shop
from tests.wall.actors import SERVICE
from tests.wall.seeds import add_gift, give_all

Run = Callable[..., tuple[int, str, str]]
LISTED = "select reason, provider_code from public.email_suppressions order by created_at"


@pytest.fixture
def lab(shop: Shop, run: Run) -> Run:
    """Run `lab deliveries bounces` on the shop's database."""
    return lambda *arguments: run("deliveries", "bounces", *arguments, "--database-url", shop.database.url)


@pytest.fixture
def letter(shop: Shop) -> Letter:
    """A message that was sent."""
    shop.queue("email")
    shop.run()
    return shop.mailbox.messages()[0]


def report(letter: Letter, *, address: str = "", status: str = "5.1.1", id: str = "", kind: str = "bounce") -> bytes:
    """Return a report about a message, as another server writes it."""
    to, message_id = address or letter.to[0], id or letter.header("Message-ID")
    told = {
        "bounce": ("delivery-status", f"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {to}\n"
                   f"Action: failed\nStatus: {status}\nDiagnostic-Code: smtp; 550 {to} is unknown\n"),
        "complaint": ("feedback-report", f"Feedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: <{to}>\n"),
    }  # fmt: skip
    type, fields = told[kind]
    text = f"""From: mailer-daemon@mx.example
To: notices@oracle.example.test
Subject: Returned
MIME-Version: 1.0
Content-Type: multipart/report; report-type={type}; boundary="b"

--b
Content-Type: text/plain

It did not work.
--b
Content-Type: message/{type}

{fields}
--b
Content-Type: text/rfc822-headers

To: {to}
Message-ID: {message_id}

--b--
"""
    return text.replace("\n", "\r\n").encode()


def save(folder: Path, raw: bytes, name: str = "report.eml") -> Path:
    """Write an e-mail into a file."""
    file = folder / name
    file.write_bytes(raw)
    return file


@pytest.mark.parametrize(
    ("kind", "kept"), [("bounce", ("hard_bounce", "5.1.1")), ("complaint", ("complaint", "abuse"))]
)
def test_a_report_about_our_message_stops_the_next_one(
    shop: Shop, lab: Run, letter: Letter, tmp_path: Path, kind: str, kept: tuple[str, str]
) -> None:
    file = save(tmp_path, report(letter, kind=kind))
    code, told, _ = lab(file)
    assert (code, shop.read(LISTED)) == (0, [])
    assert "would get no more e-mail\nNothing was changed. --apply carries it out." in told
    code, told, _ = lab(file, "--apply")
    assert (code, shop.read(LISTED)) == (0, [kept])
    assert "its address gets no more e-mail" in told
    assert "its address was listed before" in lab(file, "--apply")[1]
    assert shop.read(LISTED) == [kept]
    shop.queue("receipt")
    assert "address.suppressed" in [done.code for done in shop.run()]


FORGED: dict[str, Callable[[Letter, Shop], bytes]] = {
    "an unknown message": lambda letter, _: report(letter, id=f"<{'0' * 40}@oracle.example.test>"),
    "no message": lambda letter, _: report(letter, id="none"),
    "another form": lambda letter, _: report(letter, id=letter.header("Message-ID").replace("@", "x@")),
    "the address of somebody else": lambda letter, _: report(letter, address="friend@example.test"),
    "an injection": lambda letter, _: report(letter, address="a'or'1@example.test"),
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_report_changes_nothing(shop: Shop, lab: Run, letter: Letter, tmp_path: Path, how: str) -> None:
    code, told, _ = lab(save(tmp_path, FORGED[how](letter, shop)), "--apply")
    assert (code, shop.read(LISTED)) == (0, [])
    assert "about no message that was sent from here" in told


@pytest.mark.parametrize("status", ["4.2.1", "5.2.2", "5.7.1"])
def test_a_failure_that_may_pass_changes_nothing(
    shop: Shop, lab: Run, letter: Letter, tmp_path: Path, status: str
) -> None:
    code, told, _ = lab(save(tmp_path, report(letter, status=status)), "--apply")
    assert (code, shop.read(LISTED), "no report" in told) == (0, [], True)


def test_the_id_of_one_person_does_not_stop_another(shop: Shop, lab: Run, letter: Letter, tmp_path: Path) -> None:
    with shop.committing() as scene:
        other = scene.make_person()
    ((address,),) = shop.read("select email from auth.users where id = %s", other)
    lab(save(tmp_path, report(letter, address=address)), "--apply")
    assert shop.read(LISTED) == []


def test_an_invitation_that_comes_back_is_known_by_its_recipient(shop: Shop, lab: Run, tmp_path: Path) -> None:
    with shop.committing() as scene:
        give_all(scene, shop.world)
        add_gift(scene, shop.world)
    shop.queue("gift")
    shop.run()
    (letter,) = shop.mailbox.messages()
    ((giver,),) = shop.read("select email from auth.users where id = %s", shop.world.subject)
    assert "no message" in lab(save(tmp_path, report(letter, address=giver)), "--apply")[1]
    lab(save(tmp_path, report(letter)), "--apply")
    assert shop.read(LISTED) == [("hard_bounce", "5.1.1")]


def test_a_message_that_its_provider_refused_does_not_count(
    shop: Shop, lab: Run, letter: Letter, tmp_path: Path
) -> None:
    with shop.committing() as scene, scene.past_every_trigger() as connection:
        connection.execute("update public.delivery_effects set state = 'refused'")
    lab(save(tmp_path, report(letter)), "--apply")
    assert shop.read(LISTED) == []


def test_a_maildir_is_read_whole(shop: Shop, lab: Run, letter: Letter, tmp_path: Path) -> None:
    for folder in ("new", "cur", "tmp"):
        (tmp_path / "box" / folder).mkdir(parents=True)
    save(tmp_path / "box" / "new", b"Subject: Thank you\r\n\r\nStatus: 5.1.1\r\n", "1.a.host")
    save(tmp_path / "box" / "cur", report(letter), "2.b.host:2,S")
    save(tmp_path / "box" / "tmp", report(letter, kind="complaint"), "0.c.host")
    code, told, _ = lab(tmp_path / "box", "--apply", "--json")
    assert [(Path(one["file"]).parent.name, one["outcome"]) for one in json.loads(told)] == [
        ("new", "nothing"),
        ("cur", "kept"),
    ]
    assert (code, shop.read(LISTED)) == (0, [("hard_bounce", "5.1.1")])


def test_a_mail_server_pipes_a_report(shop: Shop, lab: Run, letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(report(letter))))
    assert lab("--apply")[0] == 0
    assert shop.read(LISTED) == [("hard_bounce", "5.1.1")]


def test_a_mail_server_keeps_the_report_while_the_database_is_gone() -> None:
    command = [sys.executable, "-m", "lab", "deliveries", "bounces", "-", "--apply"]
    away = [*command, "--database-url", "postgresql://nobody:hunter2@127.0.0.1:1/none"]
    done = subprocess.run(away, cwd=PROJECT, input=b"x", capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (75, b"")
    assert b"hunter2" not in done.stderr


def test_no_address_is_printed_or_logged(shop: Shop, lab: Run, letter: Letter, tmp_path: Path) -> None:
    told = "".join(
        "".join(map(str, lab(save(tmp_path, raw), *more)))
        for raw in (report(letter), report(letter, address="friend@example.test"))
        for more in ((), ("--apply",), ("--json",))
    )
    assert [word for word in (letter.to[0], "friend@example", letter.header("Message-ID")) if word in told] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.eml"], "none.eml: It cannot be read"),
        (["."], ".: It cannot be read"),
        (["-", "--metrics"], "do not belong to it"),
        (["-", "--reason", "asked"], "do not belong to it"),
    ],
    ids=["no file", "no Maildir", "metrics", "a reason"],
)
def test_what_cannot_be_read_is_named(
    lab: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, told, error = lab(*arguments)
    assert (code, told, words in error) == (2, "", True)


WRONG = {
    "no digest": ("0" * 39, "a@example.test", "hard_bounce"),
    "no address": ("0" * 40, "", "hard_bounce"),
    "a long address": ("0" * 40, "a" * 250 + "@example.test", "hard_bounce"),
    "another reason": ("0" * 40, "a@example.test", "manual"),
}


@pytest.mark.parametrize("how", WRONG)
def test_the_database_takes_no_other_form(shop: Shop, how: str) -> None:
    with shop.committing() as scene:
        assert scene.refusal(SERVICE, "select public.keep_bounce(%s, %s, %s, null)", *WRONG[how]) == "22023"
