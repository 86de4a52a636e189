"""What `lab payments` does: show what waits and the newest rows, and carry out an act."""

import argparse
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from lab.cli.acts import read_act_form, say_effect, say_outcome, write_columns, write_table
from lab.cli.files import hand_out
from lab.cli.outcome import FINDINGS, HOLDS, NotDone, tell
from lab.database.connect import connect, open_target, resolve_url
from lab.readiness.formats.markdown import prose
from lab.readiness.reports.forms import Forms, add_pdf
from lab.rules.env import stripe_secret_key
from lab.rules.model import OperatorAct
from lab.services.billing.operate import carry_out, settle_again
from lab.services.billing.overview import Listing, Payments, WaitingItem, count_waiting, read_payments
from lab.services.documents import Paper, Tone
from lab.text.escape import show_line, write_json

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
    hand_out(Found(target.name, options.what, found), PAYMENT_FORMS, options)
    return FINDINGS if options.what == "waiting" and found.waiting else HOLDS


class Found(NamedTuple):
    """What was read of a target, and which part of it is shown."""

    target: str
    what: str
    payments: Payments


def _describe(found: Found) -> Iterator[str]:
    if found.what == "waiting":
        return _describe_waiting(found.payments)
    return _write_rows(found.payments.lists[found.what])


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
    as_json = read_act_form(options)
    if not options.apply:
        return say_effect(act, options.id)
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    changed = _settle(options, target.url) if act.function is None else _decide(act, options.id, target.url)
    return say_outcome(act, options.id, changed=changed, as_json=as_json)


def _decide(act: OperatorAct, id: str, url: str) -> bool:
    with connect(url) as connection:
        return carry_out(connection, act, id)


def _settle(options: argparse.Namespace, url: str) -> bool:
    from lab.services.billing.stripe_key import explaining_stripe, open_client  # acts in the database need no client

    client = open_client(os.environ.get(stripe_secret_key.id, "").strip(), options.api_base)
    with explaining_stripe(), connect(url) as connection:
        return settle_again(client, connection, options.id)


def _write_markdown(found: Found) -> str:
    """Return what waits with its next step, or the rows of one kind, as Markdown."""
    title = f"# Payments of {prose(found.target)}"
    if found.what != "waiting":
        return "\n".join([f"{title}: {found.what}", "", *_write_list(found.payments.lists[found.what])]) + "\n"
    items = found.payments.waiting or ()
    lines = [title, "", f"**{count_waiting(len(items))}.**"]
    for item in items:
        first, *rest = _describe_item(item)
        lines += ["", f"## {prose(first)}", "", *(f"- {prose(line.strip())}" for line in rest)]
    return "\n".join(lines) + "\n"


def _write_list(listing: Listing) -> Iterator[str]:
    if not listing.rows:
        yield "None."
        return
    yield from write_table(tuple(listing.rows[0]), [tuple(map(_write_cell, row.values())) for row in listing.rows])
    if listing.total > len(listing.rows):
        yield from ("", f"The newest {len(listing.rows)} of {listing.total}.")


def _make_paper(found: Found) -> Paper:
    tone: Tone = "plain" if found.what != "waiting" else "bad" if found.payments.waiting else "good"
    return Paper(markdown=_write_markdown(found), about="Payments", tone=tone, made_at=found.payments.read_at)


PAYMENT_FORMS: Forms[Found] = add_pdf(
    {
        "text": lambda found: "\n".join(_describe(found)),
        "json": lambda found: write_json(_write(found.payments, found.what, found.target), None),
        "markdown": _write_markdown,
    },
    _make_paper,
)
