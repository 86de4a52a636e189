"""What buyers ask for: the classes of scenario that a play can have. To add one, add a `Wish` to WISHES.

What is made of a purchase is written as the shop's server writes it. Everything after that is the product's own worker.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.errors import InsufficientPrivilege

from lab.plan.make import Plan, make_plan
from lab.plan.scenario import Scenario
from lab.rules import RULES, consents, jobs, layers
from lab.services.acting import acting_as_server
from lab.services.demo_shop.bought import ANSWER, QUESTION
from lab.services.demo_shop.sharing import SLOTS, open_card, read_sharing

Connection = psycopg.Connection[Any]
BASIC = ("email", "pdf", "receipt")
_SCOPED = (consents.gift_recipient.id, consents.public_share.id)  # given for one artifact, once there is one


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


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A class of scenario.

    Args:
        id: Its name in a schedule.
        title: What the buyer asks for, in words.
        scenario: The layer, the channels and the consents.
        make: Makes what is asked for beside the reading; it does nothing when that is there.
        reading: Whether the purchase brings a reading.
        anonymous: Whether the buyer has signed in without an address.
    """

    id: str
    title: str
    scenario: Scenario
    make: Callable[[Connection, Bought], None] | None = None
    reading: bool = True
    anonymous: bool = False

    @cached_property
    def plan(self) -> Plan:
        """Return the plan of the scenario."""
        return make_plan(self.scenario)

    @property
    def given_first(self) -> tuple[str, ...]:
        """Return the consents that the buyer gives before the purchase."""
        return tuple(one for one in self.scenario.consents if one not in _SCOPED)

    @cached_property
    def planned(self) -> frozenset[str]:
        """Return the channels for which a job may be made: those of the plan whose consents are given."""
        missing = {line.name for line in self.plan.missing_consents}
        needed = {job.id: {one.id for one in job.consents} for job in RULES.jobs}
        return frozenset(line.name for line in self.plan.jobs if not needed[line.name] & missing)


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
                token = hashlib.sha256(gift.bytes).digest()
                connection.execute(_INVITATION, [bought.buyer, gift, f"friend-{gift.hex[:8]}@example.test", token])
        except InsufficientPrivilege:
            pass  # nobody may be invited without the consent
        _queue(connection, jobs.gift.id, bought, artifact_id=gift)


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
        if _find(connection, "select e.id from public.echo_entries e where e.purchase_id = %s", bought.purchase):
            return
        scroll = _add_scroll(connection, bought)
        _ask(connection, bought, layers.echo.id, scroll)
        echo = _find(connection, _ECHO, bought.buyer, scroll, bought.purchase, QUESTION, ANSWER)
        _queue(connection, jobs.echo.id, bought, echo_entry_id=echo)


def _hold_council(connection: Connection, bought: Bought) -> None:
    """Begin a Council beside the reading."""
    with acting_as_server(connection):
        if _find(connection, "select c.id from public.council_sessions c where c.purchase_id = %s", bought.purchase):
            return
        scroll = _add_scroll(connection, bought)
        _ask(connection, bought, layers.council.id, scroll)
        connection.execute(_COUNCIL, [bought.buyer, scroll, bought.purchase])


def _add_scroll(connection: Connection, bought: Bought) -> UUID:
    scroll = uuid4()
    connection.execute(_SCROLL, [scroll, bought.buyer, QUESTION, ANSWER])
    connection.execute("select public.seal_scroll(%s)", [scroll])
    return scroll


def _ask(connection: Connection, bought: Bought, layer: str, scroll: UUID) -> None:
    connection.execute(_RUN, [bought.buyer, layer, scroll])


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


def _ask_for(layer: str, *channels: str, given: tuple[str, ...] = ()) -> Scenario:
    return Scenario(layer=layer, channels=channels, consents=given)


_MAIL, _GIFT, _SHARE = consents.email_delivery.id, consents.gift_recipient.id, consents.public_share.id
_AI, _ECHO_CONSENT = consents.ai_processing.id, consents.echo_followup.id
reading = Wish(
    id="reading",
    title="A reading, with its file and a notice",
    scenario=_ask_for(layers.artifacts.id, *BASIC, given=(_MAIL,)),
)
refused = Wish(
    id="refused",
    title="A reading, without the e-mail consent",
    scenario=_ask_for(layers.artifacts.id, *BASIC),
)
anonymous = Wish(
    id="anonymous",
    title="A reading for somebody without an address",
    scenario=_ask_for(layers.artifacts.id, *BASIC),
    anonymous=True,
)
gift = Wish(
    id="gift",
    title="A gift with an invitation",
    scenario=_ask_for(layers.artifacts.id, *BASIC, "gift", given=(_MAIL, _GIFT)),
    make=_make_gift,
)
gift_refused = Wish(
    id="gift_refused",
    title="A gift, without the consent to invite its recipient",
    scenario=_ask_for(layers.artifacts.id, *BASIC, "gift", given=(_MAIL,)),
    make=_make_gift,
)
share_card = Wish(
    id="share_card",
    title="A share-card",
    scenario=_ask_for(layers.artifacts.id, *BASIC, "share_card", given=(_MAIL, _SHARE)),
    make=_open_card,
)
recovery = Wish(
    id="recovery",
    title="A link back to the purchase",
    scenario=_ask_for(layers.artifacts.id, *BASIC, "recovery", given=(_MAIL,)),
    make=_make_link,
)
echo = Wish(
    id="echo",
    title="An Echo that returns",
    scenario=_ask_for(layers.echo.id, "echo", "receipt", given=(_MAIL, _AI, _ECHO_CONSENT)),
    make=_make_echo,
    reading=False,
)
council = Wish(
    id="council",
    title="A Council",
    scenario=_ask_for(layers.council.id, *BASIC, given=(_MAIL, _AI)),
    make=_hold_council,
)
WISHES = (reading, refused, anonymous, gift, gift_refused, share_card, recovery, echo, council)
BY_ID = {wish.id: wish for wish in WISHES}
