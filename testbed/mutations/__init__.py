"""Weakenings of a sound database, and changes of it that mean nothing."""
