"""The functions inside the database: internal ones in the schema wall, and the public ones that the site calls."""

from lab.rules.functions.ai import AI
from lab.rules.functions.decisions import DECISIONS
from lab.rules.functions.erasure import ERASURE
from lab.rules.functions.internal import INTERNAL
from lab.rules.functions.payments import PAYMENTS
from lab.rules.functions.people import PEOPLE
from lab.rules.functions.queue import QUEUE
from lab.rules.functions.schedule import SCHEDULED
from lab.rules.functions.sending import SENDING
from lab.rules.functions.server import SERVER
from lab.rules.functions.triggers import TRIGGERS
from lab.rules.functions.withdrawal import WITHDRAWAL

FUNCTIONS = (
    *INTERNAL,
    *DECISIONS,
    *TRIGGERS,
    *ERASURE,
    *PEOPLE,
    *SERVER,
    *PAYMENTS,
    *WITHDRAWAL,
    *QUEUE,
    *SENDING,
    *SCHEDULED,
    *AI,
)
