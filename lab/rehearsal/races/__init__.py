"""Races of two or three doers with real commits."""
