"""A share-card: it is opened with its owner's consent, shown to whoever has the link, and closed by a withdrawal."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import psycopg

from lab.rules import jobs
from lab.rules.consents import public_share
from lab.services.acting import acting_as_server
from lab.services.demo_shop.bought import Row

SLOTS = ("title", "line", "symbol", "palette")


def read_sharing(connection: psycopg.Connection[Any], session: str, buyer: UUID | None) -> Row | None:
    """Return the reading of a purchase, and its open card if there is one; None if it is not the buyer's."""
    return _read_row(connection, _SHARING, {"session": session, "buyer": buyer})


def read_question(connection: psycopg.Connection[Any]) -> tuple[UUID, str]:
    """Return the id and the words of the newest question whether a card may be public."""
    row = _read_row(connection, _QUESTION, {"purpose": public_share.id})
    if row is None:
        raise LookupError("consent_notices has no public_share: apply the migrations")
    return row["id"], row["body"]


def open_card(
    connection: psycopg.Connection[Any], reading: Row, buyer: UUID, notice: UUID, words: Mapping[str, str]
) -> None:
    """Keep the consent, open the card and queue its picture, all in one transaction.

    Args:
        connection: One without an open transaction.
        reading: What `read_sharing` returned.
        buyer: Whose it is.
        notice: The wording that was shown.
        words: An approved phrase for each of SLOTS; the database refuses any other.
    """
    with acting_as_server(connection):
        connection.execute(_ARTIFACT, {**reading, "buyer": buyer, "new": uuid4()})
        row = connection.execute(_FIND, reading).fetchone()
        artifact = row[0] if row else None
        connection.execute(_CONSENT, [buyer, public_share.id, "given", notice, artifact])
        connection.execute(_CARD, {**words, "artifact": artifact})
        connection.execute(_QUEUE, {"channel": jobs.share_card.id, "buyer": buyer, "artifact": artifact})


def close_card(connection: psycopg.Connection[Any], buyer: UUID, artifact: UUID) -> None:
    """Withdraw the consent; the database closes the card."""
    with acting_as_server(connection):
        connection.execute(_CONSENT, [buyer, public_share.id, "withdrawn", None, artifact])


def read_card(connection: psycopg.Connection[Any], slug: str) -> Row | None:
    """Return the public fields of a card, and where its picture is; None for one that is not open."""
    return _read_row(connection, _SHOWN, {"slug": slug})


def _read_row(connection: psycopg.Connection[Any], query: str, values: Row) -> Row | None:
    with acting_as_server(connection):
        cursor = connection.execute(query.encode(), values)
        row = cursor.fetchone()
        names = [column.name for column in cursor.description or ()]
    return dict(zip(names, row, strict=True)) if row else None


_SHARING = """
select p.checkout_session_id as session, p.id as purchase, r.scroll_id as scroll, a.id as artifact, c.slug,
       a.storage_path is not null as ready
from public.purchases p
join public.oracle_artifacts r on r.purchase_id = p.id and r.kind = 'pdf' and r.state <> 'withdrawn'
left join public.oracle_artifacts a on a.scroll_id = r.scroll_id and a.kind = 'share_card'
left join public.share_cards c on c.artifact_id = a.id and c.revoked_at is null
where p.checkout_session_id = %(session)s and p.unlocked_at is not null and p.buyer_subject_id = %(buyer)s
  and r.subject_id = p.buyer_subject_id
"""
_QUESTION = """
select n.id, n.body from public.consent_notices n
where n.purpose = %(purpose)s and n.locale = 'en' order by n.version desc limit 1
"""
_ARTIFACT = """
insert into public.oracle_artifacts (id, subject_id, scroll_id, kind, purchase_id)
values (%(new)s, %(buyer)s, %(scroll)s, 'share_card', %(purchase)s)
on conflict (scroll_id, kind) do nothing
"""
_FIND = "select id from public.oracle_artifacts where scroll_id = %(scroll)s and kind = 'share_card'"
_CONSENT = "select public.record_consent(%s, %s, %s, gen_random_uuid(), %s, %s)"
_CARD = """
insert into public.share_cards (artifact_id, title, symbol, palette, one_line)
values (%(artifact)s, %(title)s, %(symbol)s, %(palette)s, %(line)s)
"""
_QUEUE = """
select public.enqueue_delivery_job(%(channel)s, %(buyer)s, %(artifact)s, generation =>
         (select count(*) from public.share_cards c where c.artifact_id = %(artifact)s)::integer)
"""
_SHOWN = """
select o.title, o.one_line, a.storage_path
from public.open_share_card(%(slug)s) o
join public.share_cards c on c.slug = %(slug)s
join public.oracle_artifacts a on a.id = c.artifact_id
"""
