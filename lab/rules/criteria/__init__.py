"""The criteria: what must hold on a target in addition to its schema and rows, by family of checks."""

from lab.rules.criteria.anchor import CRITERIA as ANCHOR
from lab.rules.criteria.environment import CRITERIA as ENVIRONMENT
from lab.rules.criteria.operations import CRITERIA as OPERATIONS
from lab.rules.criteria.stripe import CRITERIA as STRIPE

CRITERIA = (*ENVIRONMENT, *ANCHOR, *OPERATIONS, *STRIPE)
