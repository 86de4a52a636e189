"""What must be true: every rule as a value, gathered in one registry and held to laws when it loads."""

from lab.rules.registry import Rules
from lab.rules.ruleset import RULES

__all__ = ["RULES", "Rules"]
