"""The Chapters page."""
