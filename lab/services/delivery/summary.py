"""Says in sentences what was read of deliveries, the same on the page and in a terminal. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from lab.rules import RULES
from lab.rules.deliveries import channel_stopped, job_parked
from lab.rules.tables.sending import ALL_CHANNELS
from lab.services.delivery.overview import STATES, Deliveries

TITLES = {ALL_CHANNELS: "All channels", **{job.id: job.title for job in RULES.jobs}}
HELD = (channel_stopped.id, job_parked.id)  # an operator wanted these


def answer(found: Deliveries) -> tuple[str, bool]:
    """Answer whether everything is delivered; also whether that is as it should be."""
    if found.unread:
        return "Unknown: not everything could be read", False
    held = sum(found.totals.get(kind, 0) for kind in HELD)
    if broken := sum(found.totals.values()) - held:
        return f"No: {broken:,} wait{'s' * (broken == 1)} for a person", False
    but = f"; {held:,} held by an operator" if held else ""
    if kept := sum(int(row["due"]) for row in found.queue if is_stopped(found, row["channel"])):
        return f"Stopped: {kept:,} due, and held until deliveries are resumed", False
    due = sum(int(row["due"]) for row in found.queue)
    running = sum(int(row["jobs"]) for row in found.queue if row["status"] == "running")
    if due or running:
        return f"On its way: {due:,} due, {running:,} running{but}", True
    return f"Yes, everything that is due is delivered{but}", True


def is_stopped(found: Deliveries, channel: str) -> bool:
    """Tell whether a channel's deliveries are stopped, by its own switch or by that of all."""
    return any(row["channel"] in (ALL_CHANNELS, channel) for row in found.stopped)


def describe_state(found: Deliveries) -> Iterator[str]:
    """Yield the environment, the stopped channels, and when a worker was last seen, each as a sentence."""
    yield _describe_environment(found)
    if "stopped" not in found.unread:
        stopped = ", ".join(TITLES[row["channel"]] for row in found.stopped)
        yield f"Stopped: {stopped}." if stopped else "No channel is stopped."
    yield _describe_workers(found)


def _describe_environment(found: Deliveries) -> str:
    if "environment" in found.unread:
        return "The environment is unknown."
    if not found.environment:
        return "No environment is open."
    name = found.environment["environment"]
    return f"The environment {name} is {'of another database: nothing is sent' if not found.is_open else 'open'}."


def _describe_workers(found: Deliveries) -> str:
    if not found.workers:
        return "Whether a worker runs is unknown."
    if working := found.workers["working"]:
        return f"{working} worker{'s' * (working != 1)} at work now."
    last = found.workers["last_attempt_at"]
    return f"The last attempt ended {write_age(found.read_at - last)} ago." if last else "No worker has been seen yet."


def write_age(age: timedelta) -> str:
    """Write a length of time with its largest unit."""
    seconds = max(0, int(age.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def list_channels(found: Deliveries) -> list[tuple[str, dict[str, int], int, datetime | None]]:
    """Return each channel with its jobs by state, how many are due, and since when the oldest is.

    Channels are in the order of the rules, also those without a job.
    """
    listed = []
    for job in RULES.jobs:
        rows = {row["status"]: row for row in found.queue if row["channel"] == job.id}
        counts = {state: int(rows[state]["jobs"]) if state in rows else 0 for state in STATES}
        pending = rows.get("pending", {"due": 0, "oldest_due_at": None})
        listed.append((job.id, counts, int(pending["due"]), pending["oldest_due_at"]))
    return listed
