"""What `lab deliveries` does: show the queue and what waits, and carry out an act."""

import argparse
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from lab.cli.acts import read_act_form, say_effect, say_outcome, write_columns, write_table
from lab.cli.files import TEXT, hand_out
from lab.cli.outcome import FINDINGS, HOLDS, NotDone, say, tell
from lab.database.connect import connect, open_target, resolve_url
from lab.readiness.formats.markdown import prose
from lab.readiness.reports.forms import Forms, add_pdf
from lab.rules.model import OperatorAct
from lab.services.delivery.metrics import write_metrics
from lab.services.delivery.operate import carry_out, check_given
from lab.services.delivery.overview import MOST, STATES, Deliveries, WaitingDelivery, read_deliveries
from lab.services.delivery.summary import answer, describe_state, list_channels, write_age
from lab.services.documents import Paper, Tone
from lab.text.escape import show_line, write_json


def show(options: argparse.Namespace) -> int:
    """Print the overview; returns 1 while something waits, or could not be read.

    Raises:
        NotDone: Something was given that belongs to an act, or two forms were asked for.
    """
    if options.id or options.apply or options.reason:
        raise NotDone("deliveries", "an id, --reason and --apply belong to an act", "Name the act first, such as retry")
    if options.metrics and (options.format != TEXT or options.write):
        raise NotDone("deliveries", f"--{_name_form(options)} and --metrics are two forms", "Choose one of them")
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    found = read_deliveries(target.url)
    if options.metrics:
        say(write_metrics(found).rstrip("\n"))
    else:
        hand_out(Found(target.name, found), DELIVERY_FORMS, options)
    return HOLDS if answer(found)[1] and not found.waiting else FINDINGS


class Found(NamedTuple):
    """What was read of a target."""

    target: str
    deliveries: Deliveries


def _name_form(options: argparse.Namespace) -> str:
    return "write" if options.write else "json" if options.format == "json" else "format"


def _write(found: Deliveries) -> dict[str, Any]:
    told = {key: value for key, value in vars(found).items() if key not in ("waiting", "totals")}
    counts = {"errors": found.count_errors(), "outcomes": found.count_outcomes()}
    waiting = [_write_item(item) for item in found.waiting]
    values = {**told, **counts, "totals": dict(found.totals), "waiting": waiting}
    return {"answer": answer(found)[0], **{key: _write_value(value) for key, value in values.items()}}


def _write_item(item: WaitingDelivery) -> dict[str, Any]:
    waiting = item.waiting
    told = {"kind": waiting.id, "title": waiting.title, "why": waiting.why, "next_step": waiting.next_step}
    rest = {key: value for key, value in vars(item).items() if key != "waiting"}
    return {**told, **rest, "acts": [act.id for act in waiting.acts]}


