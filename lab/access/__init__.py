"""Which role may read or change which rows, by the rules."""
