"""`lab verify`: a message as it was sent, a file, something else, and a consent that was withdrawn afterwards."""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.rules.tables.consent import consent_events
from lab.services.anchor import Proof, Signer, anchor_once, draw_key, prove_entry
from lab.services.delivery.receipts import find_receipts
from lab.text.product_files import PROJECT
from tests.delivery.people import Shop
from tests.wall.seeds import give, withdraw


def verify(shop: Shop, file: Path, *options: str) -> tuple[int, str]:
    """Run the command; code and what was said."""
    command = [sys.executable, "-m", "lab", "verify", str(file), "--database-url", shop.database.api_url, *options]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def message(shop: Shop, tmp_path: Path) -> Path:
    """A message that was sent, as a file."""
    shop.queue("email")
    shop.run()
    file = tmp_path / "message.eml"
    file.write_bytes(shop.mailbox.messages()[0].raw)
    return file


def test_a_message_was_allowed_to_leave(shop: Shop, message: Path) -> None:
    shop.read("select * from public.seal_ledgers()")
    code, said = verify(shop, message)
    assert code == 0
    assert "It was allowed to leave at" in said
    assert shop.site.rules_version in said
    assert "sealed at position" in said
    assert "withdrawn" not in said


def test_a_later_withdrawal_is_told(shop: Shop, message: Path) -> None:
    with shop.committing() as scene:
        withdraw(scene, shop.world.subject, "email_delivery")
    code, said = verify(shop, message, "--json")
    (receipt,) = json.loads(said)["receipts"]
    assert (code, receipt["state"]) == (0, "sent")
    assert receipt["withdrawn_at"] > receipt["at"]


def test_a_file_of_an_account_is_known(shop: Shop, tmp_path: Path) -> None:
    shop.queue("pdf")
    shop.run()
    ((name,),) = shop.read("select storage_path from public.oracle_artifacts where kind = 'pdf'")
    file = tmp_path / "reading.pdf"
    file.write_bytes(shop.site.store.get(name))
    code, said = verify(shop, file)
    assert code == 0
    assert "account since" in said


def test_one_changed_byte_is_unknown(shop: Shop, message: Path) -> None:
    message.write_bytes(message.read_bytes() + b" ")
    code, said = verify(shop, message)
    assert code == 1
    assert "Nothing with the SHA-256" in said


@dataclass(frozen=True)
class Anchoring:
    """Anchors outside the database, and the key that signs them."""

    shop: Shop
    file: Path
    signer: Signer

    def anchor(self, at: datetime | None = None) -> datetime:
        """Anchor the ledgers; when that was, to the second."""
        moment = at or datetime.now(UTC)
        anchor_once(self.file, self.signer, self.shop.database.admin_url, moment)
        return moment.replace(microsecond=0)

    def ask(self, message: Path, *, key: Signer | None = None, now: datetime | None = None) -> Proof:
        """Prove the consent of a message."""
        (receipt,) = find_receipts(self.shop.database.api_url, hashlib.sha256(message.read_bytes()).digest())
        assert receipt.consent
        verifiers = ((key or self.signer).verifier,)
        number, moment = receipt.consent, now or datetime.now(UTC)
        return prove_entry(self.shop.database.admin_url, self.file, verifiers, consent_events, number, moment)


@pytest.fixture
def anchoring(shop: Shop, tmp_path: Path) -> Anchoring:
    """Anchors of the shop's database."""
    return Anchoring(shop, tmp_path / "ledgers.anchors", draw_key("tests"))


def test_a_consent_is_dated_by_the_first_anchor_that_counts_it(shop: Shop, message: Path, anchoring: Anchoring) -> None:
    first = anchoring.anchor()
    with shop.committing() as scene:
        withdraw(scene, shop.world.subject, "email_delivery")
    anchoring.anchor(first + timedelta(minutes=2))
    assert anchoring.ask(message, now=first + timedelta(minutes=3)) == Proof(at=first)


