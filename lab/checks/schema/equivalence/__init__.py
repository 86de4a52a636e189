"""Decides whether two forms of an expression, or two sets of policies, mean the same."""

from lab.checks.schema.equivalence.decide import Kept, judge
from lab.checks.schema.equivalence.policy_sets import weigh_policies

__all__ = ["Kept", "judge", "weigh_policies"]
