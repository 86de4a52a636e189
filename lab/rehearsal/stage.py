"""Prepares what every play begins with: a migrated database, offers, a buyer with the e-mail consent."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg
import stripe

from lab.database.connect import connect
from lab.rehearsal.copies import MIGRATED, open_migrated
from lab.rehearsal.judge import prepare_judge
from lab.rehearsal.making import find_friend
from lab.rehearsal.moves import note_moves
from lab.rehearsal.outside import RenderedOnce, StripeInMemory
from lab.rehearsal.scene import ENVIRONMENT, KEY, Stage
from lab.rehearsal.wishes import Wish, reading
from lab.rules import RULES
from lab.services.billing.sync import apply_offers
from lab.services.local_stripe.api import Api
from lab.services.local_stripe.store import Store

CLOCK_STEP_SECONDS = 600
# Thousands of plays need each plan.
_PLANNING = "set plan_cache_mode = force_generic_plan"


def read_slow_clock() -> float:
    """Return the time by a clock that goes on every ten minutes: plays of one step get the same bytes from Stripe."""
    return time.time() // CLOCK_STEP_SECONDS * CLOCK_STEP_SECONDS


@contextlib.contextmanager
def open_stage(url: str) -> Iterator[Stage]:
    """Commit what every play begins with in a migrated database. Each play is a transaction that is rolled back.

    Args:
        url: A database that nobody else uses, by its owner `postgres`.
    """
    with RenderedOnce() as renderer, connect(url, statement_timeout_seconds=120) as connection:
        connection.autocommit = True
        connection.execute(_PLANNING)
        with connection.transaction():
            stage = set_stage(connection, renderer, read_slow_clock)
        yield stage


@contextlib.contextmanager
def open_scratch_stage() -> Iterator[Stage]:
    """Set the stage on a temporary server."""
    with open_migrated() as server, open_stage(server.url(MIGRATED)) as stage:
        yield stage


def set_stage(
    connection: psycopg.Connection[Any], renderer: RenderedOnce, clock: Callable[[], float] = time.time
) -> Stage:
    """Make in the open transaction what every play begins with.

    Args:
        connection: As the owner `postgres`.
        renderer: Renders the files.
        clock: Stripe's clock.
    """
    note_moves(connection)
    prepare_judge(connection)
    account = Api(Store(clock=clock, seed="rehearsal", base_url="http://stripe", settle_seconds=None))
    way = StripeInMemory(account, lambda *_: None)
    apply_offers(stripe.StripeClient(KEY, http_client=way), connection, RULES.offers)
    connection.execute("reset role")
    connection.execute("select public.open_environment(%s)", [ENVIRONMENT])
    buyer, link = add_buyer(connection), _find_link(connection, reading.scenario.layer)
    settle = _write_settle(connection)
    connection.execute(settle.encode())
    account.store.events.clear()
    return Stage(
        connection=connection, account=account, renderer=renderer, link=link, buyer=buyer, settle=settle,
        began=account.keep(), clock=clock,
    )  # fmt: skip


def add_buyer(
    connection: psycopg.Connection[Any],
    consents: Sequence[str] = ("email_delivery",),
    *,
    anonymous: bool = False,
    id: UUID | None = None,
) -> UUID:
    """Add a buyer who has given some consents, and return their id."""
    buyer = id or uuid4()
    _add_account(connection, buyer, anonymous=anonymous)
    for purpose in consents:
        connection.execute(
            "select public.record_consent(%s, %s, 'given', gen_random_uuid(), n.id, null)"
            " from public.consent_notices n where n.purpose = %s and n.locale = 'en' order by n.version desc limit 1",
            [buyer, purpose, purpose],
        )
    return buyer


def _add_account(connection: psycopg.Connection[Any], person: UUID, *, anonymous: bool = False) -> None:
    address = None if anonymous else f"buyer-{person.hex[:8]}@example.test"
    connection.execute(
        "insert into auth.users (id, email, email_confirmed_at, is_anonymous, aud, role)"
        " values (%s, %s, case when %s then null else now() end, %s, 'authenticated', 'authenticated')",
        [person, address, anonymous, anonymous],
    )


def set_wish(stage: Stage, wish: Wish) -> Stage:
    """Return the stage for a wish: with a buyer who gives its consents, made in the open transaction, and its link."""
    if wish is reading:
        return stage
    id = uuid5(stage.buyer, wish.id)
    buyer = add_buyer(stage.connection, wish.given_first, anonymous=wish.anonymous, id=id)
    if wish.accepted:
        _add_account(stage.connection, find_friend(buyer))
    link = _find_link(stage.connection, wish.scenario.layer)
    stage.connection.execute(stage.settle.encode())
    return replace(stage, buyer=buyer, link=link)


def _find_link(connection: psycopg.Connection[Any], layer: str) -> UUID:
    """Return the link by which a layer is sold."""
    row = connection.execute(
        "select l.id from public.purchase_links l join public.products p on p.id = l.product_id where p.layer = %s",
        [layer],
    ).fetchone()
    return UUID(str(row[0] if row else None))


def _write_settle(connection: psycopg.Connection[Any]) -> str:
    """Return the statements that check deferred constraints, and defer those again that are."""
    rows = connection.execute(
        "select format('%I.%I', n.nspname, c.conname), c.condeferred from pg_constraint c"
        " join pg_namespace n on n.oid = c.connamespace where c.condeferrable"
    ).fetchall()
    deferred = [name for name, first in rows if first]
    named = "all" if len(deferred) == len(rows) else ", ".join(deferred)  # a name costs a search of the catalogue
    again = f"; set constraints {named} deferred" if deferred else ""
    return f"set constraints all immediate{again}; reset role"
