"""The rules in one registry, checked against the laws when they load."""

from lab.rules.ai import ANSWERS, FORBIDDEN
from lab.rules.card_phrases import CARD_PHRASES
from lab.rules.channels import CHANNELS
from lab.rules.chapters import CHAPTERS
from lab.rules.circumstances import CIRCUMSTANCES
from lab.rules.consents import CONSENTS
from lab.rules.criteria import CRITERIA
from lab.rules.currencies import CURRENCIES
from lab.rules.deliveries import DELIVERY_ACTS, DELIVERY_WAITING
from lab.rules.derived import check_function, erased_function
from lab.rules.env import ALWAYS, ENV
from lab.rules.functions import FUNCTIONS
from lab.rules.invariants import INVARIANTS
from lab.rules.jobs import JOBS
from lab.rules.laws import check_laws
from lab.rules.layers import LAYERS
from lab.rules.messages import MESSAGES
from lab.rules.offers import OFFERS
from lab.rules.promises import PROMISES
from lab.rules.providers import PROVIDERS
from lab.rules.questions import QUESTIONS
from lab.rules.registry import Rules
from lab.rules.retention import RETENTION
from lab.rules.risks import RISKS
from lab.rules.roles import ROLES
from lab.rules.schedule import SCHEDULE
from lab.rules.standing_rules import STANDING_RULES
from lab.rules.tables import TABLES
from lab.rules.tables.ai import BRIEF_FIELDS
from lab.rules.tables.delivery import delivery_jobs
from lab.rules.tables.operations import admin_audit_events
from lab.rules.views import VIEWS
from lab.rules.waiting import ACTS, WAITING
from lab.rules.withdrawal import NOTICES

SUBJECT_COLUMNS = dict.fromkeys(c.name for table in TABLES for c in table.columns if c.names_subject)

RULES = check_laws(
    Rules(
        layers=LAYERS,
        channels=CHANNELS,
        consents=CONSENTS,
        circumstances=CIRCUMSTANCES,
        notices=NOTICES,
        phrases=CARD_PHRASES,
        jobs=JOBS,
        messages=MESSAGES,
        mail_providers=PROVIDERS,
        schedule=SCHEDULE,
        retention=RETENTION,
        currencies=CURRENCIES,
        offers=OFFERS,
        waiting=WAITING,
        operator_acts=ACTS,
        delivery_waiting=DELIVERY_WAITING,
        delivery_acts=DELIVERY_ACTS,
        brief_fields=BRIEF_FIELDS,
        answers=ANSWERS,
        forbidden=FORBIDDEN,
        tables=TABLES,
        functions=(
            *FUNCTIONS,
            *(erased_function(column) for column in SUBJECT_COLUMNS),
            *(check_function(table) for table in TABLES if not table.quotes_no_text),
        ),
        views=VIEWS,
        roles=ROLES,
        env=ENV,
        env_always=ALWAYS,
        risks=RISKS,
        standing_rules=STANDING_RULES,
        invariants=INVARIANTS,
        questions=QUESTIONS,
        criteria=CRITERIA,
        promises=PROMISES,
        chapters=CHAPTERS,
        queue=delivery_jobs,
        audit=admin_audit_events,
    )
)
