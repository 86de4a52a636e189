"""Signed notes in the format of C2SP: a text, and lines of Ed25519 signatures.

Source: C2SP signed-note; the forms of keys are those of golang.org/x/mod/sumdb/note.
"""

import base64
import binascii
import os
import re
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lab.text.errors import LabError

_ED25519 = b"\x01"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_MINE = 0o077  # rights that only the owner of a key file may have


class KeyFault(LabError):
    """A key can't be used; says which and why, and never shows it."""


@dataclass(frozen=True)
class Verifier:
    """A public key, which verifies.

    Args:
        name: The key's name, as it is in each signature.
        public: 32 bytes.
    """

    name: str
    public: bytes

    @property
    def hash(self) -> bytes:
        """Return the four bytes that tell keys of the same name apart."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """Return the verifier key as text: name, hash and key."""
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    def accepts(self, text: bytes, signature: bytes) -> bool:
        """Tell whether this key made the signature of a text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key, which signs; it is never shown."""

    name: str
    seed: bytes = field(repr=False)

    @property
    def verifier(self) -> Verifier:
        """Return the public key."""
        return Verifier(self.name, self._key.public_key().public_bytes_raw())

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def sign(self, text: str) -> str:
        """Return the signature line of a text."""
        signature = self.verifier.hash + self._key.sign(text.encode())
        return f"— {self.name} {base64.b64encode(signature).decode()}\n"


def read_verifier(text: str) -> Verifier:
    """Read a verifier key.

    Raises:
        KeyFault: It is not a key, or it was mistyped.
    """
    name, _, rest = text.strip().partition("+")
    digest, _, key = rest.partition("+")
    public = _decode_key(key)
    if not _NAME.fullmatch(name) or public is None or Verifier(name, public).hash.hex() != digest:
        raise KeyFault(
            found="the verifier key is mistyped", next_step="Copy the whole line NAME+HASH+KEY that `lab anchor` prints"
        )
    return Verifier(name, public)


def _decode_key(text: str) -> bytes | None:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded[1:] if len(decoded) == 33 and decoded[:1] == _ED25519 else None


def draw_key(name: str) -> Signer:
    """Make a new key; it is not written to a file.

    Raises:
        KeyFault: The name can't be used.
    """
    if not _NAME.fullmatch(name):
        raise KeyFault(
            next_step="use only letters, digits, dots, slashes, _ and - in the name, such as shop.example/ledgers"
        )
    return Signer(name, os.urandom(32))


def write_key(path: Path, signer: Signer) -> None:
    """Write a key to a new file that its owner alone may read.

    Raises:
        KeyFault: The file is there already, or the place can't be used.
    """
    key = base64.b64encode(_ED25519 + signer.seed).decode()
    handle = None
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(f"PRIVATE+KEY+{signer.name}+{signer.verifier.hash.hex()}+{key}\n")
    except OSError as error:
        if handle is not None:  # an incomplete key file would prevent a new one
            path.unlink(missing_ok=True)
        raise KeyFault(str(path), f"the key file cannot be made ({error.strerror})", "Choose a new file") from None


def read_key(path: Path) -> Signer:
    """Read a key file.

    Raises:
        KeyFault: It can't be read, others may read it, or it holds no key.
    """
    try:
        rights, text = path.stat().st_mode, path.read_text()
    except (OSError, UnicodeDecodeError):
        raise KeyFault(str(path), "the key file cannot be read", "`--new-key` makes one") from None
    if rights & _MINE:
        raise KeyFault(str(path), "others may read this key", "Remove their rights: chmod 600")
    found = re.fullmatch(r"PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+(\S+)\s*", text)
    seed = _decode_key(found[3]) if found else None
    if not found or seed is None or Signer(found[1], seed).verifier.hash.hex() != found[2]:
        raise KeyFault(str(path), "this file does not hold a signing key", "`--new-key` makes one in a new file")
    return Signer(found[1], seed)


def is_signed(text: str, signatures: list[str], verifiers: tuple[Verifier, ...]) -> bool:
    """Tell whether one of the keys signed a text; lines of other keys are ignored."""
    for line in signatures:
        found = re.fullmatch(r"— (\S+) (\S+)", line)
        if not found:
            continue
        try:
            decoded = base64.b64decode(found[2], validate=True)
        except (binascii.Error, ValueError):
            continue
        for verifier in verifiers:
            if (verifier.name, verifier.hash) == (found[1], decoded[:4]) and verifier.accepts(
                text.encode(), decoded[4:]
            ):
                return True
    return False
