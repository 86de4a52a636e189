"""Checks how a database server is operated."""
