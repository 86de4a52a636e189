"""Takes in bounces and complaints that arrive as e-mail, and keeps those that are about a message of ours."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from lab.services.acting import acting_as_server
from lab.services.mail import Suppression, read_report

KEPT, KNOWN, NOT_OURS, NOTHING = "kept", "known", "not_ours", "nothing"
_OURS = re.compile("<([0-9a-f]{40})@[^@<>]+>")
_KEEP = "select public.keep_bounce(%s, %s, %s, %s)"
_FOLDERS = ("new", "cur")  # of a Maildir; `tmp` holds what is still being written


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What one e-mail came to.

    Args:
        outcome: kept, known, not_ours, or nothing when it is no report or names nobody for good.
        reason: hard_bounce or complaint; None for nothing.
        code: The short code of the report, such as 5.1.1; None when there is none.
    """

    outcome: str
    reason: str | None = None
    code: str | None = None


def keep_returned(connection: psycopg.Connection[Any], raw: bytes, *, apply: bool) -> Returned:
    """Read an e-mail, and keep the addresses that it reports about a message of ours. A repetition changes nothing.

    Args:
        connection: One without an open transaction, whose login may act as the site's server.
        raw: The e-mail as it arrived.
        apply: False to find out what would be kept.

    Raises:
        psycopg.Error: The connection was lost. Nothing was kept.
    """
    found = read_report(raw)
    if not found:
        return Returned(outcome=NOTHING)
    with connection.transaction(force_rollback=not apply), acting_as_server(connection):
        outcomes = {_keep(connection, one) for one in found}
    best = next(outcome for outcome in (KEPT, KNOWN, NOT_OURS) if outcome in outcomes)
    return Returned(outcome=best, reason=found[0].reason, code=found[0].provider_code)


def _keep(connection: psycopg.Connection[Any], one: Suppression) -> str:
    ours = _OURS.fullmatch(one.message_id or "")
    if ours is None or len(one.address.encode()) > 254:
        return NOT_OURS
    row = connection.execute(_KEEP, [ours[1], one.address, one.reason, one.provider_code]).fetchone()
    return str(row[0]) if row else NOT_OURS


def list_mails(place: Path) -> Iterator[Path]:
    """Yield the e-mails at a place: a file, or each of a Maildir, the oldest first.

    Raises:
        OSError: It cannot be read, or is a folder that is no Maildir.
    """
    if not place.is_dir():
        yield place
        return
    folders = [place / name for name in _FOLDERS]
    mails = [mail for folder in folders for mail in folder.iterdir() if mail.is_file()]
    yield from sorted(mails, key=lambda mail: mail.name.partition(":")[0])
