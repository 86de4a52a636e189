"""A live schema, compared with the rules."""
