"""A play as a story for people."""
