"""The names of `lab` itself, each loaded at its first use.

If the rules do not load, `python -m lab` can still say why. A page loads only what it uses.
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
    """Return the object that a name of `lab` refers to.

    Raises:
        AttributeError: There is no such name.
    """
    if name not in HOMES:
        raise AttributeError(f"module 'lab' has no attribute {name!r}")
    return getattr(import_module(HOMES[name]), name)
