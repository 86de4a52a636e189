"""Checks whether the rows of a database agree with each other."""
