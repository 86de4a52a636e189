"""`lab verify`: a message as it was sent, a file, something else, and a consent that was withdrawn afterwards."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab.text.product_files import PROJECT
from tests.delivery.people import Shop
from tests.wall.seeds import withdraw


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


def test_a_missing_file_is_named(shop: Shop, tmp_path: Path) -> None:
    code, said = verify(shop, tmp_path / "none.eml")
    assert code == 2
    assert "none.eml" in said
