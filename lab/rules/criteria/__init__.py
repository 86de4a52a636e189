"""The criteria: what must hold on a target beside its schema and its rows, by the family that checks it."""

from lab.rules.criteria.anchor import CRITERIA as ANCHOR
from lab.rules.criteria.environment import CRITERIA as ENVIRONMENT
from lab.rules.criteria.operations import CRITERIA as OPERATIONS
from lab.rules.criteria.stripe import CRITERIA as STRIPE

CRITERIA = (*ENVIRONMENT, *ANCHOR, *OPERATIONS, *STRIPE)
