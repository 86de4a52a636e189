"""The persistence lab: rules, plans, SQL and checks for an oracle-reading shop's database."""

from lab.plan import Plan, Verdict, make_plan
from lab.rules import RULES
from lab.scenario import Scenario, all_scenarios

__all__ = ["RULES", "Plan", "Scenario", "Verdict", "all_scenarios", "make_plan"]
