"""How ledgers are anchored outside the database: which ones, how often, and how old an anchor may be."""

from datetime import timedelta

from lab.rules.tables.operations import BLANKED, LEDGERS

MAX_ANCHOR_AGE = timedelta(hours=24)  # an older anchor is not enough for a verdict
MAX_WRITE_DELAY = timedelta(
    hours=1
)  # an entry may be committed this long after its date; wall.longest_write returns it
CLOCK_TOLERANCE = timedelta(minutes=5)  # the clocks of two machines may differ this much
ANCHOR_INTERVAL = timedelta(seconds=60)  # between two anchors that the service writes
RENEWAL_INTERVAL = timedelta(
    minutes=15
)  # after this time an unchanged ledger is anchored again, to show that the service runs

__all__ = [
    "ANCHOR_INTERVAL",
    "BLANKED",
    "CLOCK_TOLERANCE",
    "LEDGERS",
    "MAX_ANCHOR_AGE",
    "MAX_WRITE_DELAY",
    "RENEWAL_INTERVAL",
]
