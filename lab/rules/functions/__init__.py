"""The functions inside the database: the wall's own law, and the doors the site's server calls it through."""

from lab.rules.functions.ai import AI
from lab.rules.functions.erasure import ERASURE
from lab.rules.functions.people import PEOPLE
from lab.rules.functions.questions import QUESTIONS
from lab.rules.functions.queue import QUEUE
from lab.rules.functions.server import SERVER
from lab.rules.functions.settling import SETTLING
from lab.rules.functions.triggers import TRIGGERS

FUNCTIONS = (*QUESTIONS, *SETTLING, *TRIGGERS, *ERASURE, *PEOPLE, *SERVER, *QUEUE, *AI)
