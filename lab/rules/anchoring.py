"""How ledgers are anchored outside the database: which ones, how often, and how old an anchor may be."""

from datetime import timedelta

from lab.rules.tables.operations import BLANKED, LEDGERS

OLDEST_ANCHOR = timedelta(hours=24)  # an older anchor is not enough for a verdict
LONGEST_WRITE = timedelta(hours=1)  # an entry may be committed this long after its date; wall.longest_write returns it
CLOCKS_DIFFER = timedelta(minutes=5)  # the clocks of two machines may differ this much
EVERY = timedelta(seconds=60)  # between two anchors that the service writes
QUIET = timedelta(minutes=15)  # after this time an unchanged ledger is anchored again, to show that the service runs

__all__ = ["BLANKED", "CLOCKS_DIFFER", "EVERY", "LEDGERS", "LONGEST_WRITE", "OLDEST_ANCHOR", "QUIET"]
