"""The rules: what must be true, as values in one registry that is checked when it loads."""

from lab.rules.registry import Rules
from lab.rules.ruleset import RULES

__all__ = ["RULES", "Rules"]
