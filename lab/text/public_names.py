"""The names of `lab` itself, each loaded when it is asked for.

Rules that do not load must not keep `python -m lab` from saying why, and no page waits for what it does not use.
"""

from importlib import import_module

HOMES = {
    "RULES": "lab.rules",
    "Plan": "lab.plan.make",
    "Scenario": "lab.plan.scenario",
    "Verdict": "lab.plan.make",
    "all_scenarios": "lab.plan.scenario",
    "make_plan": "lab.plan.make",
}


def load_name(name: str) -> object:
    """Return what a name of `lab` stands for.

    Raises:
        AttributeError: There is no such name.
    """
    if name not in HOMES:
        raise AttributeError(f"module 'lab' has no attribute {name!r}")
    return getattr(import_module(HOMES[name]), name)