def _write_value(value: Any) -> Any:
    """Return a value with its dates as text."""
    if isinstance(value, Mapping):
        return {key: _write_value(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [_write_value(part) for part in value]
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _describe(found: Deliveries) -> Iterator[str]:
    yield f"{answer(found)[0]}."
    yield from describe_state(found)
    yield from (f"{part.capitalize()}: could not be read. {reason}" for part, reason in found.unread.items())
    yield from ("", *write_columns(list_queue(found)))
    for item in found.waiting:
        yield from ("", *_describe_item(item))
    for kind, total in found.totals.items():
        if total > MOST:
            yield f"\nThe oldest {MOST} of {total} of the kind {kind}."
    if found.attempts:
        yield f"\nOf the newest {len(found.attempts)} attempts: {_join(found.count_outcomes())}."
        yield f"Error classes: {_join(found.count_errors())}."


def _join(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {word}" for word, count in counts.items()) or "none"


def list_queue(found: Deliveries) -> list[tuple[str, ...]]:
    """Return the queue as rows of texts, the head first."""
    rows: list[tuple[str, ...]] = [("channel", *STATES, "due", "oldest due")]
    for channel, counts, due, oldest in list_channels(found):
        age = write_age(found.read_at - oldest) if oldest else "-"
        rows.append((channel, *(str(counts[state]) for state in STATES), str(due), age))
    return rows


def _describe_item(item: WaitingDelivery) -> Iterator[str]:
    waiting = item.waiting
    since = f" (since {item.since:%Y-%m-%d %H:%M})" if item.since else ""
    yield f"{waiting.title}{f': {show_line(item.id)}' if item.id else ''}{since}"
    parts = {
        "channel": item.channel,
        "leg": item.leg,
        "jobs": item.jobs,
        "attempts": item.attempts,
        "code": item.detail,
    }
    if told := ", ".join(f"{name} {show_line(str(value))}" for name, value in parts.items() if value):
        yield f"  {told}"
    yield f"  {waiting.why}"
    yield f"  {waiting.next_step}"
    yield from (f"  {_write_command(act, item)}" for act in waiting.acts)
    if waiting.command:
        yield f"  {waiting.command}"


def _write_command(act: OperatorAct, item: WaitingDelivery) -> str:
    reason = f" --reason {act.reasons[0]}" if act.reasons else ""
    return f"python -m lab deliveries {act.id.replace('_', '-')} {item.id or 'production'}{reason} --apply"


def carry(options: argparse.Namespace, act: OperatorAct) -> int:
    """Carry out an act, or say what it would do.

    Raises:
        NotDone: No id was given, or a reason where none belongs.
        LabError: The id or the reason cannot be one, there is no such job, or its consents are missing.
        psycopg.Error: The database refused it, or cannot be reached.
    """
    name = f"deliveries {options.what}"
    if len(options.id) != 1:
        found = "needs one id" if options.id else "needs the id of what it is for"
        raise NotDone(name, found, "`python -m lab deliveries` shows the ids")
    (id,) = options.id
    if options.metrics or (options.reason and not act.reasons):
        raise NotDone(name, "--metrics and --reason do not belong to it", "Leave them out")
    check_given(act, id, options.reason)
    as_json = read_act_form(options)
    if not options.apply:
        return say_effect(act, id)
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    with connect(target.url) as connection:
        changed = carry_out(connection, act, id, options.reason)
    return say_outcome(act, id, changed=changed, as_json=as_json)


def _write_markdown(found: Found) -> str:
    """Return the overview as Markdown: the answer, the queue, and what waits with its next step."""
    seen = found.deliveries
    lines = [f"# Deliveries of {prose(found.target)}", "", f"**{prose(answer(seen)[0])}.**", ""]
    lines += [f"- {prose(sentence)}" for sentence in describe_state(seen)]
    lines += [
        f"- {prose(part.capitalize())}: could not be read. {prose(reason)}" for part, reason in seen.unread.items()
    ]
    head, *rows = list_queue(seen)
    lines += ["", "## Queue", "", *write_table(head, rows)]
    lines += ["", "## What waits", *([] if seen.waiting else ["", "Nothing."])]
    for item in seen.waiting:
        first, *rest = _describe_item(item)
        lines += ["", f"### {prose(first)}", "", *(f"- {prose(line.strip())}" for line in rest)]
    return "\n".join(lines) + "\n"


def _make_paper(found: Found) -> Paper:
    tone: Tone = "good" if answer(found.deliveries)[1] else "unknown" if found.deliveries.unread else "bad"
    made_at = found.deliveries.read_at
    return Paper(markdown=_write_markdown(found), about="Deliveries", tone=tone, made_at=made_at)


DELIVERY_FORMS: Forms[Found] = add_pdf(
    {
        "text": lambda found: "\n".join(_describe(found.deliveries)),
        "json": lambda found: write_json({"target": found.target, **_write(found.deliveries)}, None),
        "markdown": _write_markdown,
    },
    _make_paper,
)
