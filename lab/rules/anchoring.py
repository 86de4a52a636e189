"""How ledgers are anchored outside the database: which, how often, and how old an anchor may be."""

from datetime import timedelta

from lab.rules.tables.consent import consent_events
from lab.rules.tables.operations import admin_audit_events

LEDGERS = (consent_events, admin_audit_events)

# Written by erasure for each entry that it blanks; an entry without a person and without this line was tampered with.
BLANKED = "consent.blanked"

OLDEST_ANCHOR = timedelta(hours=24)  # an older anchor says nothing of what happened since
LONGEST_WRITE = timedelta(hours=1)  # an entry may be committed that much after it was dated, as sealing has it
CLOCKS_DIFFER = timedelta(minutes=5)  # how far two machines' clocks may be apart
EVERY = timedelta(seconds=60)  # between two anchors of the service
QUIET = timedelta(minutes=15)  # after that an unchanged ledger is anchored again, to show that it stands
