"""What the check finds beside the known checkers: the same weakenings, harmless changes and clock for all of them."""
