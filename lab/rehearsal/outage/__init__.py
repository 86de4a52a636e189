"""Outages: in words, as a forecast, and as a rehearsed run."""
