"""Says what is wrong with a set-up, in order, each with its remedy. Read-only."""

from lab.readiness.doctor.examine import examine
from lab.readiness.doctor.sign import Setup, Sign

__all__ = ["Setup", "Sign", "examine"]
