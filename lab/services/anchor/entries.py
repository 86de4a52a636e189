"""Entries of a ledger as they are anchored: a leaf of the columns that never change, and the state of the person.

The leaf is computed here, from the row's columns as Postgres prints them. No function of the database is used, because
an attacker with the whole server could have replaced it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal

from lab.rules.anchoring import BLANKED
from lab.rules.model import EraseAction, Table

Values = Mapping[str, str | None]
Person = Literal["none", "fits", "blank", "wrong"]  # none: this ledger names no person
NEVER = 1 << 62  # microseconds; an invalid date is later than every date
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a ledger.

    Args:
        id: Its number.
        created: When it was written, in microseconds since 1970.
        content: Digest of all its columns that never change.
        person: Whether person and evidence fit their digest.
        blanks: The entry that was blanked by an erasure, according to this line; 0 for none.
    """

    id: int
    created: int
    content: bytes
    person: Person
    blanks: int = 0

    @property
    def leaf(self) -> bytes:
        """Return its leaf: number, date and digest, as a line of the file of leaves."""
        return f"{self.id:+021d} {self.created:+021d} {self.content.hex()}\n".encode()


def kept_columns(ledger: Table) -> tuple[str, ...]:
    """Return the columns that never change, in the order of their names."""
    return tuple(sorted(column.name for column in ledger.columns if column.erase is EraseAction.KEEP))


def read_entry(ledger: Table, kept: tuple[str, ...], values: Values) -> Entry:
    """Return a row as an entry.

    Args:
        ledger: Which ledger.
        kept: The columns that `kept_columns` returns for it.
        values: The row's columns as text, by name.
    """
    created = _read_moment(values.get("created_at"))
    given = {name: value for name in kept if (value := values.get(name)) is not None}
    given["created_at"] = str(created) if created != NEVER else str(values.get("created_at"))
    text = json.dumps([ledger.id, given], sort_keys=True, separators=(",", ":"))
    return Entry(
        int(values["id"] or 0), created, sha256(text.encode()).digest(), _judge_person(values), _blanks(values)
    )


def _read_moment(text: str | None) -> int:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return NEVER
    passed = moment - _EPOCH if moment.tzinfo else moment.replace(tzinfo=UTC) - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def _judge_person(values: Values) -> Person:
    if "personal_digest" not in values:
        return "none"
    salt, subject, evidence = (values.get(name) for name in ("personal_salt", "subject_id", "evidence"))
    if salt is None:
        return "blank" if subject is None and evidence is None else "wrong"
    digest = sha256(f"{salt}{subject or ''}{evidence or ''}".encode()).hexdigest()
    return "fits" if values.get("personal_digest") == f"\\x{digest}" else "wrong"


def _blanks(values: Values) -> int:
    if (values.get("action"), values.get("object_table")) != (BLANKED, "consent_events"):
        return 0
    named = values.get("object_id") or ""
    return int(named) if named.isdecimal() and values.get("outcome") == "done" else 0
