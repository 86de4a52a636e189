"""How ledgers are anchored outside the database: which, how often, and how old an anchor may be."""

from datetime import timedelta

from lab.rules.tables.operations import BLANKED, LEDGERS

OLDEST_ANCHOR = timedelta(hours=24)  # an older anchor says nothing of what happened since
LONGEST_WRITE = timedelta(hours=1)  # an entry may be committed that much after it was dated, as sealing has it
CLOCKS_DIFFER = timedelta(minutes=5)  # how far two machines' clocks may be apart
EVERY = timedelta(seconds=60)  # between two anchors of the service
QUIET = timedelta(minutes=15)  # after that an unchanged ledger is anchored again, to show that it stands

__all__ = ["BLANKED", "CLOCKS_DIFFER", "EVERY", "LEDGERS", "LONGEST_WRITE", "OLDEST_ANCHOR", "QUIET"]
