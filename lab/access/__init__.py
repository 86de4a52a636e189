"""Who reaches what, by the rules."""
