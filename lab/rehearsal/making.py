"""Makes what a purchase brings beside the reading, as the shop's server writes it: `MAKE`, by channel and by layer.

Each function does nothing when that is there already.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.errors import InsufficientPrivilege, NoDataFound

from lab.rules import channels, consents, jobs, layers
from lab.services.acting import acting_as, acting_as_server
from lab.services.demo_shop.bought import ANSWER, QUESTION
from lab.services.demo_shop.sharing import SLOTS, open_card, read_sharing

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, kw_only=True)
class Bought:
    """What is made for whom.

    Args:
        purchase: The purchase, which is unlocked.
        session: Its checkout.
        buyer: Whose it is.
        consents: Ids of the consents that the buyer gives.
    """

    purchase: UUID
    session: str
    buyer: UUID = field(repr=False)
    consents: tuple[str, ...]


def _find(connection: Connection, query: str, *values: object) -> Any:
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None


def _give(connection: Connection, bought: Bought, purpose: str, scope: UUID) -> None:
    if purpose in bought.consents:
        connection.execute(_CONSENT.encode(), [bought.buyer, purpose, purpose, scope])


def _queue(connection: Connection, channel: str, bought: Bought, **target: UUID) -> None:
    """Queue a delivery; what needs a consent that is not given is refused, and stays in the account."""
    named = "".join(f", {name} => %s" for name in target)
    try:
        with connection.transaction():
            query = f"select public.enqueue_delivery_job(%s, %s{named})"
            connection.execute(query.encode(), [channel, bought.buyer, *target.values()])
    except InsufficientPrivilege:
        pass


def _make_gift(connection: Connection, bought: Bought) -> None:
    """Make a gift of the reading, and invite its recipient."""
    with acting_as_server(connection):
        scroll = _find(connection, _SCROLL_OF.format(kind="gift"), bought.purchase)
        if scroll is None:
            return
        gift = uuid4()
        connection.execute(_ARTIFACT, [gift, bought.buyer, scroll, "gift", bought.purchase])
        _give(connection, bought, consents.gift_recipient.id, gift)
        try:
            with connection.transaction():
                digest = hashlib.sha256(_write_token(gift).encode()).digest()
                connection.execute(_INVITATION, [bought.buyer, gift, f"friend-{gift.hex[:8]}@example.test", digest])
        except InsufficientPrivilege:
            pass  # nobody may be invited without the consent
        _queue(connection, jobs.gift.id, bought, artifact_id=gift)


def _write_token(gift: UUID) -> str:
    return f"an invitation to {gift.hex}"


def find_friend(buyer: UUID) -> UUID:
    """Return the id of the account of the person to whom a buyer makes a gift."""
    return UUID(int=buyer.int ^ 1 << 127)


def accept_gift(connection: Connection, bought: Bought) -> None:
    """Accept the gift as its recipient, once its invitation was sent."""
    with acting_as_server(connection):
        gift = _find(connection, _INVITED, bought.purchase)
    if gift is None:
        return
    with acting_as(connection, "authenticated"):
        claims = json.dumps({"sub": str(find_friend(bought.buyer)), "role": "authenticated"})
        connection.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        with contextlib.suppress(NoDataFound):  # it was withdrawn meanwhile
            connection.execute("select public.accept_gift(%s)", [_write_token(gift)])


def _open_card(connection: Connection, bought: Bought) -> None:
    """Open a share-card, as the shop's page does."""
    reading = read_sharing(connection, bought.session, bought.buyer)
    if reading is None or reading["slug"]:
        return
    with acting_as_server(connection):
        notice = _find(connection, _NOTICE, consents.public_share.id)
        words = {slot: _find(connection, _PHRASE, slot) for slot in SLOTS}
    open_card(connection, reading, bought.buyer, notice, words)


def _make_link(connection: Connection, bought: Bought) -> None:
    """Make a link back to the purchase, as support does."""
    with acting_as_server(connection):
        if not _find(connection, _HAS_JOB, jobs.recovery.id, bought.buyer):
            _queue(connection, jobs.recovery.id, bought, purchase_id=bought.purchase)


def _make_echo(connection: Connection, bought: Bought) -> None:
    """Make an Echo that is due, and queue its notice."""
    with acting_as_server(connection):
        if scroll := _let_ai_write(connection, bought, layers.echo.id, "echo_entries"):
            echo = _find(connection, _ECHO, bought.buyer, scroll, bought.purchase, QUESTION, ANSWER)
            _queue(connection, jobs.echo.id, bought, echo_entry_id=echo)


