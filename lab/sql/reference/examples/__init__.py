"""Every example, by topic. The registry of topics is one list."""

from lab.sql.reference.example import Topic
from lab.sql.reference.examples.ai import AI
from lab.sql.reference.examples.consents import CONSENTS
from lab.sql.reference.examples.deliveries import DELIVERIES
from lab.sql.reference.examples.events import EVENTS
from lab.sql.reference.examples.operations import OPERATIONS
from lab.sql.reference.examples.payments import PAYMENTS
from lab.sql.reference.examples.privacy import PRIVACY
from lab.sql.reference.examples.readings import READINGS
from lab.sql.reference.examples.sending import SENDING
from lab.sql.reference.examples.support import SUPPORT
from lab.sql.reference.examples.withdrawal import WITHDRAWAL

TOPICS: tuple[Topic, ...] = (
    CONSENTS,
    READINGS,
    PAYMENTS,
    WITHDRAWAL,
    EVENTS,
    DELIVERIES,
    SENDING,
    AI,
    PRIVACY,
    SUPPORT,
    OPERATIONS,
)
