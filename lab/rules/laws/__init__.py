"""Laws of the rules: each returns the rules that break it, and all faults are reported together."""

from lab.rules.laws.check import LAWS, check_laws
from lab.rules.laws.law import BrokenRules, Law
from lab.rules.laws.registry import object_names

__all__ = ["LAWS", "BrokenRules", "Law", "check_laws", "object_names"]
