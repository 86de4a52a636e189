"""What `lab payments` does: show what waits and the newest rows, and carry out an act."""

import argparse
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from lab.cli.acts import say_effect, say_outcome, write_columns
from lab.cli.outcome import FINDINGS, HOLDS, NotDone, say, say_json, tell
from lab.database.connect import connect, open_target, resolve_url
from lab.rules.env import stripe_secret_key
from lab.rules.model import OperatorAct
from lab.services.billing.operate import carry_out, settle_again
from lab.services.billing.overview import Listing, Payments, WaitingItem, count_waiting, read_payments
from lab.text.escape import show_line

WIDEST = 40  # characters of a cell


def show(options: argparse.Namespace) -> int:
    """Print what waits, or the rows of one kind; returns 1 while something waits.

    Raises:
        NotDone: An id was given, or the part could not be read.
    """
    if options.id or options.apply:
        raise NotDone(options.what, "an id and --apply belong to an act", "Name the act first, such as replay")
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    found = read_payments(target.url, most=options.most)
    if reason := found.unread.get(options.what):
        raise NotDone(options.what, f"could not be read. {reason}")
    if options.json:
        say_json(_write(found, options.what, target.name), None)
    elif options.what == "waiting":
        say("\n".join(_describe_waiting(found)))
    else:
        say("\n".join(_write_rows(found.lists[options.what])))
    return FINDINGS if options.what == "waiting" and found.waiting else HOLDS


def _write(found: Payments, what: str, name: str) -> dict[str, Any]:
    about: dict[str, Any] = {"target": name, "read_at": found.read_at.isoformat(timespec="seconds")}
    if what != "waiting":
        return {**about, "total": found.lists[what].total, what: [_write_values(row) for row in found.lists[what].rows]}
    items = found.waiting or ()
    return {**about, "total": len(items), "waiting": [_write_item(item) for item in items]}


def _write_item(item: WaitingItem) -> dict[str, Any]:
    waiting = item.waiting
    told = {"kind": waiting.id, "title": waiting.title, "why": waiting.why, "next_step": waiting.next_step}
    rest = {key: value for key, value in vars(item).items() if key != "waiting"}
    return {**told, **_write_values(rest), "acts": [act.id for act in waiting.acts]}


def _write_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its dates and ids as text."""
    return {
        key: value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value
        for key, value in row.items()
    }


def _describe_waiting(found: Payments) -> Iterator[str]:
    items = found.waiting or ()
    yield f"{count_waiting(len(items))}."
    for item in items:
        yield from ("", *_describe_item(item))


def _describe_item(item: WaitingItem) -> Iterator[str]:
    waiting = item.waiting
    mode = "live" if item.livemode else "test"
    until = f", due {_write_time(item.due_at)}" if item.due_at else ""
    yield f"{waiting.title}: {item.id} ({mode}, since {_write_time(item.since)}{until})"
    parts = {"amount": item.amount, "purchase": item.purchase_id, "session": item.session_id, "code": item.detail}
    yield "  " + ", ".join(f"{name} {show_line(str(value))}" for name, value in parts.items() if value)
    yield f"  {waiting.why}"
    yield f"  {waiting.next_step}"
    yield from (f"  python -m lab payments {act.id} {item.subject_of(act)} --apply" for act in waiting.acts)


def _write_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _write_rows(listing: Listing) -> Iterator[str]:
    """Yield the rows as a table of text, and how many there are beyond them."""
    if not listing.rows:
        yield "None."
        return
    rows = [tuple(listing.rows[0]), *(tuple(map(_write_cell, row.values())) for row in listing.rows)]
    yield from write_columns(rows)
    if listing.total > len(listing.rows):
        yield f"The newest {len(listing.rows)} of {listing.total}. --most shows more."


def _write_cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = _write_time(value) if isinstance(value, datetime) else str(value)
    return show_line(text, WIDEST * 2)


def carry(options: argparse.Namespace, act: OperatorAct) -> int:
    """Carry out an act, or say what it would do.

    Raises:
        NotDone: No id was given, it is none, or Stripe cannot be asked.
        psycopg.Error: The database refused it, or cannot be reached.
    """
    if not options.id:
        raise NotDone(f"payments {act.id}", "needs the id of what it is for", "`python -m lab payments` shows the ids")
    if not options.apply:
        return say_effect(act, options.id)
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    changed = _settle(options, target.url) if act.function is None else _decide(act, options.id, target.url)
    return say_outcome(act, options.id, changed=changed, as_json=options.json)


def _decide(act: OperatorAct, id: str, url: str) -> bool:
    with connect(url) as connection:
        return carry_out(connection, act, id)


def _settle(options: argparse.Namespace, url: str) -> bool:
    from lab.services.billing.stripe_key import explaining_stripe, open_client  # acts in the database need no client

    client = open_client(os.environ.get(stripe_secret_key.id, "").strip(), options.api_base)
    with explaining_stripe(), connect(url) as connection:
        return settle_again(client, connection, options.id)
