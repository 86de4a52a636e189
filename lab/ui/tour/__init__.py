"""The tour page."""