def test_the_command_says_when_it_was_anchored(shop: Shop, message: Path, anchoring: Anchoring) -> None:
    at = anchoring.anchor()
    arguments = ["verify", str(message), "--anchors", str(anchoring.file), "--vkey", anchoring.signer.verifier.text]
    command = [sys.executable, "-m", "lab", *arguments, "--database-url", shop.database.admin_url]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0
    assert f"Anchor: the entry was anchored at {at:%Y-%m-%d %H:%M:%S} UTC, and is unchanged." in done.stdout
    shop.change("alter table public.consent_events disable trigger user")
    shop.change("update public.consent_events set created_at = created_at - interval '1 day'")
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, "Anchor: broken. Entry" in done.stdout) == (1, True)


def test_what_is_not_proved_is_unknown(shop: Shop, message: Path, anchoring: Anchoring) -> None:
    assert "the anchors cannot be read" in str(anchoring.ask(message).unknown)
    at = anchoring.anchor()
    assert "signed by a key that was not given" in str(anchoring.ask(message, key=draw_key("tests")).unknown)
    assert anchoring.ask(message, now=at - timedelta(hours=1)) == Proof(unknown="its anchor is dated later than now")
    leaves = anchoring.file.with_name("ledgers.anchors.consent_events")
    first, *others = leaves.read_bytes()
    leaves.write_bytes(bytes([first ^ 1, *others]))
    assert "was changed" in str(anchoring.ask(message).unknown)


def test_an_entry_after_the_newest_anchor_is_unknown(shop: Shop, anchoring: Anchoring, tmp_path: Path) -> None:
    anchoring.anchor()
    with shop.committing() as scene:
        give(scene, shop.world.subject, "email_delivery")
    shop.queue("email")
    shop.run()
    message = tmp_path / "message.eml"
    message.write_bytes(shop.mailbox.messages()[0].raw)
    assert "is not among the anchors: the newest anchor is of" in str(anchoring.ask(message).unknown)


def test_an_anchor_dated_before_its_entry_proves_nothing(shop: Shop, message: Path, anchoring: Anchoring) -> None:
    with_early_clock = datetime.now(UTC) - timedelta(minutes=30)  # it is within the delay that writing may take
    anchoring.anchor(with_early_clock)
    assert "dated before the entry itself" in str(anchoring.ask(message).unknown)


def test_a_login_without_rights_proves_nothing(shop: Shop, message: Path, anchoring: Anchoring) -> None:
    anchoring.anchor()
    code, said = verify(shop, message, "--anchors", str(anchoring.file), "--vkey", anchoring.signer.verifier.text)
    assert (code, "Anchor: unknown, because this login may not read" in said) == (1, True)


TAMPERED = {
    "changed": ("update public.consent_events set created_at = created_at - interval '1 hour'", "was changed after"),
    "cut": ("delete from public.consent_events", "was cut out of the ledger"),
    "another person": ("update public.consent_events set subject_id = null", "names another person"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_consent_that_was_tampered_with_is_broken(shop: Shop, message: Path, anchoring: Anchoring, how: str) -> None:
    anchoring.anchor()
    (receipt,) = find_receipts(shop.database.api_url, hashlib.sha256(message.read_bytes()).digest())
    statement, words = TAMPERED[how]
    with shop.committing() as scene, scene.past_every_trigger() as connection:
        connection.execute(statement.encode())
    assert receipt.consent
    proof = prove_entry(
        shop.database.admin_url,
        anchoring.file,
        (anchoring.signer.verifier,),
        consent_events,
        receipt.consent,
        datetime.now(UTC),
    )
    assert (proof.at, proof.unknown, words in str(proof.wrong)) == (None, None, True)


def test_a_missing_file_is_named(shop: Shop, tmp_path: Path) -> None:
    code, said = verify(shop, tmp_path / "none.eml")
    assert code == 2
    assert "none.eml" in said
