"""Whether two forms of an expression mean the same, and two sets of policies."""

from lab.checks.schema.equivalence.decide import Kept, judge
from lab.checks.schema.equivalence.policy_sets import weigh_policies

__all__ = ["Kept", "judge", "weigh_policies"]
