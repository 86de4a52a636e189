"""Compares a live schema with the rules."""
