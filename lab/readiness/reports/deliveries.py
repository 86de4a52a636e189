"""Whether everything is delivered, the queue, and what waits for a person, in every form; no personal field."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from lab.readiness.formats.markdown import prose
from lab.readiness.reports.forms import Forms, add_pdf, write_columns, write_table, write_waiting
from lab.rules.model import OperatorAct
from lab.services.delivery.overview import MOST, STATES, Deliveries, WaitingDelivery
from lab.services.delivery.summary import answer, describe_state, list_channels, write_age
from lab.services.documents import Paper, Tone
from lab.text.escape import show_line, write_json


class FoundDeliveries(NamedTuple):
    """What was read of a target."""

    target: str
    deliveries: Deliveries


def _write(found: Deliveries) -> dict[str, Any]:
    told = {key: value for key, value in vars(found).items() if key not in ("waiting", "totals")}
    counts = {"errors": found.count_errors(), "outcomes": found.count_outcomes()}
    waiting = [_write_item(item) for item in found.waiting]
    values = {**told, **counts, "totals": dict(found.totals), "waiting": waiting}
    return {"answer": answer(found)[0], **{key: _write_value(value) for key, value in values.items()}}


def _write_item(item: WaitingDelivery) -> dict[str, Any]:
    rest = {key: value for key, value in vars(item).items() if key != "waiting"}
    return {**write_waiting(item.waiting), **rest, "acts": [act.id for act in item.waiting.acts]}


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
    yield from ("", *write_columns(_list_queue(found)))
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


def _list_queue(found: Deliveries) -> list[tuple[str, ...]]:
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


def _write_markdown(found: FoundDeliveries) -> str:
    """Return the overview as Markdown: the answer, the queue, and what waits with its next step."""
    seen = found.deliveries
    lines = [f"# Deliveries of {prose(found.target)}", "", f"**{prose(answer(seen)[0])}.**", ""]
    lines += [f"- {prose(sentence)}" for sentence in describe_state(seen)]
    lines += [
        f"- {prose(part.capitalize())}: could not be read. {prose(reason)}" for part, reason in seen.unread.items()
    ]
    head, *rows = _list_queue(seen)
    lines += ["", "## Queue", "", *write_table(head, rows)]
    lines += ["", "## What waits", *([] if seen.waiting else ["", "Nothing."])]
    for item in seen.waiting:
        first, *rest = _describe_item(item)
        lines += ["", f"### {prose(first)}", "", *(f"- {prose(line.strip())}" for line in rest)]
    return "\n".join(lines) + "\n"


def _make_paper(found: FoundDeliveries) -> Paper:
    tone: Tone = "good" if answer(found.deliveries)[1] else "unknown" if found.deliveries.unread else "bad"
    made_at = found.deliveries.read_at
    return Paper(markdown=_write_markdown(found), about="Deliveries", tone=tone, made_at=made_at)


DELIVERY_FORMS: Forms[FoundDeliveries] = add_pdf(
    {
        "text": lambda found: "\n".join(_describe(found.deliveries)),
        "json": lambda found: write_json({"target": found.target, **_write(found.deliveries)}, None),
        "markdown": _write_markdown,
    },
    _make_paper,
)
