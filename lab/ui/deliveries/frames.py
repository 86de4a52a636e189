"""Deliveries shaped as tables for people. Pure."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from lab.services.delivery.overview import STATES, Deliveries
from lab.services.delivery.summary import TITLES, list_channels, write_age
from lab.ui.kit.tables import DataFrame, make_frame

QUEUE = ("Channel", *(state.capitalize() for state in STATES), "Due", "Oldest due")
ATTEMPTS = ("Ended", "Channel", "Leg", "Result", "Error class", "Attempt", "Job")


def keep_channels(found: Deliveries, channels: Collection[str]) -> Deliveries:
    """Keep what is about some channels, or about all of them at once; without a channel everything stays."""
    if not channels:
        return found
    waiting = tuple(item for item in found.waiting if item.channel is None or item.channel in channels)
    read, kept = (Counter(item.waiting.id for item in items) for items in (found.waiting, waiting))
    return replace(
        found,
        queue=tuple(row for row in found.queue if row["channel"] in channels),
        waiting=waiting,
        totals={id_: kept[id_] if total == read[id_] else total for id_, total in found.totals.items()},
        attempts=tuple(row for row in found.attempts if row["channel"] in channels),
    )


def frame_queue(found: Deliveries) -> DataFrame:
    """Shape the jobs that are not finished: a row for each channel that has one, with the age of the oldest due one."""
    rows = (
        (TITLES[channel], *(str(count or "") for count in (*counts.values(), due)),
         write_age(found.read_at - oldest) if oldest else "")
        for channel, counts, due, oldest in list_channels(found) if any(counts.values())
    )  # fmt: skip
    return make_frame(QUEUE, rows)


def frame_attempts(found: Deliveries) -> DataFrame:
    """Shape the newest attempts."""
    rows = (
        (row["created_at"], TITLES[row["channel"]], row["leg"], [row["outcome"].replace("_", " ")], row["error_class"],
         row["attempt"], row["job_id"])
        for row in found.attempts
    )  # fmt: skip
    return make_frame(ATTEMPTS, rows)


def frame_errors(found: Deliveries) -> DataFrame:
    """Shape the error classes of the newest attempts, the most frequent first."""
    return make_frame(("Error class", "Attempts"), found.count_errors().items())
