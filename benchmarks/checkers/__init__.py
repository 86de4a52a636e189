"""Compares the check with other checkers, on the same weakenings and harmless changes, and with the same clock."""
