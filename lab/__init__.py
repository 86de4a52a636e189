"""The persistence lab: rules, plans, SQL and checks for an oracle-reading shop's database."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.plan.make import Plan, Verdict, make_plan
    from lab.plan.scenario import Scenario, all_scenarios
    from lab.rules import RULES
else:
    from lab.text.public_names import load_name as __getattr__  # noqa: F401 (called for each name that is not here)

__all__ = ["RULES", "Plan", "Scenario", "Verdict", "all_scenarios", "make_plan"]
