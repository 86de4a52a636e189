"""What waits for a person about payments, or the rows of one kind, in every form; no personal field."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from lab.readiness.formats.markdown import prose
from lab.readiness.reports.forms import Forms, add_pdf, write_columns, write_table, write_waiting
from lab.services.billing.overview import Listing, Payments, WaitingItem, count_waiting
from lab.services.documents import Paper, Tone
from lab.text.escape import show_line, write_json

WAITING = "waiting"
WIDEST = 40  # characters of a cell


class FoundPayments(NamedTuple):
    """What was read of a target, and which part of it is shown: what waits, or one list."""

    target: str
    payments: Payments
    what: str = WAITING


def _describe(found: FoundPayments) -> Iterator[str]:
    if found.what == WAITING:
        return _describe_waiting(found.payments)
    return _write_rows(found.payments.lists[found.what])


def _write(found: Payments, what: str, name: str) -> dict[str, Any]:
    about: dict[str, Any] = {"target": name, "read_at": found.read_at.isoformat(timespec="seconds")}
    if what != WAITING:
        return {**about, "total": found.lists[what].total, what: [_write_values(row) for row in found.lists[what].rows]}
    items = found.waiting or ()
    return {**about, "total": len(items), "waiting": [_write_item(item) for item in items]}


def _write_item(item: WaitingItem) -> dict[str, Any]:
    rest = {key: value for key, value in vars(item).items() if key != WAITING}
    return {**write_waiting(item.waiting), **_write_values(rest), "acts": [act.id for act in item.waiting.acts]}


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


def _write_markdown(found: FoundPayments) -> str:
    """Return what waits with its next step, or the rows of one kind, as Markdown."""
    title = f"# Payments of {prose(found.target)}"
    if found.what != WAITING:
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


def _make_paper(found: FoundPayments) -> Paper:
    tone: Tone = "plain" if found.what != WAITING else "bad" if found.payments.waiting else "good"
    return Paper(markdown=_write_markdown(found), about="Payments", tone=tone, made_at=found.payments.read_at)


PAYMENT_FORMS: Forms[FoundPayments] = add_pdf(
    {
        "text": lambda found: "\n".join(_describe(found)),
        "json": lambda found: write_json(_write(found.payments, found.what, found.target), None),
        "markdown": _write_markdown,
    },
    _make_paper,
)
