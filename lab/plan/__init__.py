"""What a scenario needs, from the rules alone."""
