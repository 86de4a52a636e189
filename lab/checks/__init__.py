"""Checks of a live system against the rules; one folder for each family."""
