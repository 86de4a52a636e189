"""The persistence lab: rules, plans, SQL and checks for an oracle-reading shop's database."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.plan.make import Plan, Verdict, make_plan
    from lab.plan.scenario import Scenario, all_scenarios
    from lab.rules import RULES
else:
    _HOMES = {"RULES": "rules", "Scenario": "plan.scenario", "all_scenarios": "plan.scenario"}

    def __getattr__(name: str) -> object:
        """Load a name when it is asked for: rules that do not load must not keep `python -m lab` from saying why."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"lab.{_HOMES.get(name, 'plan.make')}"), name)


__all__ = ["RULES", "Plan", "Scenario", "Verdict", "all_scenarios", "make_plan"]
