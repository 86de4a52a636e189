"""Decides whether two forms of an expression mean the same."""

from lab.checks.schema.equivalence.decide import Kept, judge

__all__ = ["Kept", "judge"]
