"""The anchors' files: what is changed in them is their own fault, what a crash tore off is mended."""

import base64
import random
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from lab.services.anchor import (
    AnchorFault,
    Anchors,
    KeyFault,
    draw_key,
    hold_anchors,
    read_anchors,
    read_key,
    read_verifier,
    say_age,
    verify_ledgers,
    write_key,
)
from lab.services.anchor.merkle import Tree, hash_leaf, hash_node
from lab.services.anchor.store import mend_files
from tests.anchors.test_honest import KEYS, VERIFIERS, Simulated

LEAVES = "a.consent_events"


@pytest.fixture
def anchored(tmp_path: Path) -> Path:
    """Anchors of some days, four checkpoints of each ledger."""
    shop, path = Simulated(random.Random(5)), tmp_path / "a"
    anchors = Anchors(path, KEYS[0])
    for _ in range(4):
        shop.live(timedelta(hours=5))
        anchors.anchor_ledgers(shop, shop.now)
    return path


def test_a_tree_is_that_of_rfc_6962() -> None:
    """Source: RFC 6962, section 2.1; the sizes around powers of two, against its definition."""

    def define(leaves: list[bytes]) -> bytes:
        if len(leaves) < 2:
            return leaves[0] if leaves else sha256(b"").digest()
        split = 1 << (len(leaves) - 1).bit_length() - 1
        return hash_node(define(leaves[:split]), define(leaves[split:]))

    tree = Tree()
    leaves: list[bytes] = []
    for number in range(70):
        assert tree.root == define(leaves)
        leaves.append(hash_leaf(str(number).encode()))
        tree.add(leaves[-1])
    assert hash_leaf(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_a_checkpoint_is_a_signed_note(anchored: Path) -> None:
    text = anchored.read_text()
    body, _, rest = text.partition("\n\n")
    origin, size, root, at = body.split("\n")
    assert origin == "test.example/a/consent_events"
    assert size.isdecimal()
    assert len(base64.b64decode(root)) == 32
    assert at.startswith("at 2026-")
    dash, name, signature = rest.split("\n")[0].split(" ")
    assert (dash, name) == ("—", "test.example/a")
    decoded = base64.b64decode(signature)
    assert decoded[:4] == KEYS[0].verifier.hash
    assert KEYS[0].verifier.accepts(f"{body}\n".encode(), decoded[4:])


def _flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(bytes(data))


def _cut_lines(path: Path, first: int, last: int) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:first] + lines[last:]))


def _move_first(path: Path) -> None:
    first, signed, *others = path.read_text().split("\n\n")
    path.write_text("\n\n".join([*others[:-1], first, signed, ""]))


