"""Writes the migration that brings a database from the earlier rules to the changed ones."""
