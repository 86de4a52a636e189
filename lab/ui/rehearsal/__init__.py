"""The rehearsal page."""
