"""The right of withdrawal, as the site's server handles it: the waiver, both steps, and the documents for the buyer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from lab.services.acting import acting_as_server


@dataclass(frozen=True)
class Document:
    """Something that a buyer keeps: send its bytes as they are, because their SHA-256 is on record.

    Args:
        kind: `waiver` for the confirmation of a waiver, `withdrawal` for the acknowledgement of a withdrawal.
        body: The text.
        sha256: The hash of the text as UTF-8.
        given_at: When it was written.
    """

    kind: str
    body: str
    sha256: bytes
    given_at: datetime


def record_waiver(connection: psycopg.Connection[Any], order: UUID, notice: UUID) -> str:
    """Record the buyer's waiver and its confirmation, inside a transaction of the site's server.

    Returns:
        The confirmation. Give it to the buyer before the payment, as a file or an e-mail.

    Raises:
        psycopg.Error: The order is paid, is a guest's, or is for something that is delivered later.
    """
    connection.execute("select public.record_waiver(%s, %s)", [order, notice])
    return _read_text(connection, "select public.confirm_waiver(%s)", order)


def state_withdrawal(connection: psycopg.Connection[Any], purchase: UUID, buyer: UUID | None) -> None:
    """Record the first step of a withdrawal; a second call changes nothing.

    Args:
        connection: A connection without an open transaction, whose login may act as the site's server.
        purchase: The purchase.
        buyer: Its buyer, whom the site knows by their login; None for a guest, whom it knows by their link.

    Raises:
        psycopg.Error: There is no right of withdrawal, or it is another buyer's purchase. Nothing is changed.
    """
    with acting_as_server(connection):
        connection.execute("select public.record_withdrawal(%s, %s, false)", [purchase, buyer])


def confirm_withdrawal(connection: psycopg.Connection[Any], purchase: UUID, buyer: UUID | None) -> str:
    """Record the second step of a withdrawal and return its acknowledgement; a second call returns the same.

    Arguments and errors are those of `state_withdrawal`.
    """
    with acting_as_server(connection):
        return _read_text(connection, "select public.record_withdrawal(%s, %s, true)", purchase, buyer)


def read_document(connection: psycopg.Connection[Any], session_id: str, kind: str) -> Document | None:
    """Return a document of the purchase of a checkout session; None when there is none."""
    with acting_as_server(connection):
        row = connection.execute(_DOCUMENT, [session_id, kind]).fetchone()
    return Document(*row) if row else None


def read_waiver(connection: psycopg.Connection[Any]) -> tuple[UUID, str]:
    """Return the id and the words of the newest waiver, as the shop shows them.

    Raises:
        LookupError: The database has no wording.
    """
    with acting_as_server(connection):
        row = connection.execute(_WAIVER).fetchone()
    if row is None:
        raise LookupError("consent_notices has no withdrawal_waiver: apply the migrations")
    return row[0], row[1]


def _read_text(connection: psycopg.Connection[Any], call: str, *values: UUID | None) -> str:
    row = connection.execute(call.encode(), values).fetchone()
    return str(row[0]) if row else ""


_DOCUMENT = """
select d.kind, d.body, d.body_sha256, d.created_at
  from public.withdrawal_documents d
  join public.purchases p on p.id = d.purchase_id
 where p.checkout_session_id = %s and d.kind = %s
"""
_WAIVER = """
select n.id, n.body from public.consent_notices n
 where n.purpose = 'withdrawal_waiver' and n.locale = 'en'
 order by n.version desc limit 1
"""
