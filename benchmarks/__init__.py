"""Measure times, each against a floor that is measured in the same run."""
