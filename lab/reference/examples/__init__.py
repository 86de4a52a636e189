"""Every example, by topic. The registry of topics is one list."""

from lab.reference.example import Topic
from lab.reference.examples.ai import AI
from lab.reference.examples.consents import CONSENTS
from lab.reference.examples.deliveries import DELIVERIES
from lab.reference.examples.events import EVENTS
from lab.reference.examples.operations import OPERATIONS
from lab.reference.examples.payments import PAYMENTS
from lab.reference.examples.privacy import PRIVACY
from lab.reference.examples.readings import READINGS
from lab.reference.examples.sending import SENDING
from lab.reference.examples.support import SUPPORT
from lab.reference.examples.withdrawal import WITHDRAWAL

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