SPOILED: dict[str, tuple[Callable[[Path], None], str]] = {
    "a leaf is changed": (lambda path: _flip(path.with_name(LEAVES), 3 * 109 + 60), "was changed"),
    "a number is changed": (lambda path: _flip(path.with_name(LEAVES), 19), "was changed"),
    "a date is changed": (lambda path: _flip(path.with_name(LEAVES), 109 + 40), "was changed"),
    "leaves are cut": (lambda path: _cut_lines(path.with_name(LEAVES), 4, 6), ""),
    "all leaves are gone": (lambda path: path.with_name(LEAVES).unlink(), "is missing"),
    "a checkpoint is changed": (lambda path: _flip(path, path.read_bytes().index(b"\n") + 1), "checkpoint 1"),
    "a signature is changed": (lambda path: _flip(path, path.read_bytes().index(b"\n\n") + 40), "checkpoint 1"),
    "checkpoints change places": (lambda path: _move_first(path), "not in their order"),
    "nothing is there": (lambda path: path.unlink(), "cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_file_is_at_fault(anchored: Path, how: str) -> None:
    spoil, said = SPOILED[how]
    spoil(anchored)
    with pytest.raises(AnchorFault) as raised:
        read_anchors(anchored, VERIFIERS)
    assert said in str(raised.value)
    assert "Entry" not in str(raised.value)


def test_another_key_does_not_count(anchored: Path) -> None:
    with pytest.raises(AnchorFault, match="signed by a key that was not given"):
        read_anchors(anchored, (KEYS[1].verifier,))


@pytest.mark.parametrize("torn", [1, 7, 60, 150])
def test_a_torn_end_is_mended(anchored: Path, torn: int) -> None:
    whole = anchored.read_bytes()
    leaves = anchored.with_name(LEAVES).read_bytes()
    anchored.write_bytes(whole + whole[:torn])
    anchored.with_name(LEAVES).write_bytes(leaves + leaves[:torn])
    before = read_anchors(anchored, VERIFIERS)
    mended = Anchors(anchored, KEYS[0])
    assert len(mended.mended) == 2
    assert (anchored.read_bytes(), anchored.with_name(LEAVES).read_bytes()) == (whole, leaves)
    assert mended.logs["consent_events"].ids == before["consent_events"].ids


def test_one_writes(anchored: Path) -> None:
    with hold_anchors(anchored), pytest.raises(AnchorFault, match="another process"), hold_anchors(anchored):
        pass


def test_an_error_within_is_not_taken_for_another_writer(anchored: Path) -> None:
    with pytest.raises(BlockingIOError), hold_anchors(anchored):
        raise BlockingIOError


def test_a_key_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    made = draw_key("shop.example/ledgers")
    write_key(path, made)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key(path) == made
    assert read_verifier(made.verifier.text) == made.verifier
    assert made.seed.hex() not in repr(made)
    with pytest.raises(KeyFault, match="cannot be made"):
        write_key(path, made)
    path.chmod(0o640)
    with pytest.raises(KeyFault, match="chmod 600"):
        read_key(path)


@pytest.mark.parametrize("text", ["", "name", "name+00000000+AAAA", KEYS[0].verifier.text.replace("+", "-", 1)])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(KeyFault):
        read_verifier(text)


def test_a_tear_at_any_byte_is_mended(anchored: Path) -> None:
    data = anchored.read_bytes()
    first = data.rfind(b"test.example/a/")
    for length in range(first, len(data)):
        anchored.write_bytes(data[:length])
        with hold_anchors(anchored):
            mend_files(anchored, read_anchors(anchored, VERIFIERS))
        assert anchored.read_bytes() == data[:first]


def test_a_clock_that_is_set_back_spoils_nothing(tmp_path: Path) -> None:
    shop, path = Simulated(random.Random(6)), tmp_path / "a"
    shop.live(timedelta(hours=5))
    Anchors(path, KEYS[0]).anchor_ledgers(shop, shop.now)
    shop.live(timedelta(hours=5))
    Anchors(path, KEYS[0]).anchor_ledgers(shop, shop.now)
    Anchors(path, KEYS[0]).anchor_ledgers(shop, shop.now - timedelta(seconds=2))
    assert read_anchors(path, VERIFIERS)["consent_events"].newest
    with pytest.raises(AnchorFault, match="later than now"):
        Anchors(path, KEYS[0]).anchor_ledgers(shop, shop.now - timedelta(hours=1))


@pytest.mark.parametrize(("hours", "said"), [(-1, "later than now"), (0, ""), (23, ""), (25, "older than 24 hours")])
def test_an_anchor_is_recent_for_a_day(tmp_path: Path, hours: int, said: str) -> None:
    shop, path = Simulated(random.Random(7)), tmp_path / "a"
    Anchors(path, KEYS[0]).anchor_ledgers(shop, shop.now)
    result = verify_ledgers(shop, read_anchors(path, VERIFIERS), shop.now)[0]
    assert say_age(result, shop.now + timedelta(hours=hours)).endswith(said)
    assert bool(say_age(result, shop.now + timedelta(hours=hours))) == bool(said)