def _hold_council(connection: Connection, bought: Bought) -> None:
    """Begin a Council beside the reading."""
    with acting_as_server(connection):
        if scroll := _let_ai_write(connection, bought, layers.council.id, "council_sessions"):
            connection.execute(_COUNCIL, [bought.buyer, scroll, bought.purchase])


def _seal_record(connection: Connection, bought: Bought) -> None:
    """Write the reading into the Passport, and seal the record."""
    with acting_as_server(connection):
        row = connection.execute(_UNRECORDED, [bought.purchase]).fetchone()
        if row is None:
            return
        record = _find(connection, _RECORD, bought.buyer, *row, bought.purchase)
        connection.execute("select public.seal_passport_record(%s)", [record])


def _let_ai_write(connection: Connection, bought: Bought, layer: str, table: str) -> UUID | None:
    """Seal a reading and let an AI write from it; None when the purchase has its row in the layer's table already."""
    if _find(connection, f"select t.id from public.{table} t where t.purchase_id = %s", bought.purchase):
        return None
    scroll = uuid4()
    connection.execute(_SCROLL, [scroll, bought.buyer, QUESTION, ANSWER])
    connection.execute("select public.seal_scroll(%s)", [scroll])
    connection.execute(_RUN, [bought.buyer, layer, scroll])
    return scroll


_NOTICE = """
select n.id from public.consent_notices n where n.purpose = %s and n.locale = 'en' order by n.version desc limit 1
"""
_CONSENT = f"select public.record_consent(%s, %s, 'given', gen_random_uuid(), ({_NOTICE}), %s)"
_PHRASE = "select f.words from public.card_phrases f where f.kind = %s and f.locale = 'en' order by 1 limit 1"
_SCROLL = "insert into public.oracle_scrolls (id, subject_id, question, answer) values (%s, %s, %s, %s)"
_SCROLL_OF = """
select a.scroll_id from public.oracle_artifacts a
where a.purchase_id = %s and a.kind = 'pdf' and a.state <> 'withdrawn'
  and not exists (select from public.oracle_artifacts g where g.scroll_id = a.scroll_id and g.kind = '{kind}')
"""
_ARTIFACT = (
    "insert into public.oracle_artifacts (id, subject_id, scroll_id, kind, purchase_id) values (%s, %s, %s, %s, %s)"
)
_INVITATION = """
insert into public.gift_recipients (subject_id, artifact_id, contact, token_sha256) values (%s, %s, %s, %s)
"""
_UNRECORDED = """
select a.scroll_id, a.id from public.oracle_artifacts a
where a.purchase_id = %s and a.kind = 'pdf' and a.state <> 'withdrawn'
  and not exists (select from public.passport_records r where r.scroll_id = a.scroll_id)
"""
_RECORD = """
insert into public.passport_records (subject_id, scroll_id, artifact_id, purchase_id) values (%s, %s, %s, %s)
returning id
"""
_INVITED = """
select a.id from public.oracle_artifacts a
join public.gift_recipients g on g.artifact_id = a.id
join public.delivery_jobs j on j.artifact_id = a.id and j.status = 'done'
where a.purchase_id = %s and g.accepted_at is null and g.withdrawn_at is null
"""
_HAS_JOB = "select count(*) from public.delivery_jobs j where j.channel = %s and j.subject_id = %s"
_ECHO = """
insert into public.echo_entries (subject_id, scroll_id, purchase_id, prompt, reply, due_at)
values (%s, %s, %s, %s, %s, now()) returning id
"""
_COUNCIL = "insert into public.council_sessions (subject_id, scroll_id, purchase_id) values (%s, %s, %s)"
_RUN = """
insert into public.ai_runs (subject_id, layer, scroll_id, fields_given, model)
values (%s, %s, %s, '{question}', 'model-1')
"""
MAKE: dict[str, Callable[[Connection, Bought], None]] = {
    channels.gift.id: _make_gift,
    channels.share_card.id: _open_card,
    channels.recovery.id: _make_link,
    channels.echo.id: _make_echo,
    layers.council.id: _hold_council,
    layers.passport.id: _seal_record,
}
